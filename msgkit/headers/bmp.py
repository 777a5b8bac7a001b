"""BMP, and DIB: the same without the file's header."""

from itertools import pairwise

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, truncated

_OLD = 12  # bytes of the oldest header, with shorter numbers
_HEADERS = (_OLD, 40, 52, 56, 64, 108, 124)
_BITS = (1, 4, 8, 16, 24, 32)
_PLAIN = (0, 3)  # rows as they are; others are compressed


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type when *head* begins a BMP or DIB file."""
    start = _start(head)
    size, _, _, planes, bits, _ = _fields(window, start)
    if size not in _HEADERS:
        return None
    is_bmp = start and (planes == 1 or head[6:10] == b"\0\0\0\0")
    return "image/bmp" if is_bmp or (planes == 1 and bits in _BITS) else None


def read(window: Window) -> ImageHeader:
    """Return the header of a BMP file."""
    head = window.at(0, 14)
    start = _start(head)
    size, width, height, _, bits, compression = _fields(window, start)
    if window.size < start + min(size, 16):
        raise truncated("the BMP header")
    height = abs(height)  # negative: the rows stand from the top down
    check_size(width, height)
    begin = int.from_bytes(head[10:14], "little") if start else size
    needed = (width * bits + 31) // 32 * 4 * height if compression in _PLAIN else 1
    mode = "P" if bits <= 8 else "RGB"
    return ImageHeader("image/bmp", width, height, complete=begin + needed <= window.size, mode=mode)


def _start(head: bytes) -> int:
    return 14 if head[:2] == b"BM" else 0


def _fields(window: Window, start: int) -> tuple[int, ...]:
    """Return the size of the header, width, height, planes, bits a pixel and the kind of compression."""
    data = window.at(start, 20)
    size = int.from_bytes(data[:4], "little")
    ends = (4, 6, 8, 10, 12) if size == _OLD else (4, 8, 12, 14, 16, 20)
    places = pairwise(ends)
    numbers = [int.from_bytes(data[first:last], "little", signed=size != _OLD) for first, last in places]
    return (size, *numbers, 0)[:6]


TYPES = (
    MediaType(
        "image/bmp",
        extensions=(".bmp", ".dib"),
        aliases=("image/x-ms-bmp", "image/x-bmp"),
        sniff=sniff,
        read=read,
    ),
)
