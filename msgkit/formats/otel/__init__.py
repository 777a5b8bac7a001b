"""
OpenTelemetry: conversations as the semantic conventions for generative AI record them in spans.

Found in: spans that instrumented programs export, one a row, or as OTLP's JSON; what Langfuse, Phoenix or Grafana
took in.

What differs from Chat Completions:

- messages are ``{role, parts, finish_reason}`` under ``gen_ai.input.messages`` and ``gen_ai.output.messages``, the
  system prompt is a list of parts under ``gen_ai.system_instructions``: among the attributes of a span (an object, or
  OTLP's list of keys and values) or by themselves, as values or as JSON text; a bare list of such messages, too;
- parts are text, tool_call, tool_call_response, reasoning, blob (base64), uri and file;
- results are messages of the role tool, one message may hold several;
- what was asked for is in other attributes: ``gen_ai.request.model``, ``gen_ai.request.temperature``.

Source: OpenTelemetry semantic conventions 1.38, ``docs/gen-ai/gen-ai-input-messages.json``,
``gen-ai-output-messages.json``, ``gen-ai-system-instructions.json``.
"""

import json
from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import blocks
from msgkit.formats.common.builder import Draft, checked, mark, marks, noted
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import dump_keys, dump_message_keys, load_keys, load_message_keys
from msgkit.formats.otel.parts import (
    INPUT,
    KEYS,
    LISTS,
    NAME,
    OUTPUT,
    SYSTEM,
    dump_call,
    dump_part,
    dump_result,
    inner_places,
    load_call,
    load_part,
    load_result,
    parsed,
)
from msgkit.jsontext.values import LIST, objects, same, type_of, without_keys
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Conversation

_OUTPUT = Mark(NAME, "output")  # form of a message: among those of the output
_BARE = Mark(NAME, "messages")  # form of a conversation: its messages are under "messages"
_PARTS = Mark(NAME, "parts")  # form of a message of the role tool: it is no result
_ROLE = Mark(NAME, "role")  # form of a result: the role of its message
_KNOWN = ("role", "content", "tool_calls", "reasoning", "tool_call_id")


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has the attributes of a conversation, or messages of parts with types."""
    attributes, messages = body.get("attributes"), body.get("messages")
    names = attributes if isinstance(attributes, Mapping) else [one.get("key") for one in objects(attributes)]
    if any(isinstance(name, str) and name in LISTS for name in (*body, *names)):
        return True
    return isinstance(messages, LIST) and bool(messages) and all(map(_is_own, messages))


def _is_own(message: Any) -> bool:
    parts = message.get("parts") if isinstance(message, Mapping) and "content" not in message else None
    return isinstance(parts, LIST) and all(isinstance(part, Mapping) and "type" in part for part in parts)


# ---- reading


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a span, its attributes, or ``{"messages": [...]}``."""
    draft = Draft(at)
    in_span = "attributes" in body and not LISTS & body.keys()
    above: Path = ("attributes",) if in_span else ()
    attributes = _flat(body["attributes"]) if in_span else body
    bare = not LISTS & attributes.keys() and "messages" in attributes
    texts: dict[str, str] = {}
    used = []
    for key in ("messages",) if bare else (SYSTEM, INPUT, OUTPUT):
        value = parsed(attributes.get(key), key, texts)
        is_listed = in_span and not isinstance(body["attributes"], Mapping)
        if isinstance(value, LIST) and (value or key in (SYSTEM, "messages")):
            used.append(key)
            place = above if is_listed else (*above, key)
            _read_list(draft, value, key, place, whole=is_listed or key in texts)
        elif key in attributes and key != SYSTEM and value != []:
            draft.wrong_list(key, value, present=True)
    if not bare and not {INPUT, OUTPUT} & attributes.keys():
        draft.wrong_list(INPUT, None, present=False)
    extra = load_keys(attributes, used, KEYS, NAME)
    kept = {"span": dict(body)} if in_span else {}
    kept |= {"texts": texts} if texts else {}
    extra = {**extra, NAME: {**extra.get(NAME, {}), **kept}} if kept else extra
    return draft.finish(extra, INPUT, form=frozenset((_BARE,)) if bare else PLAIN)


def _flat(attributes: Any) -> Mapping[str, Any]:
    """Return attributes as an object; OTLP's JSON has them as a list of keys and typed values."""
    if isinstance(attributes, Mapping):
        return attributes
    pairs = [(one.get("key"), one.get("value")) for one in objects(attributes)]
    typed = [(key, value) for key, value in pairs if isinstance(value, Mapping) and len(value) == 1]
    return {key: next(iter(value.values())) for key, value in typed if isinstance(key, str)}


def _read_list(draft: Draft, items: Any, key: str, place: Path, *, whole: bool) -> None:
    """Add the messages of one list; *whole* when it is a text, which no path leads into."""
    if key == SYSTEM:
        parts = [load_part(part) for part in items]
        draft.add(
            {"role": "system", "content": blocks.text_or_parts(parts, beside=False)}, place, {("content",): place}
        )
        return
    first = len(draft.messages)
    for i, message in enumerate(items):
        _read_message(draft, message, place if whole else (*place, i), (_OUTPUT,) if key == OUTPUT else ())
    if whole:
        draft.entries[first:] = [
            (number, place, dict.fromkeys(inner() if callable(inner) else inner, place))
            for number, _, inner in draft.entries[first:]
        ]


def _read_message(draft: Draft, message: Any, place: Path, names: tuple[Mark, ...]) -> None:
    if not isinstance(message, Mapping):
        draft.add(message, place)
        return
    parts = message.get("parts")
    beside = without_keys(message, "parts")
    keys = load_message_keys(beside, NAME, ("role", "name"))
    if not isinstance(parts, LIST):
        draft.fault((*place, "parts") if "parts" in message else place, "type-mismatch", "expected a list of parts")
        draft.add(mark(keys, *names), place)
    elif keys.get("role") == "assistant":
        _read_assistant(draft, keys, parts, place, names)
    else:
        _read_others(draft, keys, parts, place, names)


def _read_assistant(draft: Draft, keys: dict[str, Any], parts: Any, place: Path, names: tuple[Mark, ...]) -> None:
    values, places, order = blocks.apart(parts, (*place, "parts"), _load_part, inner_places)
    texts = values["r"]
    message = keys | {"content": blocks.text_or_parts(values["p"], beside=bool(texts or values["c"]))}
    message |= {"reasoning": "".join(texts)} if texts else {}
    message |= {NAME: {**message.get(NAME, {}), "texts": texts}} if len(texts) > 1 else {}
    message |= {"tool_calls": values["c"]} if values["c"] else {}
    draft.add(mark(message, *names, *order), place, places)


def _load_part(part: Any) -> tuple[blocks.Letter, Any]:
    call = load_call(part)
    if call is not None and checked(part, call, dump_call(call)):
        return "c", call
    is_plain = type_of(part) == "reasoning" and part.keys() == {"type", "content"} and isinstance(part["content"], str)
    return ("r", part["content"]) if is_plain else ("p", load_part(part))


def _read_others(draft: Draft, keys: dict[str, Any], parts: Any, place: Path, names: tuple[Mark, ...]) -> None:
    """Add a message for each result, and one for each run of other parts between them."""
    head, role = dict(keys), keys.get("role")
    if not isinstance(role, str):
        draft.add(head, place)  # a fault: nothing says whose the parts are
        return
    for start, run in blocks.runs(parts, load_result):
        marked = names if start == 0 else (*names, blocks.TOGETHER)
        if isinstance(run, dict):
            rest = without_keys(head, "role", NAME) | dict(head.get(NAME, {}))
            inner = {**run.get(NAME, {}), **({"message": rest} if rest else {})}
            result = {**run, **({NAME: inner} if inner else {})}
            own = () if role == "tool" else (_ROLE.of(role),)
            at: Path = (*place, "parts", start)
            parts = run["content"] if isinstance(run["content"], list) else None
            draft.add(mark(result, *marked, *own), at, blocks.content_places(parts, (*at, "response"), inner_places))
        else:
            values = [load_part(part) for part in run]
            places = blocks.content_places(values, (*place, "parts"), inner_places, start)
            own = (_PARTS,) if role == "tool" else ()
            draft.add(
                mark({**head, "content": blocks.text_or_parts(values, beside=False)}, *marked, *own), place, places
            )
        head = {"role": role}


# ---- writing


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return what was read; a new conversation as attributes."""
    messages = noted(conversation)
    own = dict(conversation.extra.get(NAME, {}))
    span, texts = own.pop("span", None), own.pop("texts", {})
    extra = without_keys(conversation.extra, NAME) | ({NAME: own} if own else {})
    keys = dump_keys(extra, KEYS, NAME)
    if _BARE in conversation.form:
        return {"messages": _dump_list(messages), **keys}
    first = messages[0] if messages else {}
    is_instruction = first.get("role") == "system" and first.keys() <= {"role", "content"}
    lead = messages[:1] if is_instruction else []
    rest = messages[len(lead) :]
    inputs = [message for message in rest if _OUTPUT not in marks(message)]
    outputs = [message for message in rest if _OUTPUT in marks(message)]
    lists: dict[str, Any] = {SYSTEM: _dump_parts(lead[0].get("content"))} if lead else {}
    lists |= {INPUT: _dump_list(inputs)} if inputs or not (outputs or OUTPUT in keys) else {}
    lists |= {OUTPUT: _dump_list(outputs)} if outputs else {}
    for key, text in texts.items():
        if key in lists:
            lists[key] = text if same(json.loads(text), lists[key]) else json.dumps(lists[key], ensure_ascii=False)
    attributes = {**keys, **lists}
    return attributes if span is None else {**span, "attributes": _in_span(span["attributes"], attributes)}


def _in_span(before: Any, attributes: Mapping[str, Any]) -> Any:
    """Return the attributes in the form that the span had them in."""
    if isinstance(before, Mapping):
        return attributes
    old = _flat(before)
    if same(old, attributes):
        return before
    return [{"key": key, "value": _typed(value)} for key, value in attributes.items()]


def _typed(value: Any) -> dict[str, Any]:
    names = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}
    name = names.get(type(value))
    return {name: value} if name else {"stringValue": json.dumps(value, ensure_ascii=False)}


def _dump_list(messages: list[dict[str, Any]]) -> list[Any]:
    return list(map(_dump_group, blocks.grouped(messages, lambda _, message: blocks.TOGETHER in marks(message))))


def _dump_group(group: list[dict[str, Any]]) -> dict[str, Any]:
    first = group[0]
    role = _ROLE.find(marks(first), first.get("role"))
    parts = [part for message in group for part in _dump_message(message)]
    head = {"role": role} if role is not None else {}
    if _is_result(first):
        return {**head, "parts": parts, **first.get(NAME, {}).get("message", {})}
    rest = without_keys(first, NAME)
    own = without_keys(first.get(NAME, {}), "texts")
    return {**head, "parts": parts, **dump_message_keys({**rest, NAME: own}, NAME, _KNOWN)}


def _is_result(message: Mapping[str, Any]) -> bool:
    return message.get("role") == "tool" and _PARTS not in marks(message)


def _dump_message(message: dict[str, Any]) -> list[Any]:
    if _is_result(message):
        own = without_keys(message.get(NAME, {}), "message")
        return [dump_result({**message, NAME: own})]
    text, texts = message.get("reasoning"), message.get(NAME, {}).get("texts")
    if not isinstance(texts, list) or "".join(texts) != text:
        texts = [] if text is None else [text]
    reasoning = [{"type": "reasoning", "content": one} for one in texts]
    tool_calls = [dump_call(call) for call in message.get("tool_calls") or ()]
    return blocks.in_order(message, reasoning, _dump_parts(message.get("content")), tool_calls)


def _dump_parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "content": content}]
    return [dump_part(part) for part in content or ()]


FORMAT = Format(
    name=NAME,
    title="OpenTelemetry: {gen_ai.input.messages: [{role, parts: [{type: text, content}, ...]}]}",
    source="OpenTelemetry semantic conventions 1.38, docs/gen-ai/gen-ai-input-messages.json",
    recognize=recognize,
    own_keys=LISTS,
    signs=LISTS | {"attributes", "parts"},
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": (), "file": ()},
        message=("name", "tool_calls", "tool_call_id", "reasoning"),
        body=tuple(key.hub for key in KEYS),
        empty_text=False,
    ),
    list_key=INPUT,
    parts=("text", "blob", "uri", "file", "tool_call", "tool_call_response", "reasoning"),
    aliases=NOTHING,
    keys={"message": ("finish_reason",), "part": ("modality",)},
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
)
