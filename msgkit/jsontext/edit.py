"""Change places of a JSON value and share the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Steps = tuple[str | int, ...]

_STEP = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,9})\]")


def steps(path: str) -> Steps | None:
    """
    Return the steps of an issue's path, or None when a key in it is no plain name.

    >>> steps("messages[3].content[1].text")
    ('messages', 3, 'content', 1, 'text')
    """
    found: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        found.append(match[1] if match[2] is None else int(match[2]))
        at = match.end()
    return tuple(found)


def edit(value: Any, path: Steps, change: Callable[[Any], Any]) -> Any:
    """
    Return *value* with what stands at *path* changed; unchanged when there is nothing at *path*.

    >>> edit({"a": [1, 2], "b": 3}, ("a", 0), str)
    {'a': ['1', 2], 'b': 3}
    """
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if isinstance(step, str) and isinstance(value, Mapping) and step in value:
        return {**value, step: edit(value[step], rest, change)}
    if isinstance(step, int) and isinstance(value, list | tuple) and step < len(value):
        return [*value[:step], edit(value[step], rest, change), *value[step + 1 :]]
    return value


class Editor:
    """
    Changes many places of one value; each list and object on the way is copied once, the value itself never changed.

    >>> editor = Editor({"a": [1, 2], "b": [3]})
    >>> editor.put(("a", 0), "one")
    >>> editor.value
    {'a': ['one', 2], 'b': [3]}
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self._own: set[Steps] = set()

    def put(self, path: Steps, new: Any) -> None:
        """Put *new* in the place of what stands at *path*."""
        node = self.value = self._copied(self.value, ())
        for end, step in enumerate(path[:-1], 1):
            node[step] = self._copied(node[step], path[:end])
            node = node[step]
        node[path[-1]] = new
        self._own.discard(path)

    def _copied(self, value: Any, path: Steps) -> Any:
        if path in self._own:
            return value
        self._own.add(path)
        return dict(value) if isinstance(value, Mapping) else list(value)


def find(value: Any, path: Steps) -> Any:
    """
    Return what stands at *path*, None when there is nothing.

    >>> find({"a": [1, 2]}, ("a", 1))
    2
    """
    for step in path:
        if not _has(value, step):
            return None
        value = value[step]
    return value


def reach(value: Any, path: Steps) -> Steps:
    """
    Return as much of *path* as there is in *value*.

    >>> reach({"a": [1, 2]}, ("a", 1, "b"))
    ('a', 1)
    """
    for end, step in enumerate(path):
        if not _has(value, step):
            return path[:end]
        value = value[step]
    return path


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(value, Mapping) and step in value
    return isinstance(value, list | tuple) and step < len(value)


def without(key: str) -> Callable[[Any], Any]:
    """
    Return a change that leaves *key* out of an object.

    >>> without("a")({"a": 1, "b": 2})
    {'b': 2}
    """

    def change(value: Any) -> Any:
        return {name: item for name, item in value.items() if name != key} if isinstance(value, Mapping) else value

    return change
