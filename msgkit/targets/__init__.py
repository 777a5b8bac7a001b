"""
Where a request goes: limits and rules as data, one TOML file for each target.

>>> get("anthropic").images.max_bytes.value
5242880
"""

import os
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import attrs

from msgkit.errors import UnknownNameError
from msgkit.targets.constraints import Channels, Keys, Names, Parts, Roles, Text, Tools
from msgkit.targets.limits import AudioLimits, Fact, FileLimits, ImageTokens, MediaLimits, RequestLimits, Tokens
from msgkit.targets.reader import read
from msgkit.targets.target import Target
from msgkit.targets.tokens import audio_tokens, image_tokens

__all__ = [
    "NAMES",
    "AudioLimits",
    "Channels",
    "Fact",
    "FileLimits",
    "ImageTokens",
    "Keys",
    "MediaLimits",
    "Names",
    "Parts",
    "RequestLimits",
    "Roles",
    "Target",
    "Text",
    "Tokens",
    "Tools",
    "adjust",
    "audio_tokens",
    "get",
    "image_tokens",
]

_FOLDER = Path(__file__).parent

NAMES = tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))


def get(name: str | os.PathLike[str]) -> Target:
    """
    Return the target called *name*, or the one in the TOML file *name*.

    Args:
        name: One of NAMES, or a path that ends in ``.toml``: a target of your own, which may say
            ``extends = "openai"`` and then holds only what differs.

    Raises:
        UnknownNameError: If there is no target of that name.

        InvalidMessageError: If the file is not a target; each issue names its place in the file.

    >>> get("opnai")
    Traceback (most recent call last):
    msgkit.errors.UnknownNameError: unknown target 'opnai'; did you mean 'openai'?
    """
    text = os.fspath(name)
    if text.endswith(".toml"):
        try:
            told = Path(text).stat()
        except OSError:
            return read(Path(text), _builtin)  # which says why it cannot be read
        return _in_file(text, str(Path.cwd()), told.st_mtime_ns, told.st_size)
    return _named(text)


@lru_cache(maxsize=16)
def _in_file(path: str, _folder: str, _time: int, _size: int) -> Target:
    """Read a file once, until it is another: rows by the million ask for it."""
    return read(Path(path), _builtin)


@cache
def _named(name: str) -> Target:
    return read(_builtin(name), _builtin)


def _builtin(name: str) -> Path:
    if name not in NAMES:
        raise UnknownNameError("target", name, NAMES)
    return _FOLDER / f"{name}.toml"


def adjust(target: Target, limits: Mapping[str, int | float]) -> Target:
    """
    Return *target* with some limits changed.

    Args:
        target: Kept as it is.

        limits: ``images.max_bytes`` and the like -> the new limit.

    Raises:
        UnknownNameError: If there is no such limit.

    >>> adjust(get("anthropic"), {"images.max_bytes": 1000}).images.max_bytes.value
    1000
    """
    for name, value in limits.items():
        section, _, limit = name.partition(".")
        known = _limits(target)
        if name not in known:
            raise UnknownNameError("limit", name, known)
        inner: Any = attrs.evolve(getattr(target, section), **{limit: Fact(value, "set by the caller", "")})
        changed: Any = {section: inner}
        target = attrs.evolve(target, **changed)
    return target


def _limits(target: Target) -> list[str]:
    sections = [name for name in attrs.fields_dict(Target) if attrs.has(type(getattr(target, name)))]
    return [f"{name}.{limit}" for name in sections for limit in attrs.fields_dict(type(getattr(target, name)))]
