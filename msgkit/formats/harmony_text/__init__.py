"""
Harmony as text: ``<|start|>assistant<|channel|>final<|message|>...<|end|>``, without a tokenizer.

What differs from Chat Completions:

- the conversation is one string under ``text``; otherwise as Harmony's messages;
- text only: media have no place;
- what is written equals what openai-harmony renders, control tokens in what people said left out.

Source: openai/harmony ``docs/format.md``, ``src/encoding.rs``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

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
# form of a conversation: its text begins where a prompt ended, after ``<|start|>assistant``
_COMPLETION = Mark(NAME, "completion")
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
    form = frozenset(_read(text, draft))
    return draft.finish(without_keys(body, "text"), "text", form=form)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the text, without control tokens in what people said."""
    form = conversation.form
    text = (_BETWEEN.find(form) or "").join(render(conversation.messages)) + (_TAIL.find(form) or "")
    if _COMPLETION in form:
        text = text.removeprefix(PROMPT)
    return {"text": text, **conversation.extra}


_TEXT = r"((?:(?!<\|(?:start|message|end|return|call)\|>).)*)"
_OPEN = rf"<\|start\|>{_TEXT}<\|message\|>{_TEXT}"
_MESSAGE = re.compile(_OPEN + r"(<\|end\|>|<\|return\|>|<\|call\|>)", re.DOTALL)
_UNFINISHED = re.compile(_OPEN + r"()\Z", re.DOTALL)
_PROMPT = re.compile(r"\s*(?:<\|start\|>[^<]*(?:<\|(?:channel|constrain)\|>[^<]*)*)?\Z")
_AFTER_START = re.compile(r"(?: to=\S+)?<\|(?:channel|message)\|>")
PROMPT = "<|start|>assistant"
_TO = re.compile(r"(?:\A|\s)to=(\S+)")
_ROLES = {role.value for role in Role} - {"tool", "function"}


def is_completion(text: str) -> bool:
    """Return whether a text is what a model wrote after the header that its prompt ended with."""
    return _AFTER_START.match(text) is not None


def _read(text: str, draft: Draft) -> Iterator[Mark]:
    """Add the messages of a rendered text, of which the last may have no end; yield the marks of what is around."""
    if is_completion(text):
        yield _COMPLETION
        text = PROMPT + text
    gaps, end = [], 0
    matches = list(_MESSAGE.finditer(text))
    unfinished = _UNFINISHED.search(text, matches[-1].end() if matches else 0)
    matches += [unfinished] if unfinished else []
    functions = any(_has_functions(match) for match in matches)
    for match in matches:
        gaps.append(text[end : match.start()])
        end = match.end()
        draft.add(_message(match, functions=functions), ("text",))
    between, tail = "".join(gaps[1:2]), text[end:]
    if any(gaps[:1]) or len(set(gaps[1:])) > 1 or between.strip() or not _PROMPT.match(tail):
        told = "expected messages one after the other, each from <|start|> to <|end|>, <|call|> or <|return|>"
        draft.fault(("text",), "type-mismatch", told)
    yield from [_BETWEEN.of(between)] * bool(between) + [_TAIL.of(tail)] * bool(tail)


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
    signs=frozenset(("text",)),
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
