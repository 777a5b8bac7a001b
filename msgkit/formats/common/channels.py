"""
Channels, recipients and tool authors of Harmony <-> reasoning, tool calls and ids of Chat Completions.

Source: openai/harmony ``docs/format.md``; vLLM and the gpt-oss chat template do the same. Harmony has no ids: they are
minted by number, and results answer the calls of their function's name in order.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from msgkit.formats.common.builder import NULL_CONTENT, PHASE, origin
from msgkit.formats.common.calls import minted
from msgkit.jsontext.values import LIST, copy_json, without_keys
from msgkit.model.base import NOTHING
from msgkit.model.calls import AnyToolCall, CustomCall, CustomToolCall, FunctionCall, ToolCall
from msgkit.model.messages import Author, Conversation, Message, Role
from msgkit.model.parts import (
    ChannelConfig,
    DeveloperContentPart,
    SystemContentPart,
    TextPart,
    ToolDescription,
    ToolNamespace,
)
from msgkit.structuring.wire import changed

PREFIX = "functions."
JSON = "json"
TEXT = "text"
_BUILT_IN = ("python", "browser.", "container.")
_NO_TOOL = (None, "all", "assistant", "user")
_CHANNELS = Message(
    Author(Role.SYSTEM),
    (SystemContentPart(channel_config=ChannelConfig(("analysis", "commentary", "final"), channel_required=True)),),
)


def is_harmony(message: Message) -> bool:
    """Return whether a message is written as Harmony has it, without call ids."""
    if message.channel is not None or message.recipient is not None or message.content_type is not None:
        return True
    return message.tool_call_id is None and message.role == Role.TOOL


# Chat Completions -> Harmony


def from_chat(conversation: Conversation, *, keep_system: bool = False) -> Conversation:
    """Return a conversation as Harmony: reasoning on analysis, calls and preambles on commentary, answers on final."""
    names: dict[str, str] = {}
    messages: list[Message] = []
    is_plain = not keep_system and not any(map(is_harmony, conversation.messages))
    for message in map(_as_developer, filter(_says, conversation.messages)) if is_plain else conversation.messages:
        for call in message.tool_calls or ():
            if isinstance(call, ToolCall | CustomToolCall) and call.id is not None:
                names[call.id] = _called(call)
        new = _split(message, names)
        marks = origin(message.form)
        messages += (changed(one, form=one.form | marks) for one in new) if marks else new
    tools = conversation.extra.get("tools")
    functions = tuple(_described(tools)) if isinstance(tools, LIST) else ()
    if not functions:
        return changed(conversation, messages=tuple(messages))
    extra = without_keys(conversation.extra, "tools") or NOTHING
    messages = _with_tools(messages, ToolNamespace("functions", None, functions))
    if is_plain and not any(message.role == Role.SYSTEM for message in messages):
        messages.insert(0, _CHANNELS)
    return changed(conversation, messages=tuple(messages), extra=extra)


def _says(message: Message) -> bool:
    """Return whether a message is no prompt without a word."""
    return message.role not in (Role.SYSTEM, Role.DEVELOPER) or bool(message.content)


def _as_developer(message: Message) -> Message:
    """Return a system message that is text as a developer message with that text as its instructions."""
    if message.role != Role.SYSTEM or not all(isinstance(part, TextPart) for part in message.parts):
        return message
    author = changed(message.author, role=Role.DEVELOPER)
    return changed(message, author=author, content=message.text)


def _split(message: Message, names: Mapping[str, str]) -> Iterable[Message]:
    if message.role == Role.ASSISTANT and (
        message.channel is None or message.tool_calls or message.reasoning is not None
    ):
        return _split_assistant(message) if message.recipient is None else (message,)
    if message.role == Role.TOOL and message.tool_call_id is not None:
        name = names.get(message.tool_call_id, message.author.name or "unknown")
        author = changed(message.author, name=_recipient(name))
        return (changed(message, author=author, recipient="assistant", channel="commentary", tool_call_id=None),)
    if message.role == Role.DEVELOPER and isinstance(message.content, str):
        return (changed(message, content=(DeveloperContentPart(instructions=message.content),)),)
    return (message,)


def _split_assistant(message: Message) -> Iterator[Message]:
    author = Author(Role.ASSISTANT, message.author.name)
    if message.reasoning is not None:
        yield Message(author, message.reasoning, channel="analysis")
    calls = message.tool_calls or ()
    said = message.content is not None or message.refusal is not None
    main = changed(message, reasoning=None, tool_calls=None)
    if said or not (calls or message.reasoning is not None):
        yield changed(main, channel=message.channel or ("commentary" if calls else "final"))
    for i, call in enumerate(calls):
        made = _call_message(author, call)
        yield changed(made, extra=message.extra) if i == 0 and not said else made


def _call_message(author: Author, call: AnyToolCall) -> Message:
    recipient = _recipient(_called(call))
    channel = "analysis" if recipient.startswith(_BUILT_IN) else "commentary"
    if isinstance(call, ToolCall):
        text = call.function.arguments if call.function.arguments.strip() else "{}"
        return Message(author, text, channel=channel, recipient=recipient, content_type=JSON)
    text = call.custom.input if isinstance(call, CustomToolCall) else ""
    return Message(author, text, channel=channel, recipient=recipient, content_type=TEXT)


def _called(call: AnyToolCall) -> str:
    if isinstance(call, ToolCall):
        return call.function.name
    return call.custom.name if isinstance(call, CustomToolCall) else call.type


def _recipient(name: str) -> str:
    return name if name.startswith((PREFIX, *_BUILT_IN)) else PREFIX + name


def _with_tools(messages: list[Message], functions: ToolNamespace) -> list[Message]:
    """Put the definitions of functions into the first developer message, or into a new one after the system ones."""
    namespaces = {"functions": functions}
    for i, message in enumerate(messages):
        part = message.parts[0] if message.role == Role.DEVELOPER and len(message.parts) == 1 else None
        if isinstance(part, DeveloperContentPart) and not part.tools:
            with_tools = changed(message, content=(changed(part, tools=namespaces),))
            return [*messages[:i], with_tools, *messages[i + 1 :]]
    place = next((i for i, message in enumerate(messages) if message.role != Role.SYSTEM), len(messages))
    new = Message(Author(Role.DEVELOPER), (DeveloperContentPart(tools=namespaces),))
    return [*messages[:place], new, *messages[place:]]


# Harmony -> Chat Completions


def to_chat(conversation: Conversation) -> Conversation:
    """Return a conversation as Chat Completions has it: the inverse of :func:`from_chat`."""
    if not any(is_harmony(message) or _has_definitions(message) for message in conversation.messages):
        return conversation
    chat = _Chat()
    for message in conversation.messages:
        chat.take(message)
    chat.flush()
    extra = dict(conversation.extra)
    if chat.tools:
        before = extra.get("tools")
        extra["tools"] = [*(before if isinstance(before, list) else ()), *chat.tools]
    return changed(conversation, messages=tuple(chat.messages), extra=extra or NOTHING)


def without_channels(conversation: Conversation) -> Conversation:
    """Return a conversation whose assistant speaks on no channel; a mark keeps which it was."""
    return changed(conversation, messages=tuple(map(_without_channel, conversation.messages)))


def _without_channel(message: Message) -> Message:
    if message.channel not in ("commentary", "final") or message.recipient is not None:
        return message
    phase = PHASE.of("commentary" if message.channel == "commentary" else "final_answer")
    return changed(message, channel=None, form=message.form | {phase})


def _has_definitions(message: Message) -> bool:
    content = message.content
    return isinstance(content, tuple) and any(isinstance(part, DeveloperContentPart) for part in content)


@attrs.define(eq=False, repr=False)
class _Chat:
    """Chat messages being made of Harmony's."""

    messages: list[Message] = attrs.field(factory=list)
    tools: list[Any] = attrs.field(factory=list)
    open: Message | None = None
    calls: list[AnyToolCall] = attrs.field(factory=list)
    pending: dict[str, list[str]] = attrs.field(factory=dict)
    number: int = 0

    def take(self, message: Message) -> None:
        """Add one message, to the one that is open if it belongs there."""
        if message.role == Role.ASSISTANT and (is_harmony(message) or message.tool_calls is None):
            self._assistant(message)
            return
        self.flush()
        if message.role == Role.TOOL and message.tool_call_id is None:
            message = self._result(message)
        elif message.role == Role.DEVELOPER:
            part = self._developer(message)
            if part is None:
                return
            message = part
        self.messages.append(message)

    def flush(self) -> None:
        """Close the open message."""
        if self.open is not None:
            message = self.open
            if message.content is not None:
                message = _without_channel(message)
            if self.calls:
                form = message.form | {NULL_CONTENT} if message.content is None else message.form
                message = changed(message, tool_calls=tuple(self.calls), form=form)
            self.messages.append(message)
        self.open, self.calls = None, []

    def _assistant(self, message: Message) -> None:
        opened = self.open
        fresh = opened is not None and opened.content is None and not self.calls
        if message.recipient not in _NO_TOOL:
            self._call(message)
        elif message.channel == "analysis" and isinstance(message.content, str) and not message.extra:
            self.flush()
            self.open = Message(message.author, reasoning=message.content, form=origin(message.form))
        elif opened is not None and fresh and opened.author == message.author and message.reasoning is None:
            self.open = changed(message, reasoning=opened.reasoning, form=message.form | origin(opened.form))
        else:
            self.flush()
            self.open = message
        if message.channel not in ("analysis", "commentary") and message.recipient in _NO_TOOL:
            self.flush()

    def _call(self, message: Message) -> None:
        opened = self.open
        fits = opened is not None and opened.author == message.author and opened.channel in (None, "commentary")
        if not fits or message.extra:
            self.flush()
            self.open = Message(message.author, extra=message.extra, form=origin(message.form))
        elif opened is not None and message.form:
            self.open = changed(opened, form=opened.form | origin(message.form))
        self.number += 1
        name = str(message.recipient).removeprefix(PREFIX)
        self.pending.setdefault(name, []).append(minted(self.number))
        self.calls.append(_made(minted(self.number), name, message))

    def _result(self, message: Message) -> Message:
        name = (message.author.name or "").removeprefix(PREFIX)
        waiting = self.pending.get(name)
        if not waiting:
            return message
        author = changed(message.author, name=None)
        return changed(message, author=author, tool_call_id=waiting.pop(0), channel=None, recipient=None)

    def _developer(self, message: Message) -> Message | None:
        """Return the message with its instructions as text, its functions noted; None if there is nothing else."""
        part = message.parts[0] if len(message.parts) == 1 else None
        if not isinstance(part, DeveloperContentPart) or set(part.tools or ()) - {"functions"}:
            return message
        self.tools += _as_tools(part.tools["functions"]) if part.tools else ()
        if part.instructions is None:
            return None if part.tools else message
        return changed(message, content=part.instructions)


def _made(name: str, function: str, message: Message) -> AnyToolCall:
    text = "".join(part.text for part in message.parts if isinstance(part, TextPart))
    if message.content_type == TEXT:
        return CustomToolCall(name, CustomCall(function, text))
    return ToolCall(name, FunctionCall(function, text))


def _described(tools: Iterable[Any]) -> Iterator[ToolDescription]:
    """Yield the functions among Chat Completions' tools as Harmony has them."""
    for tool in tools:
        function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            parameters, text = function.get("parameters"), function.get("description")
            yield ToolDescription(
                function["name"],
                text if isinstance(text, str) else "",
                copy_json(parameters) if isinstance(parameters, Mapping) else None,
            )


def _as_tools(namespace: ToolNamespace) -> Iterator[dict[str, Any]]:
    """Yield the functions of a Harmony namespace as Chat Completions' tools: the inverse of :func:`_described`."""
    for tool in namespace.tools or ():
        function: dict[str, Any] = {"name": tool.name}
        function |= {"description": tool.description} if tool.description else {}
        function |= {"parameters": copy_json(tool.parameters)} if tool.parameters is not None else {}
        yield {"type": "function", "function": function}
