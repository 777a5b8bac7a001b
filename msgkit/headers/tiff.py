"""TIFF: the first page's size, and how many pages there are."""

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, invalid, truncated
from msgkit.headers.exif import Directories, Entry, read_directory

_MAX_PAGES = 256
_WIDTH, _HEIGHT, _BITS, _KIND, _SAMPLES, _ICC = 0x100, 0x101, 0x102, 0x106, 0x115, 0x8773
_ORIENTATION = 0x112
_COMPRESSION, _STRIPS, _PLANES, _TILES = 0x103, 0x111, 0x11C, 0x144
_DEFLATE = (8, 32946)  # compressions that are unpacked row by row
_PLAIN, _PALETTE, _CMYK = 2, 3, 5
_NUMBERS = (_WIDTH, _HEIGHT, _BITS, _KIND, _SAMPLES, _COMPRESSION, _PLANES)
_MODES = {(_PLAIN, 3): "RGB", (_PLAIN, 4): "RGBA", (_PALETTE, 1): "P", (_CMYK, 4): "CMYK", (0, 1): "L", (1, 1): "L"}


def read(window: Window, page: int = 0) -> ImageHeader:
    """Return the header of a TIFF file: the size of a page, of the first when not told, and how many there are."""
    private_tags: set[str] = set()
    directories = Directories(window)
    offsets = _pages(directories)
    entries = {entry[0]: entry for entry in directories.entries(offsets[page])} if page < len(offsets) else {}
    if not entries:
        raise truncated("the TIFF directory of a page")
    numbers = {tag: directories.number(entries[tag]) for tag in _NUMBERS if tag in entries}
    width, height = numbers.get(_WIDTH, 0), numbers.get(_HEIGHT, 0)
    check_size(width, height)
    bits = numbers.get(_BITS, 1)
    mode = _MODES.get((numbers.get(_KIND, -1), numbers.get(_SAMPLES, 1)))
    return ImageHeader(
        "image/tiff",
        width,
        height,
        frames=len(offsets),
        orientation=_orientation(directories, entries, private_tags, page),
        mode={1: "1", 16: "I;16"}.get(bits, mode) if mode == "L" else mode,
        bits=bits,
        alpha=mode == "RGBA",
        icc=_ICC in entries,
        interlaced=_is_whole(entries, numbers),
        buffered=float(numbers.get(_SAMPLES, 1)) if _is_packed_as_one(entries, numbers) else 0.0,
        private=tuple(sorted(private_tags)),
    )


def _is_whole(entries: dict[int, Entry], numbers: dict[int, int]) -> bool:
    """Return whether no row can be had before all are unpacked, or the channels are one behind the other."""
    streamed = numbers.get(_COMPRESSION) in _DEFLATE and _TILES not in entries
    planar = numbers.get(_PLANES, 1) != 1 and numbers.get(_SAMPLES, 1) > 1
    return planar or (_is_packed_as_one(entries, numbers) and not streamed)


def _is_packed_as_one(entries: dict[int, Entry], numbers: dict[int, int]) -> bool:
    single = entries.get(_TILES, entries.get(_STRIPS, (0, 0, 1, 0)))[2] == 1
    return single and (numbers.get(_COMPRESSION, 1) != 1 or _TILES in entries)


def _orientation(directories: Directories, entries: dict[int, Entry], private: set[str], page: int) -> int:
    own = directories.number(entries[_ORIENTATION]) if _ORIENTATION in entries else 1
    first = read_directory(directories, private)
    return first if page == 0 else own if 1 <= own <= 8 else 1


def _pages(directories: Directories) -> list[int]:
    """Return the offsets of the directories in the chain, each visited once."""
    seen: dict[int, None] = {}
    offset = directories.first
    while offset and offset not in seen:
        seen[offset] = None
        if len(seen) > _MAX_PAGES:
            raise invalid(f"more than {_MAX_PAGES} images in a TIFF")
        offset = directories.following(offset)
    return list(seen)


TYPES = (
    MediaType(
        "image/tiff",
        extensions=(".tiff", ".tif"),
        aliases=("image/tif",),
        prefixes=(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        read=read,
    ),
)
