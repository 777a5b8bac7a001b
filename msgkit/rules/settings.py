"""Rules about the settings of a request: their types and ranges, and what models refuse."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from math import inf
from sys import maxsize
from typing import Any

import attrs

from msgkit.errors import Path, Severity, describe, nearest, quote
from msgkit.jsontext.values import OBJECT
from msgkit.model.messages import Conversation
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import user
from msgkit.targets import Fact, Setting, Target
from msgkit.targets.target import bare, match, shown

_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "string": (str,),
    "array": (list, tuple),
    "object": (dict, Mapping),
}

_DEEPEST = 3  # keys of a path, such as generationConfig.thinkingConfig.thinkingBudget
_NEAR = 0.85  # how like a key of the target one that is unknown must be to be a misspelling


def _has_settings(conversation: Conversation, target: Target) -> bool:
    extra = conversation.extra
    return len(extra) > ("model" in extra) and bool(target.settings)


def settings(context: Context) -> Iterator[Finding]:
    """Report settings that the target or its model refuses."""
    if not context.is_for_target:
        return
    for key, value in context.body.items():
        if key != context.own.list_key:
            yield from _setting(context, (key,), value)


def _setting(context: Context, path: tuple[str, ...], value: Any) -> Iterator[Finding]:
    """Report what is refused at a path, and at those in the object that is there."""
    setting, taken = _known(context.target, path) if len(path[-1]) <= _LONGEST else (None, None)
    if setting is None and len(path) == 1:
        yield from _unknown(context, path[0])
    elif setting is not None and value is not None and not (taken and taken.surely(value, context.body)):
        yield from _refused(context, setting, path, value)
        yield from _of_body(context, setting, path, value)
    if isinstance(value, OBJECT) and len(path) < _DEEPEST:
        for key, inner in value.items():
            yield from _setting(context, (*path, key), inner)


@attrs.frozen
class _Taken:
    """Values of a setting that are taken by every model and beside all other settings."""

    types: frozenset[type]
    low: float
    high: float
    names: frozenset[str] | None  # all that a string may be
    entries: range  # how many a list may have
    needs: str | None  # a key of the request, with which alone it is taken

    def surely(self, value: Any, body: Mapping[str, Any]) -> bool:
        """Fast check: True only if a value is taken."""
        kind = type(value)
        if kind not in self.types or (self.needs is not None and not body.get(self.needs)):
            return False
        if kind is str:
            return self.names is None or value in self.names
        if kind is list:
            return self.names is None and len(value) in self.entries
        return (kind is not int and kind is not float) or self.low <= value <= self.high


_LONGEST = 64  # characters of the name of a setting


@lru_cache(maxsize=1_024)  # rows of one file have the same keys
def _known(target: Target, path: tuple[str, ...]) -> tuple[Setting | None, _Taken | None]:
    known = target.settings
    setting = known.get(".".join(path)) or known.get(".".join(map(_camel, path)))
    return setting, None if setting is None else _taken(setting)


def _taken(setting: Setting) -> _Taken | None:
    if setting.type is None or setting.refused_by or setting.refused_with or setting.below:
        return None
    return _Taken(
        frozenset(kind for name in setting.type.value for kind in _TYPES[name]) - {tuple},
        -inf if setting.min is None else setting.min.value,
        inf if setting.max is None else setting.max.value,
        None if setting.values is None else frozenset(setting.values.value),
        range(
            0 if setting.least is None else setting.least.value,
            maxsize if setting.most is None else setting.most.value + 1,
        ),
        None if setting.needs is None else setting.needs.value,
    )


@lru_cache(maxsize=1_024)
def _near(target: Target, key: str) -> str | None:
    from difflib import get_close_matches  # for a key that is no setting

    return next(iter(get_close_matches(key, target.settings, 1, _NEAR)), None)


def _camel(key: str) -> str:
    """Return a key in camelCase, as protobuf's JSON takes either spelling."""
    first, *others = key.split("_")
    return first + "".join(map(str.capitalize, others))


def _snake(key: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in key)


def _unknown(context: Context, key: str) -> Iterator[Finding]:
    fact = context.target.request.closed
    if fact is None or not fact.value or not context.is_request or key == context.own.list_key:
        return
    near = _near(context.target, key[:_LONGEST])
    if near is not None or context.ready:  # a row may have columns of its own
        meant = f"; did you mean {near!r}?" if near else ""
        text = f"{context.target.title} has no key {quote(key)} in a request{meant}"
        yield Finding((key,), "key-unknown", text, source=fact.source, in_body=True)


def _refused(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    """Report a setting that the model refuses, or that is refused beside another, unless the value is taken."""
    by, beside = setting.refused_by, setting.refused_with
    if by is None and beside is None:
        return
    taken = [json.loads(text) for text in setting.taken.value] if setting.taken is not None else []
    if value in taken:
        return
    what = f"{path[-1]!r}"
    if taken:
        what = f"{path[-1]!r} other than {' or '.join(map(json.dumps, taken))} (got {_shown(value)})"
    if by is not None and _any_of(by.value).match(_model(context)):
        hint = "leave it out" if setting.instead is None else f"use {setting.instead.value!r} instead"
        yield _found(path, "setting-not-taken", f"{context.target.title} does not take {what}", by, hint)
    elif beside is not None and (other := next((one for one in beside.value if _is_set(context.body, one)), None)):
        yield _found(path, "setting-not-taken", f"{context.target.title} does not take {what} beside {other}", beside)


@lru_cache(maxsize=256)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of what one of the *patterns* for names matches."""
    return re.compile("|".join(map(translate, patterns)))


def _model(context: Context) -> str:
    """Return the name of the model: that of the row where it is the target's, else that of its pattern."""
    named = context.body.get("model")
    return _named_model(context.target, named[:_LONGEST_MODEL] if isinstance(named, str) else None)


_LONGEST_MODEL = 512  # characters; no model has so long a name


@lru_cache(maxsize=256)
def _named_model(target: Target, named: str | None) -> str:
    if named is not None and (target.model is None or match(named, target.models) == target.model):
        return bare(named)
    return "" if target.model is None else shown(target.model)


def _is_set(body: Mapping[str, Any], condition: str) -> bool:
    """Return whether a body has a key, or a key with this value."""
    name, _, wanted = condition.partition("=")
    value = _at(body, name)
    return value == wanted if wanted else value is not None


def _at(body: Mapping[str, Any], name: str) -> Any:
    """Return what is at a path in a body, whose keys may be spelled in either way."""
    value: Any = body
    for key in name.split("."):
        value = next((value[one] for one in (key, _snake(key)) if isinstance(value, OBJECT) and one in value), None)
    return value


def _of_body(context: Context, setting: Setting, path: Path, value: object) -> Iterator[Finding]:
    body, types = context.body, setting.type
    if types is not None and not any(_is_of(value, name) for name in types.value):
        yield _found(path, "type-mismatch", f"expected {' or '.join(types.value)}, got {describe(value)}", types)
        return
    for text, fact in _faults(setting, value):
        yield _found(path, "setting-invalid", text, fact)
    is_short = setting.least is not None and isinstance(value, list | tuple) and len(value) < setting.least.value
    if setting.least is not None and is_short and context.is_request:  # a row may list no tools
        text = f"expected at least {setting.least.value} entries, got {len(value)}"  # type: ignore[arg-type]
        yield _found(path, "setting-invalid", text, setting.least)
    needs, below = setting.needs, setting.below
    if needs is not None and not _at(body, needs.value) and value is not False and value != 0:
        text = f"expected {needs.value!r} in the request too: {path[-1]!r} is only taken with it"
        yield _found(path, "setting-invalid", text, needs)
    most = body.get(below.value) if below is not None else None
    if below is not None and isinstance(most, int) and isinstance(value, int) and value >= most:
        yield _found(path, "setting-invalid", f"expected less than {below.value!r} ({most}), got {value}", below)


def _faults(setting: Setting, value: object) -> Iterator[tuple[str, Fact[Any]]]:
    if isinstance(value, int | float):
        if setting.min is not None and value < setting.min.value:
            yield f"expected at least {setting.min.value:g}, got {value:g}", setting.min
        if setting.max is not None and value > setting.max.value:
            yield f"expected at most {setting.max.value:g}, got {value:g}", setting.max
    named = value if isinstance(value, list | tuple) else (value,)
    for one in named if setting.values is not None else ():
        if setting.values is not None and isinstance(one, str) and one not in setting.values.value:
            near = nearest(one, setting.values.value)
            meant = f"; did you mean {near!r}?" if near else ""
            yield f"expected one of {', '.join(setting.values.value)}, got {quote(one)}{meant}", setting.values
    if isinstance(value, list | tuple | Mapping) and setting.most is not None and len(value) > setting.most.value:
        yield f"expected at most {setting.most.value} entries, got {len(value)}", setting.most


def _is_of(value: object, name: str) -> bool:
    is_number = name in ("number", "integer")
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name]) and not (is_number and isinstance(value, bool))


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else quote(value) if isinstance(value, str) else json.dumps(value)


def _found(path: Path, code: str, text: str, fact: Fact[Any], hint: str | None = None) -> Finding:
    severity: Severity = "error" if fact.verified else "warning"
    return Finding(path, code, text, hint, severity=severity, source=fact.source, in_body=True)


_ASK = [user("Hello")]

RULES = (
    Rule(
        "setting-not-taken",
        "The model does not take this setting, or only its default; a warning where no document says so.",
        "error",
        "OpenAI API: Unsupported parameter: 'max_tokens' is not supported with this model",
        at="max_tokens",
        bad={"model": "gpt-5.4", "max_tokens": 9, "messages": _ASK},
        good={"model": "gpt-5.4", "max_completion_tokens": 9, "messages": _ASK},
        applies=_has_settings,
        facts=("settings",),
        check=settings,
    ),
    Rule(
        "setting-invalid",
        "The value of a setting is out of range, not one of those taken, or needs another setting.",
        "error",
        "OpenAI API reference: create a chat completion",
        at="temperature",
        bad={"model": "gpt-4.1", "temperature": 3, "messages": _ASK},
        good={"model": "gpt-4.1", "temperature": 1, "messages": _ASK},
        applies=_has_settings,
        facts=("settings",),
        check=settings,
    ),
)
