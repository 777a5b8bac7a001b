"""The input cut into pieces that can be done apart: ranges of a plain file, or pieces copied out of a stream."""

import io
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

import attrs

from msgkit.errors import Issue
from msgkit.records import START, Position, Row, Source, raw_row

_BLOCK = 1 << 20
_SMALLEST: Final = 64 << 10
_LARGEST: Final = 8 << 20
_PIECES: Final = 64


@attrs.frozen
class Chunk:
    """
    A piece of the input.

    Args:
        path: The file that holds it.

        start: Where it begins in that file.

        stop: The offset at which it ends; see :class:`~msgkit.records.Position`.

        after: The place in the input where the next piece begins.

        faults: Rows that are refused unread, by number, with the reason.

        fault: Refuse every row, with this reason.

        copied: The file was made for this piece, and goes with it.
    """

    path: str
    start: Position
    stop: int
    after: Position
    faults: dict[int, tuple[Issue, ...]] = attrs.field(factory=dict)
    fault: Issue | None = None
    copied: bool = False

    def rows(self, max_row: int) -> Iterator[tuple[Row, Position]]:
        """Yield each row with the place after it."""
        with closing(Source(self.path, max_row=max_row)) as source:
            for row, after in source.placed(self.start, self.stop):
                found = (self.fault,) if self.fault else self.faults.get(row.number)
                yield (attrs.evolve(row, issues=found) if found else row), after

    def split(self, before: Position, after: Position, fault: Issue) -> "list[Chunk]":
        """Return the piece as three: what is before a row, the row, refused for *fault*, and what is after it."""
        whole = [
            attrs.evolve(self, stop=before.offset, after=before, copied=False),
            attrs.evolve(self, start=before, stop=after.offset, after=after, fault=fault, copied=False),
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

    >>> [shard("examples/history.jsonl", part, 2, max_row=1000).start.number for part in (1, 2)][0]
    0
    """
    with closing(Source(path, max_row=max_row, reader=raw_row)) as source:
        if source.size is None:
            raise ValueError("standard input cannot be cut into shards: its length is not known")
        if not source.plain:
            last = START
            places = [last := after for _, after in source.placed()] if False else list(_places(source))
            bounds = [len(places) * i // parts for i in (part - 1, part)]
            start = places[bounds[0] - 1] if bounds[0] else START
            return Span(start, bounds[1])
        size = source.size
    with Path(path).open("rb") as file:
        bounds = [_line_end(file, size * i // parts, size) for i in (part - 1, part)]
        file.seek(0)
        return Span(Position(_count_lines(file, bounds[0]), bounds[0]), bounds[1])
