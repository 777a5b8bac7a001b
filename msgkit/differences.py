"""
What two JSON values differ in, as a list of steps that makes the second equal to the first.

Steps are carried out in order, from left to right, so that every path is a path in the first value.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from msgkit.errors import Path

Change = Literal["set", "insert", "delete"]

MOST_PAIRS = 10_000  # beyond so many comparisons, lists are compared in order only


class _Absent:
    """Stands for a key that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


@attrs.frozen
class Difference:
    """
    One step from the second value to the first.

    Args:
        path: Where, in the first value.

        change: ``set`` a key or an entry, ``insert`` an entry into a list, or ``delete`` what is too much.

        value: What the first value has there; for ``delete``, what the second one has too much.

        other: What the second value has there; ABSENT when nothing.

        block: For lists of different length: the entries of the first and of the second that face each other.
    """

    path: Path
    change: Change
    value: Any
    other: Any = ABSENT
    block: tuple[Sequence[Any], Sequence[Any]] | None = attrs.field(default=None, eq=False, repr=False)


def same(first: Any, second: Any) -> bool:
    """
    Tell whether two JSON values are equal, and of the same types: ``1``, ``1.0`` and ``true`` are three values.

    >>> same({"a": [1]}, {"a": [1]}), same(1, True), same(1, 1.0)
    (True, False, False)
    """
    if isinstance(first, Mapping):
        return (
            isinstance(second, Mapping)
            and len(first) == len(second)
            and all(key in second and same(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, list | tuple):
        return (
            isinstance(second, list | tuple)
            and len(first) == len(second)
            and all(same(one, two) for one, two in zip(first, second, strict=True))
        )
    if isinstance(first, str):
        return isinstance(second, str) and first == second
    return type(first) is type(second) and bool(first == second)


def diff(first: Any, second: Any, path: Path = ()) -> Iterator[Difference]:
    """
    Yield the steps that make *second* equal to *first*.

    >>> list(diff({"a": 1, "b": [1, 2]}, {"b": [1], "c": 3}))
    [Difference(path=('a',), change='set', value=1, other=ABSENT),
     Difference(path=('b', 1), change='insert', value=2, other=ABSENT),
     Difference(path=('c',), change='delete', value=3, other=ABSENT)]
    """
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key, value in first.items():
            if key not in second:
                yield Difference((*path, key), "set", value)
            else:
                yield from diff(value, second[key], (*path, key))
        for key in second:
            if key not in first:
                yield Difference((*path, key), "delete", second[key])
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        yield from _diff_lists(first, second, path)
    elif isinstance(second, str) and isinstance(first, list | tuple) and any(map(_is_text, first)):
        parts = _as_parts(second, first)
        yield Difference(path, "set", parts, second)
        yield from _diff_lists(first, parts, path)
    elif not same(first, second):
        yield Difference(path, "set", first, second)


def _is_text(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str)


def _as_parts(text: str, parts: Sequence[Any]) -> list[Any]:
    """Return a content that became one text as the text parts that it was, or else as one."""
    texts = [part["text"] for part in parts if _is_text(part)]
    told = texts if "".join(texts) == text else [text]
    return [{"type": "text", "text": one} for one in told]


def _diff_lists(first: Sequence[Any], second: Sequence[Any], path: Path) -> Iterator[Difference]:
    for i1, i2, j1, j2 in _blocks(first, second):
        block = (first[i1:i2], second[j1:j2])
        both = min(i2 - i1, j2 - j1)
        for k in range(both):
            for found in diff(first[i1 + k], second[j1 + k], (*path, i1 + k)):
                yield attrs.evolve(found, block=block) if i2 - i1 != j2 - j1 else found
        for i in range(i1 + both, i2):
            yield Difference((*path, i), "insert", first[i], block=block)
        for j in range(j1 + both, j2):
            yield Difference((*path, i2), "delete", second[j], block=block)


def _blocks(first: Sequence[Any], second: Sequence[Any]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the ranges that face each other and are not equal."""
    if list(map(_kind, first)) == list(map(_kind, second)):
        yield 0, len(first), 0, len(second)
        return
    head = 0
    while head < min(len(first), len(second)) and same(first[head], second[head]):
        head += 1
    tail = 0
    while tail < min(len(first), len(second)) - head and same(first[-1 - tail], second[-1 - tail]):
        tail += 1
    pairs = _pairs(first[head : len(first) - tail], second[head : len(second) - tail])
    i, j = head, head
    for one, two in [*((head + x, head + y) for x, y in pairs), (len(first) - tail, len(second) - tail)]:
        if (i, j) != (one, two):
            yield i, one, j, two
        i, j = one, two


def _pairs(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[int, int]]:
    """Return the indexes of the entries that begin a new range: those most alike, in order, the earliest of equals."""
    if len(first) * len(second) > MOST_PAIRS:
        return []
    leaves = [[frozenset(_leaves(item)) for item in items] for items in (first, second)]
    kinds = [[_kind(item) for item in items] for items in (first, second)]
    alike = [
        [_alike(one, two) + (kinds[0][i] == kinds[1][j]) / 2 for j, two in enumerate(leaves[1])]
        for i, one in enumerate(leaves[0])
    ]
    best = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            best[i][j] = max(alike[i][j] + best[i + 1][j + 1], best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        if best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _kind(item: Any) -> Any:
    """Return what tells entries of different kinds apart, such as the role of a message."""
    if not isinstance(item, Mapping):
        return type(item)
    return next((item[key] for key in ("role", "from", "type") if isinstance(item.get(key), str)), None)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _alike(one: frozenset[Any], two: frozenset[Any]) -> float:
    """Return the share of what two entries have in common, from 0 to 1."""
    return 2 * len(one & two) / (len(one) + len(two)) if one or two else 1.0


def patch(value: Any, differences: Sequence[Any]) -> Any:
    """
    Return *value* with the steps carried out; the inverse of :func:`diff`.

    Args:
        value: A JSON value; not changed.

        differences: Anything with ``path``, ``change`` and ``value``, in the order of :func:`diff`.

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
