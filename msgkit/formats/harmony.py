"""
Harmony: ``{messages: [{role, name, content, channel, recipient, content_type}]}``, the author flattened or nested.

Source: openai/harmony ``docs/format.md``, ``src/chat.rs``; openai-harmony ``Conversation.to_dict``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.errors import Loss, LossError, Path
from msgkit.formats.base import Loaded, dump_messages, load_messages, unheld
from msgkit.messages import Conversation, Message
from msgkit.parts import DeveloperContentPart, SystemContentPart, TextPart, UnknownPart

NAME = "harmony"
TITLE = "Harmony: {messages: [{role, name, content, channel, recipient, content_type}]}, author flattened or nested"

_CHAT_KEYS = frozenset(("tool_calls", "tool_call_id", "refusal", "audio", "function_call", "reasoning", "reasoning_content"))
_OWN_KEYS = frozenset(("author", "channel", "recipient", "content_type"))
_OWN_PARTS = frozenset(("system_content", "developer_content"))
_CHAT_FIELDS = ("tool_calls", "tool_call_id", "refusal", "audio", "function_call", "reasoning")


def recognize(body: Mapping[str, Any]) -> bool:
    """
    Tell whether a message shows what only Harmony has, and none what only Chat Completions has.

    >>> recognize({"messages": [{"role": "assistant", "channel": "final", "content": "Hello"}]})
    True
    >>> recognize({"messages": [{"role": "user", "content": "Hello"}]})
    False
    """
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        return False
    marks = {mark for message in messages if isinstance(message, Mapping) for mark in _marks(message)}
    return marks == {NAME}


def _marks(message: Mapping[str, Any]) -> Iterator[str]:
    keys = {key for key, value in message.items() if value is not None}
    if keys & _CHAT_KEYS:
        yield "chat"
    tool_without_id = message.get("role") == "tool" and "name" in keys and "tool_call_id" not in message
    if keys & _OWN_KEYS or tool_without_id:
        yield NAME
    content = message.get("content")
    for part in content if isinstance(content, list | tuple) else ():
        kind = part.get("type") if isinstance(part, Mapping) else None
        if isinstance(kind, str) and kind != "text":
            yield NAME if kind in _OWN_PARTS else "chat"


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a Harmony conversation.

    >>> load({"messages": [{"author": {"role": "assistant"}, "channel": "final", "content": "Hi"}]}).conversation.messages
    (Message(assistant, 'Hi', channel='final'),)
    """
    return load_messages(body, at)


def dump(conversation: Conversation) -> dict[str, Any]:
    """
    Return the conversation as Harmony; content parts, tool calls and reasoning of Chat Completions have no place in it.

    Raises:
        LossError: Each message field and part that Harmony cannot hold.
    """
    losses = [loss for i, message in enumerate(conversation.messages) for loss in _losses(("messages", i), message)]
    if losses:
        raise LossError(losses)
    return dump_messages(conversation)


def _losses(path: Path, message: Message) -> Iterator[Loss]:
    for name in _CHAT_FIELDS:
        value = getattr(message, name)
        if value is not None:
            yield unheld((*path, name), f"harmony messages have no {name}", value)
    for j, part in enumerate(message.parts):
        if not isinstance(part, TextPart | SystemContentPart | DeveloperContentPart | UnknownPart):
            yield unheld((*path, "content", j), f"harmony has no {part.type} parts", part)
