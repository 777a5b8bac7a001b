"""The names of files of rows: which may be written, what parts are called, how long they are."""

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from msgkit.errors import MsgkitError
from msgkit.escaping import quote_path
from msgkit.rows import remote
from msgkit.rows.streams import COMPRESSIONS, STANDARD, kind


def check_output_kind(path: str) -> None:
    """Refuse a name that no rows are written to."""
    found = kind(path)
    if found.format == "parquet" and found.compression is not None:
        name = path[: -len(Path(path).suffix)]
        raise OutputNameError(
            f"Parquet is compressed inside the file: write {quote_path(name)} with --compression zstd"
        )


class OutputNameError(MsgkitError, ValueError):
    """A name that no rows are written to."""


def check_place(path: str) -> None:
    """Refuse a place where no file can be made, before any work is done."""
    if remote.is_remote(path):
        remote.check_scheme(path)
    if path == STANDARD or remote.is_remote(path):
        return
    folder = Path(path).parent
    if not folder.is_dir():
        raise OSError(errno.ENOTDIR if folder.exists() else errno.ENOENT, "no such folder", str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "the folder is not writable", str(folder))
    with suppress(FileNotFoundError):
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, "expected a file, got a folder", path)
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            raise OSError(errno.EINVAL, "expected a file, got a pipe or a device", path)


def part_name(path: str, number: int) -> str:
    """Return the name of a numbered part."""
    stem, suffix = name_parts(path)
    return f"{path[: len(path) - len(Path(path).name)]}{stem}-{number:05d}{suffix}"


def name_parts(path: str) -> tuple[str, str]:
    """Return a file's name in two: what the number of a part goes behind, and the suffix."""
    place = Path(path)
    suffix = "".join(place.suffixes[-2:] if place.suffix.lower() in COMPRESSIONS else place.suffixes[-1:])
    return place.name.removesuffix(suffix), suffix


def short_name(name: str, limit: int) -> str:
    """Return a name of at most *limit* bytes: *name* itself, or its beginning and a hash."""
    data = os.fsencode(name)
    if len(data) <= limit:
        return name
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: limit - 9].decode('utf-8', 'ignore')}-{digest}"
