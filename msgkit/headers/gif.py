"""GIF: the canvas and its frames."""

from msgkit.headers.base import ImageHeader, MediaType, Window, check_size, invalid, truncated

MAX_BLOCKS = 3 << 16  # a file of 20 MiB in the usual pieces of 255 bytes has 82,000
_WEIGHT = 8  # what a frame or an extension counts, in blocks: 24,000 of them are the most
_BLOCK = 1 << 16
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COMMENT, _CONTROL = 0xFE, 0xF9


def read(window: Window) -> ImageHeader:
    """Return the header of a GIF file; the canvas is the smallest that holds every frame."""
    head = window.at(0, 13)
    if len(head) < 13:
        raise truncated("the GIF header")
    frames = _Frames(window, head)
    if frames.complete and not frames.count:
        raise invalid("a GIF without an image")
    check_size(frames.width, frames.height)
    return ImageHeader(
        "image/gif",
        frames.width,
        frames.height,
        frames=max(1, frames.count),
        mode="P",
        alpha=frames.transparent,
        private=("comment",) if frames.comment else (),
        complete=frames.complete,
    )


class _Frames:
    """A walk over the blocks of a GIF."""

    def __init__(self, window: Window, head: bytes) -> None:
        self.width = int.from_bytes(head[6:8], "little")
        self.height = int.from_bytes(head[8:10], "little")
        self.count = 0
        self.transparent = self.comment = self.complete = False
        self._window = window
        self._blocks = 0
        self._data = b""
        self._start = 0
        offset = 13 + _table(head[10])
        while (following := self._step(offset)) > 0:
            offset = following

    def _at(self, offset: int, length: int) -> bytes:
        """Return bytes from a buffer: the blocks are many and small."""
        first = offset - self._start
        if first < 0 or first + length > len(self._data):
            self._data = self._window.at(offset, _BLOCK)
            self._start = offset
            first = 0
        return self._data[first : first + length]

    def _step(self, offset: int) -> int:
        """Read one block; return where the next one stands, 0 at the end."""
        self._blocks += _WEIGHT
        self._check()
        head = self._at(offset, 10)
        if not head:  # no trailer, but every frame is whole
            self.complete = bool(self.count) and offset == self._window.size
            return 0
        mark = head[0]
        if mark == _TRAILER:
            self.complete = True
            return 0
        if mark == _EXTENSION and len(head) >= 4:
            if head[1] == _CONTROL:
                self.transparent |= bool(head[3] & 1)
            elif head[1] == _COMMENT:
                self.comment = True
            return self._skip(offset + 2)
        if mark == _IMAGE and len(head) >= 10:
            self._frame(head)
            return self._skip(offset + 11 + _table(head[9]))
        if mark in (_EXTENSION, _IMAGE):
            return 0
        if mark == 0 or self.count:  # padding and junk between blocks: readers go on, or show what they have
            self.complete = bool(self.count)
            return 0
        raise invalid(f"expected a GIF block at byte {offset}, got 0x{mark:02x}")

    def _frame(self, head: bytes) -> None:
        left, top, width, height = (int.from_bytes(head[i : i + 2], "little") for i in (1, 3, 5, 7))
        self.width = max(self.width, left + width)
        self.height = max(self.height, top + height)
        self.count += 1

    def _check(self) -> None:
        if self._blocks > MAX_BLOCKS:
            raise invalid(f"more blocks than a GIF can need: {MAX_BLOCKS:,}")

    def _skip(self, offset: int) -> int:
        """Return the offset after the sub-blocks at *offset*; 0 when they are truncated."""
        while self._at(offset, 1):
            data, at = self._data, offset - self._start
            last = min(len(data), at + _BLOCK)
            while at < last:
                size = data[at]
                at += 1 + size
                self._blocks += 1
                if size == 0:
                    return self._start + at
            self._check()
            offset = self._start + at
        return 0


def _table(flags: int) -> int:
    """Return the bytes of the colour table that *flags* announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


TYPES = (MediaType("image/gif", extensions=(".gif",), prefixes=(b"GIF87a", b"GIF89a"), read=read),)
