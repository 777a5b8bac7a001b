"""
LLaMA-Factory v1: ``{messages: [{role, content: [{type, value}], loss_weight}]}``.

What differs from Chat Completions:

- each part has its text, URL or call under ``value``;
- reasoning and calls are parts among the others; results have no ids;
- ``loss_weight`` on a message.

Source: LLaMA-Factory ``src/llamafactory/v1/utils/types.py`` and ``data/v1_sft_demo.jsonl``.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import calls, media
from msgkit.formats.common.blocks import in_order, order_mark, text_or_parts
from msgkit.formats.common.builder import Draft, bare, checked, mark, marks, noted
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import CHAT, LLAMA_FACTORY
from msgkit.formats.common.keys import dump_keys, dump_message_keys, load_keys, load_message_keys
from msgkit.formats.common.sniff import by_keys
from msgkit.jsontext.values import LIST, objects, without_keys
from msgkit.model.base import NOTHING, Mark
from msgkit.model.messages import Conversation

NAME = "llamafactory"
_MEDIA = ("image_url", "audio_url", "video_url")
_INNER: Mapping[str, tuple[Path, ...]] = {
    "text": (("text",),),
    "input_audio": (("input_audio",), ("input_audio", "data")),
    **{kind: ((kind,), (kind, "url")) for kind in _MEDIA},
}
_STRING = Mark(NAME, "bare")  # form of a message: its content is a string, or nothing
_KNOWN = ("role", "content", "tool_calls", "tool_call_id", "reasoning")


def _is_own(message: Mapping[str, Any]) -> bool:
    """Return whether a message has parts with ``type`` and ``value``."""
    return any(part.keys() == {"type", "value"} for part in objects(message.get("content")))


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a row."""
    draft, pairing = Draft(at), Pairing()
    messages = draft.listed(body, "messages")
    for i, message in enumerate(messages):
        if not isinstance(message, Mapping):
            draft.add(message, ("messages", i))
        elif isinstance(message.get("content"), LIST):
            _load_message(draft, message, ("messages", i), pairing)
        else:
            keys = load_message_keys(without_keys(message, "content"), NAME, ("role",))
            content = {"content": message["content"]} if "content" in message else {}
            draft.add(mark({**keys, **content}, _STRING), ("messages", i))
    return draft.finish(load_keys(body, ("messages",), (), NAME), "messages")


def _load_message(draft: Draft, message: Mapping[str, Any], place: Path, pairing: Pairing) -> None:
    keys = load_message_keys(without_keys(message, "content"), NAME, ("role",))
    groups: dict[str, list[Any]] = {"r": [], "p": [], "c": []}
    letters: list[Any] = []
    places: dict[Path, Path] = {}
    for j, part in enumerate(message["content"]):
        letter, value = _load_part(part, message.get("role"), pairing, unique=not groups["r"])
        field = {"r": "reasoning", "p": "content", "c": "tool_calls"}[letter]
        at = () if letter == "r" else (len(groups[letter]),)
        here: Path = (*place, "content", j)
        places[(field, *at)] = here
        if letter == "p" and isinstance(value, Mapping) and value.get("type") != NAME:
            places |= {(field, *at, *inner): (*here, "value") for inner in _INNER.get(str(value.get("type")), ())}
        letters.append(letter)
        groups[letter].append(value)
    out = {**keys, "content": text_or_parts(groups["p"], beside=bool(groups["r"] or groups["c"]))}
    if isinstance(out["content"], str):
        places[("content",)] = (*places[("content", 0)], "value")
    out |= {"reasoning": groups["r"][0]} if groups["r"] else {}
    out |= {"tool_calls": groups["c"]} if groups["c"] else {}
    answered = pairing.next(None) if message.get("role") == "tool" else None
    if answered is not None:
        out["tool_call_id"] = answered
        pairing.answer(answered)
    draft.add(mark(out, *order_mark(letters)), place, places)


def _load_part(part: Any, role: Any, pairing: Pairing, *, unique: bool) -> tuple[Any, Any]:
    if not isinstance(part, Mapping):
        return "p", part
    kind, value = part.get("type"), part.get("value")
    plain = part.keys() == {"type", "value"} and isinstance(value, str)
    if plain and kind == "reasoning" and role == "assistant" and unique:
        return "r", value
    if plain and kind == "text":
        return "p", {"type": "text", "text": value}
    if plain and kind in _MEDIA:
        translated = media.url_part(media.sort_of(str(kind)), value)
        inline = media.split(value) if kind == "audio_url" else None
        audio = media.audio_part(*inline) if inline else translated
        return "p", audio if _dump_part(audio) == part else translated
    call = _load_call(value, pairing) if plain and kind == "tool_call" and role == "assistant" else None
    return ("p", {"type": NAME, NAME: part}) if call is None else ("c", call)


def _load_call(text: Any, pairing: Pairing) -> dict[str, Any] | None:
    told = calls.parse_object(text)
    if told is None or told.keys() != {"name", "arguments"} or not isinstance(told["name"], str):
        return None
    arguments = calls.from_object(told["arguments"])
    if arguments is None:
        return None
    call = calls.function_call(pairing.copy().call(told["name"], None), told["name"], arguments)
    note = {} if checked(text, call, _call_text(call)) else {NAME: text}
    pairing.call(told["name"], None)
    return {**call, **note}


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the row: every part as type and value, calls without ids."""
    messages = [_dump_message(message) for message in noted(conversation)]
    return {"messages": messages, **dump_keys(conversation.extra, (), NAME)}


def _dump_message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    head = {"role": message["role"]} if "role" in message else {}
    keys = dump_message_keys(message, NAME, _KNOWN)
    known = message.keys() & {"tool_calls", "reasoning"}
    if not known and (not isinstance(content, str | list) or (_STRING in marks(message) and isinstance(content, str))):
        return {**head, **({"content": content} if "content" in message else {}), **keys}
    reasoning = [{"type": "reasoning", "value": message["reasoning"]}] if message.get("reasoning") is not None else []
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or ()
    tool_calls = [{"type": "tool_call", "value": _told(call)} for call in message.get("tool_calls") or ()]
    return {**head, "content": in_order(message, reasoning, [_dump_part(part) for part in parts], tool_calls), **keys}


def _dump_part(part: Any) -> Any:
    kind = part.get("type")
    if kind == NAME:
        return part[NAME]
    if kind == "text":
        return {"type": "text", "value": part["text"]}
    if kind == "input_audio":
        inline = media.of_part(part)
        return {"type": "audio_url", "value": media.join(*inline) if inline else part["input_audio"]["data"]}
    return {"type": kind, "value": part[kind]["url"]} if kind in _MEDIA else bare(part)


def _call_text(call: Mapping[str, Any]) -> str:
    function = call["function"]
    return calls.to_text({"name": function["name"], "arguments": calls.to_object(function["arguments"])})


def _told(call: Mapping[str, Any]) -> str:
    """Return a call as text: as it was, while it means the same."""
    if "function" not in call:
        return calls.to_text(bare(call))
    text, told = _call_text(call), call.get(NAME)
    return str(told) if told is not None and calls.parse_object(told) == calls.parse_object(text) else text


FORMAT = Format(
    name=NAME,
    target="llamafactory",
    title="LLaMA-Factory v1: {messages: [{role, content: [{type: text | image_url | ..., value}], loss_weight}]}",
    source="LLaMA-Factory src/llamafactory/v1/utils/types.py",
    recognize=by_keys((), _is_own),
    signs=frozenset(("value",)),
    load=load,
    dump=dump,
    preference="llamafactory",
    capabilities=attrs.evolve(
        LLAMA_FACTORY, message=("tool_calls", "tool_call_id", "reasoning", "loss_weight"), body=CHAT.body
    ),
    parts=("text", "image_url", "audio_url", "video_url", "reasoning", "tool_call"),
    aliases=NOTHING,
    opaque_parts=frozenset(("tools",)),
    keys={"message": ("loss_weight",)},
    reasoning_in_parts=True,
    media_in_place=True,
)
