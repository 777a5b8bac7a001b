"""Differences between a source and what came back, in words; and whether the meaning stays."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgkit import formats
from msgkit.errors import Path, quote
from msgkit.headers import canonical
from msgkit.jsontext.diff import ABSENT, Difference, same

_IDS = frozenset(("id", "call_id", "tool_call_id", "tool_use_id"))
_REASONING = frozenset(("reasoning", "reasoning_content"))
_MEDIA_TYPES = frozenset(("media_type", "mimeType", "mime_type"))
_NO_PARAMETERS = {"type": "object", "properties": {}}
_DEFAULTS: Mapping[str, Any] = {
    "detail": "auto",
    "recipient": "all",
    "args": {},
    "parameters": _NO_PARAMETERS,
    "input_schema": _NO_PARAMETERS,
    "annotations": [],
    "status": "completed",
    "type": "message",
}
_INSTRUCTIONS = frozenset(("systemInstruction", "system_instruction"))
_MOST_SPREAD = 64  # entries of a range that are read together, once for each difference in it
_NO_TOOLS: tuple[Any, ...] = ([], "[]")
_CONSTRAIN = "<|constrain|>"
_PLACES = {
    "messages": "message",
    "conversations": "message",
    "contents": "content",
    "input": "item",
    "content": "part",
    "parts": "part",
    "tool_calls": "tool call",
    "tools": "tool",
}


def is_form(found: Difference) -> bool:
    """
    Tell whether only the writing differs: a null, an id renamed, spaces in JSON text, one text as string or part.

    >>> at = ("messages", 0, "name")
    >>> is_form(Difference(at, "set", None)), is_form(Difference(at, "set", "Ann"))
    (True, False)
    """
    if found.joined or _is_spread(found):
        return True
    key = found.path[-1] if found.path else ""
    if key == "role" and found.path[0] in _INSTRUCTIONS:
        return True  # whose it is, is clear
    if key == "id" and found.path[0] in ("input", "output"):
        return True  # what the server called an item
    if found.value is None or found.change == "delete":
        return True  # a null holds nothing that could be lost, and what is too much takes nothing away
    if found.change != "set" or found.other is ABSENT:
        return (key == "tools" and found.value in _NO_TOOLS) or bool(found.value == _DEFAULTS.get(str(key), ABSENT))
    return _means_the_same(str(key), found.value, found.other)


def _is_spread(found: Difference) -> bool:
    """Tell of a difference in messages that were split or joined whether they say the same."""
    if found.block is None or len(found.block[0]) == len(found.block[1]):
        return False
    if max(map(len, found.block)) > _MOST_SPREAD:
        return False
    return same(*(list(_said(items)) for items in found.block))


def _means_the_same(key: str, value: Any, other: Any) -> bool:
    if isinstance(value, str) and isinstance(other, str):
        if key in _MEDIA_TYPES:
            return canonical(value) == canonical(other)
        if key == "content_type":
            return value.removeprefix(_CONSTRAIN).strip() == other.removeprefix(_CONSTRAIN).strip()
        return key in _IDS or _same_json(value, other) or (key == "text" and _same_talk(value, other))
    texts = [_as_text(item) for item in (value, other)]
    return texts[0] is not None and texts[0] == texts[1]


def _same_talk(one: str, two: str) -> bool:
    """Tell whether two rendered texts hold the same messages, their headers or ends written otherwise."""
    found = formats.recognize({"text": one})
    if found is None or found is not formats.recognize({"text": two}):
        return False
    talks = [found.load({"text": text}, ()) for text in (one, two)]
    return not any(talk.issues for talk in talks) and talks[0].conversation == talks[1].conversation


def _same_json(one: str, two: str) -> bool:
    if not (one[:1] in "{[" and two[:1] in "{["):
        return False
    try:
        return same(json.loads(one), json.loads(two))
    except (ValueError, RecursionError):
        return False


def _as_text(value: Any) -> str | None:
    """Return the text of a content that is a string, null, plain text parts, or an instruction made of them."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and value.keys() <= {"role", "parts"}:
        return _as_text(value.get("parts"))
    if not isinstance(value, list):
        return value if isinstance(value, str) else None
    texts = [_plain_text(part) for part in value]
    return None if None in texts else "".join(map(str, texts))


def _plain_text(part: Any) -> str | None:
    if not isinstance(part, Mapping):
        return None
    told = {key: item for key, item in part.items() if item != []}
    return told["text"] if told.keys() <= {"type", "text"} and isinstance(told.get("text"), str) else None


def _said(items: Sequence[Any]) -> Iterator[Any]:
    """Yield what a run of messages says, whatever messages it is spread over."""
    before: Any = ABSENT
    for item in items:
        if not isinstance(item, Mapping):
            yield item
            continue
        content = item.get("content", item.get("parts"))
        head = {key: value for key, value in item.items() if key not in ("content", "parts") and value is not None}
        if before is ABSENT or not same(head, before):
            yield head
        before = {key: value for key, value in head.items() if key == "role"}
        if content is not None:
            yield from content if isinstance(content, list) else [{"type": "text", "text": content}]


def what_is_lost(found: Difference, target: str) -> str:
    """
    Say in words what *target* cannot carry.

    >>> what_is_lost(Difference(("messages", 0, "name"), "set", "Ann"), "anthropic")
    'anthropic has no name on a message'
    """
    last = found.path[-1] if found.path else "row"
    if isinstance(last, int):
        return _entry_lost(found, target)
    noun = _noun(found.path[:-1])
    if found.change == "delete":
        return f"the way back from {target} adds {last} to a {noun}"
    if last in _REASONING and formats.get(target).capabilities.signed is not None:
        return f"{target} takes no reasoning that it did not sign itself"
    if found.value is None and found.other is ABSENT:
        return f"{target} leaves out the null of {last} on a {noun}"
    return (
        f"{target} has no {last} on a {noun}"
        if found.other in (ABSENT, "")
        else f"{target} makes {last} {quote(found.other)}"
    )


def _entry_lost(found: Difference, target: str) -> str:
    noun = _entry(found)
    if found.change == "delete":
        return f"the way back from {target} adds a {noun}"
    if found.change == "set":
        return f"{target} has another {noun} here"
    return f"{target} joins this {noun} with another" if is_form(found) else f"{target} has no place for this {noun}"


def _entry(found: Difference) -> str:
    """Name an entry of a list: text part, user message."""
    noun = _noun(found.path)
    kind = found.value.get("role" if noun == "message" else "type") if isinstance(found.value, Mapping) else None
    return f"{kind} {noun}" if isinstance(kind, str) and kind.isidentifier() else noun


def _noun(path: Path) -> str:
    """Name what stands at *path*: message, part, tool call."""
    names = [step for step in path if isinstance(step, str)]
    for name in reversed(names):
        if name in _PLACES:
            return _PLACES[name]
    return names[-1] if names else "request"
