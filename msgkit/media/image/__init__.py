"""
Images as a target takes them: the same bytes when they satisfy it, else the smallest change that does.

Pillow lives in this folder only, and is imported when the first image must be decoded: one that passes through never
is. What is decoded has passed the limits by its header, and is read by the one decoder that its signature names. What
is encoded carries no metadata; equal input gives equal output.
"""

from collections.abc import Iterator
from typing import Any

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.headers import ImageHeader, text, tiff
from msgkit.media.cache import remembered
from msgkit.media.image.decoders import DECODERS
from msgkit.media.image.requirements import Demands, demands_of
from msgkit.media.options import DEFAULT, PLAIN, Limits, Options
from msgkit.model.media import Media
from msgkit.targets import Target

__all__ = ["fit", "fit_pages", "from_numpy", "from_pillow", "look", "to_pillow"]


def fit(data: bytes, target: Target | None = None, options: Options | None = None) -> Media:
    """Return the image as *target* takes it."""
    return _fit(data, look(data), target, options or PLAIN, 0)


def fit_pages(data: bytes, target: Target | None = None, options: Options | None = None) -> Iterator[Media]:
    """Yield the image as *target* takes it; with ``pages="all"``, every page of a file that has pages."""
    header, options = look(data), options or PLAIN
    count = header.frames if DECODERS[header.media_type].pages and options.pages == "all" else 1
    if count == 1 or demands_of(target, options).satisfied(header, len(data)):
        yield _fit(data, header, target, options, 0)
        return
    window = headers.BytesWindow(data)
    for page in range(count):
        yield _fit(data, tiff.read(window, page), target, options, page)


def _fit(data: bytes, header: ImageHeader, target: Target | None, options: Options, page: int) -> Media:
    demands = demands_of(target, options)
    if page:
        return _changed(data, header, demands, options, page)
    if demands.satisfied(header, len(data)) or not (reasons := demands.reasons(header, len(data))):
        return _as_it_is(data, header.media_type, options)

    media = _changed(data, header, demands, options, page)
    kept = reasons == ("shrink",) and len(media.data) >= len(data)
    return _as_it_is(data, header.media_type, options) if kept else media


def _changed(data: bytes, header: ImageHeader, demands: Demands, options: Options, page: int) -> Media:
    pages = header.frames if DECODERS[header.media_type].pages else 1
    if pages > 1 and options.pages == "refuse":
        hint = "make an image of each page (--pages all), or take the first (--pages first)"
        message = f"expected one image, got a TIFF of {pages} pages that the target does not take as it is"
        raise MediaError(message, code="media-format-unsupported", hint=hint)
    options.limits.check_frames(pages)

    def change() -> Media:
        from msgkit.media.image import fitting

        return fitting.change(data, header, demands, options, page)

    return remembered(data, (demands, page), options, change)


def _as_it_is(data: bytes, media_type: str, options: Options) -> Media:
    if options.strip_metadata and media_type in headers.STRIPPED:
        stripped = headers.strip_metadata(data)
        if stripped != data:
            return Media(stripped, media_type, ("metadata left out",))
    return Media(data, media_type)


def look(data: bytes) -> ImageHeader:
    r"""Return what the header of an image says; pixels are not decoded."""
    header = headers.glance(data) or _read(data)
    if not header.complete:
        raise MediaError("image data is truncated", code="media-truncated")
    return header


def _read(data: bytes) -> ImageHeader:
    media_type = headers.sniff(data)
    if data and media_type not in DECODERS:
        described = media_type or text.describe(data)
        hint = "draw it as PNG, or send its source as a text part" if described == "SVG" else None
        message = f"expected an image ({', '.join(DECODERS)}), got {described}"
        raise MediaError(message, code="media-format-unsupported", hint=hint)
    header = headers.read(data, media_type)
    if not isinstance(header, ImageHeader):
        raise MediaError(f"cannot be read as {media_type}", code="media-invalid")
    return header


def to_pillow(media: Media, limits: Limits = DEFAULT) -> Any:
    """Return the image decoded and upright as a Pillow image, in the mode that it is stored in; the first frame."""
    from msgkit.media.image import fitting

    return fitting.to_pillow(media, look(media.data), limits)


def from_pillow(image: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return a Pillow image of any mode as a file that *target* takes: PNG, unless the bytes force JPEG or WebP."""
    from msgkit.media.image import fitting

    return fitting.from_pillow(image, target, options)


def from_numpy(array: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return an array (height x width, or height x width x 1 to 4 channels) as a file that *target* takes."""
    from msgkit.media.image import fitting

    return fitting.from_numpy(array, target, options)
