"""
Harmony as text: ``<|start|>assistant<|channel|>final<|message|>...<|end|>``, without a tokenizer.

What differs from Chat Completions:

- the conversation is one string under ``text``; otherwise as Harmony's messages;
- text only: media have no place;
- what is written equals what openai-harmony renders, control tokens in what people said left out.

Source: openai/harmony ``docs/format.md``, ``src/encoding.rs``.
"""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path, describe
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import END, Draft, mark
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.channels import from_chat, to_chat
from msgkit.formats.harmony_text.rendering import HEAD, developer_part, plain_end, plain_header, render, system_part
from msgkit.jsontext.values import without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation, Message, Role
from msgkit.structuring import load_value

NAME = "harmony-text"
_BETWEEN = Mark(NAME, "between")  # form of a conversation: what is between messages
_COMPLETION = Mark(NAME, "completion")  # form of a conversation: its text begins after the start of an answer
_TAIL = Mark(NAME, "tail")  # form of a conversation: what is after the last message


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a ``text`` that begins with Harmony's start token, or goes on after one."""
    text = body.get("text")
    return isinstance(text, str) and "messages" not in body and (text.startswith("<|start|>") or is_completion(text))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a text, of a history or of what a model wrote."""
    draft = Draft(at)
    text = body.get("text")
    if not isinstance(text, str):
        draft.fault(("text",), "messages-missing", f"expected text, got {describe(text)}")
        text = ""
    parsed = parse(text)
    for message in parsed.messages:
        draft.add(message, ("text",))
    if parsed.fault is not None:
        draft.fault(("text",), "type-mismatch", parsed.fault)
    form = frozenset([_BETWEEN.of(parsed.between)] * bool(parsed.between) + [_TAIL.of(parsed.tail)] * bool(parsed.tail))
    form |= {_COMPLETION} if parsed.completion else set()
    return draft.finish(without_keys(body, "text"), "text", form=form)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the text, without control tokens in what people said."""
    between = _BETWEEN.find(conversation.form) or ""
    tail = _TAIL.find(conversation.form) or ""
    text = between.join(render(conversation.messages)) + tail
    if _COMPLETION in conversation.form:
        text = text.removeprefix(PROMPT)
    return {"text": text, **conversation.extra}


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
_AFTER_START = re.compile(r"(?: to=\S+)?<\|(?:channel|message)\|>")
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
    return _AFTER_START.match(text) is not None


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


FORMAT = Format(
    name=NAME,
    title="Harmony's rendered text: {text: '<|start|>user<|message|>Hello<|end|>'}",
    source="openai/harmony docs/format.md",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={"text": (), "system_content": (), "developer_content": ()},
        message=("name", "channel", "recipient", "content_type"),
        roles=("system", "developer", "user", "assistant", "tool"),
        calls=(),
        open="rows",
        texts_apart=False,
        empty_text=False,
        call_ids=False,
    ),
    target="harmony-text",
    list_key="text",
    to_chat=to_chat,
    from_chat=from_chat,
    aliases=NOTHING,
)
