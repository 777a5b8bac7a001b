"""
Harmony: ``{messages: [{role, name, content, channel, recipient, content_type}]}``, the author flattened or nested.

What differs from Chat Completions:

- reasoning, preambles of calls and answers are messages of their own, told apart by ``channel``;
- a call is an assistant message with a ``recipient``; a result is a tool message named by its function; no ids;
- functions are defined in a developer message, the model's settings in a system message, each as a part of its own.

Source: openai/harmony ``docs/format.md``, ``src/chat.rs``; openai-harmony ``Conversation.to_dict``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.formats.base import Format, dump_messages, load_messages
from msgkit.formats.common.capabilities import CHAT, Capabilities
from msgkit.formats.common.channels import from_chat, to_chat
from msgkit.jsontext.values import LIST, type_of

NAME = "harmony"
_CHAT_KEYS = frozenset(
    ("tool_calls", "tool_call_id", "refusal", "audio", "function_call", "reasoning", "reasoning_content")
)
_OWN_KEYS = frozenset(("author", "channel", "recipient", "content_type"))
_OWN_PARTS = frozenset(("system_content", "developer_content"))


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether a message shows what only Harmony has, and none what only Chat Completions has."""
    messages = body.get("messages")
    if not isinstance(messages, LIST):
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
    for part in content if isinstance(content, LIST) else ():
        part_type = type_of(part)
        if part_type not in ("", "text"):
            yield NAME if part_type in _OWN_PARTS else "chat"


FORMAT = Format(
    name=NAME,
    title="Harmony: {messages: [{role, name, content, channel, recipient, content_type}]}, author flattened or nested",
    source="openai/harmony src/chat.rs",
    recognize=recognize,
    signs=_OWN_KEYS | _OWN_PARTS | {"tool"},
    load=load_messages,
    dump=dump_messages,
    capabilities=Capabilities(
        parts={"text": (), "system_content": (), "developer_content": ()},
        message=("name", "channel", "recipient", "content_type"),
        body=CHAT.body - {"tools", "functions"},
        roles=("system", "developer", "user", "assistant", "tool"),
        calls=(),
        empty_text=False,
        call_ids=False,
    ),
    target="harmony",
    to_chat=to_chat,
    from_chat=from_chat,
    media_in_place=True,
)
