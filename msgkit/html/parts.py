"""Content parts and tool calls -> their cards."""

from collections.abc import Callable, Mapping
from typing import Any

from msgkit.api.loading import to_dict
from msgkit.html import texts
from msgkit.html.cards import CallCard, IssueCard, PartCard
from msgkit.html.json_html import Json, as_json, split
from msgkit.html.media import MediaCard
from msgkit.html.texts import TextCard
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.model.parts import (
    AnyToolCall,
    ContentPart,
    CustomToolCall,
    DeveloperContentPart,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCall,
)

Look = Callable[[MediaRef, tuple[str, ...]], MediaCard]
"""Looks at the media of a reference; the second argument is what was done to make them fit."""

Setter = Callable[[str], TextCard]
Issues = tuple[IssueCard, ...]


def part(value: ContentPart, look: Look, set_text: Setter, issues: Issues = ()) -> PartCard:
    """Return the card of a content part."""

    def _text(kind: str, text: str, rest: Mapping[str, Any], *, note: str = "", dim: bool = False) -> PartCard:
        tags, other = split(rest)
        return PartCard(kind, set_text(text), None, note, dim, tags, other, issues)

    if isinstance(value, TextPart):
        return _text("text", value.text, value.extra)
    if isinstance(value, RefusalPart):
        return _text("refusal", value.refusal, value.extra, note="refusal")
    if isinstance(value, ThinkingPart):
        return _text("thinking", value.thinking, value.extra, note="thinking", dim=True)
    data = to_dict(value)
    ref = next(media_refs.find({"messages": [{"content": [data]}]}), None)
    if ref is not None and not ref.is_frame:
        return _media(value, ref, look, issues)
    if isinstance(value, DeveloperContentPart) and value.instructions is not None:
        rest = {key: item for key, item in data.items() if key not in ("type", "instructions")}
        return _text(value.type, value.instructions, rest, note="instructions")
    return raw_part(data, issues)


def _media(value: ContentPart, ref: MediaRef, look: Look, issues: Issues) -> PartCard:
    card = look(ref, getattr(value, "changes", ()))
    rest = {key: item for key, item in ref.data.items() if key not in ("type", ref.keys[0])}
    inner = ref.data[ref.keys[0]]
    if isinstance(inner, Mapping):
        rest |= {key: item for key, item in inner.items() if key not in (*ref.keys, "filename")}
    tags, other = split(rest)
    return PartCard(ref.data["type"], media=card, tags=tags, other=other, issues=issues)


def raw_part(data: Any, issues: Issues = ()) -> PartCard:
    """Return the card of a part that is shown as it is: of an unknown type, or one that does not load."""
    kind = data.get("type") if isinstance(data, Mapping) else None
    kind = kind if isinstance(kind, str) and kind else "unknown"
    return PartCard(kind, note=kind, other=Json("as JSON", as_json(data), open=True), issues=issues)


def call(value: AnyToolCall, issues: Issues = ()) -> CallCard:
    """Return the card of a tool call, its results still empty."""
    if isinstance(value, ToolCall):
        function = value.function
        rest = _other({**value.extra, **function.extra})
        return CallCard(function.name, value.id, texts.code(function.arguments), rest, issues)
    if isinstance(value, CustomToolCall):
        rest = _other({**value.extra, **value.custom.extra})
        return CallCard(value.custom.name, value.id, texts.code(value.custom.input), rest, issues)
    return raw_call(value.data, issues)


def raw_call(data: Any, issues: Issues = ()) -> CallCard:
    """Return the card of a call that is shown as it is."""
    given_id = data.get("id") if isinstance(data, Mapping) else None
    call_id = given_id if isinstance(given_id, str) else None
    return CallCard("call", call_id, None, Json("as JSON", as_json(data), open=True), issues)


def _other(rest: Mapping[str, Any]) -> Json | None:
    return Json("more keys", as_json(rest)) if rest else None
