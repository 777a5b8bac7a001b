"""
LangChain: messages as ``messages_to_dict`` and ``dumpd`` write them.

Found in: histories that a ``ChatMessageHistory`` stores, ``messages_to_dict``, ``dumpd``, runs of LangSmith.

What differs from Chat Completions:

- a message is ``{type, data}``, ``{lc, type: constructor, id, kwargs}``, or its fields alone as ``model_dump`` gives
  them; its role is a type: human, ai, system, tool;
- calls are ``{name, args, id}`` with an object as arguments;
- media are blocks of the types image, audio, video and file, by ``base64`` and ``mime_type``, ``url`` or ``file_id``;
  parts of Chat Completions are taken as they are;
- reasoning is a block ``{type: reasoning}``, or ``reasoning_content`` among the additional arguments.

Source: langchain-core ``messages/``, ``messages/content.py`` (standard content blocks of version 1), ``load/dump.py``.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import calls, media
from msgkit.formats.common.blocks import content_places
from msgkit.formats.common.builder import RAW, is_raw, mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import CHAT, MEDIA_PARTS, Capabilities
from msgkit.formats.common.passthrough import Alike
from msgkit.jsontext.values import LIST, same, type_of, without_keys
from msgkit.model.base import PLAIN, Mark
from msgkit.model.calls import ToolCall
from msgkit.model.messages import Conversation, Message
from msgkit.model.parts import PARTS
from msgkit.structuring.wire import changed

NAME = "langchain"
_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool", "function": "function"}
_CLASSES = {f"{name.title() if name != 'ai' else 'AI'}Message": name for name in _ROLES}
_TYPES = {role: name for name, role in _ROLES.items()} | {"developer": "system"}
_SHAPE = Mark(NAME, "shape")  # form of a conversation, and of its messages: how they are written, if not with ``data``
_FLAT = ""  # the shape of messages that are their fields alone
_UNTYPED = Mark(NAME, "untyped")  # form of a call: without its type
_BLOCK = Mark(NAME, "reasoning-block")  # form of a message: its reasoning is the first block of its content
_KINDS = ("image", "audio", "video", "file")
_NOTHING: tuple[Any, ...] = (None, [], {}, "")


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether the messages of *body* are LangChain's."""
    messages = body.get("messages")
    return isinstance(messages, LIST) and bool(messages) and all(_inner(one) is not None for one in messages)


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a body."""
    loaded = _BODY.load(body, at)
    messages = body.get("messages")
    shapes = set(map(_inner, messages)) if isinstance(messages, LIST) else set()
    shape = shapes.pop() if len(shapes) == 1 else None
    if shape in (None, "data"):
        return loaded
    return attrs.evolve(loaded, conversation=changed(loaded.conversation, form=frozenset((_SHAPE.of(str(shape)),))))


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the body: the inverse of what load does."""
    body = _BODY.dump(conversation)
    shape = _SHAPE.find(conversation.form)
    return body if shape is None else {**body, "messages": [_shaped(one, shape) for one in body["messages"]]}


def _shaped(message: Any, shape: str) -> Any:
    """Return a new message as the others are written."""
    if not isinstance(message, Mapping) or message.keys() != {"type", "data"}:
        return message
    if shape == _FLAT:
        return {**message["data"], "type": message["type"]}
    names = {kind: name for name, kind in _CLASSES.items()}
    path = ["langchain", "schema", "messages", names[message["type"]]]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": message["data"]}


def _inner(message: Any) -> str | None:
    """Return the key under which the fields of a message stand; None when it is not one of LangChain's."""
    if not isinstance(message, Mapping) or "role" in message:
        return None
    if "lc" in message and isinstance(message.get("kwargs"), Mapping):
        return "kwargs"
    kind = message.get("type")
    if isinstance(kind, str) and isinstance(message.get("data"), Mapping):
        return "data"
    return _FLAT if isinstance(kind, str) and kind in _ROLES and "content" in message else None


def _load_message(message: Mapping[str, Any], _: Pairing) -> dict[str, Any] | None:
    inner = _inner(message)
    fields = message[inner] if inner else message if inner == _FLAT else {}
    kind = fields.get("type", message.get("type") if inner == "data" else _class_of(message))
    if inner is None or not isinstance(kind, str) or kind not in _ROLES:
        return None
    rest = dict(fields)
    out: dict[str, Any] = {"role": _ROLES[kind]}
    for own in ("content", "name", "tool_call_id"):
        if rest.get(own) not in _NOTHING or own == "content":
            out[own] = rest.pop(own, None)
    form = _load_reasoning(out, rest)
    if isinstance(out["content"], LIST):
        out["content"] = [_load_part(part) for part in out["content"]]
    if kind == "tool" and rest.get("status") == "error":
        del rest["status"]
        out["is_error"] = True
    if rest.get("tool_calls"):
        given = rest.pop("tool_calls")
        out["tool_calls"] = [_load_call(call) for call in given] if isinstance(given, list) else [None]
        if None in out["tool_calls"]:
            return None
    around = without_keys(message, inner) if inner else {}
    own_form = [_SHAPE.of(inner)] if inner != "data" else []
    return mark({**out, NAME: {"fields": rest, "around": around}}, *own_form, *form)


def _class_of(message: Mapping[str, Any]) -> str | None:
    """Return the type of a message by the class that a constructor names."""
    path = message.get("id")
    name = str(path[-1]) if isinstance(path, LIST) and path else ""
    return _CLASSES.get(name.removesuffix("Chunk"))


def _load_reasoning(out: dict[str, Any], rest: dict[str, Any]) -> list[Mark]:
    """Take the reasoning out of the content or the additional arguments."""
    content, more = out["content"], rest.get("additional_kwargs")
    first = content[0] if isinstance(content, LIST) and content else None
    if isinstance(first, Mapping) and first.keys() == {"type", "reasoning"} and first["type"] == "reasoning":
        out["reasoning"], out["content"] = first["reasoning"], list(content[1:])
        return [_BLOCK]
    if isinstance(more, Mapping) and isinstance(more.get("reasoning_content"), str):
        out["reasoning"] = more["reasoning_content"]
        rest["additional_kwargs"] = without_keys(more, "reasoning_content")
    return []


def _load_part(part: Any) -> Any:
    """Return a block as a content part; one that would not come back the same as it is."""
    part_type = type_of(part)
    value = _translate(part, part_type) if part_type in _KINDS else None
    if value is not None and same(part, _dump_part(value, PLAIN)):
        return value
    if part_type == "file" and "file" not in part:
        return {"type": NAME, NAME: part}
    return mark(part, RAW) if part_type in PARTS else part


def _translate(part: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
    used = ("type", "base64", "mime_type", "url", "file_id")
    data, media_type, url, name = (part.get(key) for key in used[1:])
    rest, named = without_keys(part, *used), {}
    if kind == "file" and isinstance(rest.get("extras"), Mapping) and rest["extras"].keys() == {"filename"}:
        named = rest.pop("extras")
    if isinstance(data, str) and isinstance(media_type, str):
        value = media.part_of(media_type, media.join(media_type, data), data)
        return {**rest, **value, **({"file": {**value["file"], **named}} if value["type"] == "file" else {})}
    if kind == "file":
        file = {"file_url": url} if isinstance(url, str) else {"file_id": name}
        return {**rest, "type": "file", "file": {**file, **named}}
    return {**rest, **media.url_part(kind, url)} if isinstance(url, str) else None


def _load_call(call: Any) -> dict[str, Any] | None:
    arguments = calls.from_object(call.get("args")) if isinstance(call, Mapping) else None
    if arguments is None or call.get("type", "tool_call") != "tool_call" or not isinstance(call.get("name"), str):
        return None
    form = [] if "type" in call else [_UNTYPED]
    rest = without_keys(call, "type", "name", "args")
    return mark({**rest, "type": "function", "function": {"name": call["name"], "arguments": arguments}}, *form)


def _places(message: Mapping[str, Any], value: Mapping[str, Any]) -> dict[Path, Path]:
    """Say where the fields of a message, and the media in its parts, stand."""
    place = _inner(message)
    if place is None or NAME not in value:
        return {}
    fields = ("content", "name", "tool_calls", "tool_call_id")
    within: Path = (place,) if place else ()
    places: dict[Path, Path] = {(key,): (*within, key) for key in fields if key in value}
    content = value.get("content")
    return places | (content_places(content, (*within, "content"), _inner_places) if isinstance(content, list) else {})


def _inner_places(part: Any) -> dict[Path, Path]:
    if not isinstance(part, Mapping) or is_raw(part):
        return {(): ()}
    is_id = "file_id" in (media.inner_of(part) or {})
    return media.inner_places(part, "base64" if media.of_part(part) else "file_id" if is_id else "url")


def _dump_message(message: Message, value: dict[str, Any], _: Pairing) -> dict[str, Any]:
    """Return a message as ``{type, data}`` unless it was written as a constructor."""
    kind = _TYPES.get(message.role, message.role)
    own = value.get(NAME, {})
    fields: dict[str, Any] = {key: value[key] for key in ("content", "name", "tool_call_id") if key in value}
    if isinstance(message.content, tuple):
        forms = [getattr(part, "form", PLAIN) for part in message.content]
        fields["content"] = list(map(_dump_part, value["content"], forms))
    if message.tool_calls:
        fields["tool_calls"] = list(map(_dump_call, message.tool_calls, value["tool_calls"]))
    fields |= {"status": "error"} if value.get("is_error") is True else {}
    rest = own.get("fields", {"type": kind})
    if message.reasoning is not None:
        rest = _dump_reasoning(message, fields, rest)
    if fields.get("content") is None and NAME not in value:
        fields["content"] = ""
    shape = _SHAPE.find(message.form, "data")
    if shape == _FLAT:
        return {**fields, **rest}
    if shape == "kwargs":
        return {**own.get("around", {}), "kwargs": {**fields, **rest}}
    return {**own.get("around", {"type": kind}), "data": {**fields, **rest}}


def _dump_reasoning(message: Message, fields: dict[str, Any], rest: Mapping[str, Any]) -> Mapping[str, Any]:
    if _BLOCK in message.form:
        fields["content"] = [{"type": "reasoning", "reasoning": message.reasoning}, *(fields.get("content") or ())]
        return rest
    more = {**rest.get("additional_kwargs", {}), "reasoning_content": message.reasoning}
    return {**rest, "additional_kwargs": more}


def _dump_part(data: Any, form: frozenset[Mark]) -> Any:
    part_type = type_of(data)
    if part_type == NAME:
        return data[NAME]
    if RAW in form or part_type not in ("image_url", "audio_url", "video_url", "input_audio", "file"):
        return data
    rest = without_keys(data, "type", part_type)
    own = media.sort_of(part_type)
    inline, inner = media.of_part(data), media.inner_of(data) or {}
    rest |= {"extras": {"filename": inner["filename"]}} if part_type == "file" and "filename" in inner else {}
    if inline is not None:
        return {"type": own, "base64": inline[1], "mime_type": inline[0], **rest}
    if "file_id" in inner:
        return {"type": own, "file_id": inner["file_id"], **rest}
    return {"type": own, "url": media.string_of(inner), **rest}


def _dump_call(call: Any, data: dict[str, Any]) -> Any:
    if not isinstance(call, ToolCall):
        return data
    kind = {} if _UNTYPED in call.form else {"type": "tool_call"}
    rest = without_keys(data, "type", "function")
    return {"name": call.function.name, "args": calls.to_object(call.function.arguments), **rest, **kind}


_BODY = Alike(name=NAME, load_message=_load_message, dump_message=_dump_message, places=_places)


FORMAT = Format(
    name=NAME,
    title="LangChain: {messages: [{type: human | ai | system | tool, data: {content, tool_calls, ...}}]}",
    source="langchain-core 1.8 messages/base.py messages_to_dict, messages/content.py, load/dump.py",
    recognize=recognize,
    signs=frozenset(("kwargs", "data", "additional_kwargs", "response_metadata")),
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={**MEDIA_PARTS, "refusal": ()},
        message=("name", "tool_calls", "tool_call_id", "reasoning", "is_error"),
        body=CHAT.body,
        roles=("system", "user", "assistant", "tool", "function"),
        open="rows",
    ),
    parts=("text", "image", "audio", "video", "file"),
    opaque_parts=frozenset((
        "citation", "non_standard", "reasoning", "server_tool_call", "server_tool_call_chunk", "server_tool_result",
        "text-plain", "thinking", "tool_call", "tool_use", "tool_result", "redacted_thinking", "document",
    )),
    foreign_parts=frozenset(("text", "image_url", "input_audio", "file")),
    keys={"message": (NAME,)},
    reasoning_keys=frozenset((NAME,)),
    reasoning_in_parts=True,
)  # fmt: skip
