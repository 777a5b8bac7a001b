"""
The image types that msgkit decodes, what is known of each decoder, and what an image costs to decode by its header.

No other decoder is ever called, and what is too dear meets none: one image, its file included, may take 64 MiB and 4
bytes for each pixel of the limit, 255 MiB for 50 megapixels. The figures of memory were measured with Pillow 13 and
pi-heif 1.4, in bytes a pixel, the image itself included.
"""

from collections.abc import Callable
from math import isqrt

import attrs

from msgkit.headers import ImageHeader
from msgkit.media.image.requirements import Size, scaled
from msgkit.media.options import IN_PIECES, Limits, own_limit

HELD = 4  # bytes a pixel of a decoded image, all but grey and palettes


def _image(header: ImageHeader) -> float:
    return HELD + header.buffered


def _scaled(header: ImageHeader, factor: int) -> float | None:
    return HELD / factor**2 + header.buffered if header.frames == 1 else None  # coefficients of JPEG are kept meanwhile


def _strips(header: ImageHeader, factor: int) -> float | None:
    is_odd = header.mode is None if DECODERS[header.media_type].pages else header.frames > 1
    if header.interlaced or header.bits != 8 or is_odd:  # noqa: PLR2004 (bits of a plain channel)
        return None
    return HELD / factor**2


def _still(header: ImageHeader) -> float:
    return HELD + header.buffered if header.frames == 1 else 12  # the canvas twice, and the pixels


def _heif_strips(header: ImageHeader, factor: int) -> float | None:
    return max(3.2 + header.buffered, 3 + HELD / factor**2) if header.frames == 1 else None


@attrs.frozen(kw_only=True, eq=False, repr=False)
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
    Decoder(media_type="image/jpeg", pillow="JPEG", plugin="PIL.JpegImagePlugin", reduced=_scaled),
    Decoder(
        media_type="image/png",
        pillow="PNG",
        plugin="PIL.PngImagePlugin",
        lossless=True,
        reduced=_strips,
        animated=17,
    ),
    Decoder(
        media_type="image/webp",
        pillow="WEBP",
        plugin="PIL.WebPImagePlugin",
        memory=_still,
        reduced=_scaled,
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
        reduced=_strips,
        pages=True,
    ),
    Decoder(media_type="image/avif", pillow="AVIF", plugin="PIL.AvifImagePlugin", memory=_planes(9.3, 7.2, 1.4)),
    Decoder(media_type="image/heic", pillow="HEIF", turns=True, memory=_HEIC, reduced=_heif_strips),
    Decoder(media_type="image/heif", pillow="HEIF", turns=True, memory=_HEIC, reduced=_heif_strips),
)


_MIB = 1 << 20
_BESIDE = 16 * _MIB  # what strips on their way take, and what the system's allocator keeps
_FACTORS = (2, 4, 8)  # of the sides, by which images are decoded smaller
_FEWER = 8  # times the limit, for animations: their pixels are written some ten times slower than those of stills


def check(header: ImageHeader, length: int, limits: Limits, *, scales: bool) -> None:
    """Refuse an image that is over msgkit's own limits, or would take too much memory to decode."""
    area, longest = _area(header), max(header.width, header.height)
    size = f"{header.width:,} x {header.height:,}"
    if longest > limits.image_side:
        raise own_limit(f"{limits.image_side:,} pixels a side", size, "--max-side")
    if area > limits.image_pixels * (IN_PIECES if scales else 1):
        most = limits.image_pixels * (IN_PIECES if scales and _in_pieces(header) else 1)
        raise own_limit(f"{most:,} pixels", size, "--max-pixels")
    factor = reduction(header, length, limits) if scales else 1
    allowed, needed = _allowed(length, limits), _bytes(header, factor)
    if needed > allowed:
        size_and_memory = f"{size} pixels that take {needed / _MIB:,.0f}"
        raise own_limit(f"{allowed // _MIB} MiB to decode {header.media_type}", size_and_memory, "--max-pixels")


def reduction(header: ImageHeader, length: int, limits: Limits) -> int:
    """Return the scale (1, 1/2, 1/4 or 1/8) at which an image is decoded to leave room for the result."""
    if not _in_pieces(header):
        return 1
    allowed = _allowed(length, limits)
    whole = _bytes(header, 1) <= allowed and _left(header, 1, allowed) >= _area(header) // 4
    if whole:
        return 1
    return next((factor for factor in _FACTORS[:-1] if _bytes(header, factor) <= allowed), _FACTORS[-1])


def _in_pieces(header: ImageHeader) -> bool:
    return DECODERS[header.media_type].reduced(header, 2) is not None


def _bytes(header: ImageHeader, factor: int) -> float:
    """Return the bytes that decoding at 1/*factor* of the sides holds."""
    decoder = DECODERS[header.media_type]
    each = None if factor == 1 else decoder.reduced(header, factor)
    return (decoder.memory(header) if each is None else each) * _area(header)


def _left(header: ImageHeader, factor: int, allowed: int) -> int:
    """Return the pixels of a result for which there is room beside the decoded image."""
    return (allowed - _BESIDE) // HELD - _area(header) // factor**2


def check_frame(header: ImageHeader, length: int, limits: Limits) -> None:
    """Refuse an animation one frame of which would take too much memory."""
    limits.check_frames(header.frames, "frames")
    size = f"{header.width:,} x {header.height:,} in {header.frames:,} frames"
    if header.pixels > limits.image_pixels:
        raise own_limit(f"{limits.image_pixels:,} pixels", size, "--max-pixels")
    allowed, needed = _allowed(length, limits), (DECODERS[header.media_type].animated or 0) * _area(header)
    if needed > allowed:
        raise own_limit(
            f"{allowed // _MIB} MiB to decode a frame", f"{size} that takes {needed / _MIB:,.0f}", "--max-pixels"
        )


def room(size: Size, header: ImageHeader, length: int, limits: Limits) -> Size:
    """Return *size*, or the largest of its shape that leaves room for the decoded image beside it."""
    factor = reduction(header, length, limits)
    most = min(_left(header, factor, _allowed(length, limits)), _area(header) // factor**2)
    if header.alpha:  # as WebP, which takes five times as much to encode
        most = min(most, limits.image_pixels // 4)
    return _of_area(size, most)


def room_for_frames(size: Size, header: ImageHeader, limits: Limits) -> Size:
    """Return *size*, or the largest of its shape in which an animation can be written in little time and memory."""
    return _of_area(size, limits.image_pixels // _FEWER // header.frames)


def _of_area(size: Size, most: int) -> Size:
    area = size[0] * size[1]
    return size if area <= most else scaled(size, isqrt(max(1, most) * 10**12 // area) / 10**6)


def _allowed(length: int, limits: Limits) -> int:
    return 64 * _MIB + HELD * limits.image_pixels - length


def _area(header: ImageHeader) -> int:
    return header.width * header.height
