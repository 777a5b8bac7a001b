"""
Safe fixes: those that do not change the meaning.

A fix takes the wire form of a row and the place of an issue, and gives the row back with that one thing changed. It
sees the nearest element of a list alone, so that a fault costs the same in a row with many as in a row with one.
"""

from collections.abc import Iterable
from typing import Any

import attrs

from msgkit.errors import Issue, MediaError
from msgkit.formats.envelopes import list_body
from msgkit.jsontext.edit import Editor, Steps, find, steps
from msgkit.rules import media_at, unsafe_fixes
from msgkit.rules.base import Upright
from msgkit.rules.table import CODES
from msgkit.rules.unsafe_fixes import UNSAFE


def fix(
    row: Any,
    issues: Iterable[Issue],
    *,
    unsafe: Iterable[str] = (),
    upright: Upright | None = None,
) -> tuple[Any, list[Issue]]:
    """Apply safe fixes; return the new row and the issues fixed."""
    unsafe_fixes.check_names(unsafe)
    remaining = list(issues)
    bare = isinstance(row, list | tuple)
    key = str(
        next((at[0] for issue in remaining if (at := steps(issue.path))), "")
    )  # of the list, as the issues have it
    editor = Editor(list_body(row, key) if bare else row)
    fixed: list[Issue] = []
    for issue in remaining:
        item = _item(editor.value, issue.path) if issue.fixable else None
        if item is None:
            continue
        new = _fixed(issue.code, item, upright)
        if new != item.box:
            editor.put(item.place, new[item.at[0]])
            fixed.append(issue)
    body = editor.value
    for name in unsafe:
        body, gone = unsafe_fixes.repair(body, [issue for issue in remaining if issue.code in UNSAFE[name]])
        fixed += gone
    return (next(iter(body.values())) if bare else body), fixed


def is_fixable(body: Any, code: str, path: str) -> bool:
    """Return whether ``fix`` changes something at *path* in *body*; an image is not turned for that."""
    item = _item(body, path)
    if item is None:
        return False
    rule = CODES[code]
    try:
        if rule.fix_media is not None:
            return media_at.read(item.box, item.at) is not None
        return rule.fix is not None and bool(rule.fix(item.box, item.at) != item.box)
    except MediaError:
        return False


@attrs.frozen
class _Item:
    """The nearest element of a list around an issue."""

    place: Steps  # where in the body it stands
    box: dict[str, Any]  # an object with this element alone, under the list's name
    at: Steps  # where in the box the issue is


def _item(body: Any, path: str) -> _Item | None:
    at = steps(path)
    ends = [end for end, step in enumerate(at or (), 1) if isinstance(step, int)]
    if not at:
        return None
    end = ends[-1] if ends else 1
    place, rest = at[:end], at[end:]
    name = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    return _Item(place, {name: find(body, place)}, (name, *rest))


def _fixed(code: str, item: _Item, upright: Upright | None) -> Any:
    rule = CODES.get(code)
    try:
        if rule is not None and rule.fix is not None:
            return rule.fix(item.box, item.at)
        if rule is not None and rule.fix_media is not None and upright is not None:
            return rule.fix_media(item.box, item.at, upright)
    except MediaError:
        pass  # the issue stays
    return item.box
