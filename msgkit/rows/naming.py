"""The names of files of rows: which may be written, what parts are called, and which names mean the same file."""

import errno
import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from msgkit.errors import MsgkitError
from msgkit.escaping import quote_path
from msgkit.rows import remote
from msgkit.rows.streams import COMPRESSIONS, STANDARD, is_local, kind


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
    return is_local(path) and (path.endswith("/") or (not Path(path).suffix and Path(path).is_dir()))


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
        remote.store_of(path)
    if not is_local(path):
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
    file = Path(path)
    suffix = "".join(file.suffixes[-2:] if file.suffix.lower() in COMPRESSIONS else file.suffixes[-1:])
    return file.name.removesuffix(suffix), suffix


def short_name(name: str, limit: int) -> str:
    """Return a name of at most *limit* bytes: *name* itself, or its beginning and a hash."""
    data = os.fsencode(name)
    if len(data) <= limit:
        return name
    import hashlib  # slow to load

    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: limit - 9].decode('utf-8', 'ignore')}-{digest}"


class SameFileError(MsgkitError, ValueError):
    """An output is an input, or another output: nothing was written."""


def check_apart(inputs: Iterable[str], outputs: Iterable[str], numbered: Collection[str] = ()) -> None:
    """Refuse outputs that would take the place of an input or of each other, whatever they are called."""
    read = [_File.find(path, sys.stdin) for path in inputs]
    written: list[_File] = []
    for path in outputs:
        file = _File.find(path, sys.stdout)
        for other in filter(file.is_same, read):
            raise SameFileError(f"the output {file} is the input {other}; give it another name")
        for other in filter(file.is_same, written):
            raise SameFileError(f"two outputs are the same file: {other} and {file}")
        written.append(file)
    for path in numbered:
        if path != STANDARD:
            _check_parts(path, read, [file for file in written if file.path != path])


def _check_parts(path: str, read: Sequence["_File"], written: Sequence["_File"]) -> None:
    is_remote = remote.is_remote(path)
    folder = Path(os.path.realpath(path)).parent
    stem, suffix = map(re.escape, name_parts(path))
    before = re.escape(remote.identity(path)[: -len(Path(path).name)]) if is_remote else ""
    part = re.compile(f"{before}{stem}-[0-9]{{5,}}{suffix}", re.IGNORECASE if _ignores_case(folder) else 0)
    parts = [_File.find(str(folder / name)) for name in _names(folder) if part.fullmatch(name)]
    at = _REMOTE if is_remote else _inode(folder)
    for word, files in (("input", read), ("output", written)):
        for file in files:
            if any(map(file.is_same, parts)) or (file.folder == at is not None and part.fullmatch(file.name)):
                raise SameFileError(f"the {word} {file} is named as a part of the output {quote_path(path)} would be")


_REMOTE = (-1, -1)  # the folder of all remote files, whose names are whole


class _File(NamedTuple):
    """A file under one of its names; what is not known of it is None."""

    path: str
    inode: tuple[int, int] | None
    folder: tuple[int, int] | None = None
    name: str = ""
    standard: object = None

    @classmethod
    def find(cls, path: str, standard: object = None) -> Self:
        if path == STANDARD:
            return cls(
                "'-' (standard output)" if standard is sys.stdout else "'-' (standard input)",
                _redirected(standard),
                standard=standard,
            )
        if remote.is_remote(path):
            return cls(path, None, _REMOTE, remote.identity(path))
        file = Path(os.path.realpath(path))
        name = file.name.casefold() if _ignores_case(file.parent) else file.name
        return cls(path, _inode(file), _inode(file.parent), name)

    def is_same(self, other: Self) -> bool:
        if self.standard is not None and self.standard is other.standard:
            return True
        if self.inode is not None and self.inode == other.inode:
            return True
        return self.folder is not None and (self.folder, self.name) == (other.folder, other.name)

    def __str__(self) -> str:
        return self.path if self.standard is not None else quote_path(self.path)


def _inode(path: Path) -> tuple[int, int] | None:
    with suppress(OSError, ValueError):
        status = path.stat()
        return status.st_dev, status.st_ino
    return None


def _redirected(stream: object) -> tuple[int, int] | None:
    """Return what a standard stream is bound to, if that is a file: two terminals or pipes do no harm."""
    with suppress(OSError, ValueError, AttributeError):
        status = os.fstat(stream.fileno())  # type: ignore[attr-defined]
        return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None
    return None


def _ignores_case(folder: Path) -> bool:
    """Return whether the file system takes ``A`` and ``a`` for one: it then knows the folder under its other name."""
    other = folder.name.swapcase()
    return other != folder.name and _inode(folder) == _inode(folder.with_name(other)) is not None


def _names(folder: Path) -> list[str]:
    with suppress(OSError):
        return os.listdir(folder)  # noqa: PTH208 (names alone)
    return []
