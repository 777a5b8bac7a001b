"""
What two JSON values differ in, as a list of steps that makes the second equal to the first.

Steps are carried out in order, from left to right, so that every path is a path in the first value.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from msgkit.errors import Path
from msgkit.jsontext.diff.alignment import apart, blocks, joined_in
from msgkit.jsontext.values import OBJECT, same

Change = Literal["set", "insert", "delete"]


class _Absent:
    """Stands for a key that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


@attrs.frozen(eq=False, repr=False)
class Difference:
    """One step from the second value to the first."""

    path: Path  # where, in the first value
    change: Change  # ``set`` a key or an entry, ``insert`` an entry into a list, or ``delete`` what is too much
    value: Any  # what the first value has there; for ``delete``, what the second one has too much
    other: Any = ABSENT  # what the second value has there; ABSENT when nothing
    # whether it only takes apart again what became one entry
    joined: bool = attrs.field(default=False, eq=False, repr=False)


def diff(first: Any, second: Any, path: Path = ()) -> Iterator[Difference]:
    """Yield the steps that make *second* equal to *first*."""
    if isinstance(first, OBJECT) and isinstance(second, OBJECT):
        for key, value in first.items():
            if key not in second:
                yield Difference((*path, key), "set", value)
            elif value is not (other := second[key]) and (type(value) is not str or value != other):
                yield from diff(value, other, (*path, key))
        for key in second:
            if key not in first:
                yield Difference((*path, key), "delete", second[key])
    elif same(first, second):
        return
    elif isinstance(first, list | tuple) and isinstance(second, list | tuple):
        parts = _parts_again(first, second)
        if parts:
            yield Difference(path, "set", parts, second, joined=True)
        yield from _diff_lists(first, parts or second, path)
    elif isinstance(second, str) and isinstance(first, list | tuple) and any(map(_is_text, first)):
        parts = _texts_of(first, second) or [_like(next(filter(_is_text, first)), second)]
        yield Difference(path, "set", parts, second, joined="".join(part["text"] for part in parts) == second)
        yield from _diff_lists(first, parts, path)
    else:
        yield Difference(path, "set", first, second)


def _is_text(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str) and part.get("type") in _TEXTS


_TEXTS = (None, "text", "input_text", "output_text")


def _like(part: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key == "type"} | {"text": text}


def _texts_of(parts: Sequence[Any], text: str) -> list[dict[str, Any]]:
    """Return the text parts that became one *text*; none when they say something else together."""
    texts = [_like(part, part["text"]) for part in parts if _is_text(part)]
    return texts if "".join(part["text"] for part in texts) == text else []


def _parts_again(parts: Sequence[Any], joined: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the text parts that became the only one; none when there were not more."""
    if len(joined) != 1 or not _is_text(joined[0]):
        return []
    texts = _texts_of(parts, joined[0]["text"])
    return texts if len(texts) > 1 else []


def _diff_lists(first: Sequence[Any], second: Sequence[Any], path: Path) -> Iterator[Difference]:
    for i1, i2, j1, j2 in blocks(first, second):
        members = joined_in(first[i1:i2], second[j1]) if i2 - i1 > j2 - j1 == 1 else []
        if members:
            yield from _diff_joined(first[i1:i2], second[j1], members, (path, i1))
            continue
        both = min(i2 - i1, j2 - j1)
        for k in range(both):
            yield from diff(first[i1 + k], second[j1 + k], (*path, i1 + k))
        for i in range(i1 + both, i2):
            yield Difference((*path, i), "insert", first[i])
        for j in range(j1 + both, j2):
            yield Difference((*path, i2), "delete", second[j])


def _diff_joined(first: Sequence[Any], whole: Any, members: list[int], at: tuple[Path, int]) -> Iterator[Difference]:
    """Yield the steps that take *whole* apart, and those that give each of its *members* what it lost."""
    path, start = at
    parts = dict(zip(members, apart([first[i] for i in members], whole), strict=True))
    lost = [step for i, part in parts.items() for step in diff(first[i], part, (*path, start + i))]
    said = {step.path for step in lost if step.change == "set"}
    for step in diff(parts[0], whole, (*path, start)):
        if not any(step.path[:end] in said for end in range(len(step.path) + 1)):
            yield attrs.evolve(step, joined=True)
    for i, entry in enumerate(first[1:], start=1):
        yield Difference((*path, start + i), "insert", parts.get(i, entry), joined=i in parts)
    yield from lost
