"""
Harmony as text: ``<|start|>assistant<|channel|>final<|message|>...<|end|>``, without a tokenizer.

What differs from Chat Completions:

- the conversation is one string under ``text``; otherwise as Harmony's messages;
- text only: media have no place;
- what is written equals what openai-harmony renders, control tokens in what people said left out.

Source: openai/harmony ``docs/format.md``, ``src/encoding.rs``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path, describe
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.channels import from_chat, to_chat
from msgkit.formats.harmony_text.parsing import PROMPT, is_completion, parse
from msgkit.formats.harmony_text.rendering import render
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation
from msgkit.model.parts import NOTHING

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
    return draft.finish({key: value for key, value in body.items() if key != "text"}, "text", form=form)


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the text, without control tokens in what people said."""
    between = _BETWEEN.find(conversation.form) or ""
    tail = _TAIL.find(conversation.form) or ""
    text = between.join(render(conversation.messages)) + tail
    if _COMPLETION in conversation.form:
        text = text.removeprefix(PROMPT)
    return {"text": text, **conversation.extra}


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
