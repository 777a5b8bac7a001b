"""Losses in words: what is lost, and what can be done."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from msgkit import formats
from msgkit.conversion.equivalence import is_form
from msgkit.errors import Kind, Path, join_path, quote
from msgkit.escaping import CONTENTS, a, name_of
from msgkit.formats import Format
from msgkit.formats.common import media
from msgkit.jsontext.diff import ABSENT, Difference
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import kind as kind_of
from msgkit.model.messages import Role

_RESULTS = frozenset(("output", "toolResult", "functionResponse", "function_response"))
_MEDIA = {
    **dict.fromkeys(("image", "input_image", "image_url"), "image_url"),
    **dict.fromkeys(("document", "input_file", "file"), "file"),
}
"""Name of a part -> the part of Chat Completions."""


@attrs.frozen(eq=False, repr=False)
class Words:
    """Says what each difference of one row loses."""

    body: Mapping[str, Any]  # the source
    back: Any  # what came back
    target: Format
    steps: Sequence[Difference]
    _moved: set[tuple[Path, str | None]] = attrs.field(init=False)

    @_moved.default
    def _texts(self) -> set[tuple[Path, str | None]]:
        return {(step.path[:-1], _text_of(step.value)) for step in self.steps if step.change == "delete"}

    def of(self, step: Difference, kind: Kind) -> str:
        """Say what a difference loses."""
        what = what_is_lost(step, self.target.name)
        if step.change == "insert" and _text_of(step.value) and (step.path[:-1], _text_of(step.value)) in self._moved:
            what = what.replace(" has no place for this ", " gives another place to this ")
        if kind == "content" and step.change == "insert" and _was_last_question(self.body, self.back, step.path):
            what += "; the assistant's answer before it is then the end"
        if kind == "content" and _may_follow(step, self.body, self.target):
            what += " in a result; --tool-media follow keeps it in a user message"
        return what


def _text_of(part: Any) -> str | None:
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else None


def _may_follow(step: Difference, body: Mapping[str, Any], target: Format) -> bool:
    """Return whether lost media of a result have a place in a user message."""
    path, own = step.path, target.capabilities
    role = find(body, (*path[:2], "role")) if path[:1] == ("messages",) else None
    is_result = role == "tool" or path.count("content") == 2 or not _RESULTS.isdisjoint(path)  # noqa: PLR2004 (nested)
    if not is_result or path[2:] == ():
        return False
    entries = step.value if isinstance(step.value, list) else [step.value]
    types = {_MEDIA.get(str(name_of(entry))) or _type_in(entry) for entry in entries}
    return not types.isdisjoint(set(own.parts_of(Role.USER)) - {*own.parts_of(Role.TOOL), "text"})


def _type_in(entry: Any) -> str | None:
    """Return the part that media become, which Gemini tells by a type inside an object."""
    inner = next(iter(entry.values()), None) if isinstance(entry, Mapping) else None
    media_type = (
        next((inner[key] for key in ("mimeType", "mime_type") if key in inner), "")
        if isinstance(inner, Mapping)
        else ""
    )
    return media.part_of(media_type, "")["type"] if isinstance(media_type, str) and media_type else None


def _was_last_question(body: Mapping[str, Any], back: Any, path: Path) -> bool:
    """Return whether a message was the last, and the assistant's before it is the last now."""
    items = body.get(str(path[0]))
    rest = back.get(path[0]) if isinstance(back, Mapping) else None
    if not isinstance(items, list) or path[1:] != (len(items) - 1,) or not isinstance(rest, list) or not rest:
        return False
    last = rest[-1] if isinstance(rest[-1], Mapping) else {}
    return last.get("role", last.get("from")) in ("assistant", "model", "gpt") and kind_of(items[-1]) != kind_of(last)


_REASONING = frozenset(("reasoning", "reasoning_content"))
_THOUGHTS = ("reasoning", "thinking", "thought", "reasoningContent")
_NOTHING: tuple[Any, ...] = (None, "", [])
_SHOWN = 3  # names of tools that are told
_SYSTEM = ("system message", "developer message", "system item", "developer item")
_PLACES = {
    "messages": "message",
    "conversations": "message",
    "conversation": "message",
    "contents": "content",
    "input": "item",
    "content": "part",
    "parts": "part",
    "output": "part",
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
        return f"the way back from {target} adds {last} to {a(noun)}"
    if step.value is None and step.other is ABSENT:
        return f"{target} leaves out the null of {last} on {a(noun)}"
    what = _known(step, last, noun, target)
    if what is not None:
        return what
    if step.other not in (ABSENT, ""):
        return f"{target} makes {last} {quote(step.other)}"
    return f"{target} has no {_key(step.path)} on {a(noun)}"


def _known(step: Difference, last: str, noun: str, target: str) -> str | None:
    """Say what is lost of reasoning, refusals, errors and lists; None for anything else."""
    if last in _REASONING and noun == "message" and formats.get(target).capabilities.signed is not None:
        return f"{target} takes no reasoning that it did not sign itself"
    if last == "refusal" or (last == "content" and _is_refusal(step.value)):
        return f"{target} has no refusal: its text stays, as an answer"
    if last == "is_error" or (last, step.value) == ("status", "error") or step.path[-2:] == ("response", "error"):
        return f"{target} cannot mark a result as an error: the text stays"
    if isinstance(step.value, list) and (step.other is ABSENT or step.other in _NOTHING):
        if last in CONTENTS:
            return f"{target} has no place for this {_entries(step.value, noun)}"
        if last == "tools":
            return f"{target} has no place for these tools: {_tool_names(step.value)}"
    return None


def _entries(parts: list[Any], noun: str) -> str:
    """Name the parts of a content: "image part", or "content of image and text parts"."""
    names = sorted({name for part in parts if (name := name_of(part)) and name.isidentifier()})
    return f"{names[0]} part" if len(names) == 1 else f"content of {a(noun)}: {', '.join(names)} parts"


def _tool_names(tools: list[Any]) -> str:
    own = [tool.get("name") if isinstance(tool, Mapping) else None for tool in tools]
    names = [quote(name if isinstance(name, str) else name_of(tool)) for tool, name in zip(tools, own, strict=True)]
    return ", ".join([*names[:_SHOWN], *["..."] * (len(names) > _SHOWN)])


def _is_refusal(content: Any) -> bool:
    parts = content if isinstance(content, list) else []
    return bool(parts) and all(isinstance(part, Mapping) and part.get("type") == "refusal" for part in parts)


def _key(path: Path) -> str:
    """Return the key; of one in an object of the request, with the object's: generationConfig.topK."""
    return join_path(path) if all(isinstance(step, str) for step in path) else str(path[-1])


def _entry_lost(step: Difference, target: str) -> str:
    noun = _entry(step)
    if step.change == "delete":
        return f"the way back from {target} adds {a(noun)}"
    if step.change == "set":
        return f"{target} has another {noun} here"
    if is_form(step):
        return f"{target} joins this {noun} with another"
    own = formats.get(target).capabilities
    if own.signed is not None and name_of(step.value) in _THOUGHTS:
        return f"{target} takes no reasoning that it did not sign itself"
    if noun in _SYSTEM and _is_text(step.value.get("content")) and (not own.system_inside or own.system_after):
        if own.system_inside:
            return f"{target} takes a system message here as the user's only: the text stays"
        return f"{target} takes system messages first only: the text stays, as the user's"
    return f"{target} has no place for this {noun}"


def _is_text(content: Any) -> bool:
    parts = content if isinstance(content, list) else [{"text": content}]
    return bool(content) and all(isinstance(part, Mapping) and isinstance(part.get("text"), str) for part in parts)


def _entry(step: Difference) -> str:
    """Name an entry of a list: text part, user message."""
    noun, value = _noun(step.path), step.value if isinstance(step.value, Mapping) else {}
    name = value.get("role") if "role" in value else name_of(value)
    inner = value.get(str(name))
    types = [inner.get(key) for key in ("mimeType", "mime_type")] if isinstance(inner, Mapping) else []
    told = next((f" of {media_type}" for media_type in types if isinstance(media_type, str)), "")
    return f"{name} {noun}{told}" if isinstance(name, str) and name.isidentifier() else noun


def _noun(path: Path) -> str:
    """Name what is at *path*: message, part, tool call."""
    names = [step for step in path if isinstance(step, str)]
    for name in reversed(names):
        if name in _PLACES:
            return _PLACES[name]
    return "request" if len(names) == len(path) else names[-1]
