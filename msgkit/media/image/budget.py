"""Pictures that must fit one request together: the largest are made smaller first, until the whole is small enough."""

from collections.abc import Callable, Sequence
from functools import partial

import attrs

from msgkit.errors import MediaError
from msgkit.media.image import fit
from msgkit.media.options import PLAIN, Options
from msgkit.model.parts import Media
from msgkit.targets import Target


def fit_all(pictures: Sequence[bytes], target: Target, options: Options | None = None, *, rest: int = 0) -> list[Media]:
    """
    Return the pictures of one request as *target* takes them together.

    A request of many pictures may have a lower pixel limit; and all of them as base64, with the rest, must stay within
    the bytes of a request.

    Args:
        pictures: The files, in the order of the request.

        target: Whose limits hold.

        options: How to change what must change.

        rest: Bytes of the request beside these pictures: text, and other media as base64.

    Raises:
        MediaError: ``request-too-large`` when they cannot be made small enough, with the bytes that are too many; or
            what ``fit`` raises for one of them.
    """
    options = attrs.evolve(options or PLAIN, image_count=max(len(pictures), 1))
    if target.request.max_bytes is None:
        return [fit(data, target, options) for data in pictures]
    refits = [partial(_refit, data, target, options) for data in pictures]
    return shrink_all([fit(data, target, options) for data in pictures], refits, target.request.max_bytes.value - rest)


def _refit(data: bytes, target: Target, options: Options, most: int) -> Media:
    return fit(data, target, attrs.evolve(options, max_image_bytes=most))


def shrink_all(fitted: Sequence[Media], refits: Sequence[Callable[[int], Media]], most: int) -> list[Media]:
    """
    Return *fitted* with the largest made smaller until all of them are small enough together.

    Args:
        fitted: What was made of each.

        refits: For each, a function that makes it again with at most so many bytes.

        most: Most bytes of all as base64.

    Raises:
        MediaError: ``request-too-large``.
    """
    made = list(fitted)
    share = largest_share([media.base64_size for media in made], most)
    if share is None:
        return made
    for number, media in enumerate(made):
        if media.base64_size > share:
            try:
                made[number] = refits[number](share // 4 * 3)
            except MediaError as error:
                if error.code != "media-too-large":
                    raise
                excess = sum(media.base64_size for media in made) - most
                message = f"the request is {excess:,} bytes too large, and its media cannot be made that small"
                raise MediaError(message, code="request-too-large") from error
    return made


def largest_share(sizes: Sequence[int], most: int) -> int | None:
    """
    Return the size to which all larger ones must come down for the sum to be at most *most*; None when it is.

    >>> largest_share([10, 50, 90], 100)
    45
    >>> largest_share([10, 50], 100) is None
    True
    """
    if sum(sizes) <= most:
        return None
    left, count = most, len(sizes)
    for size in sorted(sizes):
        share = left // count
        if size > share:
            return max(share, 0)
        left -= size
        count -= 1
    return 0
