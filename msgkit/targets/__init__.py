"""
Where a request goes: limits and rules as data, one TOML file for each target.

>>> get("anthropic").images.max_bytes.value
5242880
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import attrs

from msgkit.errors import MsgkitError, UnknownNameError, quote
from msgkit.targets.limits import AudioLimits, Fact, FileLimits, MediaLimits, Setting
from msgkit.targets.reader import TargetFile
from msgkit.targets.target import Target

__all__ = [
    "NAMES",
    "AudioLimits",
    "Fact",
    "FileLimits",
    "MediaLimits",
    "Setting",
    "Target",
    "adjust",
    "base_of",
    "forget",
    "get",
]


def folder_of(package: str, file: str) -> Any:
    """Return the folder of a package, by its ``__name__`` and ``__file__``: it may be in a zip or a frozen program."""
    here = Path(file).parent
    if here.is_dir():
        return here
    from importlib.resources import files  # takes as long as a twentieth of a check of one row

    return files(package)


_FOLDER = folder_of(__name__, __file__)

NAMES = tuple(sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml")))


def get(name: str | os.PathLike[str], model: str | None = None) -> Target:
    """Return the target called *name*, or the one in the TOML file *name*."""
    return _file(os.fspath(name)).of(model)


def _file(name: str) -> TargetFile:
    if not name.endswith(".toml"):
        return _named(name)
    try:
        told = Path(name).stat()
    except OSError:
        return TargetFile(Path(name), _builtin)  # which says why it cannot be read
    return _in_file(name, str(Path.cwd()), told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=16)
def _in_file(path: str, _folder: str, _time: int, _size: int) -> TargetFile:
    """Read a file once, until it is another: rows by the million ask for it."""
    file = TargetFile(Path(path), _builtin)
    file.check()
    return file


@cache
def _named(name: str) -> TargetFile:
    file = TargetFile(_builtin(name), _builtin)
    if name not in NAMES:
        file.check()
    return file


def base_of(name: str) -> str | None:
    """Return the target that a built-in one extends, from the head of its file alone."""
    head = _builtin(name).read_text(encoding="utf-8").partition("\n[")[0]
    base: str | None = tomllib.loads(head).get("extends")
    return base


def forget() -> None:
    """Forget every target that was read, when entry points may have changed."""
    _named.cache_clear()


def _builtin(name: str) -> Path:
    if name in NAMES:
        path: Path = _FOLDER / f"{name}.toml"
        return path
    return find_plugin("msgkit.targets", name, Path, NAMES)


def adjust(target: Target, limits: Mapping[str, int | float]) -> Target:
    """Return *target* with some limits changed."""
    for name, value in limits.items():
        section, _, limit = name.partition(".")
        known = _limits(target)
        if name not in known:
            raise UnknownNameError("limit", name, known)
        inner = getattr(target, section)._replace(**{limit: Fact(value, "set by the caller", "")})
        changed: Any = {section: inner}
        target = attrs.evolve(target, **changed)
    return target


def _limits(target: Target) -> list[str]:
    sections = {name: getattr(getattr(target, name), "_fields", ()) for name in attrs.fields_dict(Target)}
    return [f"{name}.{limit}" for name, limits in sections.items() for limit in limits]


T = TypeVar("T")


def find_plugin(group: str, name: str, wanted: type[T], known: Iterable[str]) -> T:
    """Return the object that another package registered as *name*."""
    from importlib.metadata import entry_points  # takes as long as a tenth of a check of one row

    entries = entry_points(group=group)
    point = next((point for point in entries if point.name == name), None)
    if point is None:
        raise UnknownNameError(group.partition(".")[2].removesuffix("s"), name, (*known, *entries.names))
    return _loaded(point, wanted)


def _loaded(point: Any, wanted: type[T]) -> T:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist is not None else ""
    where = f"entry point {quote(point.name)} in {point.group}{package} ({point.value})"
    try:
        value = point.load()
    except Exception as error:
        raise MsgkitError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(value, wanted):
        raise MsgkitError(f"{where} is not a {wanted.__name__}: got {type(value).__name__}")
    return value
