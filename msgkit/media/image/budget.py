"""Images that must fit one request together: the largest are made smaller first, until the whole is small enough."""

from collections.abc import Callable, Sequence
from functools import partial

import attrs

from msgkit.errors import MediaError
from msgkit.media.image import fit
from msgkit.media.options import PLAIN, Options
from msgkit.model.parts import Media
from msgkit.targets import Target


def fit_all(images: Sequence[bytes], target: Target, options: Options | None = None, *, rest: int = 0) -> list[Media]:
    """Return the images of one request as *target* takes them together."""
    options = attrs.evolve(options or PLAIN, image_count=max(len(images), 1))
    if target.request.max_bytes is None:
        return [fit(data, target, options) for data in images]
    refits = [partial(_refit, data, target, options) for data in images]
    return shrink_all([fit(data, target, options) for data in images], refits, target.request.max_bytes.value - rest)


def _refit(data: bytes, target: Target, options: Options, most: int) -> Media:
    return fit(data, target, attrs.evolve(options, max_image_bytes=most))


def shrink_all(fitted: Sequence[Media], refits: Sequence[Callable[[int], Media]], most: int) -> list[Media]:
    """Return *fitted* with the largest made smaller until all of them are small enough together."""
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
    """Return the size to which all larger ones must come down for the sum to be at most *most*; None when it is."""
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
