"""
Transformers chat templates and TRL: ``{messages: [{role, content: [{type: image, path}]}]}``.

What differs from Chat Completions:

- media are parts of the types image, audio and video, by ``path``, ``url`` or ``base64``;
- arguments of calls are objects; ids of calls may be left out, a result then names its function;
- reasoning is under ``reasoning_content``, or under ``thinking`` as gpt-oss has it; ``weight`` on a message; any
  further column stays.

Source: transformers ``processing_utils.py`` (``apply_chat_template``) and ``docs/chat_templating_multimodal``; TRL
``docs/source/dataset_formats``; chat template of openai/gpt-oss-20b.
"""

import json
from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format
from msgkit.formats.common import columns, media
from msgkit.formats.common.builder import RAW, mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import CHAT, Capabilities
from msgkit.formats.common.media import is_block
from msgkit.formats.common.passthrough import Alike, ObjectCalls
from msgkit.jsontext.values import LIST, objects, type_of, without_keys
from msgkit.model.base import PLAIN, Mark
from msgkit.model.messages import Message
from msgkit.model.parts import PARTS
from msgkit.structuring.wire import REASONING

NAME = "transformers"
_KINDS = ("image", "audio", "video")
_KEY = Mark(NAME, "key")  # form of a part: the key that names its media, when it is not the usual one
_REASONING = Mark(NAME, "reasoning")  # form of a message: under this key and not "reasoning_content"
_THINKING = Mark(NAME, "thinking")  # form of a message: its reasoning is under this key
_BESIDE = Mark(
    NAME, "beside"
)  # form of a part: what is beside the name or the bytes in the object that holds its media
_ENTRY = frozenset(("bytes", "path"))  # as columns of media have them
_CALLS = ObjectCalls()


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has media parts of Transformers, arguments that are objects, or gpt-oss's thinking."""
    messages = body.get("messages")
    candidates = objects(messages)
    if any(map(_is_own, candidates)):
        return True
    return "model" not in body and any(isinstance(message.get("thinking"), str) for message in candidates)


def _is_own(message: Mapping[str, Any]) -> bool:
    parts = [part for part in objects(message.get("content")) if "source" not in part]
    functions = objects([call.get("function") for call in objects(message.get("tool_calls"))])
    has_media = any(part.get("type") in _KINDS and not is_block(part) for part in parts)
    return has_media or any(isinstance(function.get("arguments"), Mapping) for function in functions)


def _places(message: Mapping[str, Any], value: Mapping[str, Any]) -> dict[Path, Path]:
    """Say where the URLs of the parts are in the parts as they were."""
    places: dict[Path, Path] = {}
    for j, (old, new) in enumerate(zip(_all(message.get("content")), _all(value.get("content")), strict=True)):
        part_type = type_of(old)
        if part_type in _KINDS and new.get("type") in PARTS:
            key = next(key for key in ("path", "url", "base64", part_type) if old.get(key) is not None)
            inner = "data" if new["type"] == "input_audio" else "url"
            places[("content", j, new["type"])] = ("content", j)
            places[("content", j, new["type"], inner)] = ("content", j, key, *columns.entry_key(old[key]))
    return places


def _all(content: Any) -> Any:
    return content if isinstance(content, LIST) else ()


def _load_message(message: Mapping[str, Any], pairing: Pairing) -> dict[str, Any]:
    out, form = dict(message), []
    if isinstance(out.get(REASONING), str) and "reasoning" not in out:
        out["reasoning"] = out.pop(REASONING)
    elif isinstance(out.get("thinking"), str) and "reasoning" not in out:
        out["reasoning"] = out.pop("thinking")
        form.append(_THINKING)
    elif "reasoning" in out:
        form.append(_REASONING)
    if isinstance(out.get("content"), LIST):
        out["content"] = [_load_part(part) for part in out["content"]]
    return mark(out, *form, *_CALLS.load(out, pairing))


def _load_part(part: Any) -> Any:
    kind = str(part.get("type")) if isinstance(part, Mapping) else ""
    if kind in PARTS and kind != "text":
        return mark(part, RAW)
    keys = [key for key in ("path", "url", "base64", kind) if key in part] if kind in _KINDS else []
    if len(keys) != 1:
        return part
    key, text = keys[0], part[keys[0]]
    own = text if isinstance(text, Mapping) and text.keys() <= _ENTRY else None
    text = columns.entry_name(own) if own is not None else text
    if not isinstance(text, str):
        return part
    media_type = media.sniff(text) if key == "base64" else None
    if key == "base64" and media_type is None:
        return part
    url = media.join(media_type, text) if media_type else text
    rest = without_keys(part, "type", key)
    data = media.split(url) if kind == "audio" else None
    new = media.audio_part(*data) if data else media.url_part(kind, url)
    form = [_KEY.of(key)] if own is not None or key != media.usual_key(kind, url) else []
    return mark(
        {**rest, **new},
        *form,
        *([] if own is None else [_BESIDE.of(json.dumps(without_keys(own, *columns.entry_key(own))))]),
    )


def _dump_message(message: Message, out: dict[str, Any], pairing: Pairing) -> dict[str, Any]:
    """Return a message with data URLs and remote ones under ``url``, references under ``path``."""
    if "reasoning" in out and _REASONING not in message.form:
        out["thinking" if _THINKING in message.form else REASONING] = out.pop("reasoning")
    if isinstance(message.content, tuple):
        forms = [getattr(part, "form", PLAIN) for part in message.content]
        out["content"] = list(map(_dump_part, out["content"], forms))
    _CALLS.dump(message, out, pairing)
    return out


def _dump_part(data: Any, form: frozenset[Mark]) -> Any:
    part_type = type_of(data)
    if RAW in form or part_type not in ("image_url", "audio_url", "video_url", "input_audio"):
        return data
    sort = media.sort_of(part_type)
    inner = data[part_type]
    if not isinstance(inner, Mapping):
        return data
    inline = media.of_part(data) if part_type == "input_audio" else None
    url = media.join(*inline) if inline else inner.get("url", inner.get("data"))
    key, own = _KEY.find(form) or media.usual_key(sort, url), _BESIDE.find(form)
    data_of = media.split(url)
    text: Any = data_of[1] if data_of and (key == "base64" or own is not None) else url
    if own is not None:
        text = {**json.loads(own), "bytes" if data_of else "path": text}
    return {"type": sort, key: text, **without_keys(data, "type", part_type)}


def _is_placeholder(part: Mapping[str, Any]) -> bool:
    """Return whether a part stands for media that are handed over beside the messages."""
    keys = {key for key, value in part.items() if value is not None}  # Arrow adds the keys of other parts
    return part.get("type") in _KINDS and keys <= {"type", "index"}


_BODY = Alike(name=NAME, load_message=_load_message, dump_message=_dump_message, places=_places)


FORMAT = Format(
    name=NAME,
    target="transformers",
    title="Transformers and TRL: {messages: [{role, content: [{type: image | audio | video, path | url | base64}]}]}",
    source="transformers processing_utils.py, apply_chat_template",
    recognize=recognize,
    signs=frozenset((*_KINDS, "tool_calls", "thinking")),
    load=_BODY.load,
    dump=_BODY.dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "video_url": ()},
        message=("name", "tool_calls", "tool_call_id", "reasoning", "weight"),
        body=CHAT.body,
        roles=("system", "developer", "user", "assistant", "tool"),
        tool=("strict",),
        open="rows",
        mask="weight",
    ),
    parts=("text", "image", "audio", "video"),
    opaque=_is_placeholder,
    foreign_parts=frozenset(("image_url",)),
    keys={"message": ("weight",)},
    media_in_place=True,
)
