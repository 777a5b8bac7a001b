"""Converse's blocks <-> content parts, tool calls, reasoning and tool messages. A block is told by its sole key."""

import re
from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.block_messages import Blocks
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.formats.common.keys import load_message_keys
from msgkit.formats.common.merge_messages import text_or_parts

NAME = "bedrock"
_JSON = "(json)"  # form of a text: an object in the result
_TEXT = "(text)"  # form of a file: plain text, not base64
_MEDIA: Mapping[str, Mapping[str, str]] = {
    "image": {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    "video": {
        "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "mkv": "video/x-matroska",
        "mpeg": "video/mpeg", "flv": "video/x-flv", "wmv": "video/x-ms-wmv", "three_gp": "video/3gpp",
    },
    "audio": {
        "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "aac": "audio/aac",
        "m4a": "audio/mp4", "webm": "audio/webm",
    },
    "document": {
        "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "html": "text/html", "csv": "text/csv",
        "doc": "application/msword", "xls": "application/vnd.ms-excel",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    },
}  # fmt: skip
"""Kind of block -> the formats that it may have -> their media types."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9\s\-()\[\]]|\s(?=\s)")


_OWN = {"image_url": "image", "video_url": "video", "audio_url": "audio", "input_audio": "audio", "file": "document"}
"""Type of content part -> its block."""


def inner_places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds stands in its block."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "text":
        inner = ("json",) if _JSON in marks(part) else ("text",)
        return {(): inner if _JSON in marks(part) else (), ("text",): inner}
    own = _OWN.get(kind) if isinstance(kind, str) else None
    if own is None:
        return {(): ()}
    data = ("source", "bytes") if media.of_part(part) else ("source", "s3Location", "uri")
    if kind == "file":
        data = ("source", "text") if _TEXT in marks(part) else data
        return {(): (own,), ("file", "file_data"): (own, *data), ("file", "filename"): (own, "name")}
    if kind == "input_audio":
        return {(): (own,), ("input_audio", "data"): (own, *data), ("input_audio", "format"): (own, "format")}
    return {(): (own,), (str(kind), "url"): (own, *data)}


def load_part(block: Any) -> Any:
    """
    Return a block as a content part; one that would not come back the same keeps its own, as of type ``bedrock``.

    >>> load_part({"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}})
    {'type': 'image_url', 'image_url': {'url': 'data:image/png;base64,iVBORw0KGgo='}}
    """
    if not isinstance(block, Mapping):
        return block
    key, value = next(iter(block.items())) if len(block) == 1 else (None, None)
    load = _LOAD.get(key) if isinstance(key, str) else None
    part = load(value) if load is not None else None
    return part if part is not None and checked(block, part, dump_part(part)) else {"type": NAME, NAME: block}


def _load_text(text: Any) -> dict[str, Any] | None:
    return {"type": "text", "text": text} if isinstance(text, str) else None


def _load_json(value: Any) -> dict[str, Any] | None:
    text = calls.from_object(value)
    return None if text is None else mark({"type": "text", "text": text}, _JSON)


def _url(kind: str, value: Any) -> str | None:
    """Return the data URL or the S3 URI of media."""
    source = value.get("source") if isinstance(value, Mapping) else None
    if not isinstance(source, Mapping):
        return None
    name, data, place = value.get("format"), source.get("bytes"), source.get("s3Location")
    media_type = _MEDIA[kind].get(name) if isinstance(name, str) else None
    if isinstance(data, str) and media_type is not None:
        return media.join(media_type, data)
    uri = place.get("uri") if isinstance(place, Mapping) else None
    return uri if isinstance(uri, str) else None


def _load_image(value: Any) -> dict[str, Any] | None:
    url = _url("image", value)
    return None if url is None else {"type": "image_url", "image_url": {"url": url}}


def _load_video(value: Any) -> dict[str, Any] | None:
    url = _url("video", value)
    return None if url is None else {"type": "video_url", "video_url": {"url": url}}


def _load_audio(value: Any) -> dict[str, Any] | None:
    url = _url("audio", value)
    found = media.split(url)
    if found is not None:
        return media.audio_part(*found)
    return None if url is None else {"type": "audio_url", "audio_url": {"url": url}}


def _load_document(value: Any) -> dict[str, Any] | None:
    source = value.get("source") if isinstance(value, Mapping) else None
    if not isinstance(source, Mapping):
        return None
    text = source.get("text")
    data = _url("document", value) if not isinstance(text, str) else media.join("text/plain", media.encode_text(text))
    if data is None:
        return None
    file: dict[str, Any] = {"file_data": data}
    if isinstance(value.get("name"), str):
        file["filename"] = _file_name(value["name"], value.get("format"))
    extra = {key: item for key, item in value.items() if key not in ("format", "name", "source")}
    return mark({**extra, "type": "file", "file": file}, *([_TEXT] if isinstance(text, str) else []))


def _file_name(name: str, suffix: Any) -> str:
    return f"{name}.{suffix}" if isinstance(suffix, str) else name


_LOAD = {
    "text": _load_text,
    "json": _load_json,
    "image": _load_image,
    "video": _load_video,
    "audio": _load_audio,
    "document": _load_document,
}


def dump_part(part: Any) -> Any:
    """Return a noted content part as a block: the inverse of :func:`load_part`."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == NAME:
        return bare(part[NAME])
    dump = _DUMP.get(kind) if isinstance(kind, str) else None
    return bare(dump(part) if dump else part)


def _dump_text(part: Mapping[str, Any]) -> dict[str, Any]:
    value = calls.parse_object(part["text"]) if _JSON in marks(part) else None
    return {"text": part["text"]} if value is None else {"json": value}


def _is_elsewhere(url: Any) -> bool:
    """Tell whether media are named by what Converse does not fetch."""
    return not isinstance(url, str) or classify(url) is Kind.REMOTE


def _dump_media(part: Mapping[str, Any]) -> Any:
    kind, own = part["type"], _OWN[part["type"]]
    found = media.of_part(part)
    if found is None:
        url = part[kind].get("url")
        if _is_elsewhere(url):
            return None
        return {own: {"format": _suffix(own, url), "source": {"s3Location": {"uri": url}}}}
    return {own: {"format": _format(own, found[0]), "source": {"bytes": found[1]}}}


def _dump_document(part: Mapping[str, Any]) -> dict[str, Any] | None:
    file, found = part["file"], media.of_part(part)
    data, name = file.get("file_data"), file.get("filename")
    if found is None and _is_elsewhere(data):
        return None
    suffix = _format("document", found[0]) if found else _suffix("document", data)
    value: dict[str, Any] = {"format": suffix}
    if isinstance(name, str):
        value["name"] = _NOT_IN_NAMES.sub("-", name.removesuffix(f".{suffix}"))
    value["source"] = {"bytes": found[1]} if found else {"s3Location": {"uri": data}}
    text = media.decode_text(found[1]) if found and _TEXT in marks(part) else None
    if text is not None:
        value["source"] = {"text": text}
        if not (isinstance(name, str) and name.endswith(".txt")):
            del value["format"]
    return {"document": value | {key: item for key, item in part.items() if key not in ("type", "file")}}


_DUMP = {
    "text": _dump_text,
    "image_url": _dump_media,
    "video_url": _dump_media,
    "audio_url": _dump_media,
    "input_audio": _dump_media,
    "file": _dump_document,
}


def _format(kind: str, media_type: str) -> str:
    """Return the name of a media type, or what stands behind its slash."""
    names = {own: name for name, own in _MEDIA[kind].items()}
    return names.get(media_type, media_type.rpartition("/")[2])


def _suffix(kind: str, name: Any) -> str:
    """Return the format that the end of a file's name says; the usual one where it says none."""
    suffix = str(name).rpartition(".")[2].lower()
    suffix = {"jpg": "jpeg", "htm": "html"}.get(suffix, suffix)
    return suffix if suffix in _MEDIA[kind] else next(iter(_MEDIA[kind]))


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
    return {**extra, "id": value["toolUseId"], "type": "function", "function": function}


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
    if value.get("status") in _STATUS:
        message["is_error"] = _STATUS[value["status"]]
    content = value.get("content")
    if isinstance(content, list | tuple):
        parts = [load_part(item) for item in content]
        message["content"] = (
            parts
            if any(_JSON in marks(part) for part in parts if isinstance(part, Mapping))
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
