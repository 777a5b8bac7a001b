"""Messages, content parts and tool calls -> their cards, each issue at its place, each call with its results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit.api.loading import to_dict
from msgkit.errors import Issue
from msgkit.formats.common.keys import is_trained
from msgkit.html import texts
from msgkit.html.cards import CallCard, IssueCard, MessageCard, PartCard
from msgkit.html.json_html import Json, as_json, split
from msgkit.html.load_any import Opened, Place
from msgkit.html.media import MediaCard
from msgkit.html.texts import TextCard
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.jsontext.values import type_of
from msgkit.model.calls import AnyToolCall, CustomToolCall, ToolCall
from msgkit.model.messages import Message
from msgkit.model.parts import ContentPart, DeveloperContentPart, RefusalPart, TextPart, ThinkingPart
from msgkit.rules.named_pairs import called_tool

Look = Callable[[MediaRef, tuple[str, ...]], MediaCard]
"""Looks at the media of a reference; the second argument is what was done to make them fit."""

Setter = Callable[[str], TextCard]
Issues = tuple[IssueCard, ...]


def part_card(value: ContentPart, look: Look, set_text: Setter, issues: Issues = ()) -> PartCard:
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
    return raw_part_card(data, issues)


def _media(value: ContentPart, ref: MediaRef, look: Look, issues: Issues) -> PartCard:
    card = look(ref, getattr(value, "changes", ()))
    rest = {key: item for key, item in ref.data.items() if key not in ("type", ref.keys[0])}
    inner = ref.data[ref.keys[0]]
    if isinstance(inner, Mapping):
        rest |= {key: item for key, item in inner.items() if key not in (*ref.keys, "filename")}
    tags, other = split(rest)
    return PartCard(ref.data["type"], media=card, tags=tags, other=other, issues=issues)


def raw_part_card(data: Any, issues: Issues = ()) -> PartCard:
    """Return the card of a part that is shown as it is: of an unknown type, or one that does not load."""
    part_type = type_of(data) or "unknown"
    return PartCard(part_type, note=part_type, other=Json("as JSON", as_json(data), open=True), issues=issues)


def call_card(value: AnyToolCall, issues: Issues = ()) -> CallCard:
    """Return the card of a tool call, its results still empty."""
    if isinstance(value, ToolCall):
        function = value.function
        rest = _other({**value.extra, **function.extra})
        return CallCard(function.name, value.id, texts.code(function.arguments), rest, issues)
    if isinstance(value, CustomToolCall):
        rest = _other({**value.extra, **value.custom.extra})
        return CallCard(value.custom.name, value.id, texts.code(value.custom.input), rest, issues)
    return raw_call_card(value.data, issues)


def raw_call_card(data: Any, issues: Issues = ()) -> CallCard:
    """Return the card of a call that is shown as it is."""
    given_id = data.get("id") if isinstance(data, Mapping) else None
    call_id = given_id if isinstance(given_id, str) else None
    return CallCard("call", call_id, None, Json("as JSON", as_json(data), open=True), issues)


def _other(rest: Mapping[str, Any]) -> Json | None:
    return Json("more keys", as_json(rest)) if rest else None


class Builder:
    """Makes the cards of one row."""

    def __init__(
        self,
        opened: Opened,
        issues: Mapping[Place, Sequence[Issue]],
        look: Look,
        anchor: str,
        tokens: Sequence[int | None] = (),
    ) -> None:
        self._opened, self._issues, self._look, self._anchor, self._tokens = opened, issues, look, anchor, tokens
        self._broken = opened.broken()
        self._count = 0
        self._untold: dict[int | None, list[Place]] = {}
        for place in issues:
            self._untold.setdefault(place.message, []).append(place)

    def row_issues(self) -> tuple[IssueCard, ...]:
        """Return the cards of the issues of the row as a whole."""
        return self._told(Place())

    def messages(self) -> tuple[MessageCard, ...]:
        """Return the cards of the messages; a result that answers a call is in the call's card."""
        messages = list(self._opened.loaded.conversation.messages)
        answers = dict(_answers(messages))
        cards = {i: self._message(i, message) for i, message in enumerate(messages)}
        for i in sorted(answers, reverse=True):
            caller, k = answers[i]
            if k < len(cards[caller].calls):  # else the caller is shown as it is in the row
                cards[caller] = _with_result(cards[caller], k, cards.pop(i))
        return tuple(cards.values())

    def _told(self, place: Place) -> tuple[IssueCard, ...]:
        if place not in self._issues:
            return ()
        self._untold[place.message].remove(place)
        return tuple(map(self._issue, self._issues[place]))

    def _rest_told(self, i: int) -> tuple[IssueCard, ...]:
        """Return the issues of parts and calls of a message that are not shown one by one."""
        return tuple(card for place in [*self._untold.get(i, ())] for card in self._told(place))

    def _issue(self, issue: Issue) -> IssueCard:
        self._count += 1
        return IssueCard.of(issue, f"{self._anchor}i{self._count}")

    def _message(self, i: int, message: Message) -> MessageCard:
        broken = self._broken.get(i, set())
        whole = any(place.field in ("", "content", "tool_calls") and place.item is None for place in broken)
        odd = {place.field for place in broken if place.item is None and not whole}
        card = _head(f"{self._anchor}m{i}", i, message)
        card = attrs.evolve(
            card, trained=is_trained(message, self._opened.rest), tokens=self._tokens[i] if self._tokens else None
        )
        issues = self._told(Place(i))
        raw = self._opened.raw(("messages", i))
        if whole:
            shown = Json("as it stands in the row", as_json(raw), open=True)
            return attrs.evolve(card, raw=shown, issues=issues + self._rest_told(i))
        own = raw if isinstance(raw, Mapping) else {}
        unread = {key: own[key] for key in sorted(odd & own.keys()) if getattr(card, key, None) != own[key]}
        rest = _rest(message) | unread
        calls = tuple(self._call(i, k, call) for k, call in enumerate(message.tool_calls or ()))
        content = tuple(self._parts(i, message))
        if called_tool(message) is not None and all(part.type == "text" for part in content):
            calls, content = (_harmony_call(message, content), *calls), ()
        tags, other = split(rest)
        issues += self._rest_told(i)
        return attrs.evolve(card, parts=content, calls=calls, tags=tags, other=other, issues=issues)

    def _parts(self, i: int, message: Message) -> Iterator[PartCard]:
        if message.reasoning is not None:
            yield PartCard("reasoning", texts.prose(message.reasoning), note="reasoning", dim=True)
        set_text = _setter(message)
        for j, part in enumerate(message.parts):
            place = Place(i, "content", j)
            if place in self._broken.get(i, ()):
                yield raw_part_card(self._opened.raw(("messages", i, "content", j)), self._told(place))
            else:
                yield part_card(part, self._look, set_text, self._told(place))
        if message.refusal is not None:
            yield PartCard("refusal", texts.prose(message.refusal), note="refusal")

    def _call(self, i: int, k: int, call: Any) -> CallCard:
        place = Place(i, "tool_calls", k)
        if place in self._broken.get(i, ()):
            return raw_call_card(self._opened.raw(("messages", i, "tool_calls", k)), self._told(place))
        return call_card(call, self._told(place))


def _head(anchor: str, i: int, message: Message) -> MessageCard:
    return MessageCard(
        anchor,
        i,
        _string(message.author.role) or "",
        _string(message.author.name),
        _string(message.channel),
        _string(message.recipient),
        _string(message.content_type),
        _string(message.tool_call_id),
    )


def _string(value: Any) -> str | None:
    """A key that does not load may hold anything."""
    return str(value) if isinstance(value, str) else None


def _rest(message: Message) -> dict[str, Any]:
    rest = {**message.extra, **message.author.extra}
    if message.audio is not None:
        rest["audio"] = message.audio
    if message.function_call is not None:
        rest["function_call"] = {"name": message.function_call.name, "arguments": message.function_call.arguments}
    return rest


def _setter(message: Message) -> Setter:
    content_type = message.content_type if isinstance(message.content_type, str) else ""
    if content_type == "code" or "json" in content_type:
        return texts.code
    return texts.result if message.author.role == "tool" else texts.prose


def _harmony_call(message: Message, content: Sequence[PartCard]) -> CallCard:
    text = "".join(part.text for part in message.parts if isinstance(part, TextPart))
    issues = tuple(issue for card in content for issue in card.issues)
    return CallCard(str(message.recipient), None, texts.code(text), issues=issues)


def _answers(messages: Sequence[Message]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the index of each tool message that answers a call before it, and that call: message and position."""
    by_id: dict[str, tuple[int, int]] = {}
    by_name: dict[str, list[int]] = {}
    for i, message in enumerate(messages):
        if message.author.role == "tool":
            caller = by_id.get(str(message.tool_call_id)) if message.tool_call_id is not None else None
            if caller is None and message.tool_call_id is None and by_name.get(str(message.author.name)):
                caller = (by_name[str(message.author.name)].pop(0), 0)
            if caller is not None:
                yield i, caller
        elif (tool := called_tool(message)) is not None:
            by_name.setdefault(tool, []).append(i)
        for k, call in enumerate(message.tool_calls or ()):
            call_id = getattr(call, "id", None)
            if isinstance(call_id, str):
                by_id[call_id] = (i, k)


def _with_result(card: MessageCard, k: int, result: MessageCard) -> MessageCard:
    call = attrs.evolve(card.calls[k], results=(result, *card.calls[k].results))
    return attrs.evolve(card, calls=(*card.calls[:k], call, *card.calls[k + 1 :]))
