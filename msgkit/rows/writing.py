"""
Files of rows, written whole or not at all.

Everything goes to a new file beside the one that is meant, which takes its name at the very end.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from msgkit.errors import InvalidMessageError, Issue
from msgkit.rows import remote
from msgkit.rows.jsonl import BLOCK
from msgkit.rows.naming import check_output_kind, check_place, part_name, short_name
from msgkit.rows.streams import STANDARD, kind, pack


class Writer(Protocol):
    """What takes rows, each one line of JSON with its line feed."""

    def write(self, line: bytes, /) -> object:
        """Take one row."""

    def close(self) -> object:
        """Write what is still held."""


@contextmanager
def writing(path: str | os.PathLike[str], **options: Any) -> Iterator["Output"]:
    """Open *path* for writing rows; it is there once the block ends without an error, and unchanged otherwise."""
    out = Output(os.fspath(path), **options)
    try:
        yield out
        out.commit()
    finally:
        out.discard()


class Output:
    """A file of rows in the making, or several when it is split."""

    def __init__(
        self,
        path: str,
        *,
        max_bytes: int | None = None,
        max_rows: int | None = None,
        single: bool = False,
        folder: str | None = None,
        compression: str = "zstd",
    ) -> None:
        check_output_kind(path)
        check_place(path)
        self.path = path
        self.kind = kind(path)
        self.names: list[str] = []
        """The files that there are in the end."""
        self._max_bytes, self._max_rows, self._single, self._folder = max_bytes, max_rows, single, folder
        self._compression = compression
        self._split = (max_bytes is not None or max_rows is not None) and path != STANDARD
        self._temporary: list[str] = []
        self._open = ExitStack()
        self._bytes = self._rows = 0
        try:
            self._writer = self._start()
        except BaseException:
            self.discard()
            raise

    def write(self, line: bytes) -> None:
        """Take one row: a line of JSON with its line feed."""
        size = len(line)
        if self._split and self._rows and self._is_full(size):
            self._end()
            self._writer = self._start()
        if self._split and self._max_bytes is not None and size > self._max_bytes:
            raise InvalidMessageError([too_long(size, self._max_bytes)])
        self._writer.write(line)
        self._rows += 1
        self._bytes += size

    def commit(self) -> None:
        """Give the file its name; what had that name is replaced in one step."""
        self._end()
        for temporary in self._temporary:
            _sync(temporary)
        for temporary, name in zip(self._temporary, self.names, strict=True):
            put(temporary, name)
        if self._split:
            _drop_parts_after(self.path, len(self.names))
        if self._temporary and not remote.is_remote(self.path):
            _sync(str(Path(self.path).parent))
        self._temporary = []

    def discard(self) -> None:
        """Remove what was written; nothing is left to remove after :meth:`commit`."""
        with suppress(Exception):  # the disk is full, or what was held is no use any more
            self._open.close()
        for temporary in self._temporary:
            Path(temporary).unlink(missing_ok=True)
        self._temporary = []

    def _is_full(self, size: int) -> bool:
        by_rows = self._max_rows is not None and self._rows >= self._max_rows
        return by_rows or (self._max_bytes is not None and self._bytes + size > self._max_bytes)

    def _start(self) -> Writer:
        self._bytes = self._rows = 0
        if self.path == STANDARD:
            return _Lines(sys.stdout.buffer)
        name = part_name(self.path, len(self.names) + 1) if self._split else self.path
        temporary, file = new_file(name, self._folder)
        self._open.enter_context(file)
        self._temporary.append(temporary)
        self.names.append(name)
        if self.kind.compression:
            file = self._open.enter_context(pack(file, self.kind.compression))
        writer = _form(self.kind.format, file, single=self._single, compression=self._compression)
        self._open.callback(writer.close)
        return writer

    def _end(self) -> None:
        self._open.close()
        if self.path == STANDARD:
            self._writer.close()


def too_long(size: int, limit: int) -> Issue:
    """Return the issue of a row that no part may hold."""
    return Issue("", "row-too-long", "error", f"expected at most {limit:,} bytes in a part, got a row of {size:,}")


def put(temporary: str | os.PathLike[str], name: str) -> None:
    """Give a whole file its name; what had that name is replaced in one step."""
    if remote.is_remote(name):
        remote.upload(temporary, name)
    else:
        Path(temporary).replace(name)


def new_file(name: str, folder: str | None = None) -> tuple[str, IO[bytes]]:
    """Make an empty file with the permissions that a new file has; return its name and the file."""
    file = Path(name)
    folder = folder or (tempfile.gettempdir() if remote.is_remote(name) else str(file.parent))
    temporary = str(Path(folder, f".{short_name(file.name, 200)}.{os.urandom(6).hex()}.tmp"))
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    return temporary, os.fdopen(handle, "wb", buffering=BLOCK)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _drop_parts_after(path: str, count: int) -> None:
    """Remove the further parts of an earlier, longer output of the same name: they are no part of this one."""
    while _removed(part_name(path, count + 1)):
        count += 1


def _removed(path: str) -> bool:
    if remote.is_remote(path):
        return remote.remove(path)
    is_file = Path(path).is_file()
    if is_file:
        Path(path).unlink()
    return is_file


class _Lines:
    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write
        self.close = file.flush


class _Array:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._before = b"[\n"

    def write(self, line: bytes) -> None:
        self._file.write(self._before + line.rstrip(b"\n"))
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")


def _form(name: str, file: IO[bytes], *, single: bool, compression: str) -> Writer:
    if name == "parquet":
        from msgkit.rows import parquet

        return parquet.RowGroups(file, compression)
    return _Array(file) if name == "json" and not single else _Lines(file)
