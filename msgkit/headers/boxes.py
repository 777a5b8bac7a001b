"""The boxes that MP4, M4A, AVIF and HEIC consist of."""

from collections.abc import Iterator
from typing import NamedTuple

from msgkit.headers.base import Window

MAX_BOXES = 8192  # at the top; a fragmented file of half an hour has some hundreds
MAX_INNER = 64  # below


class Box(NamedTuple):
    """One box: its name, and where its body stands."""

    name: bytes
    start: int
    end: int


def boxes(window: Window, start: int, end: int, most: int = MAX_INNER) -> Iterator[Box]:
    """Iterate over the boxes between two offsets, at most *most*; stop at what is none."""
    offset = start
    for _ in range(most):
        head = window.at(offset, 16) if offset + 8 <= end else b""
        if len(head) < 8:
            return
        size, skip = int.from_bytes(head[:4]), 8
        if size == 1:
            size, skip = int.from_bytes(head[8:16]), 16
        elif size == 0:
            size = end - offset
        if size < skip:
            return
        yield Box(head[4:8], offset + skip, offset + size)
        offset += size


def inside(window: Window, box: Box | None, *path: bytes, most: int = MAX_INNER) -> Box | None:
    """Return the first box at *path* below *box*; None when there is none."""
    for name in path:
        if box is None:
            return None
        box = next((inner for inner in boxes(window, box.start, box.end, most) if inner.name == name), None)
    return box


def body(window: Window, box: Box | None, most: int = 4096) -> bytes:
    """Return the bytes of *box*, at most *most*; none when it is None."""
    return b"" if box is None else window.at(box.start, min(box.end - box.start, most))


def top(window: Window) -> list[Box]:
    """Return the boxes that the file itself consists of."""
    return list(boxes(window, 0, window.size, MAX_BOXES))


def first(candidates: list[Box], name: bytes) -> Box | None:
    """Return the first of these boxes with this name; None when there is none."""
    return next((box for box in candidates if box.name == name), None)


def ends(window: Window, top_boxes: list[Box]) -> bool:
    """Return whether the data are among these boxes of the file, and the last of them is whole."""
    return first(top_boxes, b"mdat") is not None and top_boxes[-1].end <= window.size
