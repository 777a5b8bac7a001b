"""What is wrong with a value in a body, by what the target says of its place."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any

from msgkit.errors import Path, Severity, describe, nearest, quote
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.rules.base import Context, Finding
from msgkit.rules.verdicts import compiled
from msgkit.targets import Fact, Setting, Target
from msgkit.targets.body_paths import values_at
from msgkit.targets.target import bare, match, shown

_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
    "array": (list, tuple),
    "object": (dict, Mapping),
}

_LONGEST = 64  # characters of a value that are shown


def faults(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Yield what is wrong with a value, unless it is one that is taken nevertheless."""
    if value not in _taken(setting):
        yield from _refused(context, setting, path, value)
        yield from _invalid(context, setting, path, value)


def _refused(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report a setting that the model refuses, or that is refused beside another, unless the value is taken."""
    by, beside = setting.refused_by, setting.refused_with
    if by is None and beside is None:
        return
    taken = _taken(setting)
    what = _named(path)
    if taken:
        what = f"{what} other than {' or '.join(map(json.dumps, taken))} (got {_shown(value)})"
    if by is not None and _any_of(by.value).match(_model(context)):
        hint = "leave it out" if setting.instead is None else f"use {setting.instead.value!r} instead"
        yield fault_at(path, "setting-not-taken", f"{context.target.title} does not take {what}", by, hint)
    elif beside is not None and (other := next((one for one in beside.value if _is_set(context.body, one)), None)):
        yield fault_at(path, "setting-not-taken", f"{context.target.title} does not take {what} beside {other}", beside)


def _taken(setting: Setting) -> list[Any]:
    return [] if setting.taken is None else [json.loads(text) for text in setting.taken.value]


def _named(path: Path) -> str:
    return repr(next(step for step in reversed(path) if isinstance(step, str)))


@lru_cache(maxsize=256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of what one of the *patterns* for names matches."""
    return re.compile("|".join(map(translate, patterns)))


def _model(context: Context) -> str:
    """Return the name of the model: that of the row where it is the target's, else that of its pattern."""
    named = context.body.get("model", context.body.get("modelId"))
    return _named_model(context.target, named[:_LONGEST_MODEL] if isinstance(named, str) else None)


_LONGEST_MODEL = 512  # characters; no model has so long a name


@lru_cache(maxsize=256)
def _named_model(target: Target, named: str | None) -> str:
    if named is not None and (target.model is None or match(named, target.models) == target.model):
        return bare(named)
    return "" if target.model is None else shown(target.model)


def _is_set(body: Mapping[str, Any], path: str) -> bool:
    return any(value is not None for value in values_at(body, path))


def _invalid(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    types = setting.type
    if types is not None and not any(_is_of(value, name) for name in types.value):
        yield fault_at(path, "type-mismatch", f"expected {' or '.join(types.value)}, got {describe(value)}", types)
        return
    for fault, fact in (*_faults(setting, value), *_beside(context, setting, value)):
        yield fault_at(path, "setting-invalid", fault, fact)
    yield from _lacking(context, setting, path, value)


def _beside(context: Context, setting: Setting, value: object) -> Iterator[tuple[str, Fact[Any]]]:
    """Yield what is wrong with a value for the model, and for what is elsewhere in the body."""
    below, among, by = setting.below, setting.among, setting.max_by
    names = values_at(context.body, among.value) if among is not None and isinstance(value, str) else []
    if among is not None and names and value not in names:
        yield f"expected one of {among.value!r}, got {_shown(value)}", among
    if not isinstance(value, int | float):
        return
    pattern = match(_model(context), by.value) if by is not None else None
    if by is not None and pattern is not None and value > by.value[pattern]:
        yield f"expected at most {by.value[pattern]:g} for the model, got {value:g}", by
    for most in values_at(context.body, below.value) if below is not None else ():
        if below is not None and isinstance(most, int) and value >= most:
            yield f"expected less than {below.value!r} ({most}), got {value:g}", below


def _lacking(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report keys and entries that are missing in a value, and what is missing in the body beside it."""
    required, least, needs = setting.required, setting.least, setting.needs
    in_messages = path[0] == context.own.list_key
    is_sent = in_messages or context.is_request  # a row may list no tools, and have schemas that a person wrote
    if required is not None and isinstance(value, OBJECT) and (is_sent or required.verified):
        for name in required.value:
            if not values_at(value, name):
                yield fault_at((*path, name), "key-missing", f"expected a key {name!r} in {_named(path)}", required)
    if least is not None and isinstance(value, LIST) and len(value) < least.value and is_sent:
        text = f"expected at least {least.value} entries, got {len(value)}"
        yield fault_at(path, "setting-invalid", text, least)
    if needs is not None and not any(values_at(context.body, needs.value)):
        text = f"expected {needs.value!r} in the request too: {_named(path)} is only taken with it"
        at, code = ((needs.value,), "key-missing") if in_messages else (path, "setting-invalid")
        yield fault_at(at, code, text, needs)


def _faults(setting: Setting, value: object) -> Iterator[tuple[str, Fact[Any]]]:
    if isinstance(value, int | float):
        if setting.min is not None and value < setting.min.value:
            yield f"expected at least {setting.min.value:g}, got {value:g}", setting.min
        if setting.max is not None and value > setting.max.value:
            yield f"expected at most {setting.max.value:g}, got {value:g}", setting.max
    for one in value if isinstance(value, LIST) else (value,):
        if setting.values is not None and isinstance(one, str) and one not in setting.values.value:
            near = nearest(one, setting.values.value)
            meant = f"; did you mean {near!r}?" if near else ""
            yield f"expected one of {', '.join(setting.values.value)}, got {quote(one)}{meant}", setting.values
    pattern, keys = setting.pattern, setting.keys
    if pattern is not None and isinstance(value, str) and not compiled(pattern.value).fullmatch(value):
        yield f"expected a string that matches {pattern.value}, got {quote(value[:_LONGEST])}", pattern
    for key in value if keys is not None and isinstance(value, OBJECT) else ():
        if keys is not None and not compiled(keys.value).fullmatch(key):
            yield f"expected keys that match {keys.value}, got {quote(key[:_LONGEST])}", keys
    is_long = isinstance(value, (list, tuple, str, *OBJECT)) and setting.most is not None
    if setting.most is not None and is_long and len(value) > setting.most.value:  # type: ignore[arg-type]
        unit = "characters" if isinstance(value, str) else "entries"
        yield f"expected at most {setting.most.value} {unit}, got {len(value)}", setting.most  # type: ignore[arg-type]
    yield from _misplaced(setting, value)


def _misplaced(setting: Setting, value: object) -> Iterator[tuple[str, Fact[Any]]]:
    """Yield what is wrong with the order of the entries of a list, by their types."""
    first, never = setting.first, setting.never_last
    if (first is None and never is None) or not isinstance(value, LIST) or not value:
        return
    types = [entry.get("type") if isinstance(entry, OBJECT) else None for entry in value]
    if first is not None and sorted(types, key=lambda one: one not in first.value) != types:
        yield f"expected {' and '.join(first.value)} before the others", first
    if never is not None and types[-1] in never.value:
        yield f"expected something after the last {types[-1]}", never


def _is_of(value: object, name: str) -> bool:
    is_number = name in ("number", "integer")
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name]) and not (is_number and isinstance(value, bool))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else quote(value) if isinstance(value, str) else json.dumps(value)


def fault_at(path: Path, code: str, text: str, fact: Fact[Any], hint: str | None = None) -> Finding:
    """Return a finding in the body: an error where the fact is verified."""
    severity: Severity = "error" if fact.verified else "warning"
    return Finding(path, code, text, hint, severity=severity, source=fact.source, in_body=True)
