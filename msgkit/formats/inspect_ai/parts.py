"""Inspect's content blocks <-> content parts, reasoning and tool calls; attachments."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.blocks import Letter, thinking_block
from msgkit.formats.common.builder import bare, mark, marks
from msgkit.headers import AUDIO_FORMATS, by_extension
from msgkit.jsontext.values import LIST, same, type_of, without_keys
from msgkit.model.base import Mark

NAME = "inspect"
ATTACHED = Mark(NAME, "attached")  # form of a conversation: the hash of an attachment and what it holds, digested
_SCHEME = "attachment://"
_NO_FORMAT = Mark(NAME, "noformat")  # form of a part: audio whose format is not written
_VIDEO = {"video/mp4": "mp4", "video/mpeg": "mpeg", "video/quicktime": "mov"}
_USED = {
    "text": ("text",),
    "reasoning": ("reasoning", "signature"),
    "image": ("image", "detail"),
    "audio": ("audio", "format"),
    "video": ("video",),
    "document": ("document", "filename"),
}
"""Type of block -> the keys that are translated; the others are kept beside."""


@attrs.frozen
class Attachments:
    """Texts and media that are in a table beside the messages, by their hash."""

    by_name: Mapping[str, str]
    names: Mapping[str, str] = attrs.field(factory=dict)  # digest -> hash, for the way back

    def resolve(self, value: Any) -> Any:
        """Return what is attached under a value; the value itself where nothing is."""
        if not isinstance(value, str) or not value.startswith(_SCHEME):
            return value
        return self.by_name.get(value.removeprefix(_SCHEME), value)

    def attach(self, value: Any) -> Any:
        """Return a value as it was before: the inverse."""
        name = self.names.get(_digest(value)) if self.names and isinstance(value, str) else None
        if name is None:
            return value
        self.by_name[name] = value  # type: ignore[index]
        return _SCHEME + name


def attachments_of(messages: Any, table: Any) -> Iterator[tuple[str, Mark]]:
    """Yield the hash and the mark of each attachment that a content names."""
    if not isinstance(table, Mapping):
        return
    for message in messages:
        content = message.get("content") if isinstance(message, Mapping) else None
        blocks = content if isinstance(content, LIST) else [{"type": "text", "text": content}]
        for block in blocks:
            block_type = type_of(block)
            value = block.get(block_type) if block_type in _LOAD else None
            name = value.removeprefix(_SCHEME) if isinstance(value, str) and value.startswith(_SCHEME) else ""
            if isinstance(table.get(name), str):
                yield name, ATTACHED.of(f"{name} {_digest(table[name])}")


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def untranslated(block: Any) -> dict[str, Any]:
    """Return the keys of a block that are not translated."""
    used = _USED.get(type_of(block), ())
    return without_keys(block, *used, "type") if used else {}


def load_block(block: Any, attachments: Attachments) -> tuple[Letter, Any]:
    """Return what a block of an answer is: reasoning or a part."""
    thinking = _load_reasoning(block) if type_of(block) == "reasoning" else None
    if thinking is not None and same(block, {**dump_reasoning(thinking), **untranslated(block)}):
        return "r", thinking
    return "p", load_part(block, attachments)


def _load_reasoning(block: Mapping[str, Any]) -> dict[str, Any] | None:
    text = block.get("reasoning")
    if block.get("redacted") is True and isinstance(text, str):
        return {"type": "redacted_thinking", "data": text}
    return thinking_block(text, block.get("signature"))


def dump_reasoning(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thinking block as Inspect's reasoning."""
    if block.get("type") == "redacted_thinking":
        return {"type": "reasoning", "reasoning": block.get("data"), "redacted": True}
    signature = {"signature": block["signature"]} if block.get("signature") else {}
    return {"type": "reasoning", "reasoning": block.get("thinking"), **signature}


def load_part(block: Any, attachments: Attachments) -> dict[str, Any]:
    """Return a block as a content part; one that would not come back the same keeps its own."""
    block_type = type_of(block)
    value = attachments.resolve(block.get(block_type)) if block_type in _LOAD else None
    part = _LOAD[block_type](block, value) if isinstance(value, str) else None
    if part is not None and same(block, {**dump_part(part, attachments), **untranslated(block)}):
        return part
    return {"type": NAME, NAME: block}


def _load_image(block: Mapping[str, Any], value: str) -> dict[str, Any]:
    detail = {"detail": block["detail"]} if "detail" in block else {}
    return {"type": "image_url", "image_url": {"url": value, **detail}}


def _load_audio(block: Mapping[str, Any], value: str) -> dict[str, Any]:
    inline = media.split(value)
    part = media.audio_part(*inline) if inline else media.url_part("audio", value)
    if inline is None and classify(value) is Kind.REFERENCE:
        part = {"type": "input_audio", "input_audio": {"data": value, "format": block.get("format")}}
    return part if "format" in block else mark(part, _NO_FORMAT)


def _load_document(block: Mapping[str, Any], value: str) -> dict[str, Any]:
    key = "file_url" if classify(value) is Kind.REMOTE else "file_data"
    name = {"filename": block["filename"]} if "filename" in block else {}
    return {"type": "file", "file": {key: value, **name}}


_LOAD: Mapping[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "text": lambda _, value: {"type": "text", "text": value},
    "image": _load_image,
    "audio": _load_audio,
    "video": lambda _, value: media.url_part("video", value),
    "document": _load_document,
}


def dump_part(part: Mapping[str, Any], attachments: Attachments) -> Any:
    """Return a content part as a block: the inverse of :func:`load_part`."""
    part_type = type_of(part)
    if part_type == NAME:
        return bare(part[NAME])
    if part_type == "text":
        return {"type": "text", "text": attachments.attach(part["text"])}
    inner = media.inner_of(part)
    if inner is None or part_type not in ("image_url", "input_audio", "audio_url", "video_url", "file"):
        return bare(part)
    value = media.string_of(inner) or ""
    inline = media.of_part(part)
    if part_type == "input_audio" and inline is not None:
        value = media.join(*inline)
    block: dict[str, Any] = {"value": attachments.attach(value)}
    own = _block_type(part_type)
    if own == "audio" and _NO_FORMAT not in marks(part):
        block["format"] = inner.get("format") or AUDIO_FORMATS.get(_media_type(value) or "", "mp3")
    elif own == "video":
        block["format"] = _VIDEO.get(_media_type(value) or "", "mp4")
    block |= {key: inner[key] for key in ("detail", "filename") if key in inner}
    return {"type": own, own: block.pop("value"), **block}


def _media_type(url: Any) -> str | None:
    inline = media.split(url)
    return inline[0] if inline else by_extension(str(url).partition("?")[0])


def places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds is in its block."""
    return media.inner_places(part, _block_type(type_of(part)))


def _block_type(part_type: str) -> str:
    return "document" if part_type == "file" else media.sort_of(part_type)


def load_call(call: Any) -> dict[str, Any] | None:
    """Return a call in the values' shape; None when it is not well formed."""
    arguments = calls.from_object(call.get("arguments")) if isinstance(call, Mapping) else None
    if arguments is None or not isinstance(call.get("function"), str) or not isinstance(call.get("id"), str):
        return None
    rest = without_keys(call, "id", "function", "arguments")
    if rest.get("type", "function") not in ("function", None):
        return None
    kept = {} if rest == {"type": "function"} else {NAME: rest}
    return {**calls.function_call(call["id"], call["function"], arguments), **kept}


def dump_call(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a noted call as Inspect has it: the inverse of :func:`load_call`."""
    function = call.get("function", {})
    rest = call.get(NAME, {"type": "function"})
    arguments = calls.to_object(str(function.get("arguments")))
    return {"id": call.get("id"), "function": function.get("name"), "arguments": arguments, **bare(rest)}
