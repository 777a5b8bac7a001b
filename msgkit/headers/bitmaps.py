"""BMP and TIFF: the size."""

from msgkit.headers.exif import Directories, read_directory
from msgkit.headers.values import ImageHeader, check_size, invalid, truncated
from msgkit.headers.windows import Window

_MAX_PAGES = 256
_WIDTH, _HEIGHT, _BITS, _KIND, _SAMPLES, _ICC = 0x100, 0x101, 0x102, 0x106, 0x115, 0x8773
_PLAIN, _PALETTE, _CMYK = 2, 3, 5
_NUMBERS = (_WIDTH, _HEIGHT, _BITS, _KIND, _SAMPLES)
_MODES = {(_PLAIN, 3): "RGB", (_PLAIN, 4): "RGBA", (_PALETTE, 1): "P", (_CMYK, 4): "CMYK", (0, 1): "L", (1, 1): "L"}


def read_bmp(window: Window) -> ImageHeader:
    """
    Return the header of a BMP file.

    Raises:
        MediaError: ``media-truncated`` or ``media-invalid``.
    """
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


def read_tiff(window: Window) -> ImageHeader:
    """
    Return the header of a TIFF file: its first picture's size, and how many there are.

    Raises:
        MediaError: ``media-truncated`` or ``media-invalid``.
    """
    found: set[str] = set()
    directories = Directories(window)
    first = directories.first
    entries = {entry[0]: entry for entry in directories.entries(first)}
    if not entries:
        raise truncated("the first TIFF directory")
    numbers = {tag: directories.number(entries[tag]) for tag in _NUMBERS if tag in entries}
    width, height = numbers.get(_WIDTH, 0), numbers.get(_HEIGHT, 0)
    check_size(width, height)
    bits = numbers.get(_BITS, 1)
    mode = _MODES.get((numbers.get(_KIND, -1), numbers.get(_SAMPLES, 1)))
    return ImageHeader(
        "image/tiff",
        width,
        height,
        frames=_pages(directories),
        orientation=read_directory(directories, found),
        mode={1: "1", 16: "I;16"}.get(bits, mode) if mode == "L" else mode,
        bits=bits,
        alpha=mode == "RGBA",
        icc=_ICC in entries,
        private=tuple(sorted(found)),
    )


def _pages(directories: Directories) -> int:
    """Return the number of directories in the chain, each visited once."""
    seen: set[int] = set()
    offset = directories.first
    while offset and offset not in seen:
        seen.add(offset)
        if len(seen) > _MAX_PAGES:
            raise invalid(f"more than {_MAX_PAGES} pictures in a TIFF")
        offset = directories.following(offset)
    return len(seen)
