"""A file of rows, opened."""

import os
import stat
from collections.abc import Iterator
from typing import IO

from msgkit.records import jsonl
from msgkit.records.document import Document
from msgkit.records.row import Row
from msgkit.records.streams import STANDARD, broken, kind, open_input
from msgkit.records.strict import MAX_ROW


class Source:
    """
    The rows of a file, read once from start to end.

    Args:
        path: As for :func:`msgkit.records.rows`.

        max_row: Bytes that a row may have.

    >>> source = Source("examples/history.jsonl")
    >>> next(iter(source)).number
    1
    >>> source.close()
    """

    def __init__(self, path: str | os.PathLike[str], *, max_row: int = MAX_ROW) -> None:
        self.path = os.fspath(path)
        self.max_row = max_row
        self.kind = kind(path)
        self.single = False
        """True once the file turned out to be a ``.json`` of one row."""
        self._input = open_input(path, self.kind.compression)
        self.size = _size(self.path, self._input.file)
        """Bytes of the file as it lies there, or None if that cannot be known."""

    @property
    def splittable(self) -> bool:
        """Whether ranges of bytes can be read apart from one another: a plain JSONL file."""
        return self.size is not None and self.kind.format == "jsonl" and self.kind.compression is None

    def tell(self) -> int:
        """Return how many bytes of the file as it lies there have been read."""
        return 0 if self.size is None else self._input.file.tell()

    def close(self) -> None:
        """Close the file."""
        self._input.close()

    def __iter__(self) -> Iterator[Row]:
        number = 0
        try:
            for row in self._rows():
                number = row.number
                yield row
        except (OSError, EOFError, ValueError) as error:
            issue = broken(error)
            if issue is None:
                raise
            yield Row(number + 1, issues=(issue,))

    def _rows(self) -> Iterator[Row]:
        if self.kind.format == "jsonl":
            yield from jsonl.rows(self._input.stream, self.max_row)
        elif self.kind.format == "json":
            document = Document(self._input.stream, self.max_row)
            for row in document:
                self.single = document.single
                yield row
        else:
            from msgkit.records import parquet

            yield from parquet.rows(self._input.stream)


def _size(path: str, file: IO[bytes]) -> int | None:
    if path == STANDARD:
        return None
    found = os.fstat(file.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else None
