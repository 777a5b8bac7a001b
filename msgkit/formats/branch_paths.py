"""Paths of a row with branches: where in the row stands what is in the one list of all its messages, and back."""

from collections.abc import Iterable

import attrs

from msgkit.errors import Issue, Path, join_path
from msgkit.formats.base import Loaded
from msgkit.formats.branches import Branches
from msgkit.jsontext.edit import steps


def place(path: Path, branched: Branches) -> Path:
    """Return where in the row stands what is at *path* of the joined body."""
    if path[:1] != (branched.key,):
        is_placed = not path or any(path[0] == branch.path[0] for branch in branched.branches)
        return path if is_placed else (*branched.within, *path)
    if len(path) == 1 or not isinstance(path[1], int):
        return branched.branches[0].path
    number = path[1]
    for branch in branched.branches:
        if number < branch.count:
            end = {"list": path[1:], "message": path[2:], "text": ()}[branch.shape]
            return (*branch.path, *((number, *end[1:]) if branch.shape == "list" else end))
        number -= branch.count
    return branched.branches[-1].path


def unplace(path: Path, branched: Branches) -> Path:
    """Return where in the joined body stands what is at *path* of the row: the inverse of ``place``."""
    start = 0
    for branch in branched.branches:
        at = len(branch.path)
        if path[:at] == branch.path:
            rest = path[at:]
            if branch.shape != "list":
                return (branched.key, start, *rest)
            return (branched.key, start + int(rest[0]), *rest[1:]) if rest else (branched.key,)
        start += branch.count
    within = len(branched.within)
    return path[within:] if within and path[:within] == branched.within else path


def issues_in_row(issues: Iterable[Issue], branched: Branches) -> list[Issue]:
    """Tell issues of the joined body by their places in the row."""
    return [attrs.evolve(issue, path=_path_in_row(issue.path, branched)) for issue in issues]


def _path_in_row(path: str, branched: Branches) -> str:
    known = steps(path)
    return path if known is None else join_path(place(known, branched))


def in_row(loaded: Loaded, branched: Branches) -> Loaded:
    """Tell where in the row stands what was loaded of the joined body."""
    numbers = range(len(loaded.conversation.messages))
    places: dict[Path, Path] = {(key,): (*branched.within, key) for key in branched.rest} if branched.within else {}
    places |= dict(loaded.places) or {("messages", i): (branched.key, i) for i in numbers}
    known = {path: place(there, branched) for path, there in places.items()}
    return attrs.evolve(loaded, issues=tuple(issues_in_row(loaded.issues, branched)), places=known)
