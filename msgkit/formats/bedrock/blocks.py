"""Converse's blocks <-> tool calls, reasoning and tool messages; how its blocks make messages."""

from collections.abc import Mapping
from typing import Any

from msgkit.formats.bedrock.parts import JSON_TEXT, NAME, dump_part, inner_places, load_part
from msgkit.formats.common import calls
from msgkit.formats.common.block_messages import Blocks
from msgkit.formats.common.builder import bare, checked, marks
from msgkit.formats.common.keys import load_message_keys
from msgkit.formats.common.merge_messages import text_or_parts


def load_call(block: Any) -> dict[str, Any] | None:
    """Return a ``toolUse`` block as a tool call; None for any other, or when it is not well formed."""
    value = block.get("toolUse") if isinstance(block, Mapping) and len(block) == 1 else None
    if not isinstance(value, Mapping) or not isinstance(value.get("toolUseId"), str):
        return None
    arguments = calls.from_object(value.get("input"))
    if arguments is None or not isinstance(value.get("name"), str) or "type" in value:
        return None
    extra = {key: item for key, item in value.items() if key not in ("toolUseId", "name", "input")}
    function = {"name": value["name"], "arguments": arguments}
    call = {**extra, "id": value["toolUseId"], "type": "function", "function": function}
    is_sure = not extra and calls.comes_back(value["input"])
    return call if is_sure or checked(block, call, dump_call(call)) else None


def dump_call(call: Mapping[str, Any]) -> Any:
    """Return a noted tool call as a ``toolUse`` block: the inverse of :func:`load_call`."""
    if call.get("type") != "function":
        return bare(call)
    function = call["function"]
    extra = {key: item for key, item in call.items() if key not in ("type", "id", "function")}
    named = {"toolUseId": call.get("id"), "name": function["name"], "input": calls.to_object(function["arguments"])}
    return {"toolUse": bare({**named, **extra})}


def load_result(block: Any) -> dict[str, Any] | None:
    """Return a ``toolResult`` block as a tool message; None when it is none, or would not come back the same."""
    value = block.get("toolResult") if isinstance(block, Mapping) and len(block) == 1 else None
    if not isinstance(value, Mapping) or not isinstance(value.get("toolUseId"), str):
        return None
    extra = {key: item for key, item in value.items() if key not in ("toolUseId", "content", "status")}
    message = {**extra, "role": "tool", "tool_call_id": value["toolUseId"]}
    if isinstance(value.get("status"), str) and value["status"] in _STATUS:
        message["is_error"] = _STATUS[value["status"]]
    content = value.get("content")
    if isinstance(content, list | tuple):
        parts = [load_part(item) for item in content]
        message["content"] = (
            parts
            if any(JSON_TEXT in marks(part) for part in parts if isinstance(part, Mapping))
            else text_or_parts(parts, beside=False)
        )
    if load_message_keys(extra, NAME) != extra or not checked(block, message, dump_result(message)):
        return None
    return message


_STATUS = {"success": False, "error": True}


def dump_result(message: Mapping[str, Any]) -> Any:
    """Return a noted tool message as a ``toolResult`` block: the inverse of :func:`load_result`."""
    value: dict[str, Any] = {"toolUseId": message.get("tool_call_id")}
    if "content" in message:
        value["content"] = BLOCKS.dump_parts(message["content"])
    if isinstance(message.get("is_error"), bool):
        value["status"] = "error" if message["is_error"] else "success"
    known = ("role", "tool_call_id", "content", "is_error", NAME)
    return {"toolResult": value | bare({key: item for key, item in message.items() if key not in known})}


def _load_thinking(block: Any) -> Mapping[str, Any] | None:
    value = block.get("reasoningContent") if isinstance(block, Mapping) and len(block) == 1 else None
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    text, data = value.get("reasoningText"), value.get("redactedContent")
    if isinstance(text, Mapping) and isinstance(text.get("text"), str) and text.keys() <= {"text", "signature"}:
        signature = {"signature": text["signature"]} if "signature" in text else {}
        return {"type": "thinking", "thinking": text["text"], **signature}
    return {"type": "redacted_thinking", "data": data} if isinstance(data, str) else None


def _dump_thinking(block: Mapping[str, Any]) -> Any:
    if block.get("type") == "redacted_thinking":
        return {"reasoningContent": {"redactedContent": block.get("data")}}
    text = {"text": block.get("thinking")} | {key: block[key] for key in ("signature",) if key in block}
    return {"reasoningContent": {"reasoningText": text}}


BLOCKS = Blocks(
    name=NAME,
    load_part=load_part,
    dump_part=dump_part,
    load_call=load_call,
    dump_call=dump_call,
    load_result=load_result,
    dump_result=dump_result,
    load_thinking=_load_thinking,
    dump_thinking=_dump_thinking,
    text=lambda text: {"text": text},
    places=inner_places,
    result_id=("toolResult", "toolUseId"),
    result_content=("toolResult", "content"),
    strings=False,
)
