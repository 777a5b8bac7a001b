"""What a format has a place for, told as data; and a conversation cut down to it."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import attrs

from msgkit.model.messages import Author, Conversation, Message, Role
from msgkit.model.parts import (
    NOTHING,
    PARTS,
    PLAIN,
    TOOL_CALLS,
    AnyToolCall,
    ContentPart,
    CustomToolCall,
    RefusalPart,
    TextPart,
    ToolCall,
    UnknownPart,
    Value,
)

NONE: frozenset[str] = frozenset()
THINKING_BLOCKS = "thinking_blocks"
"""Reasoning as signed blocks: a key of messages that Anthropic's go by, and LiteLLM's Chat Completions, too."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@attrs.frozen
class Capabilities:
    """
    What a format has a place for, in the names of the values.

    Args:
        parts: Type of content part -> its further keys that the format defines.

        message: Fields and further keys of messages, beyond role and content.

        body: Keys beside the messages, in the names of Chat Completions.

        calls: Types of tool calls.

        call: Further keys of tool calls.

        roles: Roles that messages may have.

        open: Which other keys may stay: ``own`` those that the source format does not define either, a row's own;
            ``all`` every one.

        call_id: What ids of tool calls must match; None when any text will do.

        call_ids: Whether calls and results have ids; without, results stand in the order of the calls they answer.

        within: Role -> the types of parts that its messages may have; those of other roles may have any.

        every_value: Whether every value has a place, so that nothing is ever left out.

        signed: Tells whether a message's reasoning is such that the format's servers take it back: they refuse what
            they did not sign themselves; None when any reasoning may stand.
    """

    parts: Mapping[str, Collection[str]]
    message: Collection[str] = NONE
    body: Collection[str] = NONE
    calls: Collection[str] = ("function",)
    call: Collection[str] = NONE
    roles: Collection[str] = ("system", "developer", "user", "assistant", "tool")
    open: Literal["none", "own", "all"] = "none"
    call_id: str | None = None
    call_ids: bool = True
    within: Mapping[str, Collection[str]] = NOTHING
    every_value: bool = False
    signed: Callable[[Message], bool] | None = None

    def parts_of(self, role: str) -> Collection[str]:
        """Return the types of parts that messages of a role may have."""
        return self.within.get(role, self.parts)

    def all_keys(self) -> frozenset[str]:
        """Return every further key that the format defines anywhere."""
        parts = {key for keys in self.parts.values() for key in keys}
        return frozenset(parts | set(self.message) | set(self.body) | set(self.call))


_VALUES = {
    cls: tuple(field.name for field in attrs.fields(cls) if field.name not in ("extra", "form", "type"))
    for cls in {*PARTS.values(), *TOOL_CALLS.values()}
}
_NOT_EXTRA = frozenset(field.name for field in attrs.fields(Message)) | {"role", "name"}
FIELDS = ("channel", "recipient", "content_type", "tool_calls", "tool_call_id", "refusal", "reasoning", "audio")
"""The fields of messages that not every format has."""


@attrs.frozen
class Cut:
    """
    Cuts conversations down to what *target* has a place for.

    Args:
        source: What the format that they come from defines; its keys do not stay where *target* does not know them.

        target: What may stay.

        names: Keys that never stay: the names of both formats, under which leftovers stand, and that of the list.

        back: Whether this is the way back to where the conversation came from, which had signed its reasoning.
    """

    source: Capabilities
    target: Capabilities
    names: Collection[str]
    back: bool = False

    def conversation(self, conversation: Conversation) -> Conversation:
        """Return *conversation* with only what the target has a place for; messages of which nothing stays go."""
        messages = [found for message in conversation.messages if (found := self.message(message)) is not None]
        extra = self.keys(_with_usual_limit(conversation.extra, self.target.body), self.target.body)
        if "tools" in extra:
            tools = self.tools(extra["tools"])
            extra = (
                {**extra, "tools": tools} if tools else {key: value for key, value in extra.items() if key != "tools"}
            )
        return attrs.evolve(conversation, messages=tuple(messages), extra=extra or NOTHING, form=PLAIN)

    def keys(self, extra: Mapping[str, Any], held: Collection[str]) -> Mapping[str, Any]:
        """Return the further keys that stay."""
        if not extra:
            return extra
        kept = {key: value for key, value in extra.items() if key in held or self._may_stay(key)}
        return kept or NOTHING

    def _may_stay(self, key: str) -> bool:
        if key in self.names or self.target.open == "none":
            return False
        return self.target.open == "all" or key not in self.source.all_keys()

    def tools(self, tools: Any) -> Any:
        """Return the definitions of tools that every format knows: of functions."""
        if not isinstance(tools, list | tuple):
            return None
        return [tool for tool in tools if isinstance(tool, Mapping) and tool.get("type") in self.target.calls]

    def message(self, message: Message) -> Message | None:
        """Return what stays of a message, itself when all of it does; None when nothing does."""
        message = self._with_refusal_as_text(message)
        changes: dict[str, Any] = {}
        author = self._author(message.author)
        if author is not message.author:
            changes["author"] = author
        for name in FIELDS:
            if getattr(message, name) is not None and name not in self.target.message:
                changes[name] = None
        if message.extra:
            extra = {key: value for key, value in message.extra.items() if key not in _NOT_EXTRA}
            changes["extra"] = self.keys(extra, self.target.message) or NOTHING
        if message.form:
            changes["form"] = frozenset(mark for mark in message.form if self._is_kept(mark))
        if isinstance(message.content, tuple):
            fitting = self.target.parts if self.back else self.target.parts_of(author.role)
            _put(changes, "content", message.content, [self.part(part, fitting) for part in message.content])
        if message.tool_calls and "tool_calls" not in changes:
            _put(changes, "tool_calls", message.tool_calls, [self.call(call) for call in message.tool_calls])
        if message.tool_call_id is not None and "tool_call_id" not in changes:
            changes["tool_call_id"] = self.call_id(message.tool_call_id)
            if changes["tool_call_id"] is message.tool_call_id:
                del changes["tool_call_id"]
        new = self._with_signed_reasoning(attrs.evolve(message, **changes) if changes else message)
        return None if _is_empty(new) and not _is_empty(message) else new

    def _with_signed_reasoning(self, message: Message) -> Message:
        if self.back or self.target.signed is None or self.target.signed(message):
            return message
        if message.reasoning is None and THINKING_BLOCKS not in message.extra:
            return message
        extra = {key: value for key, value in message.extra.items() if key != THINKING_BLOCKS}
        return attrs.evolve(message, reasoning=None, extra=extra or NOTHING)

    def _with_refusal_as_text(self, message: Message) -> Message:
        if "refusal" in self.target.message or message.refusal is None:
            return message
        content = message.refusal if message.content is None else (*message.parts, TextPart(message.refusal))
        return attrs.evolve(message, refusal=None, content=content)

    def _is_kept(self, mark: str) -> bool:
        return mark.startswith(("order:", "phase:", "end:")) or mark == "content" or mark in self.target.message

    def _author(self, author: Author) -> Author:
        role = author.role if author.role in self.target.roles else _ROLES.get(author.role, author.role)
        name = author.name if "name" in self.target.message else None
        return author if (role, name) == (author.role, author.name) else Author(role, name)

    def part(self, part: ContentPart, fitting: Collection[str]) -> ContentPart | None:
        """Return what stays of a content part, of those *fitting*; a refusal becomes text where there are none."""
        if isinstance(part, UnknownPart):
            return None
        if isinstance(part, RefusalPart) and part.type not in self.target.parts:
            return TextPart(part.refusal)
        held = self.target.parts.get(part.type)
        return None if held is None or part.type not in fitting else self._value(part, held)

    def _value(self, value: Any, held: Collection[str]) -> Any:
        """Cut the further keys of a value, and those of the object inside it."""
        changes: dict[str, Any] = {"extra": self.keys(value.extra, held)} if value.extra else {}
        if value.form:
            changes["form"] = PLAIN
        for name in _VALUES.get(type(value), ()):
            inner = getattr(value, name)
            new = self._value(inner, held) if isinstance(inner, Value) else inner
            if new is not inner:
                changes[name] = new
        return attrs.evolve(value, **changes) if changes else value

    def call(self, call: AnyToolCall) -> AnyToolCall | None:
        """Return what stays of a tool call."""
        if not isinstance(call, ToolCall | CustomToolCall) or call.type not in self.target.calls:
            return None
        new: ToolCall | CustomToolCall = self._value(call, self.target.call)
        name = new.id and self.call_id(new.id)
        return new if name == new.id else attrs.evolve(new, id=name)

    def call_id(self, name: str) -> str:
        """Return the id of a call, or one in its place that the target takes: the same for the same id."""
        if self.target.call_id is None or re.fullmatch(self.target.call_id, name):
            return name
        number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8])
        return "".join(_DIGITS[number // 62**i % 62] for i in range(9))


def _put(changes: dict[str, Any], name: str, before: tuple[Any, ...], after: Sequence[Any]) -> None:
    """Note the entries that stay, unless all of them stay as they are."""
    kept = tuple(item for item in after if item is not None)
    if len(kept) != len(before) or any(new is not old for new, old in zip(kept, before, strict=True)):
        changes[name] = kept


def _with_usual_limit(extra: Mapping[str, Any], held: Collection[str]) -> Mapping[str, Any]:
    """Return the keys with the limit of tokens under its older name where the format has only that."""
    newer, older = "max_completion_tokens", "max_tokens"
    if newer not in extra or newer in held or older not in held or older in extra:
        return extra
    return {older if key == newer else key: value for key, value in extra.items()}


_ROLES: Mapping[Role, Role] = {Role.DEVELOPER: Role.SYSTEM, Role.FUNCTION: Role.TOOL}


def _is_empty(message: Message) -> bool:
    return not (
        message.content
        or message.tool_calls
        or message.refusal
        or message.reasoning
        or message.tool_call_id
        or message.extra
    )
