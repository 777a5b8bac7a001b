"""Files as streams of bytes: kinds by suffix, compression, standard input and output."""

import errno
import gzip
import io
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final, NamedTuple, cast

from msgkit.errors import Issue, MissingExtraError, UnknownNameError
from msgkit.rows import remote
from msgkit.rows.jsonl import BLOCK

STANDARD: Final = "-"


def is_local(path: str) -> bool:
    """Return whether *path* names a file of this machine: no standard stream, and nothing in an object store."""
    return path != STANDARD and not remote.is_remote(path)


"""The name of standard input and standard output; their rows are JSONL."""

SUFFIXES: Final = {".jsonl": "jsonl", ".json": "json", ".parquet": "parquet"}
# files that hold sessions and nothing else; read only
_SESSIONS: Final = frozenset((".db", ".eval", ".md", ".sqlite", ".sqlite3", ".vscdb", ".zip"))
COMPRESSIONS: Final = {".gz": "gzip", ".zst": "zstd"}

_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile)


class Kind(NamedTuple):
    """What a file's name says of its content."""

    format: str  # ``jsonl``, ``json``, ``parquet``, or ``session`` for databases and archives of sessions
    compression: str | None = None  # ``gzip``, ``zstd`` or None


def kind(path: str | os.PathLike[str]) -> Kind:
    """Return what *path* holds, by its suffix alone."""
    name = os.fspath(path)
    if name == STANDARD:
        return Kind("jsonl")
    file = Path(name)
    compression = COMPRESSIONS.get(file.suffix.lower())
    suffix = Path(file.stem).suffix if compression else file.suffix
    if file.suffix.lower() in _SESSIONS:
        return Kind("session")
    if suffix.lower() not in SUFFIXES:
        raise UnknownNameError("file suffix", suffix or file.name, [*SUFFIXES, "each also .gz", ".zst"])
    return Kind(SUFFIXES[suffix.lower()], compression)


class Input(NamedTuple):
    """An open file."""

    stream: IO[bytes]  # what it holds, decompressed
    file: IO[bytes]  # the file as it is there; the same as *stream* when it is not compressed

    def close(self) -> None:
        """Close it; standard input stays open."""
        if self.file is not getattr(sys.stdin, "buffer", None):
            self.stream.close()
            self.file.close()


def open_input(path: str | os.PathLike[str], compression: str | None = None) -> Input:
    """Open a file (or standard input) for reading, decompressing as told."""
    if os.fspath(path) == STANDARD:
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        return Input(sys.stdin.buffer, sys.stdin.buffer)
    name = os.fspath(path)
    file = remote.open_remote(name) if remote.is_remote(name) else open(name, "rb", BLOCK)  # noqa: PTH123, SIM115
    if compression is None:
        return Input(file, file)
    try:
        inner: Any = gzip.GzipFile(fileobj=file) if compression == "gzip" else _parquet().unpack_zstd(file)
    except MissingExtraError:
        file.close()
        raise
    return Input(io.BufferedReader(inner, BLOCK), file)


def spool(stream: IO[bytes]) -> IO[bytes]:
    """Return a temporary file with what *stream* holds: Parquet is read from its end, which a stream cannot do."""
    file = tempfile.NamedTemporaryFile(prefix="msgkit-", suffix=".parquet")  # noqa: SIM115 (the caller closes it)
    try:
        shutil.copyfileobj(stream, file, BLOCK)
    except BaseException as error:
        if broken(error) is None:  # else whoever reads it says so
            file.close()
            raise
    file.seek(0)
    return cast("IO[bytes]", file)


def pack(file: IO[bytes], compression: str) -> IO[bytes]:
    """Return a writer that compresses into *file*."""
    if compression == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0))
    return cast("IO[bytes]", _parquet().pack_zstd(file))


def broken(error: BaseException) -> Issue | None:
    """Return the issue if *error* says that a file's content is broken; None if reading itself failed."""
    if isinstance(error, _BROKEN) or (isinstance(error, OSError) and error.errno is None):
        text = (
            "".join(filter(str.isprintable, str(error).partition("\n")[0][:200])).rstrip(": ") or type(error).__name__
        )
        return Issue("", "file-invalid", "error", f"expected more rows, but the file is broken: {text}")
    return None


def _parquet() -> ModuleType:
    from msgkit.rows import parquet

    return parquet
