"""The inputs cut into chunks that can be done apart: ranges of a plain file, or rows copied out of a stream."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Final, NamedTuple

import attrs

from msgkit.errors import InvalidMessageError, Issue, MsgkitError
from msgkit.rows import START, Columns, Position, Row, Source, Stamp, dumps, raw_row

_BLOCK = 1 << 20
_BEYOND: Final = 16 << 10  # bytes to read after the place from which a line is looked for
_LARGEST: Final = 8 << 20
_ROWS: Final = 4096
_BLANK: Final = 4096  # blank lines that are copied; more of them begin another chunk


class UsageError(MsgkitError, ValueError):
    """A run was asked for that cannot be: nothing was read."""


@attrs.define(eq=False, repr=False)
class Pace:
    """How large the next chunk should be, by what those before it cost: large ones save messages, small ones waits."""

    size: int = 1
    _seconds: float = 0.05
    _output: int = 8 << 20

    def learn(self, size: int, seconds: float, output: int) -> None:
        """Note what a chunk of so many bytes cost."""
        share = max(seconds / self._seconds, output / self._output, 1 / 16)
        self.size = max(1, min(_LARGEST, int(max(size, 256) / share)))


@attrs.frozen(eq=False, repr=False)
class Chunk:
    """A piece of an input."""

    path: str  # the file that holds it
    start: Position  # where it begins in that file
    stop: int  # the offset at which it ends; see :class:`~msgkit.rows.Position`
    after: Position | None  # the position in the input where the next chunk begins; None if it is unknown
    # rows that are refused unread, by number, with the reason
    faults: dict[int, tuple[Issue, ...]] = attrs.field(factory=dict)
    fault: Issue | None = None  # refuse every row, with this reason
    copied: bool = False  # the file was made for this chunk, and goes with it
    file: int = 0  # which of the inputs it is of
    stamp: Stamp | None = None  # the input as the run opened it; None for a copy

    def open(self, max_row: int, columns: Columns | None) -> Source:
        """Open the file that holds it."""
        source = Source(self.path, max_row=max_row, reader=raw_row, columns=columns)
        if self.stamp is not None:
            source.stamp = self.stamp
            source.check_unchanged()
        return source

    def rows(self, source: Source) -> Iterator[tuple[Row, Position]]:
        """Yield each row with the position after it, from its file."""
        for row, after in source.placed(self.start, self.stop):
            faults = (self.fault,) if self.fault else self.faults.get(row.number)
            yield (attrs.evolve(row, issues=faults) if faults else row), after

    def split(self, before: Position, after: Position, fault: Issue) -> "list[Chunk]":
        """Return the chunk as three: what is before a row, the row, refused for *fault*, and what is after it."""
        whole = [
            attrs.evolve(self, stop=before.offset, after=None if self.copied else before, copied=False),
            attrs.evolve(self, start=before, stop=after.offset, after=None, fault=fault, copied=False),
            attrs.evolve(self, start=after),
        ]
        return [chunk for chunk in whole if chunk.start.offset < chunk.stop or chunk.copied]


class Span(NamedTuple):
    """The part of an input that a run does."""

    start: Position = START  # where it begins
    stop: int | None = None  # the offset at which it ends; None for the end of the file
    file: int = 0  # which of the inputs it is of


def spans(paths: Sequence[str], shard: tuple[int, int] | None, *, max_row: int) -> list[Span]:
    """Return what is to be done of each input: all, or the i-th of n parts, which together are the whole, in order."""
    if shard is None:
        return [Span(file=file) for file in range(len(paths))]
    sizes = [_size(path) for path in paths]
    total = sum(sizes)
    first, last = total * (shard[0] - 1) // shard[1], total * shard[0] // shard[1]
    ranges = []
    before = 0
    for file, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        start, stop = max(first - before, 0), min(last - before, size)
        if start < stop:
            ranges.append(_span(path, file, start, stop, size, max_row))
        before += size
    return ranges


def _size(path: str) -> int:
    with closing(Source(path)) as source:
        if source.size is None:
            raise UsageError("standard input and remote files cannot be cut into shards: their length is not known")
        return source.size


def _span(path: str, file: int, start: int, stop: int, size: int, max_row: int) -> Span:
    with closing(Source(path, max_row=max_row, reader=raw_row)) as source:
        if source.kind.format == "parquet":
            rows = max(_ends(source), default=0)
            before = rows * start // size
            return Span(Position(before, before), rows * stop // size, file)
        if not source.plain:
            rows = sum(1 for _ in source)
            return Span(_position(path, rows * start // size, max_row), rows * stop // size, file)
    with Path(path).open("rb", buffering=0) as lines:
        first = _line_start(lines, START, start, size) if start else START
        last = _line_start(lines, Position(0, stop - 1), stop, size)  # where the next part begins
        return Span(first, last.offset, file)


def cut(source: Source, span: Span, pace: Pace, *, scratch: Path) -> Iterator[Chunk]:
    """Return the chunks of an input, in order, each as large as *pace* says when it is asked for."""
    if source.plain:
        chunks = _ranges(source.path, span, source.size or 0, pace)
    elif source.kind.format == "parquet":
        chunks = _groups(source, span)
    else:
        return _copies(source, span, pace, scratch)
    stamp = source.stamp if source.data_path == source.path else None
    return (attrs.evolve(chunk, file=span.file, stamp=stamp) for chunk in chunks)


def _position(path: str, rows: int, max_row: int) -> Position:
    """The position after so many rows."""
    with closing(Source(path, max_row=max_row, reader=raw_row)) as source:
        last = deque(islice(source.placed(), rows), maxlen=1)
        return last[0][1] if last else START


def _ranges(path: str, span: Span, size: int, pace: Pace) -> Iterator[Chunk]:
    end = size if span.stop is None else span.stop
    start = span.start
    with Path(path).open("rb", buffering=0) as file:
        while start.offset < end:
            after = _line_start(file, start, start.offset + pace.size, end)
            yield Chunk(path, start, after.offset, after)
            start = after


def _groups(source: Source, span: Span) -> Iterator[Chunk]:
    start = span.start.offset
    for end in _ends(source):
        stop = end if span.stop is None else min(end, span.stop)
        if stop > start:
            yield Chunk(source.data_path, Position(start, start), stop, Position(stop, stop))
            start = stop


def _ends(source: Source) -> Iterator[int]:
    """Yield how many rows of a Parquet file there are up to the end of each row group."""
    from msgkit.rows import parquet

    return parquet.group_ends(source.data_path)


def _copies(source: Source, span: Span, pace: Pace, scratch: Path) -> Iterator[Chunk]:
    rows = source.placed(span.start, span.stop)
    first = next(rows, None)
    for name in count():
        if first is None:
            return
        path = scratch / f"copy-{span.file}-{name}.jsonl"
        start = Position(first[0].number - 1, 0)
        with path.open("wb") as file:
            faults, after, first = _copy(first, rows, file, lambda: pace.size)
        yield Chunk(str(path), start, path.stat().st_size, after, faults, copied=True, file=span.file)


_Placed = tuple[Row, Position]


def _copy(
    first: _Placed, rows: Iterator[_Placed], file: IO[bytes], size: Callable[[], int]
) -> tuple[dict[int, tuple[Issue, ...]], Position, _Placed | None]:
    """Copy some rows, each on the line that its number says; return those that cannot be, the position, the next."""
    faults: dict[int, tuple[Issue, ...]] = {}
    after = START
    number = first[0].number - 1
    for copied, (row, position) in enumerate(chain([first], rows)):
        blank = row.number - number - 1
        if copied and (copied >= _ROWS or blank > _BLANK or file.tell() >= size()):
            return faults, after, (row, position)
        file.write(b"\n" * blank)
        try:
            file.write(_line(row))
        except InvalidMessageError as error:
            faults[row.number] = error.issues
            file.write(b"null")
        file.write(b"\n" if row.ended else b"")
        number, after = row.number, position
    return faults, after, None


def _line(row: Row) -> bytes:
    if row.issues and row.raw is None:
        raise InvalidMessageError(row.issues)
    if row.raw is None:
        return dumps(row.value)
    # a tab for a line feed: both are space between tokens, and both are refused inside a string.
    return row.raw.rstrip(b"\n").replace(b"\n", b"\t")


def _line_start(file: IO[bytes], start: Position, least: int, end: int) -> Position:
    """Return where the first line begins at the offset *least* or after it; every byte is looked at once."""
    number, offset = start.number, start.offset
    while offset < end:
        block = os.pread(file.fileno(), min(_BLOCK, end - offset, max(least - offset, 0) + _BEYOND), offset)
        if not block:
            break
        at = block.find(b"\n", max(least - 1 - offset, 0))
        stop = len(block) if at < 0 else at + 1
        number, offset = number + _count_lines(block, stop), offset + stop
        if at >= 0:
            break
    return Position(number, offset)


def _count_lines(block: bytes, stop: int) -> int:
    """Count line feeds: to look for each is quicker where lines are long, to count them where they are short."""
    at = -1
    for lines in range(stop >> 11):
        at = block.find(b"\n", at + 1, stop)
        if at < 0:
            return lines
    return (stop >> 11) + block.count(b"\n", at + 1, stop)
