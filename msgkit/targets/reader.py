"""
Read a target from TOML: strict, every fault with its place.

A section may name ``source``, ``as_of`` and ``verified`` once for all of its values, the file for all sections.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path as FilePath
from types import UnionType
from typing import Any, Union, get_args, get_origin

from cattrs import Converter
from cattrs.errors import BaseValidationError, ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path, quote
from msgkit.targets.target import Target

_INHERITED = ("source", "as_of", "verified")
_DEEPEST = 8  # files that extend each other


def read(path: FilePath, builtin: Callable[[str], FilePath]) -> Target:
    """
    Read the target in the TOML file *path*.

    Args:
        path: The file.

        builtin: Says where the built-in target of a name is, for ``extends``.

    Raises:
        InvalidMessageError: If the file is no TOML or not a target; each issue names its place in the file.
    """
    try:
        return _converter().structure(_merged(path, builtin, 0), Target)
    except BaseValidationError as error:
        raise InvalidMessageError(list(_issues(error, (), path.name))) from error


def _merged(path: FilePath, builtin: Callable[[str], FilePath], depth: int) -> dict[str, Any]:
    table = _expand(_parse(path), path)
    dropped = table.pop("without", [])
    parent = table.get("extends")
    if parent is None:
        return table
    if not isinstance(parent, str) or depth == _DEEPEST:
        raise _refusal(("extends",), f"expected the name of a target, got {quote(parent)}", path)
    own = path.parent / parent if parent.endswith(".toml") else builtin(parent)
    base = _merged(own, builtin, depth + 1)
    for name in dropped:
        _drop(base, name, path)
    return _overlay(base, table)


def _parse(path: FilePath) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refusal((), f"cannot read {quote(str(path))}: {error.strerror}", path) from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise _refusal((), f"expected TOML: {quote(str(error))}", path) from error


def _expand(table: dict[str, Any], path: FilePath) -> dict[str, Any]:
    """Give each section the source, date and verification that the file or the section names for all of its values."""
    common = {key: table.pop(key) for key in _INHERITED if key in table}
    common = {"source": path.name, "as_of": "", **common}  # a file of one's own need not say
    for name, section in table.items():
        if isinstance(section, dict):
            _hand_down(section, common, flat=name == "severity")
    return table


def _hand_down(section: dict[str, Any], common: Mapping[str, Any], *, flat: bool = False) -> None:
    own = {**common, **{key: section.pop(key) for key in _INHERITED if key in section}}
    for key, value in section.items():
        if isinstance(value, dict) and "value" not in value and not flat and key != "after":
            _hand_down(value, own)
        elif isinstance(value, dict) and "value" in value:
            section[key] = {**own, **value}
        elif key not in _PLAIN:
            section[key] = {**own, "value": value}


_PLAIN = frozenset({"bytes_as", "animated", "method"})


def _drop(table: dict[str, Any], name: object, path: FilePath) -> None:
    steps = name.split(".") if isinstance(name, str) else []
    inner: Any = table
    for step in steps[:-1]:
        inner = inner.get(step) if isinstance(inner, dict) else None
    if not steps or not isinstance(inner, dict) or inner.pop(steps[-1], None) is None:
        raise _refusal(
            ("without",), f"expected the name of a limit such as 'images.max_bytes', got {quote(name)}", path
        )


def _overlay(base: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in table.items():
        old = base.get(key)
        nested = isinstance(value, dict) and isinstance(old, dict) and "value" not in value
        merged[key] = _overlay(old, value) if nested and isinstance(old, dict) else value
    return merged


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exact(kind))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_func(_is_optional, lambda value, kind: converter.structure(value, _inner(kind)))
    converter.register_structure_hook_factory(_is_tuple, lambda _: _strings)
    return converter


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and type(None) in get_args(kind)


def _inner(kind: Any) -> Any:
    return next(arg for arg in get_args(kind) if arg is not type(None))


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _exact(kind: type) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {describe(kind())}, got {describe(value)}")
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"expected number, got {describe(value)}")
    return float(value)


def _strings(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"expected an array of strings, got {describe(value)}")
    return tuple(value)


def _issues(error: BaseException, at: Path, name: str) -> list[Issue]:
    if isinstance(error, ClassValidationError):
        placed, others = error.group_exceptions()
        inner = [issue for exc, note in placed for issue in _issues(exc, (*at, note.name), name)]
        return inner + [issue for exc in others for issue in _issues(exc, at, name)]
    if isinstance(error, IterableValidationError):  # of a table with free keys
        items, others = error.group_exceptions()
        inner = [issue for exc, item in items for issue in _issues(exc, (*at, str(item.index)), name)]
        return inner + [issue for exc in others for issue in _issues(exc, at, name)]
    if isinstance(error, ForbiddenExtraKeysError):
        return [_issue((*at, key), "unknown key", name) for key in sorted(error.extra_fields)]
    if isinstance(error, KeyError):
        return [_issue(at, "a required key is missing", name)]
    return [_issue(at, str(error), name)]


def _issue(at: Path, message: str, name: str) -> Issue:
    return Issue(join_path(at), "target-invalid", "error", message, source=name)


def _refusal(at: Path, message: str, path: FilePath) -> InvalidMessageError:
    return InvalidMessageError([_issue(at, message, path.name)])
