"""Text -> Harmony messages, noted."""

import re
from typing import Any

import attrs

from msgkit.formats.common.builder import END, mark
from msgkit.formats.harmony_text.rendering import HEAD, developer_part, plain_end, plain_header, system_part
from msgkit.model.messages import Message, Role
from msgkit.structuring import load_value

_MESSAGE = re.compile(
    r"<\|start\|>((?:(?!<\|(?:start|message|end|return|call)\|>).)*)<\|message\|>"
    r"((?:(?!<\|(?:start|message|end|return|call)\|>).)*)(<\|end\|>|<\|return\|>|<\|call\|>)",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    r"<\|start\|>((?:(?!<\|(?:start|message|end|return|call)\|>).)*)<\|message\|>"
    r"((?:(?!<\|(?:start|message|end|return|call)\|>).)*)()\Z",
    re.DOTALL,
)
_PROMPT = re.compile(r"\s*(?:<\|start\|>[^<]*(?:<\|(?:channel|constrain)\|>[^<]*)*)?\Z")
_COMPLETION = re.compile(r"(?: to=\S+)?<\|channel\|>")
PROMPT = "<|start|>assistant"
_TO = re.compile(r"(?:\A|\s)to=(\S+)")
_ROLES = {role.value for role in Role} - {"tool", "function"}


@attrs.define
class Parsed:
    """What a text holds."""

    messages: list[dict[str, Any]] = attrs.field(factory=list)  # as JSON, noted
    between: str = ""  # what is between the messages, and after the last
    tail: str = ""
    completion: bool = False  # whether the text goes on where a prompt ended, after ``<|start|>assistant``
    fault: str | None = None  # what is wrong with the text, None when nothing is


def is_completion(text: str) -> bool:
    """Return whether a text is what a model wrote after the header that its prompt ended with."""
    return _COMPLETION.match(text) is not None


def parse(text: str) -> Parsed:
    """Return the messages of a rendered text, of which the last may have no end."""
    parsed = Parsed(completion=is_completion(text))
    text = PROMPT + text if parsed.completion else text
    gaps, place = [], 0
    matches = list(_MESSAGE.finditer(text))
    unfinished = _UNFINISHED.search(text, matches[-1].end() if matches else 0)
    matches += [unfinished] if unfinished else []
    functions = any(_has_functions(match) for match in matches)
    for match in matches:
        gaps.append(text[place : match.start()])
        place = match.end()
        parsed.messages.append(_message(match, functions=functions))
    parsed.tail = text[place:]
    parsed.between = gaps[1] if len(gaps) > 1 else ""
    if any(gaps[:1]) or len(set(gaps[1:])) > 1 or parsed.between.strip() or not _PROMPT.match(parsed.tail):
        parsed.fault = "expected messages one after the other, each from <|start|> to <|end|>, <|call|> or <|return|>"
    return parsed


def _has_functions(match: re.Match[str]) -> bool:
    part = developer_part(match[2]) if _header(match[1])["role"] == "developer" else None
    return bool(part and part.get("tools", {}).get("functions", {}).get("tools"))


def _message(match: re.Match[str], *, functions: bool) -> dict[str, Any]:
    head, text, end = match.groups()
    message = _header(head)
    part = None
    if message["role"] == "system":
        part = system_part(text, functions=functions)
    elif message["role"] == "developer":
        part = developer_part(text)
    message["content"] = text if part is None else [part]
    value = load_value(message, Message)
    form = [HEAD.of(head)] * (plain_header(value) != head) + [END.of(end)] * (plain_end(value) != end)
    return mark(message, *form)


def _header(head: str) -> dict[str, Any]:
    """Return author, channel, recipient and content type, whatever order they are in."""
    author, separator, rest = head.partition("<|channel|>")
    first, _, between = author.strip().partition(" ")
    role, colon, name = first.partition(":")
    message: dict[str, Any] = {"role": role if role in _ROLES else "tool"}
    if message["role"] == "tool":
        message["name"] = first
    elif colon:
        message["name"] = name
    channel, _, rest = rest.lstrip().partition(" ") if separator else ("", "", "")
    if separator:
        message["channel"] = channel.split("<|constrain|>")[0]
        rest = channel[len(message["channel"]) :] + " " + rest
    more = f"{between} {rest}"
    to = _TO.search(more)
    if to:
        message["recipient"] = to[1]
        more = more[: to.start()] + " " + more[to.end() :]
    return message | ({"content_type": more.strip()} if more.strip() else {})
