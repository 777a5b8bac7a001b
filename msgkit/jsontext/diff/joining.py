"""Messages that became one message, taken apart again."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgkit.jsontext.diff.alignment import pairs
from msgkit.jsontext.values import kind, said

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
        elif key in ("role", "from"):
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
