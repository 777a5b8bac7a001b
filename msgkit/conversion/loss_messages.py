"""Losses in words."""

from collections.abc import Mapping
from typing import Any

from msgkit import formats
from msgkit.conversion.equivalence import is_form
from msgkit.errors import Path, join_path, quote
from msgkit.jsontext.diff import ABSENT, Difference

_REASONING = frozenset(("reasoning", "reasoning_content"))
_SYSTEM = ("system message", "developer message", "system item", "developer item")
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


def what_is_lost(step: Difference, target: str) -> str:
    """Say in words what *target* cannot carry."""
    last = step.path[-1] if step.path else "row"
    if isinstance(last, int):
        return _entry_lost(step, target)
    noun = _noun(step.path[:-1])
    if step.change == "delete":
        return f"the way back from {target} adds {last} to a {noun}"
    if last in _REASONING and noun == "message" and formats.get(target).capabilities.signed is not None:
        return f"{target} takes no reasoning that it did not sign itself"
    if step.value is None and step.other is ABSENT:
        return f"{target} leaves out the null of {last} on a {noun}"
    if last == "refusal" and noun == "message":
        return f"{target} has no refusal: its text stays, as an answer"
    if last == "is_error" or step.path[-2:] == ("response", "error"):
        return f"{target} cannot mark a result as an error: the text stays"
    if step.other not in (ABSENT, ""):
        return f"{target} makes {last} {quote(step.other)}"
    return f"{target} has no {_key(step.path)} on a {noun}"


def _key(path: Path) -> str:
    """Return the key; of one in an object of the request, with the object's: generationConfig.topK."""
    return join_path(path) if all(isinstance(step, str) for step in path) else str(path[-1])


def _entry_lost(step: Difference, target: str) -> str:
    noun = _entry(step)
    if step.change == "delete":
        return f"the way back from {target} adds a {noun}"
    if step.change == "set":
        return f"{target} has another {noun} here"
    if is_form(step):
        return f"{target} joins this {noun} with another"
    if noun in _SYSTEM and not formats.get(target).capabilities.system_inside and _is_text(step.value.get("content")):
        return f"{target} takes system messages first only: the text stays, as the user's"
    return f"{target} has no place for this {noun}"


def _is_text(content: Any) -> bool:
    parts = content if isinstance(content, list) else [{"text": content}]
    return bool(content) and all(isinstance(part, Mapping) and isinstance(part.get("text"), str) for part in parts)


def _entry(step: Difference) -> str:
    """Name an entry of a list: text part, user message."""
    noun = _noun(step.path)
    kind = step.value.get("role" if "role" in step.value else "type") if isinstance(step.value, Mapping) else None
    return f"{kind} {noun}" if isinstance(kind, str) and kind.isidentifier() else noun


def _noun(path: Path) -> str:
    """Name what is at *path*: message, part, tool call."""
    names = [step for step in path if isinstance(step, str)]
    for name in reversed(names):
        if name in _PLACES:
            return _PLACES[name]
    return "request" if len(names) == len(path) else names[-1]
