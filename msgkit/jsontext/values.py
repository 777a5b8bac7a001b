"""JSON values: copies, equality, and their leaves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ABSENT = object()
_SCALARS = frozenset((int, float, bool, type(None)))
OBJECT = (dict, Mapping)
"""What an object of JSON is an instance of: most are dicts, and asking for Mapping first takes ten times as long."""


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
