"""The way back: differences carried out."""

from collections.abc import Mapping, Sequence
from typing import Any


def patch(value: Any, differences: Sequence[Any]) -> Any:
    """
    Return *value* with the steps carried out; the inverse of ``diff``.

    Args:
        value: A JSON value; not changed.

        differences: Anything with ``path``, ``change`` and ``value``, in the order of ``diff``.

    >>> from msgkit.jsontext.diff import diff
    >>> first, second = {"a": 1, "b": [1, 2]}, {"b": [1], "c": 3}
    >>> patch(second, list(diff(first, second)))
    {'b': [1, 2], 'a': 1}
    """
    copied: set[int] = set()
    top = [value]
    for step in differences:
        place: Any = top
        key: str | int = 0
        for name in step.path:
            place, key = _own(place, key, copied), name
        if step.change == "insert":
            place.insert(key, step.value)
        elif step.change == "delete":
            del place[key]
        else:
            place[key] = step.value
    return top[0]


def _own(place: Any, key: str | int, copied: set[int]) -> Any:
    """Return what stands at *key*, copied before its first change."""
    inner = place[key]
    if id(inner) not in copied:
        inner = dict(inner) if isinstance(inner, Mapping) else list(inner)
        place[key] = inner
        copied.add(id(inner))
    return inner
