"""
Files in object stores, by fsspec: inputs and outputs that whoever runs msgkit names, never what a row names.

An input is read as a stream; an output is written to a local file first and uploaded once it is whole.
"""

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, cast

from msgkit.errors import UnknownNameError, needing, quote

_BLOCK: Final = 1 << 20  # bytes read at a time

SCHEMES: Final = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "hf": "huggingface_hub",
    "memory": "fsspec",
}
"""The scheme of a store -> the package for it."""


def is_remote(path: str | os.PathLike[str]) -> bool:
    """Return whether *path* names a file in an object store."""
    return "://" in os.fspath(path)


def identity(path: str) -> str:
    """Return one name for all spellings of a remote file."""
    return f"{path.partition('://')[0].lower()}://{store_of(path)[1]}"


def exists(path: str) -> bool:
    """Return whether there is such a file."""
    store, name = store_of(path)
    with _faults(path):
        return bool(store.isfile(name))


def find(path: str) -> list[str]:
    """Return the names of the files in a folder, or of those that a pattern means; of a file, its own."""
    store, name = store_of(path)
    with _faults(path):
        list_files = store.glob if set("*?[") & set(path) else store.find
        files = list_files(name) if list_files == store.glob or store.isdir(name) else []
        return sorted(map(store.unstrip_protocol, files)) or [path]


def version(path: str) -> str:
    """Return what changes when the file does."""
    store, name = store_of(path)
    with _faults(path):
        store.invalidate_cache()
        return str(store.ukey(name))


def open_remote(path: str) -> IO[bytes]:
    """Open a file for reading, as a stream."""
    store, name = store_of(path)
    with _faults(path):
        file = store.open(name, "rb")
        raw = io.BytesIO(file.getvalue()) if isinstance(file, io.BytesIO) else file  # readers of one do not meet
        return cast("IO[bytes]", io.BufferedReader(raw, _BLOCK))


def upload(local: str | os.PathLike[str], path: str) -> None:
    """Move a local file there; it is there whole, or not at all."""
    store, name = store_of(path)
    try:
        with _faults(path):
            store.put_file(os.fspath(local), name)
    except OSError as error:
        kept = Path(tempfile.mkdtemp(prefix="msgkit-kept-"), Path(path).name)
        shutil.move(local, kept)
        message = f"{error.strerror}; what was to go there is kept as {quote(str(kept))}"
        raise OSError(error.errno, message, path) from error
    Path(local).unlink()


def remove(path: str) -> bool:
    """Remove a file; return whether it was there."""
    if not exists(path):
        return False
    store, name = store_of(path)
    with _faults(path):
        store.rm_file(name)
    return True


def store_of(path: str) -> tuple[Any, Any]:
    """Return the store, whose package must be there, and the name of the file in it; nothing is fetched."""
    scheme = path.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise UnknownNameError("scheme", scheme, SCHEMES)
    purpose = f"for {scheme}://"
    with needing("fsspec", "remote", purpose):
        fsspec = import_module("fsspec")
    with needing(SCHEMES[scheme], "remote", purpose):
        return cast("tuple[Any, Any]", fsspec.core.url_to_fs(path))


@contextmanager
def _faults(path: str) -> Iterator[None]:
    """Tell whatever a store raises as a fault of the environment, with the name of the file."""
    try:
        yield
    except OSError as error:
        code = errno.ENOENT if isinstance(error, FileNotFoundError) else error.errno or errno.EIO
        raise OSError(code, error.strerror or str(error) or type(error).__name__, path) from error
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}", path) from error
