"""EXIF, XMP and IPTC: the orientation of a picture, and what the metadata tell about persons."""

from collections.abc import Iterator
from struct import Struct

Found = set[str]

MAX_ENTRIES = 512  # of one directory; cameras write about 60
MAX_EXIF = 1 << 18  # bytes of EXIF that are looked at
MAX_XMP = 1 << 18  # bytes of XMP that are looked at
ORIENTATION = 0x0112
_UPRIGHT = 1
_LAST_ORIENTATION = 8
_EXIF_IFD = 0x8769
_GPS_IFD = 0x8825
_POSITION = frozenset({2, 4})  # latitude, longitude
_TEXTS = {
    0x010E: "comment",  # ImageDescription
    0x013B: "owner",  # Artist
    0x9286: "comment",  # UserComment
    0x9C9C: "comment",  # XPComment
    0x9C9D: "owner",  # XPAuthor
    0xA430: "owner",  # CameraOwnerName
    0xA431: "serial",  # BodySerialNumber
    0xA435: "serial",  # LensSerialNumber
    0xC62F: "serial",  # CameraSerialNumber
}
_XMP = (
    (b"exif:GPSLatitude", "gps"),
    (b"dc:creator", "owner"),
    (b"OwnerName", "owner"),
    (b"SerialNumber", "serial"),
)
_BY_LINE = b"\x1c\x02\x50"  # IPTC record 2, data set 80: the author
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ORDERS = {
    b"II*\0": (Struct("<I"), Struct("<H"), Struct("<HHII"), False),
    b"MM\0*": (Struct(">I"), Struct(">H"), Struct(">HHII"), True),
}


class Directory:
    """
    The directories of a TIFF structure, read without following anything twice.

    Args:
        data: The bytes from the byte-order mark on.
    """

    __slots__ = ("_big", "_data", "_entry", "_long", "_short")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._long, self._short, self._entry, self._big = _ORDERS[data[:4]]

    @property
    def first(self) -> int:
        """Where the first directory stands; 0 when there is none."""
        return int(self._long.unpack_from(self._data, 4)[0]) if len(self._data) >= 8 else 0

    def entries(self, offset: int) -> Iterator[tuple[int, int, int, int]]:
        """Iterate over (tag, type, count, value or offset) of the directory at *offset*, as far as it is there."""
        if not 8 <= offset <= len(self._data) - 2:
            return
        count = min(self._short.unpack_from(self._data, offset)[0], MAX_ENTRIES)
        body = self._data[offset + 2 : offset + 2 + 12 * count]
        yield from self._entry.iter_unpack(body[: len(body) // 12 * 12])

    def number(self, type_: int, value: int) -> int:
        """Return an entry's number; a short one stands at the left of its four bytes."""
        size = _SIZES.get(type_, 4)
        if self._big:
            return value >> (32 - 8 * min(size, 4))
        return value & ((1 << (8 * min(size, 4))) - 1)

    def text(self, type_: int, count: int, value: int) -> bytes:
        """Return an entry's bytes, at most 64, without the blanks around them."""
        length = count * _SIZES.get(type_, 1)
        if length <= 4:
            return self._long.pack(value)[:length].strip(b"\0 ")
        return self._data[value : value + min(length, 64)].strip(b"\0 ")


def read_exif(data: bytes, found: Found) -> int:
    r"""
    Return the orientation, 1 to 8, and put what tells about persons in *found*; a broken EXIF is upright and silent.

    >>> found = set()
    >>> read_exif(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", found)
    6
    """
    if data[:4] not in _ORDERS:
        return _UPRIGHT
    directory = Directory(data)
    orientation = _UPRIGHT
    for tag, type_, count, value in directory.entries(directory.first):
        if tag == ORIENTATION:
            number = directory.number(type_, value)
            orientation = number if _UPRIGHT <= number <= _LAST_ORIENTATION else _UPRIGHT
        elif tag == _EXIF_IFD:
            for entry in directory.entries(value):
                _note(directory, entry, found)
        elif tag == _GPS_IFD:
            if any(entry[0] in _POSITION for entry in directory.entries(value)):
                found.add("gps")
        else:
            _note(directory, (tag, type_, count, value), found)
    return orientation


def _note(directory: Directory, entry: tuple[int, int, int, int], found: Found) -> None:
    name = _TEXTS.get(entry[0])
    if name and name not in found:
        text = directory.text(*entry[1:])
        if entry[0] == 0x9286:  # a user comment begins with the name of its character code
            text = text[8:].strip(b"\0 ")
        if text:
            found.add(name)


def read_xmp(data: bytes, found: Found) -> None:
    """
    Put what an XMP packet tells about persons in *found*; no XML is parsed.

    >>> found = set()
    >>> read_xmp(b'<rdf:Description exif:GPSLatitude="48,51.5N"/>', found)
    >>> found
    {'gps'}
    """
    found.update(name for mark, name in _XMP if mark in data)


def read_iptc(data: bytes, found: Found) -> None:
    r"""
    Put what an IPTC record tells about persons in *found*.

    >>> found = set()
    >>> read_iptc(b"8BIM...\x1c\x02\x50\x00\x04Jane", found)
    >>> found
    {'owner'}
    """
    if _BY_LINE in data:
        found.add("owner")


def minimal(orientation: int) -> bytes:
    """
    Return an EXIF structure that holds the orientation and nothing else.

    >>> read_exif(minimal(6), set())
    6
    """
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation]) + b"\0\0\0\0\0\0"
