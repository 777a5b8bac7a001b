"""
Pictures as a target takes them: the same bytes when they satisfy it, else the smallest change that does.

Pillow lives in this folder only, and is imported when the first picture must be decoded: one that passes through never
is. What is decoded has passed the limits by its header, and is read by the one decoder that its signature names. What
is encoded carries no metadata; equal input gives equal output.
"""

from typing import Any

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.headers import ImageHeader
from msgkit.media.cache import remembered
from msgkit.media.image.decoders import DECODERS
from msgkit.media.image.requirements import demands_of
from msgkit.media.limits import DEFAULT, Limits
from msgkit.media.options import PLAIN, Options
from msgkit.model.parts import Media
from msgkit.targets import Target

__all__ = ["fit", "from_numpy", "from_pillow", "look", "to_numpy", "to_pillow"]


def fit(data: bytes, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return the picture as *target* takes it.

    What is done where it must be, in this order: upright, colours to sRGB with 8 bits, first frame, pixels, type,
    transparency, quality. Each is named in ``changes``.

    Args:
        data: The file.

        target: Whose limits hold; None for the types that every target takes, and nothing else.

        options: How to change what must change, and what is taken in at all; None for the defaults.

    Raises:
        MediaError: ``media-format-unsupported``, ``media-too-large``, ``media-truncated``, ``media-invalid``.
        MissingExtraError: HEIC without the extra ``heif``.
    """
    options = options or PLAIN
    demands = demands_of(target, options)
    header = look(data)
    if demands.satisfied(header, len(data)) or not (reasons := demands.reasons(header, len(data))):
        return _as_it_is(data, header.media_type, options)

    def change() -> Media:
        from msgkit.media.image import fitting

        media = fitting.change(data, header, demands, options)
        kept = reasons == ("shrink",) and len(media.data) >= len(data)
        return _as_it_is(data, header.media_type, options) if kept else media

    return remembered(data, demands, options, change)


def _as_it_is(data: bytes, media_type: str, options: Options) -> Media:
    if options.strip_metadata and media_type in headers.STRIPPED:
        stripped = headers.strip_metadata(data)
        if stripped != data:
            return Media(stripped, media_type, ("metadata left out",))
    return Media(data, media_type)


def look(data: bytes) -> ImageHeader:
    r"""
    Return what the header of a picture says; pixels are not decoded.

    Raises:
        MediaError: ``media-format-unsupported``, ``media-truncated``, ``media-invalid``.

    >>> look(b"GIF89a\x02\0\x03\0\0\0\0,\0\0\0\0\x02\0\x03\0\0\x02\x02\x84Q\0;").height
    3
    """
    header = headers.glance(data) or _read(data)
    if not header.complete:
        raise MediaError("image data is truncated", code="media-truncated")
    return header


def _read(data: bytes) -> ImageHeader:
    media_type = headers.sniff(data)
    if data and media_type not in DECODERS:
        message = f"expected an image ({', '.join(DECODERS)}), got {media_type or 'an unknown type'}"
        raise MediaError(message, code="media-format-unsupported")
    header = headers.read(data, media_type)
    if not isinstance(header, ImageHeader):
        raise MediaError(f"cannot be read as {media_type}", code="media-invalid")
    return header


def to_pillow(media: Media, limits: Limits = DEFAULT) -> Any:
    """
    Return the picture decoded and upright as a Pillow image, in the mode that it is stored in; the first frame.

    Raises:
        MediaError: It cannot be decoded, or is over *limits*.
    """
    from msgkit.media.image import interop

    return interop.to_pillow(media, limits)


def from_pillow(picture: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return a Pillow image of any mode as a file that *target* takes: PNG, unless the bytes force JPEG or WebP.

    Raises:
        MediaError: It cannot be encoded, or made small enough.
    """
    from msgkit.media.image import interop

    return interop.from_pillow(picture, target, options)


def to_numpy(media: Media, limits: Limits = DEFAULT) -> Any:
    """
    Return the picture as an array of height x width x channels (grey: height x width), 8 bits, upright, sRGB.

    Raises:
        MediaError: It cannot be decoded, or is over *limits*.
    """
    from msgkit.media.image import interop

    return interop.to_numpy(media, limits)


def from_numpy(array: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return an array (height x width, or height x width x 1 to 4 channels) as a file that *target* takes.

    Raises:
        MediaError: ``media-invalid`` for another shape or type.
    """
    from msgkit.media.image import interop

    return interop.from_numpy(array, target, options)
