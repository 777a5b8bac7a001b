"""BMP: the size."""

from msgkit.headers.entry import MediaType
from msgkit.headers.values import ImageHeader, check_size, truncated
from msgkit.headers.windows import Window

_HEADERS = (12, 40, 52, 56, 64, 108, 124)


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type when *head* begins a BMP file."""
    is_bmp = head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and int.from_bytes(window.at(14, 4), "little") in _HEADERS
    return "image/bmp" if is_bmp else None


def read(window: Window) -> ImageHeader:
    """Return the header of a BMP file."""
    head = window.at(0, 30)
    old = int.from_bytes(head[14:18], "little") == 12
    if len(head) < (26 if old else 30):
        raise truncated("the BMP header")
    if old:
        width, height, bits = (int.from_bytes(head[at : at + 2], "little") for at in (18, 20, 24))
    else:
        width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
        bits = int.from_bytes(head[28:30], "little")
    height = abs(height)  # negative: the rows stand from the top down
    check_size(width, height)
    size = int.from_bytes(head[2:6], "little")
    return ImageHeader("image/bmp", width, height, complete=size <= window.size, mode="P" if bits <= 8 else "RGB")


TYPES = (
    MediaType(
        "image/bmp",
        extensions=(".bmp", ".dib"),
        aliases=("image/x-ms-bmp", "image/x-bmp"),
        sniff=sniff,
        read=read,
    ),
)
