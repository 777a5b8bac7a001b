"""Requests and responses <-> messages: of the system, of users, results of calls, and answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import blocks, calls, media
from msgkit.formats.common.builder import Draft, bare, mark, marks
from msgkit.formats.common.calls import Pairing
from msgkit.jsontext.values import LIST, same, type_of, without_keys
from msgkit.model.base import Mark

NAME = "pydantic-ai"
OBJECT = Mark(NAME, "object")  # form of arguments and results: a JSON value, not a text
_URLS = ("image-url", "audio-url", "video-url")
USED = {
    "system-prompt": ("content",),
    "user-prompt": ("content",),
    "tool-return": ("content", "tool_name", "tool_call_id"),
    "text": ("content",),
    "thinking": ("content", "signature"),
    "file": ("content",),
    "tool-call": ("tool_name", "args", "tool_call_id"),
}
"""Kind of part -> the keys that are translated; the others are kept beside."""


def untranslated(part: Any) -> dict[str, Any]:
    """Return the keys of a part that are not translated."""
    used = USED.get(str(part.get("part_kind")), ()) if isinstance(part, Mapping) else ()
    return without_keys(part, *used, "part_kind") if used else {}


def is_media(item: Any) -> bool:
    """Return whether an item holds or names media."""
    return isinstance(item, Mapping) and item.get("kind") in (*_URLS, "document-url", "binary")


def load_item(item: Any) -> dict[str, Any]:
    """Return one item of a prompt as a content part; one that would not come back the same keeps its own."""
    if isinstance(item, str):
        return {"type": "text", "text": item}
    part = _translate(item, item.get("kind")) if isinstance(item, Mapping) else None
    return part if part is not None and same(item, dump_item(part)) else {"type": NAME, NAME: item}


def _translate(item: Mapping[str, Any], kind: Any) -> dict[str, Any] | None:
    if kind == "text-content" and isinstance(item.get("content"), str):
        kept = without_keys(item, "content")
        return {"type": "text", "text": item["content"], NAME: kept}
    url, data, media_type = item.get("url"), item.get("data"), item.get("media_type")
    rest = without_keys(item, "url", "kind", "data", "file_id")
    if kind == "binary" and isinstance(data, str) and isinstance(media_type, str) and classify(data) is not Kind.DATA:
        del rest["media_type"]
        data, form = media.standard(data)
        part = mark(media.part_of(media_type, media.join(media_type, data), data), *form)
    elif kind == "uploaded-file":
        part = {"type": "file", "file": {"file_id": item.get("file_id")}}
    elif isinstance(url, str) and kind == "document-url":
        part = {"type": "file", "file": {"file_url" if classify(url) is Kind.REMOTE else "file_data": url}}
    elif isinstance(url, str) and kind in _URLS:
        part = media.url_part(kind.removesuffix("-url"), url)
    else:
        return None
    more = rest.get("vendor_metadata")
    if part["type"] == "image_url" and isinstance(more, Mapping) and more.keys() == {"detail"}:
        part["image_url"]["detail"] = more["detail"]
        del rest["vendor_metadata"]
    return {**part, NAME: rest} if rest else part


def item_places(part: Any, *steps: str) -> dict[Path, Path]:
    """Say where what a part holds is in its item, which itself stands *steps* below."""
    part_type = type_of(part)
    inner = part.get(part_type) if part_type not in ("", NAME) else None
    if not isinstance(inner, Mapping):
        return {(): ()}
    own = "data" if media.of_part(part) else "file_id" if "file_id" in inner else "url"
    return media.inner_places(part, own, *steps)


def dump_item(part: Mapping[str, Any]) -> Any:
    """Return a content part as one item of a prompt: the inverse of what load does."""
    kind = part.get("type")
    if kind == NAME:
        return bare(part[NAME])
    if kind == "text":
        return {"content": part["text"], **bare(part[NAME])} if NAME in part else part["text"]
    inner = media.inner_of(part)
    if inner is None:
        return bare(part)
    rest = dict(part.get(NAME, {}))
    if kind == "image_url" and inner.get("detail") is not None:
        rest["vendor_metadata"] = {"detail": inner["detail"]}
    inline = media.of_part(part)
    if inline is not None:
        data = media.as_it_was(inline[1], marks(part))
        return {"data": data, "media_type": inline[0], "kind": "binary", **bare(rest)}
    if kind == "file" and inner.get("file_id") is not None:
        return {"file_id": inner["file_id"], "provider_name": "openai", "kind": "uploaded-file", **bare(rest)}
    own = {"file": "document-url", "input_audio": "audio-url"}.get(str(kind), str(kind).replace("_", "-"))
    return {"url": media.string_of(inner) or "", "kind": own, **bare(rest)}


# form of a message, and of a conversation for its first: no part, but instructions
INSTRUCTIONS = Mark(NAME, "instructions")
REPEATED = Mark(NAME, "repeated")  # form of a conversation: each request has its instructions
WHOLE = Mark(NAME, "whole")  # form of a message: a part that is kept as it is
EMPTY = Mark(NAME, "empty")  # form of a message: of a request without parts


def load_request(
    message: Mapping[str, Any], pairing: Pairing, told: Any, *, repeated: bool
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield a message for new instructions and one for each part, with where it is in the request."""
    rest = without_keys(message, "kind", "parts")
    loaded: list[tuple[dict[str, Any], Path]] = []
    if isinstance(rest.get("instructions"), str) and rest["instructions"] != told:
        content = rest.pop("instructions")
        loaded.append((mark({"role": "system", "content": content}, INSTRUCTIONS), ("instructions",)))
    elif repeated:
        del rest["instructions"]
    loaded += [(load_part(part, pairing), ("parts", j)) for j, part in enumerate(message["parts"])]
    first, place = loaded[0] if loaded else (mark({"role": "user", "content": []}, EMPTY), ())
    yield {**first, NAME: {**first.get(NAME, {}), "message": rest}}, place
    yield from loaded[1:]


def places_in(value: Mapping[str, Any], part: Any) -> dict[Path, Path]:
    """Say where what a message holds is in its part."""
    content, own = value.get("content"), part.get("content") if isinstance(part, Mapping) else None
    if value.get("role") == "system" and isinstance(part, str):
        return {(): (), ("content",): ()}
    places: dict[Path, Path] = {("tool_call_id",): ("tool_call_id",)} if value.get("role") == "tool" else {}
    for k, item in enumerate(content if isinstance(content, list) else ()):
        steps: Path = ("content", k) if isinstance(own, list) else ("content",)
        steps = () if item.get(NAME) is part else steps
        places |= {("content", k, *path): (*steps, *to) for path, to in item_places(item).items()}
    return places


def load_part(part: Any, pairing: Pairing) -> dict[str, Any]:
    """Return a part of a request as a message; one that would not come back the same is kept whole."""
    kind, content = (part.get("part_kind"), part.get("content")) if isinstance(part, Mapping) else (None, None)
    rest = untranslated(part)
    kept = {NAME: {"part": rest}} if rest else {}
    value: dict[str, Any] | None = None
    if kind == "system-prompt" and isinstance(content, str):
        value = {"role": "system", "content": content, **kept}
    elif kind == "user-prompt" and isinstance(content, str | list | tuple):
        items = content if isinstance(content, str) else [load_item(item) for item in content]
        value = {"role": "user", "content": items, **kept}
    elif kind == "tool-return" and "content" in part:
        value = _load_result(part, pairing, kept)
    if value is not None and same(part, dump_part(value, pairing)):
        return value
    return mark({"role": "user", "content": [{"type": NAME, NAME: part}]}, WHOLE)


def _load_result(part: Mapping[str, Any], pairing: Pairing, kept: dict[str, Any]) -> dict[str, Any] | None:
    content, name, call_id = part["content"], part.get("tool_name"), part.get("tool_call_id")
    if not isinstance(name, str) or not isinstance(call_id, str):
        return None
    message: dict[str, Any] = {"role": "tool", "tool_call_id": call_id, **kept}
    if name != pairing.names.get(call_id, ""):
        message["name"] = name
    if part.get("outcome", "success") not in ("success", "retried"):
        message["is_error"] = True
    if isinstance(content, str):
        return {**message, "content": content}
    items = content if isinstance(content, LIST) else [content]
    if any(map(is_media, items)) and all(is_media(item) or isinstance(item, str) for item in items):
        value = {**message, "content": [load_item(item) for item in items]}
        return value if isinstance(content, LIST) else mark(value, OBJECT)
    return mark({**message, "content": calls.to_text(content)}, OBJECT)


def dump_part(message: Mapping[str, Any], pairing: Pairing) -> Any:
    """Return a message as a part of a request."""
    role, content = message.get("role"), message.get("content")
    rest = bare(message.get(NAME, {}).get("part", {}))
    if role == "tool":
        return {**_dump_result(message, pairing), **rest, "part_kind": "tool-return"}
    if role == "system":
        texts = [str(part.get("text", "")) for part in content] if isinstance(content, list) else []
        said = "".join(texts) if isinstance(content, list) else content
        return {"content": said, **rest, "part_kind": "system-prompt"}
    if WHOLE in marks(message) and isinstance(content, list) and len(content) == 1:
        return bare(content[0][NAME])
    items = [dump_item(part) for part in content] if isinstance(content, list) else content
    return {"content": items, **rest, "part_kind": "user-prompt"}


def _dump_result(message: Mapping[str, Any], pairing: Pairing) -> dict[str, Any]:
    call_id, content = message.get("tool_call_id"), message.get("content")
    text = blocks.text_of(content) if OBJECT not in marks(message) else None
    if text is not None:
        content = text
    elif isinstance(content, list):
        items = [dump_item(part) for part in content]
        content = items[0] if OBJECT in marks(message) and len(items) == 1 else items
    elif OBJECT in marks(message):
        content = calls.parse(str(content))
    name = message.get("name", pairing.names.get(str(call_id), ""))
    failed = {"outcome": "failed"} if message.get("is_error") is True else {}
    return {"tool_name": name, "content": content, "tool_call_id": call_id, **failed}


# ---- responses


_REDACTED = "redacted_thinking"


def load_response(draft: Draft, message: Mapping[str, Any], place: Path, pairing: Pairing) -> None:
    """Add the message of the assistant that a response is."""
    parts = message["parts"]
    values, places, order = blocks.apart(
        parts, (*place, "parts"), _load_answer, lambda part: item_places(part, "content")
    )
    rest = without_keys(message, "kind", "parts")
    own = {"message": rest, "parts": list(map(untranslated, parts))}
    value = {"role": "assistant", **blocks.together(values, places, "content"), NAME: own}
    for call in values["c"]:
        pairing.call(call["function"]["name"], call["id"])
    draft.add(mark(value, *order), place, places)


def _load_answer(part: Any) -> tuple[blocks.Letter, Any]:
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
    return blocks.thinking_block(part.get("content"), signature)


def _load_call(part: Mapping[str, Any]) -> dict[str, Any] | None:
    given, name, call_id = (part.get(key) for key in ("args", "tool_name", "tool_call_id"))
    arguments = given if isinstance(given, str) else calls.from_object(given)
    if not isinstance(name, str) or not isinstance(call_id, str) or arguments is None:
        return None
    return mark(calls.function_call(call_id, name, arguments), *[OBJECT] * (not isinstance(given, str)))


def dump_response(message: dict[str, Any], pairing: Pairing) -> list[Any]:
    """Return the parts of a response, each with what else it had."""
    for call in message.get("tool_calls") or ():
        if call.get("type") == "function":
            pairing.call(call["function"]["name"], call.get("id"))
    thinking = map(_dump_thinking, blocks.thinking_of(message))
    said = map(_dump_said, blocks.content_parts(message.get("content")))
    parts = blocks.in_order(message, thinking, said, map(_dump_call, message.get("tool_calls") or ()))
    return [bare(part) for part in blocks.with_rests(parts, message, NAME)]


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
