"""EXIF, XMP and IPTC: the orientation of an image, and what the metadata tell about persons."""

import re
from collections.abc import Iterator
from struct import Struct

from msgkit.headers.base import BytesWindow, Window

MAX_ENTRIES = 512  # of one directory; cameras write about 60
MAX_EXIF = 1 << 18  # bytes of EXIF that are looked at
MAX_XMP = 1 << 18  # bytes of XMP that are looked at
ORIENTATION = 0x0112
_UPRIGHT = 1
_LAST_ORIENTATION = 8
_EXIF_IFD = 0x8769
_GPS_IFD = 0x8825
_USER_COMMENT = 0x9286
_POSITION = frozenset({2, 4})  # latitude, longitude
_TEXTS = {
    0x010E: "comment",  # ImageDescription
    0x013B: "owner",  # Artist
    0x9C9C: "comment",  # XPComment
    0x9C9D: "owner",  # XPAuthor
    0xA430: "owner",  # CameraOwnerName
    0xA431: "serial",  # BodySerialNumber
    0xA435: "serial",  # LensSerialNumber
    0xC62F: "serial",  # CameraSerialNumber
    _USER_COMMENT: "comment",
}
_XMP = (
    (b"exif:GPSLatitude", "gps"),
    (b"dc:creator", "owner"),
    (b"OwnerName", "owner"),
    (b"SerialNumber", "serial"),
)
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])\b")
_BY_LINE = b"\x1c\x02\x50"  # IPTC record 2, data set 80: the author
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_ORDERS = {  # an offset, how many entries there are, an entry; the last two are BigTIFF
    b"II*\0": (Struct("<I"), Struct("<H"), Struct("<HHII"), False),
    b"MM\0*": (Struct(">I"), Struct(">H"), Struct(">HHII"), True),
    b"II+\0": (Struct("<Q"), Struct("<Q"), Struct("<HHQQ"), False),
    b"MM\0+": (Struct(">Q"), Struct(">Q"), Struct(">HHQQ"), True),
}

Entry = tuple[int, int, int, int]
"""Tag, type, number of values, and the value itself or where it stands."""


class Directories:
    """The directories of a TIFF structure (EXIF is one)."""

    __slots__ = ("_big", "_count", "_entry", "_offset", "_width", "_window", "first")

    def __init__(self, window: Window) -> None:
        head = window.at(0, 16)
        self._window = window
        self._offset, self._count, self._entry, self._big = _ORDERS[head[:4]]
        self._width = width = self._offset.size  # bytes of an offset, and of the place of a value
        self.first = self._offset.unpack(head[width : 2 * width])[0] if len(head) >= 2 * width else 0

    def entries(self, offset: int) -> Iterator[Entry]:
        """Iterate over the directory at *offset*, as far as it is there."""
        wide, size = self._count.size, self._entry.size
        head = self._window.at(offset, wide) if offset >= 8 else b""
        if len(head) == wide:
            count = min(self._count.unpack(head)[0], MAX_ENTRIES)
            body = self._window.at(offset + wide, size * count)
            yield from self._entry.iter_unpack(body[: len(body) // size * size])

    def following(self, offset: int) -> int:
        """Return where the directory behind the one at *offset* stands; 0 when there is none."""
        wide = self._count.size
        head = self._window.at(offset, wide)
        count = self._count.unpack(head)[0] if len(head) == wide else 0
        end = self._window.at(offset + wide + self._entry.size * count, self._width) if count else b""
        return int(self._offset.unpack(end)[0]) if len(end) == self._width else 0

    def number(self, entry: Entry) -> int:
        """Return an entry's first number; one that is shorter than the entry's place is at its left."""
        _, type_, count, value = entry
        size = SIZES.get(type_, 4)
        width = self._width
        if size * count > width >= size:
            value = self._offset.unpack(self._window.at(value, width).ljust(width, b"\0"))[0]
        bits = 8 * min(size, width)
        return value >> (8 * width - bits) if self._big else value & ((1 << bits) - 1)

    def text(self, entry: Entry) -> bytes:
        """Return an entry's bytes, at most 64, without the blanks around them."""
        tag, type_, count, value = entry
        length = min(count * SIZES.get(type_, 1), 64)
        inside = length <= self._width
        data = self._offset.pack(value)[:length] if inside else self._window.at(value, length)
        if tag == _USER_COMMENT:  # begins with the name of its character code
            data = data[8:]
        return data.strip(b"\0 ")


def read_exif(data: bytes, private: set[str]) -> int:
    r"""Return the orientation, 1 to 8, and put what tells about persons in *private*."""
    return read_directory(Directories(BytesWindow(data)), private) if data[:4] in _ORDERS else _UPRIGHT


def read_directory(directories: Directories, private: set[str]) -> int:
    """Do as `read_exif` does, for the first directory and those that it points to (each once: there are no loops)."""
    orientation = _UPRIGHT
    inner: dict[int, int] = {}
    for entry in directories.entries(directories.first):
        tag = entry[0]
        if tag == ORIENTATION:
            number = directories.number(entry)
            orientation = number if _UPRIGHT <= number <= _LAST_ORIENTATION else _UPRIGHT
        elif tag in (_EXIF_IFD, _GPS_IFD):
            inner[tag] = entry[3]
        elif tag in _TEXTS:
            _note(directories, entry, private)
    for entry in directories.entries(inner.get(_EXIF_IFD, 0)):
        if entry[0] in _TEXTS:
            _note(directories, entry, private)
    if any(entry[0] in _POSITION for entry in directories.entries(inner.get(_GPS_IFD, 0))):
        private.add("gps")
    return orientation


def _note(directories: Directories, entry: Entry, private: set[str]) -> None:
    name = _TEXTS[entry[0]]
    if name not in private and directories.text(entry):
        private.add(name)


def read_xmp(data: bytes, private: set[str]) -> int:
    """Return the orientation that an XMP packet says, and put what tells about persons in *private*."""
    private.update(name for mark, name in _XMP if mark in data)
    said = _XMP_ORIENTATION.search(data)
    return int(said[1]) if said else _UPRIGHT


def read_iptc(data: bytes, private: set[str]) -> None:
    r"""Put what an IPTC record tells about persons in *private*."""
    if _BY_LINE in data:
        private.add("owner")


def only_orientation(orientation: int) -> bytes:
    """Return an EXIF structure that holds the orientation and nothing else."""
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation]) + b"\0\0\0\0\0\0"
