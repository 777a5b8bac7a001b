"""
What a picture costs to decode, in bytes of memory, told from its header: what is too dear never meets a decoder.

One picture, its file included, may take 64 MiB and 4 bytes
for each pixel of the limit: 217 MiB for 40 megapixels.
"""

from math import isqrt

from msgkit.errors import MediaError
from msgkit.headers import ImageHeader
from msgkit.media.image.decoders import DECODERS, HELD
from msgkit.media.image.requirements import Size, scaled
from msgkit.media.limits import Limits

_MIB = 1 << 20
_BESIDE = 16 * _MIB  # what strips on their way take, and what the system's allocator keeps
_FEWER = 8  # times the limit, for animations: their pixels are written some ten times slower than those of stills


def check(header: ImageHeader, length: int, limits: Limits, *, scales: bool) -> None:
    """
    Refuse a picture that would take too much memory to decode, though its pixels are within the limit.

    Args:
        header: Of the picture.

        length: Bytes of the file.

        limits: What is taken in at all.

        scales: True when a JPEG may be read at half its width and height.

    Raises:
        MediaError: ``media-too-large``.
    """
    half = scales and halved(header, length, limits)
    _refuse(header, HELD / 4 + header.buffered if half else _whole(header), _allowed(length, limits))


def check_frame(header: ImageHeader, length: int, limits: Limits) -> None:
    """
    Refuse an animation one frame of which would take too much memory.

    Raises:
        MediaError: ``media-too-large``.
    """
    _refuse(header, DECODERS[header.media_type].animated or 0, _allowed(length, limits))


def halved(header: ImageHeader, length: int, limits: Limits) -> bool:
    """Tell whether a JPEG can be read at half its width and height at most, for its coefficients are kept meanwhile."""
    return header.media_type == "image/jpeg" and _whole(header) * _area(header) > _allowed(length, limits)


def room(size: Size, header: ImageHeader, length: int, limits: Limits) -> Size:
    """
    Return *size*, or the largest of its shape that leaves room for the decoded picture beside it.

    Args:
        size: The result's, upright or lying.

        header: Of the source.

        length: Bytes of the file.

        limits: What is taken in at all.

    >>> room((8000, 5000), ImageHeader("image/png", 8000, 5000), 1_000_000, Limits())
    (4442, 2776)
    >>> room((6000, 4000), ImageHeader("image/png", 6000, 4000), 1_000_000, Limits())
    (6000, 4000)
    """
    most = (_allowed(length, limits) - _BESIDE) // HELD - _area(header)
    if halved(header, length, limits):
        most = min(most, _area(header) // 4)
    area = size[0] * size[1]
    return size if area <= most else scaled(size, isqrt(max(1, most) * 10**12 // area) / 10**6)


def room_for_frames(size: Size, header: ImageHeader, limits: Limits) -> Size:
    """
    Return *size*, or the largest of its shape in which an animation can be written in little time and memory.

    >>> room_for_frames((1000, 1000), ImageHeader("image/gif", 1000, 1000, frames=32), Limits())
    (395, 395)
    """
    most = limits.image_pixels // _FEWER // header.frames
    area = size[0] * size[1]
    return size if area <= most else scaled(size, isqrt(max(1, most) * 10**12 // area) / 10**6)


def _allowed(length: int, limits: Limits) -> int:
    return 64 * _MIB + HELD * limits.image_pixels - length


def _area(header: ImageHeader) -> int:
    return header.width * header.height


def _whole(header: ImageHeader) -> float:
    """Return the bytes a pixel that decoding holds."""
    return DECODERS[header.media_type].memory(header)


def _refuse(header: ImageHeader, each: float, allowed: int) -> None:
    needed = each * _area(header)
    if needed > allowed:
        message = (
            f"expected {header.media_type} that takes at most {allowed // _MIB} MiB to decode, got "
            f"{header.width:,} x {header.height:,} pixels that take {needed / _MIB:,.0f}"
        )
        raise MediaError(message, code="media-too-large", hint="make it smaller, or a JPEG, beforehand")
