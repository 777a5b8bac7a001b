"""WebP: lossy, lossless, extended."""

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, invalid, truncated
from msgkit.headers.exif import MAX_EXIF, MAX_XMP, read_exif, read_xmp

MAX_CHUNKS = 1 << 14
_KEY = b"\x9d\x01\x2a"  # start code of a VP8 key frame
_ALPHA, _ANIMATED = 0x10, 0x02


def read(window: Window) -> ImageHeader:
    """Return the header of a WebP file."""
    head = window.at(0, 30)
    if len(head) < 25:
        raise truncated("the WebP header")
    end = 8 + int.from_bytes(head[4:8], "little")
    name = head[12:16]
    if name == b"VP8X":
        return _extended(window, head, end)
    width, height, alpha = _image(name, head[20:])
    check_size(width, height)
    mode = "RGBA" if alpha else "RGB"
    beside = 4.0 if name == b"VP8L" else 0.0
    return ImageHeader(
        "image/webp", width, height, mode=mode, alpha=alpha, complete=end <= window.size, buffered=beside
    )


def _image(name: bytes, data: bytes) -> tuple[int, int, bool]:
    """Return width, height and alpha of a VP8 or VP8L bit stream."""
    if name == b"VP8L":
        if len(data) < 5 or data[0] != 0x2F:
            raise invalid("expected a lossless WebP image")
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    if name != b"VP8 ":
        raise invalid("expected the chunk VP8, VP8L or VP8X at the start of a WebP")
    if len(data) < 10:
        raise truncated("the WebP image")
    if data[0] & 1 or data[3:6] != _KEY:
        raise invalid("expected a lossy WebP image to begin with a key frame")
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    return width, int.from_bytes(data[8:10], "little") & 0x3FFF, False


def _extended(window: Window, head: bytes, end: int) -> ImageHeader:
    if len(head) < 30:
        raise truncated("the WebP header")
    flags = head[20]
    size = int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    chunks = _Chunks(window, min(end, window.size), size)
    animated = bool(flags & _ANIMATED)
    alpha = bool(flags & _ALPHA)
    complete = end <= window.size
    if complete and not (chunks.frames if animated else chunks.images):
        raise invalid("a WebP without an image")
    return ImageHeader(
        "image/webp",
        *size,
        frames=max(1, chunks.frames) if animated else 1,
        orientation=chunks.orientation or chunks.by_xmp,
        mode="RGBA" if alpha else "RGB",
        alpha=alpha,
        icc=chunks.icc,
        private=tuple(sorted(chunks.private)),
        complete=complete,
        buffered=4.0 if chunks.lossless else 5.0 if alpha else 0.0,
    )


class _Chunks:
    """What the chunks of an extended WebP say."""

    def __init__(self, window: Window, end: int, size: tuple[int, int]) -> None:
        self.frames = self.images = 0
        self.orientation: int | None = None
        self.by_xmp = 1
        self.icc = self._xmp = self.lossless = False
        self.private: set[str] = set()
        self._size = size
        offset = 30
        for _ in range(MAX_CHUNKS):
            if offset + 8 > end:
                return
            head = window.at(offset, 18)
            length = int.from_bytes(head[4:8], "little")
            self._note(window, head, offset + 8, min(length, end - offset - 8))
            offset += 8 + length + (length & 1)
        raise invalid(f"more than {MAX_CHUNKS:,} WebP chunks")

    def _note(self, window: Window, head: bytes, offset: int, length: int) -> None:
        name = head[:4]
        if name == b"ANMF":
            self.frames += 1
        elif name in (b"VP8 ", b"VP8L"):
            self.images += 1
            self.lossless = name == b"VP8L"
            if length >= 10 and _image(name, head[8:])[:2] != self._size:
                raise invalid("the image of a WebP is not of the size that its header says")
        elif name == b"ICCP":
            self.icc = True
        elif name == b"EXIF" and self.orientation is None:
            data = window.at(offset, min(length, MAX_EXIF))
            self.orientation = read_exif(data.removeprefix(b"Exif\0\0"), self.private)
        elif name == b"XMP " and not self._xmp:
            self._xmp = True
            self.by_xmp = read_xmp(window.at(offset, min(length, MAX_XMP)), self.private)


TYPES = (MediaType("image/webp", extensions=(".webp",), forms=((b"RIFF", b"WEBP"),), read=read),)
