"""
JSON values: which Python values are JSON, their copies, equality, and leaves.

The limits are the same for a payload that comes as a dict as for one that comes as text.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgkit.errors import Issue, Path, join_path, quote

MAX_DEPTH: Final = 64
"""Nesting depth of objects and lists that is allowed."""

MAX_VALUES: Final = 1_000_000
"""Values that the text of a row may have."""

MAX_ISSUES: Final = 100
"""Issues that are listed for one row."""

MAX_DIGITS: Final = 4300
"""Digits of an integer: what Python itself turns from text to integer."""

_MAX_BITS = 14_284  # of an integer of 4,300 digits
_FINE = frozenset((bool, type(None)))


def check_value(value: object) -> list[Issue]:
    """Return what keeps a Python value from being JSON: NaN, infinities, lone surrogates, depth, other types."""
    if _is_json(value, MAX_DEPTH):
        return []
    issues: list[Issue] = []
    for issue in _faults(value, (), MAX_DEPTH):
        issues.append(issue)
        if len(issues) == MAX_ISSUES:
            break
    return issues


def in_order_of(value: Any, other: Any) -> Any:
    """Return *value* with its keys in the order that *other* has them in, at every depth where both are alike."""
    if isinstance(value, dict) and isinstance(other, Mapping):
        known = {key: in_order_of(value[key], other[key]) for key in other if key in value}
        return {**known, **{key: new for key, new in value.items() if key not in known}}
    if isinstance(value, list) and isinstance(other, LIST) and len(value) == len(other):
        return [in_order_of(new, old) for new, old in zip(value, other, strict=True)]
    return value


def surrogates(text: str, path: Path, what: str = "text") -> Iterator[Issue]:
    r"""Yield the issue of a lone surrogate in *text*; *what* names the string: text or key."""
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        message = f"lone surrogate U+{code:04X} in {what}, at character {error.start + 1:,}"
        yield Issue(join_path(path), "json-lone-surrogate", "error", message)


def _is_json(value: Any, depth: int) -> bool:
    """Prove fast that a value of Python's own types is JSON; False only means "not proved"."""
    kind = type(value)
    inner: Iterable[Any]
    if kind is dict:
        for key in value:
            if type(key) is not str or not (key.isascii() or _is_unicode(key)):
                return False
        inner = value.values()
    elif kind is list:
        inner = value
    else:
        return _is_scalar(value, kind)
    if not depth:
        return False
    for item in inner:
        kind = type(item)
        if kind is str:
            if not (item.isascii() or _is_unicode(item)):
                return False
        elif kind is dict or kind is list:
            if not _is_json(item, depth - 1):
                return False
        elif not _is_scalar(item, kind):
            return False
    return True


def _is_scalar(value: Any, kind: type) -> bool:
    if kind is str:
        return value.isascii() or _is_unicode(value)
    if kind is float:
        return math.isfinite(value)
    return kind in _FINE or (kind is int and value.bit_length() <= _MAX_BITS)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _faults(value: Any, path: Path, depth: int) -> Iterator[Issue]:
    if isinstance(value, str):
        yield from surrogates(value, path)
    elif isinstance(value, Mapping | list | tuple):
        if not depth:
            message = f"nested deeper than {MAX_DEPTH} levels"
            yield Issue(join_path(path), "json-too-deep", "error", message)
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                yield from _key_faults(key, path)
                yield from _faults(inner, (*path, key if isinstance(key, str) else quote(key)), depth - 1)
        else:
            for i, inner in enumerate(value):
                yield from _faults(inner, (*path, i), depth - 1)
    elif not isinstance(value, int | float | None):
        yield Issue(join_path(path), "type-mismatch", "error", f"expected a JSON value, got {type(value).__name__}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Issue(join_path(path), "json-number-not-finite", "error", f"expected a finite number, got {value}")
    elif isinstance(value, int) and value.bit_length() > _MAX_BITS:
        yield Issue(join_path(path), "json-number-too-long", "error", f"expected at most {MAX_DIGITS:,} digits")


def _key_faults(key: object, path: Path) -> Iterator[Issue]:
    if not isinstance(key, str):
        yield Issue(join_path(path), "type-mismatch", "error", f"expected a string as key, got {quote(key)}")
    else:
        yield from surrogates(key, (*path, key), "key")


_ABSENT = object()
_SCALARS = frozenset((int, float, bool, type(None)))
OBJECT = (dict, Mapping)
"""What an object of JSON is an instance of: most are dicts, and asking for Mapping first takes ten times as long."""
LIST = (list, tuple)
"""What a list of JSON is an instance of: ``list | tuple`` is made anew each time, and takes three times as long."""


def type_of(item: Any) -> str:
    """Return the type that an object names; an empty text when it names none, or is no object."""
    name = item.get("type") if isinstance(item, OBJECT) else None
    return name if isinstance(name, str) else ""


def objects(items: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list; none where it is no list."""
    return [item for item in items if isinstance(item, OBJECT)] if isinstance(items, LIST) else []


def without_keys(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return an object without some of its keys."""
    rest = dict(value)  # a copy without a look at each key is the faster way
    for key in keys:
        rest.pop(key, None)
    return rest


def copy_json(value: Any) -> Any:
    """Copy the objects and lists of a JSON value; strings are shared."""
    kind = type(value)
    if kind is str or kind in _SCALARS:
        return value
    if isinstance(value, OBJECT):
        return {key: item if type(item) is str else copy_json(item) for key, item in value.items()}
    return [copy_json(item) for item in value] if isinstance(value, list | tuple) else value


def same(first: Any, second: Any) -> bool:
    """Return whether two JSON values are equal and of the same types: ``1``, ``1.0`` and ``true`` differ."""
    if first is second:
        return True
    known = type(first)
    if known is type(second):  # most values are of these types; asking for Mapping takes ten times as long
        if known is str:
            return bool(first == second)
        if known is dict:
            return len(first) == len(second) and _same_items(first, second)
        if known is list:
            return len(first) == len(second) and _same_entries(first, second)
    return _same_of_other_types(first, second)


def _same_of_other_types(first: Any, second: Any) -> bool:
    if isinstance(first, str):
        return isinstance(second, str) and first == second
    if isinstance(first, Mapping):
        return isinstance(second, Mapping) and len(first) == len(second) and _same_items(first, second)
    if isinstance(first, list | tuple):
        return isinstance(second, list | tuple) and len(first) == len(second) and _same_entries(first, second)
    return type(first) is type(second) and bool(first == second)


def _same_entries(first: Sequence[Any], second: Sequence[Any]) -> bool:
    for one, two in zip(first, second, strict=True):  # noqa: SIM110 (a generator takes twice as long)
        if one is not two and not same(one, two):
            return False
    return True


def _same_items(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    for key, value in first.items():
        other = second.get(key, _ABSENT)
        if value is not other and not same(value, other):
            return False
    return True


def kind(item: Any) -> Any:
    """Return the role of a message, or the type of a part."""
    if not isinstance(item, OBJECT):
        return type(item)
    for key in _KINDS:
        name = item.get(key)
        if isinstance(name, str):
            return "system" if name == "developer" else name
    return None


_KINDS = ("role", "from", "type")


def leaves(value: Any) -> Iterator[Any]:
    """Yield every key and every scalar."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def said(value: Any) -> Iterator[Any]:
    """Yield the scalars of a value, without roles and types."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _KINDS:
                yield from said(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from said(item)
    elif value is not None:
        yield value
