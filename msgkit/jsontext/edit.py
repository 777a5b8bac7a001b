"""The one editor of JSON values, by path: what is on the way to a change is copied, the rest is shared."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgkit.jsontext.values import LIST, OBJECT

Steps = tuple[str | int, ...]

_STEP = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,9})\]")


def steps(path: str) -> Steps | None:
    """Return the steps of an issue's path, or None when a key in it is no plain name."""
    keys: list[str | int] = []
    start = 0
    while start < len(path):
        match = _STEP.match(path, start)
        if match is None:
            return None
        keys.append(match[1] if match[2] is None else int(match[2]))
        start = match.end()
    return tuple(keys)


class Editor:
    """Applies many changes to one value."""

    def __init__(self, value: Any) -> None:
        self._root = [value]
        self._copies: dict[int, Any] = {id(self._root): self._root}  # kept alive, so that no id is used again

    @property
    def value(self) -> Any:
        """The value with the changes made so far."""
        return self._root[0]

    def put(self, path: Steps, new: Any) -> None:
        """Put *new* at *path*."""
        parent, key = self._parent(path)
        parent[key] = new

    def insert(self, path: Steps, new: Any) -> None:
        """Insert *new* into a list, before the index that *path* ends with."""
        parent, key = self._parent(path)
        parent.insert(key, new)

    def delete(self, path: Steps) -> None:
        """Delete what is at *path*."""
        parent, key = self._parent(path)
        del parent[key]

    def _parent(self, path: Steps) -> tuple[Any, Any]:
        """Return the object or list that *path* ends in, copied before its first change, and the last key."""
        parent: Any = self._root
        key: str | int = 0
        for step in path:
            child = parent[key]
            if id(child) not in self._copies:
                child = parent[key] = dict(child) if isinstance(child, Mapping) else list(child)
                self._copies[id(child)] = child
            parent, key = child, step
        return parent, key


def edit(value: Any, path: Steps, change: Callable[[Any], Any]) -> Any:
    """Return *value* with *change* applied at *path*; unchanged when there is nothing at *path*."""
    if reach(value, path) != path:
        return value
    editor = Editor(value)
    editor.put(path, change(find(value, path)))
    return editor.value


def patch(value: Any, differences: Sequence[Any]) -> Any:
    """Return *value* with the differences undone; the inverse of ``diff``."""
    editor = Editor(value)
    for step in differences:
        if step.change == "delete":
            editor.delete(step.path)
        else:
            (editor.insert if step.change == "insert" else editor.put)(step.path, step.value)
    return editor.value


def find(value: Any, path: Steps) -> Any:
    """Return what is at *path*, None when there is nothing."""
    for step in path:
        if not _has(value, step):
            return None
        value = value[step]
    return value


def reach(value: Any, path: Steps) -> Steps:
    """Return as much of *path* as there is in *value*."""
    for end, step in enumerate(path):
        if not _has(value, step):
            return path[:end]
        value = value[step]
    return path


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, OBJECT) and step in value
    return isinstance(value, LIST) and step < len(value)


def without(key: str) -> Callable[[Any], Any]:
    """Return a change that leaves *key* out of an object."""

    def change(value: Any) -> Any:
        return {name: item for name, item in value.items() if name != key} if isinstance(value, Mapping) else value

    return change
