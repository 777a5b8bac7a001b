"""A file of rows, opened."""

import os
import stat
import weakref
from collections.abc import Iterator
from itertools import islice
from typing import IO, Final

import attrs

from msgkit.jsontext.fast import MAX_ROW
from msgkit.rows import jsonl
from msgkit.rows.document import Document
from msgkit.rows.row import Reader, Row, read_row
from msgkit.rows.streams import STANDARD, broken, kind, open_input


@attrs.frozen
class Position:
    """
    A place between two rows of a file.

    Args:
        number: The number of the row before.

        offset: The bytes before it in a plain JSONL file; the rows before it elsewhere.
    """

    number: int = 0
    offset: int = 0


START: Final = Position()

_open: Final["weakref.WeakSet[Source]"] = weakref.WeakSet()


class Source:
    """
    The rows of a file, read once from start to end.

    Args:
        path: As for :func:`msgkit.rows.rows`.

        max_row: Bytes that a row may have.

        reader: What makes a row of its bytes.

    >>> source = Source("examples/history.jsonl")
    >>> next(iter(source)).number
    1
    >>> source.close()
    """

    def __init__(self, path: str | os.PathLike[str], *, max_row: int = MAX_ROW, reader: Reader = read_row) -> None:
        self.path = os.fspath(path)
        self.max_row = max_row
        self.kind = kind(path)
        self.single = False
        """True once the file turned out to be a ``.json`` of one row."""
        self._reader = reader
        self._input = open_input(path, self.kind.compression)
        self.size = _size(self.path, self._input.file)
        """Bytes of the file as it lies there, or None if that cannot be known."""
        _open.add(self)

    @property
    def plain(self) -> bool:
        """Whether it is a plain JSONL file, of which any range of bytes can be read by itself."""
        return self.size is not None and self.kind.format == "jsonl" and self.kind.compression is None

    def tell(self) -> int:
        """Return how many bytes of the file as it lies there have been read."""
        return 0 if self.size is None else self._input.file.tell()

    def close(self) -> None:
        """Close the file."""
        _open.discard(self)
        self._input.close()

    def __iter__(self) -> Iterator[Row]:
        for row, _ in self.placed():
            yield row

    def placed(self, start: Position = START, stop: int | None = None) -> Iterator[tuple[Row, Position]]:
        """
        Yield each row with the place after it.

        Args:
            start: Where to begin.

            stop: The offset (see :class:`Position`) at which to end; the end of the file when None.
        """
        after = start
        try:
            for row, after in self._plain(start, stop) if self.plain else self._counted(start, stop):
                yield row, after
        except (OSError, EOFError, ValueError) as error:
            issue = broken(error)
            if issue is None:
                raise
            yield Row(after.number + 1, issues=(issue,)), Position(after.number + 1, after.offset + 1)

    def _plain(self, start: Position, stop: int | None) -> Iterator[tuple[Row, Position]]:
        self._input.stream.seek(start.offset)
        end = self.size if stop is None else stop
        for number, raw, offset in jsonl.lines(self._input.stream, self.max_row, start.number, start.offset, end):
            if end is not None and offset > end:
                return
            ended = raw is None or raw.endswith(b"\n")
            yield self._reader(number, raw, self.max_row, ended=ended), Position(number, offset)

    def _counted(self, start: Position, stop: int | None) -> Iterator[tuple[Row, Position]]:
        for count, row in enumerate(islice(self._rows(), start.offset, stop), start.offset + 1):
            yield row, Position(row.number, count)

    def _rows(self) -> Iterator[Row]:
        if self.kind.format == "jsonl":
            yield from jsonl.rows(self._input.stream, self.max_row, self._reader)
        elif self.kind.format == "json":
            document = Document(self._input.stream, self.max_row, self._reader)
            for row in document:
                self.single = document.single
                yield row
        else:
            from msgkit.rows import parquet

            yield from parquet.rows(self._input.stream, self.max_row)


def being_read() -> list[str]:
    """Return the names of the files that this process has open as sources of rows."""
    return [source.path for source in list(_open)]


def _size(path: str, file: IO[bytes]) -> int | None:
    if path == STANDARD:
        return None
    found = os.fstat(file.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else None
