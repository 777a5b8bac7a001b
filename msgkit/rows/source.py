"""A file of rows, opened."""

import io
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Final, NamedTuple, Self

import attrs

from msgkit.errors import InvalidMessageError, Issue, MsgkitError, internal_error
from msgkit.escaping import quote_path
from msgkit.jsontext.fast import MAX_ROW, dumps
from msgkit.rows import jsonl, remote, sessions
from msgkit.rows.document import Document
from msgkit.rows.jsonl import Columns, Reader, Row, read_row
from msgkit.rows.streams import broken, is_local, kind, open_input, spool


@attrs.frozen
class Position:
    """A place between two rows of a file."""

    number: int = 0  # the number of the row before
    offset: int = 0  # the bytes before it in a plain JSONL file; the rows before it elsewhere


START: Final = Position()


class InputChangedError(MsgkitError, RuntimeError):
    """The input was written to or replaced while it was read: what was made of it is thrown away."""


class Stamp(NamedTuple):
    """What tells whether a file is still the one that was opened."""

    device: int
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the stamp of a file."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


_HEAD: Final = 4096  # bytes that tell what a file is

_open: Final["weakref.WeakSet[Source]"] = weakref.WeakSet()


class Source:
    """The rows of a file, read once from start to end."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_row: int = MAX_ROW,
        reader: Reader = read_row,
        provenance: bool = False,  # whether rows of sessions say where their messages came from
        columns: Columns | None = None,
    ) -> None:
        self.path = os.fspath(path)
        self._provenance = provenance
        self._columns = columns
        self.max_row = max_row
        self.kind = kind(path)
        self.single = False
        """True once the file turned out to be a ``.json`` of one row."""
        self._reader = reader
        self._input = open_input(path, self.kind.compression)
        self.session = self._recognize()
        """What the file holds if many of its lines are one history: a name of ``sessions``."""
        self.stamp = _stamp(self.path, self._input.file)
        """The file as it was when it was opened; None for standard input and what is no regular file."""
        self.size = self.stamp.size if self.stamp else None
        """Bytes of the file as it is there, or None if that cannot be known."""
        self._version = remote.version(self.path) if remote.is_remote(path) else None
        self._spooled: IO[bytes] | None = None
        _open.add(self)

    def _recognize(self) -> str | None:
        """Look at the first bytes, by another descriptor, or ahead: these stay to be read."""
        if self.kind.format == "parquet":
            return None
        try:
            if is_local(self.path):
                with closing(open_input(self.path, self.kind.compression)) as again:
                    head = again.stream.read(sessions.HEAD)
            else:
                head = _ahead(self._input.stream, sessions.HEAD)
        except (OSError, EOFError, ValueError, MsgkitError):
            return None  # whoever reads it says so
        return sessions.recognize(head, self.kind.format)

    def _histories(self) -> Iterator[Row]:
        """Yield each history of a session as a row, by its index."""
        number = 0
        try:
            for number, history in enumerate(sessions.histories(str(self.session), self._input.stream), 1):
                told = {"provenance": history.provenance(Path(self.path).name)} if self._provenance else {}
                yield self._reader(number, dumps({**history.body, **told}), self.max_row)
        except InvalidMessageError as error:
            yield Row(number + 1, issues=error.issues)
        except (AttributeError, KeyError, TypeError) as error:  # a value that no writer has there
            yield Row(number + 1, issues=(internal_error(f"the reader of {self.session}", error),))

    @property
    def plain(self) -> bool:
        """Whether it is a plain JSONL file, of which any range of bytes can be read by itself."""
        is_plain = self.kind.format == "jsonl" and self.kind.compression is None and self.session is None
        return self.size is not None and is_plain

    @property
    def data_path(self) -> str:
        """The file that holds the rows: a temporary copy, gone with this source, for Parquet that was compressed."""
        return self._unpacked().name if self._is_copied else self.path

    @property
    def _is_copied(self) -> bool:
        """Whether a temporary copy is read: Parquet is read from its end, by every worker."""
        is_stream = self.kind.compression is not None or self._version is not None
        return self.kind.format == "parquet" and is_stream

    def _unpacked(self) -> IO[bytes]:
        if self._spooled is None:
            self._spooled = spool(self._input.stream)
        return self._spooled

    def misnamed(self) -> str | None:
        """Return what the file is and what to do, if it is not the JSON that its name says."""
        if self.kind.format == "parquet":
            return None
        try:
            head = _ahead(self._input.stream, _HEAD)
        except (OSError, EOFError, ValueError):
            return None  # whoever reads it says so
        return jsonl.remedy(head, self.kind.format)

    def tell(self) -> int:
        """Return how many bytes of the file as it is there have been read."""
        if self.size is None:
            return 0
        return self.size if self._input.file.closed else self._input.file.tell()

    def check_unchanged(self) -> None:
        """Refuse a file that is another than when it was opened."""
        if self.stamp is None and self._version is None:
            return
        try:
            if self.stamp is None:
                is_same = remote.version(self.path) == self._version
            else:
                is_same = Stamp.of(Path(self.path).stat()) == self.stamp
        except OSError:
            is_same = False
        if not is_same:
            raise InputChangedError(
                f"{quote_path(self.path)} changed while it was read: no output was written; run it again"
            )

    def close(self) -> None:
        """Close the file."""
        _open.discard(self)
        self._input.close()
        if self._spooled is not None:
            self._spooled.close()

    def __iter__(self) -> Iterator[Row]:
        for row, _ in self.placed():
            yield row

    def placed(self, start: Position = START, stop: int | None = None) -> Iterator[tuple[Row, Position]]:
        """Yield each row with the place after it."""
        after = start
        try:
            for row, after in self._plain(start, stop) if self.plain else self._counted(start, stop):
                yield row, after
        except (OSError, EOFError, ValueError) as error:
            issue = broken(error)
            if issue is None:
                if isinstance(error, OSError) and error.filename is None:
                    error.filename = self.path
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
        first = start.offset if self.kind.format == "parquet" and self.session is None else 0
        rows = islice(self._rows(first), start.offset - first, None if stop is None else stop - first)
        for count, row in enumerate(rows, start.offset + 1):
            yield row, Position(row.number, count)

    def _rows(self, first: int = 0) -> Iterator[Row]:
        if self.session is not None:
            yield from self._histories()
        elif self.kind.format == "jsonl":
            yield from jsonl.rows(self._input.stream, self.max_row, self._reader)
        elif self.kind.format == "session":
            message = "expected a database, an archive or a chat history of an agent, got another file"
            yield Row(1, issues=(Issue("", "file-invalid", "error", message),))
        elif self.kind.format == "json":
            document = Document(self._input.stream, self.max_row, self._reader)
            for row in document:
                self.single = document.single
                yield row
        else:
            from msgkit.rows import parquet

            file = self._unpacked() if self._is_copied else self._input.stream
            yield from parquet.rows(file, self.max_row, first, self._columns)


def _ahead(stream: IO[bytes], size: int) -> bytes:
    """Return what comes next, which stays to be read; nothing where someone types."""
    return stream.peek(size)[:size] if isinstance(stream, io.BufferedReader) and not stream.isatty() else b""


def being_read() -> list[str]:
    """Return the names of the files that this process has open as sources of rows."""
    return [source.path for source in list(_open)]


def _stamp(path: str, file: IO[bytes]) -> Stamp | None:
    if not is_local(path):
        return None
    status = os.fstat(file.fileno())
    return Stamp.of(status) if stat.S_ISREG(status.st_mode) else None
