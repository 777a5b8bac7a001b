"""
The image types that msgkit decodes, and what is known of each decoder; no other is ever called.

The figures of memory were measured with Pillow 13 and pi-heif 1.4, in bytes a pixel, the image itself included.
"""

from collections.abc import Callable

import attrs

from msgkit.headers import ImageHeader

HELD = 4  # bytes a pixel of a decoded image, all but grey and palettes


def _image(header: ImageHeader) -> float:
    return HELD + header.buffered


def _jpeg_parts(header: ImageHeader, factor: int) -> float:
    return HELD / factor**2 + header.buffered  # its coefficients are kept meanwhile


def _png_strips(header: ImageHeader, factor: int) -> float | None:
    if header.interlaced or header.bits != 8 or header.frames > 1:  # noqa: PLR2004 (bits of a plain channel)
        return None
    return HELD / factor**2


def _tiff_strips(header: ImageHeader, factor: int) -> float | None:
    if header.interlaced or header.bits != 8 or header.mode is None:  # noqa: PLR2004 (bits of a plain channel)
        return None
    return HELD / factor**2


def _webp(header: ImageHeader, factor: int) -> float | None:
    return HELD / factor**2 + header.buffered if header.frames == 1 else None


def _still(header: ImageHeader) -> float:
    return HELD + header.buffered if header.frames == 1 else 12  # the canvas twice, and the pixels


def _heif_strips(header: ImageHeader, factor: int) -> float | None:
    return max(3.2 + header.buffered, 3 + HELD / factor**2) if header.frames == 1 else None


@attrs.frozen(kw_only=True)
class Decoder:
    """How one media type is decoded."""

    media_type: str
    pillow: str  # pillow's name of the format
    plugin: str = ""  # the module with Pillow's reader, so that no other is imported; empty for pi-heif's own class
    turns: bool = False  # true when the decoder turns an image upright by itself
    lossless: bool = False  # true when files of the type keep every pixel
    memory: Callable[[ImageHeader], float] = _image  # bytes a pixel that decoding holds
    # bytes a pixel that decoding at 1/2, 1/4 or 1/8 of the sides holds; None when that cannot be done
    reduced: Callable[[ImageHeader, int], float | None] = lambda _, __: None
    # bytes a pixel that a frame and those that it is laid upon take; None when the type has no animations
    animated: float | None = None
    pages: bool = False  # true when several images in a file are pages, not frames of an animation


DECODERS: dict[str, Decoder] = {}
"""Media type -> its decoder."""


def register(*decoders: Decoder) -> None:
    """Let msgkit decode more image types; ``msgkit.headers.register`` tells it how to know them."""
    DECODERS.update({decoder.media_type: decoder for decoder in decoders})


def _planes(least: float, beside: float, each: float) -> Callable[[ImageHeader], float]:
    """Bytes a pixel of a coder that keeps planes: at least; beside the planes; for each byte of those."""
    return lambda header: max(least, beside + each * header.buffered)


def _tiff(header: ImageHeader) -> float:
    if header.orientation != 1:
        return 2 * HELD  # Pillow turns it, and has both for a moment
    return HELD + header.buffered


_HEIC = _planes(8.1, 0.5, 2.55)

register(
    Decoder(media_type="image/jpeg", pillow="JPEG", plugin="PIL.JpegImagePlugin", reduced=_jpeg_parts),
    Decoder(
        media_type="image/png",
        pillow="PNG",
        plugin="PIL.PngImagePlugin",
        lossless=True,
        reduced=_png_strips,
        animated=17,
    ),
    Decoder(
        media_type="image/webp",
        pillow="WEBP",
        plugin="PIL.WebPImagePlugin",
        memory=_still,
        reduced=_webp,
        animated=22.5,
    ),
    Decoder(media_type="image/gif", pillow="GIF", plugin="PIL.GifImagePlugin", lossless=True, animated=18),
    Decoder(media_type="image/bmp", pillow="BMP DIB", plugin="PIL.BmpImagePlugin", lossless=True),
    Decoder(
        media_type="image/tiff",
        pillow="TIFF",
        plugin="PIL.TiffImagePlugin",
        turns=True,
        lossless=True,
        memory=_tiff,
        reduced=_tiff_strips,
        pages=True,
    ),
    Decoder(media_type="image/avif", pillow="AVIF", plugin="PIL.AvifImagePlugin", memory=_planes(9.3, 7.2, 1.4)),
    Decoder(media_type="image/heic", pillow="HEIF", turns=True, memory=_HEIC, reduced=_heif_strips),
    Decoder(media_type="image/heif", pillow="HEIF", turns=True, memory=_HEIC, reduced=_heif_strips),
)
