"""Which names mean the same file: no output may take the place of an input, or of another output."""

import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import attrs

from msgkit.errors import MsgkitError
from msgkit.escaping import quote_path
from msgkit.rows import remote
from msgkit.rows.naming import name_parts
from msgkit.rows.streams import STANDARD


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


@attrs.frozen
class _File:
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
        place = Path(os.path.realpath(path))
        name = place.name.casefold() if _ignores_case(place.parent) else place.name
        return cls(path, _inode(place), _inode(place.parent), name)

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
