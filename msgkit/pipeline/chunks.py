"""The input cut into pieces that can be done apart: ranges of a plain file, or pieces copied out of a stream."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Final

import attrs

from msgkit.errors import Issue, MsgkitError
from msgkit.rows import START, Position, Row, Source, raw_row

_BLOCK = 1 << 20
_SMALLEST: Final = 4 << 10
_LARGEST: Final = 8 << 20
_PIECES: Final = 64
_ROWS: Final = 512
_BLANK: Final = 4096  # blank lines that are copied; more of them begin another piece


class UsageError(MsgkitError, ValueError):
    """A run was asked for that cannot be: nothing was read."""


@attrs.frozen
class Chunk:
    """
    A piece of the input.

    Args:
        path: The file that holds it.

        start: Where it begins in that file.

        stop: The offset at which it ends; see :class:`~msgkit.rows.Position`.

        after: The place in the input where the next piece begins; None if it cannot be told.

        faults: Rows that are refused unread, by number, with the reason.

        fault: Refuse every row, with this reason.

        copied: The file was made for this piece, and goes with it.
    """

    path: str
    start: Position
    stop: int
    after: Position | None
    faults: dict[int, tuple[Issue, ...]] = attrs.field(factory=dict)
    fault: Issue | None = None
    copied: bool = False

    def rows(self, max_row: int) -> Iterator[tuple[Row, Position]]:
        """Yield each row with the place after it."""
        with closing(Source(self.path, max_row=max_row, reader=raw_row)) as source:
            for row, after in source.placed(self.start, self.stop):
                found = (self.fault,) if self.fault else self.faults.get(row.number)
                yield (attrs.evolve(row, issues=found) if found else row), after

    def split(self, before: Position, after: Position, fault: Issue) -> "list[Chunk]":
        """Return the piece as three: what is before a row, the row, refused for *fault*, and what is after it."""
        whole = [
            attrs.evolve(self, stop=before.offset, after=None if self.copied else before, copied=False),
            attrs.evolve(self, start=before, stop=after.offset, after=None, fault=fault, copied=False),
            attrs.evolve(self, start=after),
        ]
        return [piece for piece in whole if piece.start.offset < piece.stop or piece.copied]


@attrs.frozen
class Span:
    """
    The part of the input that a run does.

    Args:
        start: Where it begins.

        stop: The offset at which it ends; None for the end of the file.
    """

    start: Position = START
    stop: int | None = None


def shard(path: str, part: int, parts: int, *, max_row: int) -> Span:
    """
    Return the *part*-th of *parts* spans of a file, counted from 1: together they are the whole, in order.

    A plain JSONL file is cut by bytes, at line ends; any other is read once to count its rows.

    >>> first, second = (shard("examples/history.jsonl", part, 2, max_row=1 << 20) for part in (1, 2))
    >>> first.start.offset, first.stop == second.start.offset
    (0, True)
    """
    with closing(Source(path, max_row=max_row, reader=raw_row)) as source:
        size, plain = source.size, source.plain
        if size is None:
            raise UsageError("standard input cannot be cut into shards: its length is not known")
        total = size if plain else sum(1 for _ in source)
    first, last = total * (part - 1) // parts, total * part // parts
    if not plain:
        return Span(_place(path, first, max_row), last)
    with Path(path).open("rb") as file:
        first, last = _line_end(file, first, size), _line_end(file, last, size)
        return Span(Position(_count_lines(file, 0, first), first), last)


def cut(source: Source, span: Span, *, scratch: Path) -> Iterator[Chunk]:
    """
    Return the pieces of the input, in order.

    Args:
        source: The input.

        span: The part of it that is to be done.

        scratch: Where pieces of a stream are copied to.
    """
    if source.plain:
        return _ranges(source.path, span, source.size or 0)
    if source.kind.format == "parquet" and source.kind.compression is None:
        return _groups(source.path, span)
    return _copies(source, span, scratch)


def _place(path: str, rows: int, max_row: int) -> Position:
    """The place after so many rows."""
    with closing(Source(path, max_row=max_row, reader=raw_row)) as source:
        last = deque(islice(source.placed(), rows), maxlen=1)
        return last[0][1] if last else START


def _ranges(path: str, span: Span, size: int) -> Iterator[Chunk]:
    end = size if span.stop is None else span.stop
    step = min(max((end - span.start.offset) // _PIECES, _SMALLEST), _LARGEST)
    start = span.start
    with Path(path).open("rb") as file:
        while start.offset < end:
            stop = _line_end(file, start.offset + step, end)
            after = Position(start.number + _count_lines(file, start.offset, stop), stop)
            yield Chunk(path, start, stop, after)
            start = after


def _groups(path: str, span: Span) -> Iterator[Chunk]:
    from msgkit.rows import parquet

    start = span.start.offset
    for end in parquet.group_ends(path):
        stop = end if span.stop is None else min(end, span.stop)
        if stop > start:
            yield Chunk(path, Position(start, start), stop, Position(stop, stop))
            start = stop


def _copies(source: Source, span: Span, scratch: Path) -> Iterator[Chunk]:
    rows = source.placed(span.start, span.stop)
    first = next(rows, None)
    for name in count():
        if first is None:
            return
        path = scratch / f"copy-{name}.jsonl"
        start = Position(first[0].number - 1, 0)
        with path.open("wb") as file:
            faults, after, first = _copy(first, rows, file)
        yield Chunk(str(path), start, path.stat().st_size, after, faults, copied=True)


_Placed = tuple[Row, Position]


def _copy(
    first: _Placed, rows: Iterator[_Placed], file: IO[bytes]
) -> tuple[dict[int, tuple[Issue, ...]], Position, _Placed | None]:
    """Copy some rows, each on the line that its number says; return those that cannot be, the place, the next row."""
    faults: dict[int, tuple[Issue, ...]] = {}
    after = START
    number = first[0].number - 1
    for copied, (row, place) in enumerate(chain([first], rows)):
        blank = row.number - number - 1
        if copied and (copied >= _ROWS or blank > _BLANK or file.tell() >= _LARGEST):
            return faults, after, (row, place)
        file.write(b"\n" * blank)
        if row.raw is None:
            faults[row.number] = row.issues
        # A tab for a line feed: both are space between tokens, and both are refused inside a string.
        file.write(b"null" if row.raw is None else row.raw.rstrip(b"\n").replace(b"\n", b"\t"))
        file.write(b"\n" if row.ended else b"")
        number, after = row.number, place
    return faults, after, None


def _line_end(file: IO[bytes], offset: int, size: int) -> int:
    """The first place at *offset* or after it where a line begins."""
    if offset <= 0 or offset >= size:
        return min(max(offset, 0), size)
    file.seek(offset - 1)
    while block := file.readline(_BLOCK):
        offset = file.tell()
        if block.endswith(b"\n"):
            break
    return min(offset, size)


def _count_lines(file: IO[bytes], start: int, stop: int) -> int:
    file.seek(start)
    lines = 0
    while start < stop and (block := file.read(min(_BLOCK, stop - start))):
        lines += block.count(b"\n")
        start += len(block)
    return lines
