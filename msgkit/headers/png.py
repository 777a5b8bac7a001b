"""PNG: the chunks."""

import zlib

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, invalid, truncated
from msgkit.headers.exif import MAX_EXIF, MAX_XMP, read_exif, read_xmp

MAX_CHUNKS = 1 << 14  # a file of 20 MiB in the usual pieces of 8 KiB has 2,560
MAX_NOTES = 256  # chunks of text that are looked into
_MAX_LENGTH = 1 << 31
_MODES = {
    0: ("L", (1, 2, 4, 8, 16)),
    2: ("RGB", (8, 16)),
    3: ("P", (1, 2, 4, 8)),
    4: ("LA", (8, 16)),
    6: ("RGBA", (8, 16)),
}
_SPECIAL = {(1, 0): "1", (16, 0): "I;16"}
_KEYWORDS = {b"Author": "owner", b"Artist": "owner", b"Comment": "comment", b"Description": "comment"}


def read(window: Window) -> ImageHeader:
    """Return the header of a PNG file."""
    head = window.at(8, 25)
    if len(head) < 25:
        raise truncated("the PNG header")
    if head[:8] != b"\0\0\0\rIHDR":
        raise invalid("expected a PNG to begin with the chunk IHDR of 13 bytes")
    if zlib.crc32(head[4:21]) != int.from_bytes(head[21:25]):
        raise invalid("the checksum of the PNG header is wrong")
    width = int.from_bytes(head[8:12])
    height = int.from_bytes(head[12:16])
    check_size(width, height)
    if max(width, height) >= _MAX_LENGTH:
        raise invalid(f"expected a PNG below 2^31 pixels a side, got {width} x {height}")
    bits = head[16]
    mode, depths = _MODES.get(head[17], ("", ()))
    if bits not in depths:
        raise invalid(f"a PNG cannot have colour type {head[17]} with {bits} bits")
    chunks = _Chunks(window)
    return ImageHeader(
        "image/png",
        width,
        height,
        frames=chunks.frames,
        orientation=chunks.orientation or chunks.by_xmp,
        mode=_SPECIAL.get((bits, head[17]), mode),
        bits=bits,
        alpha=chunks.transparent or mode in ("LA", "RGBA"),
        icc=chunks.icc,
        private=tuple(sorted(chunks.private)),
        complete=chunks.complete,
        interlaced=head[20] == 1,
    )


class _Chunks:
    """What the chunks behind the header say."""

    def __init__(self, window: Window) -> None:
        self.frames = 1
        self.orientation: int | None = None
        self.by_xmp = 1
        self.transparent = self.icc = self.complete = False
        self.private: set[str] = set()
        self._notes = 0
        self._walk(window)

    def _walk(self, window: Window) -> None:
        offset = 33
        size = window.size
        data = False
        for _ in range(MAX_CHUNKS):
            head = window.at(offset, 8)
            name = head[4:]
            if len(name) < 4:
                break
            length = int.from_bytes(head[:4])
            if not name.isalpha() or length >= _MAX_LENGTH:
                raise invalid(f"expected a PNG chunk at byte {offset}")
            end = offset + 12 + length
            if name == b"IDAT":
                data = True
            elif name == b"IEND":
                self.complete = end <= size
                break
            elif name in _NOTED and end <= size:
                self._note(window, name, offset + 8, length, before=not data)
            offset = end
        else:
            raise invalid(f"more than {MAX_CHUNKS:,} PNG chunks")
        if self.complete and not data:
            raise invalid("a PNG without an image")

    def _note(self, window: Window, name: bytes, offset: int, length: int, *, before: bool) -> None:
        if name == b"acTL":
            if before and length == 8:
                self.frames = max(1, int.from_bytes(window.at(offset, 4)))
        elif name == b"tRNS":
            self.transparent = True
        elif name == b"iCCP":
            self.icc = True
        elif name == b"eXIf":
            if self.orientation is None:
                self.orientation = read_exif(window.at(offset, min(length, MAX_EXIF)), self.private)
        elif self._notes < MAX_NOTES:
            self._notes += 1
            self._note_text(window.at(offset, min(length, MAX_XMP)))

    def _note_text(self, data: bytes) -> None:
        keyword = data[:80].partition(b"\0")[0]
        if keyword == XMP:
            self.by_xmp = read_xmp(data, self.private)
        elif keyword in _KEYWORDS:
            self.private.add(_KEYWORDS[keyword])


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and its checksum."""
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


XMP = b"XML:com.adobe.xmp"
_NOTED = frozenset({b"acTL", b"tRNS", b"iCCP", b"eXIf", b"tEXt", b"zTXt", b"iTXt"})


TYPES = (
    MediaType(
        "image/png",
        extensions=(".png", ".apng"),
        aliases=("image/x-png",),
        prefixes=(b"\x89PNG\r\n\x1a\n",),
        read=read,
    ),
)
