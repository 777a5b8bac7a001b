"""Harmony messages -> text."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgkit.formats.common.marks import END
from msgkit.formats.harmony_text.sections import developer_text, system_text
from msgkit.model.base import Mark
from msgkit.model.messages import Message, Role
from msgkit.model.parts import DeveloperContentPart, SystemContentPart, TextPart
from msgkit.structuring import dump_value

HEAD = Mark("harmony_text", "head")  # form of a message: its header in other words
WRITTEN = Mark("harmony_text", "text")  # form of a message: its content is taken as text
_CONTROL = re.compile(r"<\|(?:start|end|message|channel|constrain|return|call)\|>")


def render(messages: Iterable[Message]) -> Iterator[str]:
    """Yield the text of each message."""
    pending = list(messages)
    functions = any(_has_functions(message) for message in pending)
    for message in pending:
        yield f"<|start|>{header(message)}<|message|>{content(message, functions=functions)}{end(message)}"


def header(message: Message) -> str:
    """Return a message's header: author, recipient, channel, content type."""
    told = HEAD.find(message.form)
    return plain_header(message) if told is None else told


def plain_header(message: Message) -> str:
    """Return the header as openai-harmony writes it."""
    name = message.author.name
    if message.role == Role.TOOL:
        text = name or "tool"
    else:
        text = f"{message.role}:{name}" if name is not None else str(message.role)
    if message.recipient is not None and message.recipient != "all":
        text += f" to={message.recipient}"
    if message.channel is not None:
        text += f"<|channel|>{message.channel}"
    return text if message.content_type is None else f"{text} {message.content_type}"


def end(message: Message) -> str:
    """Return the token that ends a message."""
    told = END.find(message.form)
    return plain_end(message) if told is None else told


def plain_end(message: Message) -> str:
    """Return the token that ends a stored message: a call where the assistant speaks to somebody."""
    return "<|call|>" if message.role == Role.ASSISTANT and message.recipient is not None else "<|end|>"


def content(message: Message, *, functions: bool) -> str:
    """Return the text of a message's content."""
    return "".join(_part_text(part, functions=functions) for part in message.parts)


def _part_text(part: Any, *, functions: bool) -> str:
    if isinstance(part, TextPart):
        return _CONTROL.sub("", part.text)
    if isinstance(part, SystemContentPart):
        return system_text(dump_value(part), functions=functions)
    return developer_text(dump_value(part)) if isinstance(part, DeveloperContentPart) else ""


def _has_functions(message: Message) -> bool:
    return any(
        isinstance(part, DeveloperContentPart)
        and bool(part.tools)
        and "functions" in (part.tools or {})
        and bool((part.tools or {})["functions"].tools)
        for part in message.parts
    )
