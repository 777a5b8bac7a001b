"""Repairs that change the meaning: done only when named."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgkit.errors import Issue, UnknownNameError
from msgkit.rules.edits import Steps, edit, find, steps

UNSAFE: Mapping[str, frozenset[str]] = {
    "tool-pairs": frozenset(("tool-result-orphan", "tool-result-duplicate", "tool-result-missing")),
    "empty-content": frozenset(("content-empty", "content-missing")),
}
"""Name of the repair -> the codes that it acts on."""


def check_names(names: Iterable[str]) -> None:
    """
    Refuse the name of a repair that there is not.

    Raises:
        UnknownNameError: With the nearest name.
    """
    for name in names:
        if name not in UNSAFE:
            raise UnknownNameError("repair", name, UNSAFE)


def repair(body: Any, issues: Sequence[Issue]) -> tuple[Any, list[Issue]]:
    """
    Take out of *body* the messages, parts and calls that *issues* name; nothing is put in their place.

    A result without a call goes, and so does a call without a result; a message that holds nothing any more goes, too.
    The result of a call stays even when it is empty.

    >>> row = {"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "a", "content": "x"}]}
    >>> repair(row, [Issue("messages[1].tool_call_id", "tool-result-orphan", "error", "...")])[0]
    {'messages': [{'role': 'user', 'content': 'Hi'}]}
    """
    gone: list[Issue] = []
    dropped: set[Steps] = set()
    for issue in issues:
        at = steps(issue.path)
        place = None if at is None else _place(body, at, issue.code)
        if place is not None:
            dropped.add(place)
            gone.append(issue)
    for place in sorted(dropped, key=lambda place: [str(step).zfill(9) for step in place], reverse=True):
        body = _drop(body, place)
    return body, gone


def _place(body: Any, at: Steps, code: str) -> Steps | None:
    """Return the list element that an issue at *at* is to be mended by leaving out."""
    message = at[: at.index("messages") + 2]
    if code == "tool-result-missing":
        return at[:-1]
    if code.startswith("tool-"):
        return message
    if find(body, (*message, "role")) == "tool":
        return None
    return at[:-1] if at[-1] == "text" else message


def _drop(body: Any, place: Steps) -> Any:
    index = place[-1]
    if find(body, place) is None or not isinstance(index, int):
        return body
    if place[-2] == "messages":
        return edit(body, place[:-1], lambda items: [item for n, item in enumerate(items) if n != index])
    message = place[: place.index("messages") + 2]
    if place[-2] == "tool_calls":
        body = _drop_call(body, message, find(body, (*place, "id")))
    else:
        body = edit(body, place[:-1], lambda items: [item for n, item in enumerate(items) if n != index])
    held = find(body, message)
    if not any(held.get(key) for key in ("content", "tool_calls", "refusal", "audio", "function_call")):
        return _drop(body, message)
    return body


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
    calls = message.get("tool_calls") if isinstance(message, Mapping) else None
    return isinstance(calls, list | tuple) and any(_is_call(item, call) for item in calls)


def _is_call(item: Any, call: object) -> bool:
    return isinstance(item, Mapping) and item.get("id") == call


def _answers(message: Any, call: object) -> bool:
    return isinstance(message, Mapping) and message.get("role") == "tool" and message.get("tool_call_id") == call
