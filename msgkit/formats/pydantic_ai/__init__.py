"""
pydantic-ai: messages as ``ModelMessagesTypeAdapter`` writes them.

Found in: ``all_messages_json()`` of a run, as applications keep it.

What differs from Chat Completions:

- a message is a request or a response, a list of parts told by ``part_kind``; a request holds system prompts, what the
  user says and results of calls, a response text, thinking and calls;
- ``instructions`` are on each request; those that repeat the earlier ones are no message of their own;
- media are ``{kind: binary, data, media_type}`` or ``{kind: image-url, url}`` among the texts of a user's prompt;
- arguments are an object or its text; results name their function and hold any JSON;
- times, usage and the provider's own are beside.

Source: pydantic-ai ``messages.py``, ModelRequest and ModelResponse.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import APART, Draft, bare, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import AGENTS, THINKING_BLOCKS
from msgkit.formats.common.keys import dump_keys, load_keys
from msgkit.formats.pydantic_ai.messages import (
    EMPTY,
    INSTRUCTIONS,
    NAME,
    REPEATED,
    dump_part,
    dump_response,
    load_request,
    load_response,
    places_in,
)
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import LIST, objects
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Conversation


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether the messages of *body* are requests and responses of parts."""
    messages = body.get("messages")
    own = [one for one in objects(messages) if one.get("kind") in ("request", "response") and "parts" in one]
    return bool(own) and len(own) == len(messages or ())


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row: each part of a request becomes a message."""
    draft, pairing = Draft(at), Pairing()
    messages = draft.listed(body, "messages")
    form = _form(messages)
    told = before = None
    for i, message in enumerate(messages):
        place: Path = ("messages", i)
        if not isinstance(message, Mapping) or not isinstance(message.get("parts"), LIST):
            draft.fault(place, "type-mismatch", "expected a request or a response with a list of parts")
            continue
        kind = message.get("kind")
        if kind == "response":
            load_response(draft, message, place, pairing)
        elif kind == "request":
            first, *others = load_request(message, pairing, told, repeated=REPEATED in form)
            first = (mark(first[0], *[APART] * (before == kind)), first[1])
            for value, steps in (first, *others):
                own: Path = (*place, *steps)
                inner = places_in(value, find(message, steps))
                draft.add(value, own, {path: (*own, *to) for path, to in inner.items()})
            told = message.get("instructions", told)
        else:
            draft.fault((*place, "kind"), "type-mismatch", "expected request or response")
        before = kind
    return draft.finish(load_keys(body, ("messages",), (), NAME), "messages", form=form)


def _form(messages: Any) -> frozenset[Mark]:
    """Return the marks of a conversation: whether its first system message, or each request, are instructions."""
    requests = [one for one in objects(messages) if one.get("kind") == "request"]
    told = [one.get("instructions") for one in requests]
    if not told or not isinstance(told[0], str) or requests[0] is not messages[0]:
        return PLAIN
    return frozenset((INSTRUCTIONS, REPEATED) if len(told) > 1 and len(set(map(str, told))) == 1 else (INSTRUCTIONS,))


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: messages that no response comes between are one request."""
    listed: list[dict[str, Any]] = []
    pairing, form = Pairing(), conversation.form
    for i, message in enumerate(noted(conversation)):
        own = message.get(NAME, {})
        if message.get("role") == "assistant":
            listed.append({"parts": dump_response(message, pairing), "kind": "response", **own.get("message", {})})
            continue
        if not listed or listed[-1]["kind"] != "request" or APART in marks(message):
            listed.append({"parts": [], "kind": "request"})
        listed[-1] |= bare(own.get("message", {}))
        told = INSTRUCTIONS in marks(message) or (i == 0 and INSTRUCTIONS in form and message.get("role") == "system")
        if told and isinstance(message.get("content"), str):
            listed[-1]["instructions"] = message["content"]
        elif EMPTY not in marks(message):
            listed[-1]["parts"].append(dump_part(message, pairing))
    if REPEATED in form and "instructions" in listed[0]:
        repeated = {"instructions": listed[0]["instructions"]}
        listed = [one | repeated if one["kind"] == "request" else one for one in listed]
    return {"messages": listed, **dump_keys(conversation.extra, (), NAME)}


FORMAT = Format(
    name=NAME,
    title="pydantic-ai: {messages: [{kind: request | response, parts: [{part_kind: user-prompt, content}, ...]}]}",
    source="pydantic-ai 2.68 messages.py, ModelMessagesTypeAdapter",
    recognize=recognize,
    signs=frozenset(("parts",)),
    load=load,
    dump=dump,
    capabilities=attrs.evolve(AGENTS, within={"system": ("text",)}),
    aliases=NOTHING,
    opaque=lambda part: isinstance(part.get("part_kind", part.get("kind")), str),
    keys={"message": (NAME,), "part": ("file_url",)},
    reasoning_keys=frozenset((NAME, THINKING_BLOCKS)),
    reasoning_in_parts=True,
)  # fmt: skip
