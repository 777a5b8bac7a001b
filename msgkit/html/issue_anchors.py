"""Where an issue is on the page: the path in a row -> the message, and the part or the call in it."""

import re
from collections.abc import Mapping

import attrs

from msgkit.errors import Path

_STEP = re.compile(r"\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|([^.\[\]]+)")


@attrs.frozen
class Place:
    """Where an issue is shown."""

    message: int | None = None  # 0-based index; None for the row as a whole
    field: str = ""  # the key of the message; empty for the message as a whole
    item: int | None = None  # 0-based index of the part or the call when *field* is ``content`` or ``tool_calls``


ROW = Place()


def split(path: str) -> Path:
    """Return the steps of a path as ``Issue.path`` writes it."""
    return tuple(int(index) if index else key or name for index, key, name in _STEP.findall(path))


def find(path: str, at: Path = (), places: Mapping[Path, Path] | None = None) -> Place:
    """Return where the issue at *path* is shown."""
    steps = _translated(split(path), places) if places else split(path)
    if steps[: len(at)] == at and not places:
        steps = steps[len(at) :]
    if len(steps) < 2 or steps[0] != "messages" or not isinstance(steps[1], int):  # noqa: PLR2004 (messages and an index)
        return ROW
    match steps[2:]:
        case (("content" | "tool_calls") as field, int(item), *_):
            return Place(steps[1], field, item)
        case (str(field), *_):
            return Place(steps[1], field)
        case _:
            return Place(steps[1])


def _translated(steps: Path, places: Mapping[Path, Path]) -> Path:
    """Go from the row to the values by the longest place that leads to *steps*."""
    best: Path = ()
    translated = steps
    for value, place in places.items():
        if len(place) >= len(best) and steps[: len(place)] == place:
            best, translated = place, value + steps[len(place) :]
    return translated
