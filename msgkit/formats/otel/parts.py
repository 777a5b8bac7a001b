"""OpenTelemetry's parts <-> content parts, tool calls and results; the attributes that are keys of a request."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.blocks import text_of
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.formats.common.keys import Key, as_list
from msgkit.jsontext.values import LIST, type_of, without_keys
from msgkit.model.base import Mark

INPUT, OUTPUT, SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"
LISTS = frozenset((INPUT, OUTPUT, SYSTEM))
_REQUEST = "gen_ai.request."
NAME = "otel"
_GIVEN = Mark(NAME, "arguments")  # form of a call: its arguments are no object, but a text, null or absent
_RESULT = Mark(NAME, "result")  # form of a result: under this key and not "response"
_OBJECT = Mark(NAME, "object")  # form of a result's text: an object or another JSON value
_RESPONSE = "tool_call_response"
_TYPES = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}


def load_part(part: Any) -> Any:
    """Return a part in the values' shape; one that would not come back the same keeps its own, as of type ``otel``."""
    if not isinstance(part, Mapping):
        return part
    part_type = type_of(part)
    load = _LOAD.get(part_type)
    value = load(part) if load is not None else None
    return value if value is not None and checked(part, value, dump_part(value)) else {"type": NAME, NAME: part}


def _load_blob(part: Mapping[str, Any]) -> dict[str, Any] | None:
    media_type, data = part.get("mime_type"), part.get("content")
    if not isinstance(media_type, str) or not isinstance(data, str):
        return None
    value = media.part_of(media_type, media.join(media_type, data), data)
    return _with_rest(value, part, ("type", "mime_type", "modality", "content"))


def _load_uri(part: Mapping[str, Any]) -> dict[str, Any] | None:
    kind, uri = part.get("modality"), part.get("uri")
    if kind == "document" and isinstance(uri, str):
        return _with_rest({"type": "file", "file": {"file_url": uri}}, part, ("type", "modality", "uri"))
    if not isinstance(kind, str) or kind not in _TYPES or not isinstance(uri, str):
        return None
    return _with_rest(media.url_part(kind, uri), part, ("type", "modality", "uri"))


def _with_rest(value: dict[str, Any], part: Mapping[str, Any], used: tuple[str, ...]) -> dict[str, Any] | None:
    rest = without_keys(part, *used)
    return None if rest.keys() & value.keys() else {**value, **rest}


_LOAD: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "text": lambda part: _with_rest({"type": "text", "text": part.get("content")}, part, ("type", "content")),
    "blob": _load_blob,
    "uri": _load_uri,
    "file": lambda part: _with_rest(
        {"type": "file", "file": {"file_id": part.get("file_id")}}, part, ("type", "file_id")
    ),
}


def dump_part(part: Any) -> Any:
    """Return a noted content part as OpenTelemetry has it: the inverse of :func:`load_part`."""
    part_type = type_of(part)
    if part_type == NAME:
        return bare(part[NAME])
    if part_type == "text":
        return bare({"type": "text", "content": part["text"], **_rest(part, "text")})
    if part_type not in ("image_url", "audio_url", "video_url", "input_audio", "file"):
        return bare(part)
    inline, rest = media.of_part(part), _rest(part, part_type)
    modality = "document" if part_type == "file" else media.sort_of(part_type)
    if inline is not None:
        return bare({"type": "blob", "mime_type": inline[0], "modality": modality, "content": inline[1], **rest})
    uri = media.string_of(part[part_type])
    if part_type == "file" and uri is None:
        return bare({"type": "file", "modality": modality, "file_id": part["file"].get("file_id"), **rest})
    return bare({"type": "uri", "modality": modality, "uri": uri, **rest})


def _rest(part: Mapping[str, Any], key: str) -> dict[str, Any]:
    return without_keys(part, "type", key)


def inner_places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds is in OpenTelemetry's."""
    if not isinstance(part, Mapping):
        return {(): ()}
    part_type = type_of(part)
    if part_type == "text":
        return {(): (), ("text",): ("content",)}
    inner = part.get("file") if part_type == "file" else None
    is_id = isinstance(inner, Mapping) and "file_id" in inner
    return media.inner_places(part, "file_id" if is_id else "content" if media.of_part(part) else "uri")


def load_call(part: Any) -> dict[str, Any] | None:
    """Return a ``tool_call`` part as a tool call; None for any other, or when it is not well formed."""
    if type_of(part) != "tool_call" or not isinstance(part.get("name"), str):
        return None
    given = part.get("arguments")
    arguments = given if isinstance(given, str) else calls.from_object({} if given is None else given)
    rest = without_keys(part, "type", "name", "arguments")
    if arguments is None or "function" in rest:
        return None
    form = [_GIVEN.of("text")] if isinstance(given, str) else []
    form += [_GIVEN.of("null" if "arguments" in part else "absent")] if given is None else []
    return mark({**rest, "type": "function", "function": {"name": part["name"], "arguments": arguments}}, *form)


def dump_call(call: Mapping[str, Any]) -> Any:
    """Return a noted tool call as a ``tool_call`` part: the inverse of :func:`load_call`."""
    if call.get("type") != "function":
        return bare(call)
    function, form = call["function"], marks(call)
    text, kind = function["arguments"], _GIVEN.find(form)
    ways: dict[Any, Any] = {"text": {"arguments": text}, "null": {"arguments": None}, "absent": {}}
    given = ways[kind] if kind else {"arguments": calls.to_object(text)}
    return bare({"type": "tool_call", "name": function["name"], **given, **_rest(call, "function")})


def load_result(part: Any) -> dict[str, Any] | None:
    """Return a ``tool_call_response`` part as a tool message; None for any other."""
    key = next((key for key in ("response", "result") if key in part), "") if type_of(part) == _RESPONSE else ""
    if not key:
        return None
    value = part[key]
    content = value if isinstance(value, str) else _content(value)
    rest = without_keys(part, "type", "id", key)
    form = [_OBJECT] if isinstance(content, str) and content is not value else []
    form += [] if key == "response" else [_RESULT]
    call_id = {"tool_call_id": part["id"]} if "id" in part else {}
    message = mark({"role": "tool", **call_id, "content": content, **({NAME: rest} if rest else {})}, *form)
    return message if checked(part, message, dump_result(message)) else None


def _content(value: Any) -> Any:
    """Return the parts of a result with media; any other value as text."""
    types = set(map(type_of, value)) if isinstance(value, LIST) else set()
    has_media = types <= _LOAD.keys() and bool(types - {"text"})
    return list(map(load_part, value)) if has_media else calls.to_text(value)


def dump_result(message: Mapping[str, Any]) -> Any:
    """Return a noted tool message as a ``tool_call_response`` part: the inverse of :func:`load_result`."""
    content, form = message.get("content"), marks(message)
    value: Any = [dump_part(part) for part in content] if isinstance(content, list) else content
    value = text_of(content) or value
    if _OBJECT in form and isinstance(content, str):
        value = calls.parse(content)
    call_id = {"id": message["tool_call_id"]} if "tool_call_id" in message else {}
    key = "result" if _RESULT in form else "response"
    return {"type": _RESPONSE, **call_id, key: value, **bare(message.get(NAME, {}))}


def parsed(value: Any, key: str, texts: dict[str, str]) -> Any:
    """Return what a JSON text says, and note the text."""
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    texts[key] = value
    return parsed


def _load_tools(tools: Any) -> Any:
    """Return definitions of tools, which may be a JSON text, or as Chat Completions has them."""
    tools = parsed(tools, "", {})
    return [_load_tool(tool) for tool in tools] if isinstance(tools, LIST) else None


def _load_tool(tool: Any) -> Any:
    if not isinstance(tool, Mapping) or tool.get("type") != "function" or "name" not in tool or "function" in tool:
        return tool
    return {"type": "function", "function": without_keys(tool, "type")}


def _dump_tools(tools: Any) -> Any:
    """Return definitions of tools with their names beside their types."""
    listed = tools if isinstance(tools, LIST) else ()
    pairs = [(tool, tool.get("function") if isinstance(tool, Mapping) else None) for tool in listed]
    return [{"type": "function", **inner} if isinstance(inner, Mapping) else tool for tool, inner in pairs]


KEYS = (
    Key(_REQUEST + "model", "model"),
    Key(_REQUEST + "temperature", "temperature"),
    Key(_REQUEST + "top_p", "top_p"),
    Key(_REQUEST + "top_k", "top_k"),
    Key(_REQUEST + "max_tokens", "max_tokens"),
    Key(_REQUEST + "seed", "seed"),
    Key(_REQUEST + "stop_sequences", "stop", dump=as_list),
    Key(_REQUEST + "frequency_penalty", "frequency_penalty"),
    Key(_REQUEST + "presence_penalty", "presence_penalty"),
    Key(_REQUEST + "choice.count", "n"),
    Key("gen_ai.tool.definitions", "tools", _load_tools, _dump_tools),
)
"""Attribute -> key of Chat Completions."""
