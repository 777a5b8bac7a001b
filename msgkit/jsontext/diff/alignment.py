"""Which entries of two lists belong together: those most alike, in order, and those that became one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgkit.jsontext.values import kind, leaves, said, same

WINDOW = 48  # entries that are compared with each other at once: long lists are paired piece by piece
Block = tuple[int, int, int, int]


def blocks(first: Sequence[Any], second: Sequence[Any]) -> Iterator[Block]:
    """Yield the ranges that face each other and are not equal."""
    if list(map(kind, first)) == list(map(kind, second)):
        yield 0, len(first), 0, len(second)
        return
    head = 0
    while head < min(len(first), len(second)) and same(first[head], second[head]):
        head += 1
    tail = 0
    while tail < min(len(first), len(second)) - head and same(first[-1 - tail], second[-1 - tail]):
        tail += 1
    starts = pairs(first[head : len(first) - tail], second[head : len(second) - tail])
    i, j = head, head
    for one, two in [*((head + x, head + y) for x, y in starts), (len(first) - tail, len(second) - tail)]:
        if (i, j) != (one, two):
            yield i, one, j, two
        i, j = one, two


def pairs(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[int, int]]:
    """Return the indexes of the entries that begin a new range: those most alike, in order, the earliest of equals."""
    indexes: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        one, two = first[i : i + WINDOW], second[j : j + WINDOW]
        near = [(i + x, j + y) for x, y in _pairs_near(one, two)]
        if i + WINDOW >= len(first) and j + WINDOW >= len(second):
            return indexes + near
        kept = near[: max(1, len(near) // 2)]  # what is near the end of a window may belong to what comes after it
        indexes += kept
        i, j = near[len(kept)] if len(near) > len(kept) else (i + len(one), j + len(two))
    return indexes


def _pairs_near(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[int, int]]:
    table = _Table(first, second)
    indexes, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        best = table.best[i][j]
        if best == table.paired(i, j):
            indexes.append((i, j))
            i, j = table.end(i, j), j + 1
        elif best == table.best[i + 1][j]:
            i += 1
        else:
            j += 1
    return indexes


class _Table:
    """What the best way to pair the entries from here on is worth."""

    def __init__(self, first: Sequence[Any], second: Sequence[Any]) -> None:
        self.alike = _table(first, second, leaves, _likeness)
        self.share = _table(first, second, said, _share)
        rows, columns = len(first), len(second)
        self.best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
        self.open = [[0.0] * (columns + 1) for _ in range(rows + 1)]  # the same while an entry may still go on
        for i in reversed(range(rows + 1)):
            for j in reversed(range(columns)):
                if i < rows:
                    self.best[i][j] = max(self.paired(i, j), self.best[i + 1][j], self.best[i][j + 1])
                self.open[i][j] = max(self.best[i][j + 1], self.joined(i, j), self.open[i + 1][j] if i < rows else 0.0)

    def paired(self, i: int, j: int) -> float:
        """Return the worth when these two face each other."""
        return self.alike[i][j] + (self.open[i + 1][j] if self.share[i][j] else self.best[i + 1][j + 1])

    def joined(self, i: int, j: int) -> float:
        """Return the worth when the entry goes on with one before it."""
        share = self.share[i][j] if i < len(self.share) else 0.0
        return share + self.open[i + 1][j] if share else 0.0

    def end(self, i: int, j: int) -> int:
        """Return the index after the entries that face *j* from *i* on."""
        going = self.share[i][j] > 0
        i += 1
        while going and self.open[i][j] > self.best[i][j + 1]:
            i += 1
        return i


def _table(first: Sequence[Any], second: Sequence[Any], inside: Any, compare: Any) -> list[list[float]]:
    """Return what *compare* says of each pair of entries, and of what is *inside* them."""
    sets = [[frozenset(inside(item)) for item in items] for items in (first, second)]
    kinds = [[kind(item) for item in items] for items in (first, second)]
    return [
        [compare(one, two, alike=kinds[0][i] == kinds[1][j]) for j, two in enumerate(sets[1])]
        for i, one in enumerate(sets[0])
    ]


def _likeness(one: frozenset[Any], two: frozenset[Any], *, alike: bool) -> float:
    """Return the share of what two entries have in common, from 0 to 1, and a half more for those of one kind."""
    shared = 2 * len(one & two) / (len(one) + len(two)) if one or two else 1.0
    return shared + alike / 2


def _share(one: frozenset[Any], two: frozenset[Any], *, alike: bool) -> float:
    """Return how much of what the first entry says the second says, too, from 0 to 1."""
    return len(one & two) / len(one) if one and alike else 0.0


_LISTS = ("content", "parts", "tool_calls")


def joined_in(entries: Sequence[Any], whole: Any) -> list[int]:
    """Return the indexes of the entries with something in *whole*."""
    if not isinstance(whole, Mapping):
        return []
    values = frozenset(said(whole))
    indexes = [
        i
        for i, entry in enumerate(entries)
        if isinstance(entry, Mapping) and kind(entry) == kind(whole) and values & frozenset(said(entry))
    ]
    return indexes if indexes[:1] == [0] and len(indexes) > 1 else []


def apart(entries: Sequence[Mapping[str, Any]], whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return *whole* as the entries that it was made of: each with what exists of it."""
    parts: list[dict[str, Any]] = [{} for _ in entries]
    for key, value in whole.items():
        if key in _LISTS:
            for entry, new, own in zip(entries, parts, _shared(key, entries, value), strict=True):
                new.update(_in_form(key, entry, own))
        elif key in ("role", "from") or all(same(entry.get(key), value) for entry in entries):
            for new in parts:
                new[key] = value
        else:
            owner = next((i for i, entry in enumerate(entries) if entry.get(key) is not None), 0)
            parts[owner][key] = value
    return parts


def _shared(key: str, entries: Sequence[Mapping[str, Any]], value: Any) -> list[list[Any]]:
    """Share the items of one list out among the entries, in order; an item of none goes with the one before it."""
    owned = [(i, item) for i, entry in enumerate(entries) for item in _items(key, entry.get(key))]
    items = _items(key, value)
    parts = [item for _, item in owned]
    nothing_lost = list(map(kind, parts)) == list(map(kind, items))
    indexes = zip(range(len(parts)), range(len(items)), strict=True) if nothing_lost else pairs(parts, items)
    owners = {j: owned[k][0] for k, j in indexes}
    shares: list[list[Any]] = [[] for _ in entries]
    owner = 0
    for j, item in enumerate(items):
        owner = owners.get(j, owner)
        shares[owner].append(item)
    return shares


def _items(key: str, value: Any) -> list[Any]:
    if isinstance(value, str) and key == "content":
        return [{"type": "text", "text": value}]
    return list(value) if isinstance(value, list | tuple) else []


def _in_form(key: str, entry: Mapping[str, Any], items: list[Any]) -> dict[str, Any]:
    """Return the items as the entry had its own: text as a string, nothing as nothing."""
    own = entry.get(key)
    sole = items[0] if len(items) == 1 else None
    if isinstance(own, str) and isinstance(sole, Mapping) and sole.keys() == {"type", "text"}:
        return {key: sole["text"]}
    if items or isinstance(own, list | tuple):
        return {key: items}
    return {} if key not in entry or isinstance(own, str) else {key: own}
