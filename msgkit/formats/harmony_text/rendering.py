"""Harmony messages -> text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgkit.formats.common.builder import END
from msgkit.formats.harmony_text.reading import namespaces_of
from msgkit.formats.harmony_text.typescript import tools_text
from msgkit.model.base import Mark
from msgkit.model.messages import Message, Role
from msgkit.model.parts import DeveloperContentPart, SystemContentPart, TextPart
from msgkit.structuring import dump_value

_CALLS = "Calls to these tools must go to the commentary channel: 'functions'."
_REQUIRED = " Channel must be included for every message."
_CUTOFF, _DATE, _EFFORT = "Knowledge cutoff: ", "Current date: ", "Reasoning: "
_CHANNELS = re.compile(
    r"# Valid channels: ([^\n.]+)\.( Channel must be included for every message\.)?(\nCalls to these .*)?\Z"
)
_TOOLS = "\n\n# Tools\n\n"


def system_text(part: Mapping[str, Any], *, functions: bool) -> str:
    r"""Return the text of a ``system_content`` part."""
    top = [
        part[key] if key == "model_identity" else label + part[key] for key, label in _TOP if part.get(key) is not None
    ]
    sections = ["\n".join(top)] if top else []
    if part.get("reasoning_effort") is not None:
        sections.append(_EFFORT + part["reasoning_effort"].lower())
    if part.get("tools"):
        sections.append(tools_text(part["tools"]))
    config = part.get("channel_config")
    if config and config.get("valid_channels"):
        text = f"# Valid channels: {', '.join(config['valid_channels'])}."
        text += _REQUIRED if config.get("channel_required") else ""
        sections.append(f"{text}\n{_CALLS}" if functions else text)
    return "\n\n".join(sections)


_TOP = (("model_identity", ""), ("knowledge_cutoff", _CUTOFF), ("conversation_start_date", _DATE))


def developer_text(part: Mapping[str, Any]) -> str:
    r"""Return the text of a ``developer_content`` part."""
    sections = ["# Instructions", part["instructions"]] if part.get("instructions") is not None else []
    return "\n\n".join([*sections, tools_text(part["tools"])] if part.get("tools") else sections)


def system_part(text: str, *, functions: bool) -> dict[str, Any] | None:
    r"""Return the ``system_content`` that *text* is; None when it is none, or would not give the same text."""
    part: dict[str, Any] = {"type": "system_content"}
    sections = text.split("\n\n")
    match = _CHANNELS.match(sections[-1])
    if match:
        channels = {"valid_channels": match[1].split(", "), "channel_required": match[2] is not None}
        sections.pop()
    if sections and sections[-1].startswith(_EFFORT):
        part["reasoning_effort"] = sections.pop()[len(_EFFORT) :].capitalize()
    lines = sections[0].split("\n") if len(sections) == 1 else []
    for key, label in reversed(_TOP):
        if lines and (lines[-1].startswith(label) if label else len(lines) == 1):
            part[key] = lines.pop()[len(label) :]
    part |= {"channel_config": channels} if match else {}
    known = part.keys() & {"reasoning_effort", "channel_config", "knowledge_cutoff", "conversation_start_date"}
    back = system_text(part, functions=functions)
    return {key: part[key] for key in _ORDER if key in part} if known and back == text else None


_ORDER = ("type", "model_identity", "reasoning_effort", "conversation_start_date", "knowledge_cutoff", "channel_config")


def developer_part(text: str) -> dict[str, Any] | None:
    r"""Return the ``developer_content`` that *text* is; None when it is none, or would not give the same text."""
    part: dict[str, Any] = {"type": "developer_content"}
    head, separator, tools = ("\n\n" + text).partition(_TOOLS)
    if separator:
        namespaces = namespaces_of(tools)
        if namespaces is not None:
            part["tools"] = namespaces
        else:
            head = "\n\n" + text
    if head.startswith("\n\n# Instructions\n\n"):
        part = {"type": "developer_content", "instructions": head.removeprefix("\n\n# Instructions\n\n"), **part}
    return part if len(part) > 1 and developer_text(part) == text else None


HEAD = Mark("harmony_text", "head")  # form of a message: its header in other words
_CONTROL = re.compile(r"<\|(?:start|end|message|channel|constrain|return|call)\|>")


def render(messages: Iterable[Message]) -> Iterator[str]:
    """Yield the text of each message."""
    pending = list(messages)
    functions = any(_has_functions(message) for message in pending)
    for message in pending:
        head = HEAD.find(message.form, plain_header(message))
        text = "".join(_part_text(part, functions=functions) for part in message.parts)
        yield f"<|start|>{head}<|message|>{text}{END.find(message.form, plain_end(message))}"


def plain_header(message: Message) -> str:
    """Return a message's header as openai-harmony writes it: author, recipient, channel, content type."""
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


def plain_end(message: Message) -> str:
    """Return the token that ends a stored message: a call where the assistant speaks to somebody."""
    return "<|call|>" if message.role == Role.ASSISTANT and message.recipient is not None else "<|end|>"


def _part_text(part: Any, *, functions: bool) -> str:
    if isinstance(part, TextPart):
        return _CONTROL.sub("", part.text)
    if isinstance(part, SystemContentPart):
        return system_text(dump_value(part), functions=functions)
    return developer_text(dump_value(part)) if isinstance(part, DeveloperContentPart) else ""


def _has_functions(message: Message) -> bool:
    tools = [part.tools or {} for part in message.parts if isinstance(part, DeveloperContentPart)]
    return any("functions" in one and one["functions"].tools for one in tools)
