"""What is wrong with a value in a body, by what the target says of its place."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any, NamedTuple

from msgkit.errors import Path, describe, quote
from msgkit.escaping import did_you_mean
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.rules.base import Context, Finding, compiled
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


class Judge(NamedTuple):
    """A setting, with what of it there is to look at."""

    setting: Setting
    taken: list[Any]  # values that are taken nevertheless
    refuses: bool  # whether models refuse it, or what is beside it
    types: frozenset[type]  # that a value has without a doubt
    enough: frozenset[type]  # the types of values that nothing more is asked of
    checks: tuple[Callable[[Context, Setting, Path, Any], Iterator[Finding]], ...]

    @classmethod
    def of(cls, setting: Setting) -> "Judge":
        """Prepare to judge values of a setting."""
        checks = tuple(check for check, names in _CHECKS.items() if any(getattr(setting, name) for name in names))
        types = () if setting.type is None else setting.type.value
        sure = frozenset(one for name in types for one in _TYPES[name])
        refuses = bool(setting.refused_by or setting.refused_with)
        enough = {type(None)} if checks or refuses else {type(None), *sure}
        return cls(setting, _taken(setting), refuses, sure, frozenset(enough), checks)

    def faults(self, context: Context, path: Path, value: object) -> Iterator[Finding]:
        """Yield what is wrong with a value, unless it is one that is taken nevertheless."""
        if self.taken and value in self.taken:
            return
        setting = self.setting
        if setting.unless is not None and _is_set(context.body, setting.unless.value):
            return
        if self.refuses:
            yield from _refused(context, setting, path, value)
        types = setting.type
        if types is not None and type(value) not in self.types and not any(_is_of(value, name) for name in types.value):
            yield fault_at(path, "type-mismatch", f"expected {' or '.join(types.value)}, got {describe(value)}", types)
            return
        for check in self.checks:
            yield from check(context, setting, path, value)


def _refused(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report a setting that the model refuses, or that is refused beside another, unless the value is taken."""
    by, beside = setting.refused_by, setting.refused_with
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


def _beside(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Yield what is wrong with a value for the model, and for what is elsewhere in the body."""
    below, among, by = setting.below, setting.among, setting.max_by
    names = values_at(context.body, among.value) if among is not None and isinstance(value, str) else []
    if among is not None and names and value not in names:
        yield fault_at(path, "setting-invalid", f"expected one of {among.value!r}, got {_shown(value)}", among)
    unique = setting.unique
    if unique is not None and values_at(context.body, unique.value).count(value) > 1:
        yield fault_at(path, "setting-invalid", f"expected another than the others, got {_shown(value)} again", unique)
    if not isinstance(value, int | float):
        return
    pattern = match(_model(context), by.value) if by is not None else None
    if by is not None and pattern is not None and value > by.value[pattern]:
        text = f"expected at most {by.value[pattern]:g} for the model, got {value:g}"
        yield fault_at(path, "setting-invalid", text, by)
    for most in values_at(context.body, below.value) if below is not None else ():
        if below is not None and isinstance(most, int) and value >= most:
            text = f"expected less than {below.value!r} ({most}), got {value:g}"
            yield fault_at(path, "setting-invalid", text, below)


def _lacking(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report keys and entries that are missing in a value, and what is missing in the body beside it."""
    required, least, needs = setting.required, setting.least, setting.needs
    in_messages = path[0] == context.own.list_key
    is_sent = in_messages or context.is_request  # a row may list no tools, and have schemas that a person wrote
    if required is not None and isinstance(value, OBJECT) and (is_sent or required.verified):
        for name in required.value:
            if name not in value and not values_at(value, name):
                yield fault_at((*path, name), "key-missing", f"expected a key {name!r} in {_named(path)}", required)
    if least is not None and isinstance(value, (*LIST, *OBJECT)) and len(value) < least.value and is_sent:
        text = f"expected at least {least.value} entries, got {len(value)}"
        yield fault_at(path, "setting-invalid", text, least)
    if needs is not None and not any(values_at(context.body, needs.value)):
        text = f"expected {needs.value!r} in the request too: {_named(path)} is only taken with it"
        is_key = in_messages and "." not in needs.value
        at, code = ((needs.value,), "key-missing") if is_key else (path, "setting-invalid")
        yield fault_at(at, code, text, needs)


def _out_of_range(_: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    least, most = setting.min, setting.max
    if not isinstance(value, int | float):
        return
    if least is not None and value < least.value:
        text = f"expected at least {least.value:g}, got {value:g}"
        yield fault_at(path, "setting-invalid", text, least)
    if most is not None and value > most.value:
        yield fault_at(path, "setting-invalid", f"expected at most {most.value:g}, got {value:g}", most)


def _not_taken(_: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    values = setting.values
    for one in value if isinstance(value, LIST) else (value,):
        if values is not None and isinstance(one, str) and one not in values.value:
            text = f"expected one of {', '.join(values.value)}, got {quote(one)}{did_you_mean(one, values.value)}"
            yield fault_at(path, "setting-invalid", text, values)


def _misspelled(_: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report a string, or keys, that do not match their pattern."""
    pattern, keys = setting.pattern, setting.keys
    if pattern is not None and isinstance(value, str) and not compiled(pattern.value).fullmatch(value):
        text = f"expected a string that matches {pattern.value}, got {quote(value[:_LONGEST])}"
        yield fault_at(path, "setting-invalid", text, pattern)
    for key in value if keys is not None and isinstance(value, OBJECT) else ():
        if keys is not None and not compiled(keys.value).fullmatch(key):
            text = f"expected keys that match {keys.value}, got {quote(key[:_LONGEST])}"
            yield fault_at(path, "setting-invalid", text, keys)


def _too_many(_: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    most = setting.most
    if most is not None and isinstance(value, (list, tuple, str, *OBJECT)) and len(value) > most.value:
        unit = "characters" if isinstance(value, str) else "entries"
        yield fault_at(path, "setting-invalid", f"expected at most {most.value} {unit}, got {len(value)}", most)


def _misplaced(_: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report what is wrong with the order of the entries of a list, by their types."""
    first, never = setting.first, setting.never_last
    if not isinstance(value, LIST) or not value:
        return
    types = [entry.get("type") if isinstance(entry, OBJECT) else None for entry in value]
    if first is not None:
        come_first = [one in first.value for one in types]
        if come_first != sorted(come_first, reverse=True):
            text = f"expected {' and '.join(first.value)} before the others"
            yield fault_at(path, "setting-invalid", text, first)
    if never is not None and types[-1] in never.value:
        yield fault_at(path, "setting-invalid", f"expected something after the last {types[-1]}", never)


_CHECKS: Mapping[Callable[[Context, Setting, Path, Any], Iterator[Finding]], tuple[str, ...]] = {
    _out_of_range: ("min", "max"),
    _not_taken: ("values",),
    _misspelled: ("pattern", "keys"),
    _too_many: ("most",),
    _misplaced: ("first", "never_last"),
    _beside: ("among", "max_by", "below", "unique"),
    _lacking: ("required", "least", "needs"),
}
"""What looks at a value -> the fields of a setting that it reads."""


def _is_of(value: object, name: str) -> bool:
    is_number = name in ("number", "integer")
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name]) and not (is_number and isinstance(value, bool))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else quote(value) if isinstance(value, str) else json.dumps(value)


def fault_at(path: Path, code: str, text: str, fact: Fact[Any], hint: str | None = None) -> Finding:
    """Return a finding in the body: an error where the fact is verified."""
    return Finding(path, code, text, hint, fact.severity, source=fact.source, in_body=True)
