"""
Read a target from TOML: strict, every fault with its place.

A section may name ``source``, ``as_of`` and ``verified`` once for all of its values, the file for all sections.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path as FilePath
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path, quote
from msgkit.targets.body_paths import steps
from msgkit.targets.target import Target, match, shown
from msgkit.targets.tokens import Tokens

_INHERITED = ("source", "as_of", "verified")
_DEEPEST = 8  # files that extend each other
_MOST_NAMES = 4_096  # of models, each looked up once

Builtin = Callable[[str], FilePath]
"""Says where the target of a name is."""


class TargetFile:
    """The target in a TOML file, for each of its models."""

    def __init__(self, path: FilePath, builtin: Builtin) -> None:
        self._name = path.name
        table = _merged(path, builtin, 0)
        self._groups: dict[str, list[str]] = table.pop("groups", {})
        self._models: dict[str, dict[str, Any]] = table.pop("models", {})
        self._table: dict[str, Any] = _ungrouped(table, self._groups)
        self._targets: dict[str | None, Target] = {}
        self._matches: dict[str, str | None] = {}
        self.target(None)

    def check(self) -> None:
        """Read every model, so that a fault in one is told, and every path of a setting."""
        for pattern in (None, *self._models):
            for path in self.target(pattern).settings:
                try:
                    steps(path)
                except ValueError as error:
                    raise _refusal(("settings", path), str(error), self._name) from None

    def of(self, model: str | None) -> Target:
        """Return the target for a model, by its name."""
        if model is None or not self._models:
            return self.target(None)
        if model not in self._matches:
            if len(self._matches) >= _MOST_NAMES:
                self._matches.clear()
            self._matches[model] = match(model, self._models)
        pattern = self._matches[model]
        return self.target("" if pattern is None else pattern)

    def target(self, pattern: str | None) -> Target:
        """Return the target for a model, by its pattern; for an unknown one when empty."""
        if pattern not in self._targets:
            self._targets[pattern] = self._read(pattern)
        return self._targets[pattern]

    def _read(self, pattern: str | None) -> Target:
        if pattern == "":
            return attrs.evolve(self.target(None), tokens=Tokens(), is_unknown_model=True)
        at: Path = () if pattern is None else ("models", pattern)
        table = self._table if pattern is None else self._for_model(self._models[pattern], at)
        issues: list[Issue] = []
        read = _reader(Target)
        target: Target = read(table, at, lambda place, message: issues.append(_issue(place, message, self._name)))
        if issues:
            raise InvalidMessageError(issues)
        title = target.title if pattern is None else f"{target.title} ({shown(pattern)})"
        return attrs.evolve(target, title=title, model=pattern, models=tuple(self._models))

    def _for_model(self, section: dict[str, Any], at: Path) -> dict[str, Any]:
        base, section = dict(self._table), dict(_ungrouped(section, self._groups))
        for name in section.pop("without", []):
            _drop(base, name, at, self._name)
        return _overlay(base, section)


def _models(sections: Any, path: FilePath) -> dict[str, dict[str, Any]]:
    """Return what is said of each pattern; a section may stand for several, separated by spaces."""
    if not isinstance(sections, dict):
        raise _refusal(("models",), f"expected a table, got {describe(sections)}", path.name)
    models: dict[str, dict[str, Any]] = {}
    for names, section in sections.items():
        for pattern in names.split():
            if not isinstance(section, dict) or "value" in section:
                raise _refusal(("models", pattern), f"expected a table, got {describe(section)}", path.name)
            models[pattern] = _overlay(models.get(pattern, {}), section)
    return models


def _merged(path: FilePath, builtin: Builtin, depth: int) -> dict[str, Any]:
    table = _expand(_parse(path), path)
    table["models"] = _models(table.get("models", {}), path)
    dropped = table.pop("without", [])
    parents = table.get("extends")
    borrowed = table.pop("models_of", [])
    base: dict[str, Any] = {} if parents is None else _parent(parents, path, builtin, depth)
    base.pop("elsewhere", None)  # which is of the format's own target
    for name in dropped:
        _drop(base, name, (), path.name)
    for name in borrowed if isinstance(borrowed, list) else [borrowed]:
        base["models"] = {**base.get("models", {}), **_borrowed(_parent(name, path, builtin, depth, "models_of"))}
    return _overlay(base, table)


def _ungrouped(value: Any, groups: Mapping[str, list[str]]) -> Any:
    """Return a value of TOML with the names of groups replaced by what is in them."""
    if isinstance(value, dict) and groups:
        return {key: _ungrouped(inner, groups) for key, inner in value.items()}
    return [one for item in value for one in groups.get(item, [item])] if isinstance(value, list) else value


def _borrowed(table: dict[str, Any]) -> dict[str, Any]:
    """Return the models of another target, each with its token formula, without what is of that target's API alone."""
    models = {}
    for pattern, section in table.get("models", {}).items():
        own = {"tokens": {}} if "tokens.images" in section.get("without", []) else {"tokens": table.get("tokens", {})}
        kept = [name for name in section.get("without", []) if name != "tokens.images"]
        models[pattern] = _overlay(own, {**section, "without": kept})
        models[pattern].pop("settings", None)
        roles = models[pattern].get("roles", {})
        models[pattern]["roles"] = {key: fact for key, fact in roles.items() if key != "listed"}
    return models


def _parent(name: object, path: FilePath, builtin: Builtin, depth: int, key: str = "extends") -> dict[str, Any]:
    if not isinstance(name, str) or depth == _DEEPEST:
        raise _refusal((key,), f"expected the name of a target, got {quote(name)}", path.name)
    own = path.parent / name if name.endswith(".toml") else builtin(name)
    return _merged(own, builtin, depth + 1)


def _parse(path: FilePath) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refusal((), f"cannot read {quote(str(path))}: {error.strerror}", path.name) from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise _refusal((), f"expected TOML: {quote(str(error))}", path.name) from error


def _expand(table: dict[str, Any], path: FilePath) -> dict[str, Any]:
    """Give each section the source, date and verification that the file or the section names for all of its values."""
    common = {key: table.pop(key) for key in _INHERITED if key in table}
    common = {"source": path.name, "as_of": "", **common}  # a file of one's own need not say
    for name, section in table.items():
        if isinstance(section, dict) and name not in _NO_FACTS:
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


_NO_FACTS = frozenset({"apis", "elsewhere", "groups"})
_PLAIN = frozenset({"bytes_as", "animated", "method", "without"})


def _drop(table: dict[str, Any], name: object, at: Path, file: str) -> None:
    """Take a limit out of a table, whose own inner tables stay as they are."""
    steps = name.split(".") if isinstance(name, str) else []
    inner: Any = table
    for step in steps[:-1]:
        if not isinstance(inner.get(step), dict):
            break
        inner[step] = dict(inner[step])
        inner = inner[step]
    if not steps or inner.pop(steps[-1], None) is None:
        text = f"expected the name of a limit such as 'images.max_bytes', got {quote(name)}"
        raise _refusal((*at, "without"), text, file)


def _overlay(base: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in table.items():
        old = base.get(key)
        nested = isinstance(value, dict) and isinstance(old, dict) and "value" not in value
        merged[key] = _overlay(old, value) if nested and isinstance(old, dict) else value
    return merged


_Refuse = Callable[[Path, str], None]
_Reader = Callable[[Any, Path, _Refuse], Any]
"""Returns a value of TOML as what a field takes, without coercion; every fault is told to *refuse*."""


@cache
def _reader(kind: Any) -> _Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _reader(next(arg for arg in inner if arg is not type(None)))
    if kind is Target or hasattr(kind, "_fields"):
        return partial(_object, origin or kind, _fields(origin or kind, inner))
    if origin is Literal:
        return partial(_choice, inner)
    if origin is not None and issubclass(origin, Mapping):
        return partial(_table, _reader(inner[1]))
    return _strings if origin is tuple else partial(_plain, kind)


def _fields(kind: Any, arguments: tuple[Any, ...]) -> dict[str, _Reader]:
    types = kind.__annotations__.items()
    return {key: _reader(arguments[0] if isinstance(type_, TypeVar) else type_) for key, type_ in types}


def _object(kind: Any, fields: Mapping[str, _Reader], value: Any, at: Path, refuse: _Refuse) -> Any:
    if not isinstance(value, dict):
        return refuse(at, f"expected a table, got {describe(value)}")
    values = {key: fields[key](item, (*at, key), refuse) for key, item in value.items() if key in fields}
    for key in sorted(value.keys() - fields.keys()):
        refuse((*at, key), "unknown key")
    missing = [key for key in _required(kind) if key not in value]
    for key in missing:
        refuse((*at, key), "a required key is missing")
    return None if missing else kind(**values)


@cache
def _required(kind: Any) -> list[str]:
    if kind is Target:
        return [field.name for field in attrs.fields(Target) if field.default is attrs.NOTHING]
    return [name for name in kind._fields if name not in kind._field_defaults]


def _table(read: _Reader, value: Any, at: Path, refuse: _Refuse) -> Any:
    if not isinstance(value, dict):
        return refuse(at, f"expected a table, got {describe(value)}")
    return {key: read(item, (*at, key), refuse) for key, item in value.items()}


def _choice(known: tuple[str, ...], value: Any, at: Path, refuse: _Refuse) -> Any:
    return value if value in known else refuse(at, f"expected {' or '.join(known)}, got {quote(value)}")


def _strings(value: Any, at: Path, refuse: _Refuse) -> Any:
    is_fit = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return tuple(value) if is_fit else refuse(at, f"expected an array of strings, got {describe(value)}")


def _plain(kind: Any, value: Any, at: Path, refuse: _Refuse) -> Any:
    if type(value) is kind or (kind is float and type(value) is int):
        return kind(value)
    return refuse(at, f"expected {'number' if kind is float else describe(kind())}, got {describe(value)}")


def _issue(at: Path, message: str, name: str) -> Issue:
    return Issue(join_path(at), "target-invalid", "error", message, source=name)


def _refusal(at: Path, message: str, file: str) -> InvalidMessageError:
    return InvalidMessageError([_issue(at, message, file)])
