"""Responses <-> messages of the assistant."""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.common import calls
from msgkit.formats.common.block_messages import reasoning_of, thinking_of
from msgkit.formats.common.builder import Draft, bare, mark, marks
from msgkit.formats.common.call_matching import Pairing
from msgkit.formats.common.merge_messages import Letter, apart, in_order, text_or_parts
from msgkit.formats.pydantic_ai.items import NAME, OBJECT, dump_item, item_places, load_item, untranslated
from msgkit.jsontext.diff import same

_REDACTED = "redacted_thinking"


def load_response(draft: Draft, message: Mapping[str, Any], place: Path, pairing: Pairing) -> None:
    """Add the message of the assistant that a response is."""
    parts = message["parts"]
    values, places, order = apart(parts, (*place, "parts"), _load_answer, lambda part: item_places(part, "content"))
    content = text_or_parts(values["p"], beside=bool(values["r"] or values["c"]))
    if isinstance(content, str):
        places[("content",)] = (*places[("content", 0)], "content")
    rest = {key: value for key, value in message.items() if key not in ("kind", "parts")}
    own = {"message": rest, "parts": list(map(untranslated, parts))}
    value = {"role": "assistant", "content": content, **reasoning_of(values["r"]), NAME: own}
    for call in values["c"]:
        pairing.call(call["function"]["name"], call["id"])
    draft.add(mark(value | ({"tool_calls": values["c"]} if values["c"] else {}), *order), place, places)


def _load_answer(part: Any) -> tuple[Letter, Any]:
    kind = part.get("part_kind") if isinstance(part, Mapping) else None
    for own, load, dump in (("thinking", _load_thinking, _dump_thinking), ("tool-call", _load_call, _dump_call)):
        value = load(part) if kind == own else None
        if value is not None and same(part, {**dump(value), **untranslated(part)}):
            return ("r" if own == "thinking" else "c"), value
    content = part.get("content") if isinstance(part, Mapping) else None
    if kind == "text" and isinstance(content, str):
        return "p", {"type": "text", "text": content}
    loaded = load_item(content) if kind == "file" and isinstance(content, Mapping) else None
    return "p", {"type": NAME, NAME: part} if loaded is None or loaded["type"] in (NAME, "text") else loaded


def _load_thinking(part: Mapping[str, Any]) -> dict[str, Any] | None:
    signature = part.get("signature")
    if part.get("id") == _REDACTED and isinstance(signature, str) and part.get("content") == "":
        return {"type": _REDACTED, "data": signature}
    if not isinstance(part.get("content"), str):
        return None
    signed = {"signature": signature} if isinstance(signature, str) else {}
    return {"type": "thinking", "thinking": part["content"], **signed}


def _load_call(part: Mapping[str, Any]) -> dict[str, Any] | None:
    given, name, call_id = (part.get(key) for key in ("args", "tool_name", "tool_call_id"))
    arguments = given if isinstance(given, str) else calls.from_object(given)
    if not isinstance(name, str) or not isinstance(call_id, str) or arguments is None:
        return None
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return mark(call, *([] if isinstance(given, str) else [OBJECT]))


def dump_response(message: dict[str, Any], pairing: Pairing) -> list[Any]:
    """Return the parts of a response, each with what else it had."""
    content = message.get("content")
    for call in message.get("tool_calls") or ():
        if call.get("type") == "function":
            pairing.call(call["function"]["name"], call.get("id"))
    thinking = map(_dump_thinking, thinking_of(message))
    said = [{"type": "text", "text": content}] if isinstance(content, str) else content or ()
    tool_calls = map(_dump_call, message.get("tool_calls") or ())
    parts = in_order(message, thinking, map(_dump_said, said), tool_calls)
    rests = message.get(NAME, {}).get("parts", ())
    if len(rests) == len(parts):
        parts = [{**part, **rest} if rest else part for part, rest in zip(parts, rests, strict=True)]
    return [bare(part) for part in parts]


def _dump_said(part: Mapping[str, Any]) -> Any:
    if part.get("type") == NAME:
        return part[NAME]
    if part.get("type") == "text":
        return {"content": part["text"], "part_kind": "text"}
    return {"content": dump_item(part), "part_kind": "file"}


def _dump_thinking(block: Mapping[str, Any]) -> dict[str, Any]:
    if block.get("type") == _REDACTED:
        return {"content": "", "id": _REDACTED, "signature": block.get("data"), "part_kind": "thinking"}
    signed = {"signature": block["signature"]} if block.get("signature") else {}
    return {"content": block.get("thinking"), **signed, "part_kind": "thinking"}


def _dump_call(call: Mapping[str, Any]) -> Any:
    function = call.get("function", {})
    text = function.get("arguments")
    arguments = calls.to_object(text) if OBJECT in marks(call) else text
    named = {"tool_name": function.get("name"), "args": arguments, "tool_call_id": call.get("id")}
    return {**named, "part_kind": "tool-call"}
