"""Pictures that must fit one request together: the largest are made smaller first, until the whole is small enough."""

from collections.abc import Sequence

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
    return shrink_all(pictures, [fit(data, target, options) for data in pictures], target, options, rest=rest)


def shrink_all(
    pictures: Sequence[bytes], fitted: Sequence[Media], target: Target, options: Options, *, rest: int
) -> list[Media]:
    """
    Return *fitted* with the largest made smaller, from their files, until the whole request is small enough.

    Args:
        pictures: The files.

        fitted: What ``fit`` made of each.

        target: Whose limits hold.

        options: What ``fit`` was given.

        rest: Bytes of the request beside these pictures.

    Raises:
        MediaError: ``request-too-large``.
    """
    fitted = list(fitted)
    if target.request.max_bytes is None:
        return fitted
    most = target.request.max_bytes.value - rest
    share = largest_share([media.base64_size for media in fitted], most)
    if share is None:
        return fitted
    smaller = attrs.evolve(options, max_image_bytes=share // 4 * 3)
    for number, media in enumerate(fitted):
        if media.base64_size > share:
            fitted[number] = _shrink(pictures[number], target, smaller, sum(m.base64_size for m in fitted) - most)
    return fitted


def _shrink(data: bytes, target: Target, options: Options, excess: int) -> Media:
    try:
        return fit(data, target, options)
    except MediaError as error:
        if error.code != "media-too-large":
            raise
        message = f"the request is {excess:,} bytes too large, and its pictures cannot be made that small"
        raise MediaError(message, code="request-too-large") from error


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
