"""The names of files of rows: which may be written, what parts are called, how long they are."""

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgkit.errors import MsgkitError
from msgkit.escaping import quote_path
from msgkit.rows import remote
from msgkit.rows.streams import COMPRESSIONS, STANDARD, kind


def check_output_kind(path: str) -> None:
    """Refuse a name that no rows are written to."""
    output_kind = kind(path)
    if output_kind.format == "parquet" and output_kind.compression is not None:
        name = path[: -len(Path(path).suffix)]
        raise OutputNameError(
            f"Parquet is compressed inside the file: write {quote_path(name)} with --compression zstd"
        )


class OutputNameError(MsgkitError, ValueError):
    """A name that no rows are written to."""


def is_folder(path: str) -> bool:
    """Return whether an output names a folder, which gets a part for each input."""
    if path == STANDARD or remote.is_remote(path):
        return False
    return path.endswith("/") or (not Path(path).suffix and Path(path).is_dir())


def part_names(sources: Sequence[str]) -> list[str]:
    """Return what the part of each input is called in an output folder."""
    paths = [Path(path) if remote.is_remote(path) else Path(path).absolute() for path in sources]
    local = [path.parent for path in paths if path.is_absolute()]
    folder = os.path.commonpath(local) if local else ""
    names = ["-".join(path.relative_to(folder).parts) if path.is_absolute() else path.name for path in paths]
    return [_part_name(name) for name in names]


def _part_name(name: str) -> str:
    if name == STANDARD:
        return "rows.jsonl"
    name_kind = kind(name)
    if name_kind.format == "session":
        return f"{Path(name).stem}.jsonl"
    return name.removesuffix(Path(name).suffix) if name_kind.format == "parquet" and name_kind.compression else name


def check_place(path: str, *, folder: bool = False) -> None:
    """Refuse a place where no file, or no folder of files, can be made, before any work is done."""
    if remote.is_remote(path):
        remote.check_scheme(path)
    if path == STANDARD or remote.is_remote(path):
        return
    above = Path(path).parent
    if not above.is_dir():
        raise OSError(errno.ENOTDIR if above.exists() else errno.ENOENT, "no such folder", str(above))
    if not os.access(above, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "the folder is not writable", str(above))
    if folder:
        if Path(path).is_dir() and not os.access(path, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, "the folder is not writable", path)
        return
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
    import hashlib  # slow to load

    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: limit - 9].decode('utf-8', 'ignore')}-{digest}"
