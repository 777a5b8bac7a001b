"""Paths of a row with branches: where in the row stands what is in the one list of all its messages, and back."""

from collections.abc import Iterable

import attrs

from msgkit.errors import Issue, Path, join_path
from msgkit.formats.base import Loaded
from msgkit.formats.branches import Branches
from msgkit.jsontext.edit import steps


def place(path: Path, found: Branches) -> Path:
    """Return where in the row stands what is at *path* of the joined body."""
    if path[:1] != (found.key,):
        is_placed = not path or any(path[0] == branch.path[0] for branch in found.branches)
        return path if is_placed else (*found.within, *path)
    if len(path) == 1 or not isinstance(path[1], int):
        return found.branches[0].path
    number = path[1]
    for branch in found.branches:
        if number < branch.count:
            end = {"list": path[1:], "message": path[2:], "text": ()}[branch.shape]
            return (*branch.path, *((number, *end[1:]) if branch.shape == "list" else end))
        number -= branch.count
    return found.branches[-1].path


def unplace(path: Path, found: Branches) -> Path:
    """Return where in the joined body stands what is at *path* of the row: the inverse of ``place``."""
    start = 0
    for branch in found.branches:
        at = len(branch.path)
        if path[:at] == branch.path:
            rest = path[at:]
            if branch.shape != "list":
                return (found.key, start, *rest)
            return (found.key, start + int(rest[0]), *rest[1:]) if rest else (found.key,)
        start += branch.count
    within = len(found.within)
    return path[within:] if within and path[:within] == found.within else path


def issues_in_row(issues: Iterable[Issue], found: Branches) -> list[Issue]:
    """Tell issues of the joined body by their places in the row."""
    return [attrs.evolve(issue, path=_path_in_row(issue.path, found)) for issue in issues]


def _path_in_row(path: str, found: Branches) -> str:
    known = steps(path)
    return path if known is None else join_path(place(known, found))


def in_row(loaded: Loaded, found: Branches) -> Loaded:
    """Tell where in the row stands what was loaded of the joined body."""
    numbers = range(len(loaded.conversation.messages))
    places: dict[Path, Path] = {(key,): (*found.within, key) for key in found.rest} if found.within else {}
    places |= dict(loaded.places) or {("messages", i): (found.key, i) for i in numbers}
    known = {path: place(there, found) for path, there in places.items()}
    return attrs.evolve(loaded, issues=tuple(issues_in_row(loaded.issues, found)), places=known)
