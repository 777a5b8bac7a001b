"""
Safe fixes: those that do not change the meaning.

A fix takes the wire form of a row and the place of an issue, and gives the row back with that one thing changed. It
sees the nearest element of a list alone, so that a fault costs the same in a row with many as in a row with one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgkit.errors import Issue, MediaError, UnknownNameError
from msgkit.formats.envelopes import list_body
from msgkit.jsontext.edit import Editor, Steps, edit, find, steps
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.rules import media_probe
from msgkit.rules.base import Upright
from msgkit.rules.table import CODES
from msgkit.rules.text import split_thought


def fix(
    row: Any, issues: Sequence[Issue], *, unsafe: Iterable[str] = (), upright: Upright | None = None
) -> tuple[Any, list[Issue]]:
    """Apply safe fixes; return the new row and the issues fixed."""
    for name in unsafe:
        if name not in UNSAFE:
            raise UnknownNameError("repair", name, UNSAFE)
    bare = isinstance(row, LIST)
    key = str(next((at[0] for issue in issues if (at := steps(issue.path))), ""))  # of the list, as the issues have it
    editor = Editor(list_body(row, key) if bare else row)
    fixed: list[Issue] = []
    for issue in issues:
        item = _item(editor.value, issue.path) if issue.fixable else None
        if item is None:
            continue
        new = _fixed(issue.code, item, upright)
        if new != item.box:
            editor.put(item.path, new[item.at[0]])
            fixed.append(issue)
    body = editor.value
    for name in unsafe:
        body, gone = _repair(body, [issue for issue in issues if issue.code in UNSAFE[name]])
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
            return media_probe.read_media(item.box, item.at) is not None
        return rule.fix is not None and bool(rule.fix(item.box, item.at) != item.box)
    except MediaError:
        return False


class _Item(NamedTuple):
    """The nearest element of a list around an issue."""

    path: Steps  # where it is in the body
    box: dict[str, Any]  # an object with this element alone, under the list's name
    at: Steps  # where in the box the issue is


def _item(body: Any, issue_path: str) -> _Item | None:
    at = steps(issue_path)
    ends = [end for end, step in enumerate(at or (), 1) if isinstance(step, int)]
    if not at:
        return None
    end = ends[-1] if ends else 1
    path, rest = at[:end], at[end:]
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    return _Item(path, {name: find(body, path)}, (name, *rest))


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


UNSAFE: Mapping[str, frozenset[str]] = {
    "tool-pairs": frozenset(("tool-result-orphan", "tool-result-duplicate", "tool-result-missing")),
    "empty-content": frozenset(("content-empty", "content-missing")),
    "reasoning-in-text": frozenset(("reasoning-in-text",)),
    "merge-neighbours": frozenset(("role-order",)),
}
"""Name of a repair that changes the meaning -> the codes that it acts on."""

_MOVED, _MERGED = UNSAFE["reasoning-in-text"], UNSAFE["merge-neighbours"]


def _repair(body: Any, issues: Sequence[Issue]) -> tuple[Any, list[Issue]]:
    """Take out of *body* the messages, parts and calls that *issues* name, and move reasoning out of texts."""
    gone: list[Issue] = []
    dropped: set[Steps] = set()
    for issue in reversed(issues):
        at = steps(issue.path)
        if at is not None and issue.code in _MOVED | _MERGED:
            new = edit(body, at[:-1], split_thought) if issue.code in _MOVED else _merge(body, at[:-1])
            gone += [issue] if new is not body and new != body else []
            body = new
            continue
        path = None if at is None else _droppable(body, at, issue.code)
        if path is not None:
            dropped.add(path)
            gone.append(issue)
    for path in sorted(dropped, key=lambda path: [str(step).zfill(9) for step in path], reverse=True):
        body = _drop(body, path)
    return body, gone[::-1]


def _merge(body: Any, at: Steps) -> Any:
    """Join the message at *at* to the one before it, if they are of one role and hold words or calls alone."""
    items, index = find(body, at[:-1]), at[-1] if at else None
    if not isinstance(items, LIST) or not isinstance(index, int) or not 0 < index < len(items):
        return body
    first, second = items[index - 1], items[index]
    if not (isinstance(first, OBJECT) and isinstance(second, OBJECT)) or first.get("role") != second.get("role"):
        return body
    if first.keys() != {"role", "content"} or not {"role", "content"} <= second.keys() <= _JOINED:
        return body
    joined = {**second, "content": _joined(first["content"], second["content"])}
    return edit(body, at[:-1], lambda old: [*old[: index - 1], joined, *old[index + 1 :]])


_JOINED = frozenset(("role", "content", "tool_calls"))


def _joined(first: Any, second: Any) -> Any:
    """Return two contents as one: texts with an empty line between them, parts one after the other."""
    if not first or not second:
        return first or second
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [
        part
        for content in (first, second)
        for part in ([{"type": "text", "text": content}] if isinstance(content, str) else content)
    ]


def _droppable(body: Any, at: Steps, code: str) -> Steps | None:
    """Return the list element that an issue at *at* is to be fixed by leaving out: a message, an item or a part."""
    ends = [end for end, step in enumerate(at, 1) if isinstance(step, int)]
    path = at[: ends[-1]] if ends else ()
    value = find(body, path)
    if not path or not isinstance(value, OBJECT):
        return None
    if code == "tool-result-missing" and "conversations" in path:
        return None  # the call may have been joined to what was said before it
    if not code.startswith("tool-") and (_is_result(value) or _is_result(find(body, path[:-2]))):
        return None
    return path


def _is_result(value: Any) -> bool:
    """Return whether an element holds the result of a call, in any format."""
    if not isinstance(value, OBJECT):
        return False
    item_type = value.get("type")
    return (
        value.get("role") == "tool"
        or "functionResponse" in value
        or "function_response" in value
        or (
            isinstance(item_type, str)
            and item_type in ("tool_result", "function_call_output", "custom_tool_call_output")
        )
    )


def _drop(body: Any, path: Steps) -> Any:
    index, above = path[-1], path[:-2]
    if find(body, path) is None or not isinstance(index, int):
        return body
    if path[-2] == "tool_calls":
        body = _drop_call(body, above, find(body, (*path, "id")))
    else:
        body = edit(body, path[:-1], lambda items: [item for n, item in enumerate(items) if n != index])
    message = find(body, above) if above and path[-2] in _CONTENT else None
    if isinstance(message, OBJECT) and not any(message.get(key) for key in _CONTENT):
        return _drop(body, above)
    return body


_CONTENT = ("content", "parts", "tool_calls", "refusal", "audio", "function_call")  # what a message may hold


def _drop_call(body: Any, message: Steps, call: object) -> Any:
    """Leave out the calls of a message that have this id, and the results that answered them too late."""

    def change(old: Any) -> Any:
        calls = [item for item in old["tool_calls"] if not _is_call(item, call)]
        kept = {key: value for key, value in old.items() if key != "tool_calls"}
        return {**old, "tool_calls": calls} if calls else kept

    body = edit(body, message, change)
    items = find(body, message[:-1])
    start = int(message[-1]) + 1
    end = next((n for n in range(start, len(items)) if _calls(items[n], call)), len(items))
    kept = [item for n, item in enumerate(items) if not (start <= n < end and _answers(item, call))]
    return edit(body, message[:-1], lambda _: kept)


def _calls(message: Any, call: object) -> bool:
    calls = message.get("tool_calls") if isinstance(message, OBJECT) else None
    return isinstance(calls, LIST) and any(_is_call(item, call) for item in calls)


def _is_call(item: Any, call: object) -> bool:
    return isinstance(item, OBJECT) and item.get("id") == call


def _answers(message: Any, call: object) -> bool:
    return isinstance(message, OBJECT) and message.get("role") == "tool" and message.get("tool_call_id") == call
