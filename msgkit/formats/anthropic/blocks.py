"""Anthropic's blocks <-> content parts, tool calls and tool messages."""

from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.block_messages import Blocks
from msgkit.formats.common.builder import bare, checked, is_raw, raw
from msgkit.formats.common.keys import load_message_keys
from msgkit.jsontext.values import type_of, without_keys

NAME = "anthropic"


def inner_places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds is in its block."""
    part_type = type_of(part)
    if part_type == "image_url" and not is_raw(part):
        return {(): (), ("image_url", "url"): ("source",)}
    if part_type == "file" and not is_raw(part):
        return {(): (), ("file",): ("source",), ("file", "file_data"): ("source",)}
    return {(): ()}


def load_call(block: Any) -> dict[str, Any] | None:
    """Return a ``tool_use`` block as a tool call; None for any other, or when it is not well formed."""
    if type_of(block) != "tool_use":
        return None
    arguments = calls.from_object(block.get("input"))
    if arguments is None or not isinstance(block.get("id"), str) or not isinstance(block.get("name"), str):
        return None
    extra = without_keys(block, "type", "id", "name", "input")
    call = {**extra, **calls.function_call(block["id"], block["name"], arguments)}
    is_sure = not extra and calls.comes_back(block["input"])
    return call if is_sure or checked(block, call, dump_call(call)) else None


_MARKED = frozenset(("is_error",))  # what may be beside the text of a usual result


def load_result(block: Any) -> dict[str, Any] | None:
    """Return a ``tool_result`` block as a tool message; None when it is none, or would not come back the same."""
    if type_of(block) != "tool_result" or not isinstance(block.get("tool_use_id"), str):
        return None
    extra = without_keys(block, "type", "tool_use_id", "content")
    message = {**extra, "role": "tool", "tool_call_id": block["tool_use_id"]}
    if extra.keys() <= _MARKED and isinstance(block.get("content"), str):
        return message | {"content": block["content"]}
    if "content" in block:
        message["content"] = BLOCKS.load_content(block["content"])
    if load_message_keys(extra, NAME) != extra or not checked(block, message, dump_result(message)):
        return None
    return message


def load_block(block: Any) -> Any:
    """Return a block as a content part; one that would not come back the same stays as it is."""
    block_type = type_of(block)
    if block_type == "text":
        return block
    part = _LOAD[block_type](block) if block_type in _LOAD else None
    is_sure = part is not None and (_is_usual(block) or checked(block, part, dump_part(part)))
    return part if is_sure else raw(block)


def _is_usual(block: Mapping[str, Any]) -> bool:
    """Fast check: True only if a block is only an image in base64, which certainly comes back the same."""
    source = block.get("source") if block["type"] == "image" and len(block) == len(("type", "source")) else None
    if type(source) is not dict or source.get("type") != "base64" or len(source) != len(("type", "media_type", "data")):
        return False
    return media.comes_back(source.get("media_type"), source.get("data"))


def _load_image(block: Mapping[str, Any]) -> dict[str, Any] | None:
    url = _source_url(block.get("source"))
    return None if url is None else {**without_keys(block, "type", "source"), **media.url_part("image", url)}


def _load_document(block: Mapping[str, Any]) -> dict[str, Any] | None:
    source = block.get("source")
    if not isinstance(source, Mapping):
        return None
    file: dict[str, Any] = {}
    if source.get("type") == "file":
        file["file_id"] = source.get("file_id")
    elif source.get("type") == "url":
        file["file_url"] = source.get("url")
    elif source.get("type") == "text" and isinstance(source.get("data"), str):
        file["file_data"] = media.join("text/plain", media.encode_text(source["data"]))
    else:
        file["file_data"] = _source_url(source)
    if isinstance(block.get("title"), str):
        file["filename"] = block["title"]
    extra = without_keys(block, "type", "source", "title")
    return {**extra, "type": "file", "file": file}


_LOAD = {"image": _load_image, "document": _load_document}


def _source_url(source: Any) -> str | None:
    if not isinstance(source, Mapping):
        return None
    source_type, data, media_type, url = (source.get(key) for key in ("type", "data", "media_type", "url"))
    if source_type == "base64" and isinstance(data, str) and isinstance(media_type, str):
        return media.join(media_type, data)
    return url if source_type == "url" and isinstance(url, str) else None


def dump_call(call: Mapping[str, Any]) -> Any:
    """Return a noted tool call as a ``tool_use`` block: the inverse of :func:`load_call`."""
    if call.get("type") != "function":
        return bare(call)
    function = call["function"]
    extra = without_keys(call, "type", "id", "function")
    named = {"type": "tool_use", "id": call.get("id"), "name": function["name"]}
    return {**named, "input": calls.to_object(function["arguments"]), **bare(extra)}


def dump_result(message: Mapping[str, Any]) -> Any:
    """Return a noted tool message as a ``tool_result`` block: the inverse of :func:`load_result`."""
    content = message.get("content")
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
    if "content" in message:
        block["content"] = [dump_part(part) for part in content] if isinstance(content, list) else content
    extra = without_keys(message, "role", "tool_call_id", "content", NAME)
    return block | bare(extra) if extra else block


def dump_part(part: Any) -> Any:
    """Return a noted content part as a block: the inverse of :func:`load_block`."""
    dump = _DUMP.get(type_of(part))
    return bare(dump(part) if dump is not None and not is_raw(part) else part)


def _dump_image(part: Mapping[str, Any]) -> dict[str, Any]:
    url = part["image_url"]["url"]
    inline = media.split(url)
    source = _base64(*inline) if inline else {"type": "url", "url": url}
    return {"type": "image", "source": source, **without_keys(part, "type", "image_url")}


def _base64(media_type: str, data: str) -> dict[str, Any]:
    return {"type": "base64", "media_type": media_type, "data": data}


def _dump_document(part: Mapping[str, Any]) -> dict[str, Any]:
    file = part["file"]
    title = {"title": file["filename"]} if "filename" in file else {}
    extra = without_keys(part, "type", "file")
    return {"type": "document", "source": _document_source(file), **title, **extra}


def _document_source(file: Mapping[str, Any]) -> dict[str, Any]:
    data, url = file.get("file_data"), file.get("file_url")
    if data is None:
        return {"type": "url", "url": url} if url is not None else {"type": "file", "file_id": file.get("file_id")}
    inline = media.split(data)
    if inline is None and classify(data, bare_base64=True) is Kind.BASE64:
        inline = (media.sniff(data) or "application/pdf", data)
    if inline is None:
        return {"type": "url", "url": data}
    text = media.decode_text(inline[1]) if inline[0] == "text/plain" else None
    return _base64(*inline) if text is None else {"type": "text", "media_type": "text/plain", "data": text}


_DUMP = {"image_url": _dump_image, "file": _dump_document}


def _load_thinking(block: Any) -> Mapping[str, Any] | None:
    block_type = type_of(block)
    is_text = block_type == "thinking" and isinstance(block.get("thinking"), str)
    return block if is_text or block_type == "redacted_thinking" else None


BLOCKS = Blocks(
    name=NAME,
    load_part=load_block,
    dump_part=dump_part,
    load_call=load_call,
    dump_call=dump_call,
    load_result=load_result,
    dump_result=dump_result,
    load_thinking=_load_thinking,
    dump_thinking=bare,
    text=lambda text: {"type": "text", "text": text},
    places=inner_places,
    result_id=("tool_use_id",),
)
