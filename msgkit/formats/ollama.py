"""
Ollama: the body of ``POST /api/chat``.

Found in: requests to a local server, and logs of what went through it.

What differs from Chat Completions:

- a content is a string; images are beside it, a list of base64 without a type;
- reasoning is under ``thinking``;
- arguments of calls are objects; calls need no id, a result names its function under ``tool_name``;
- settings of sampling are under ``options``, the format of the answer under ``format``.

Source: ollama ``api/types.go`` and ``docs/api.md``; ollama-python ``ollama/_types.py``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.errors import Path
from msgkit.formats.base import Format
from msgkit.formats.common import media
from msgkit.formats.common.builder import mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, as_list
from msgkit.formats.common.passthrough import Alike, ObjectCalls
from msgkit.jsontext.values import LIST, objects
from msgkit.model.base import Mark
from msgkit.model.messages import Message
from msgkit.model.parts import ImagePart, TextPart

NAME = "ollama"
_CALLS = ObjectCalls("tool_name", typed=False)
_NO_TEXT = Mark(NAME, "no-text")  # form of a message: the text beside images is absent, not empty
_UNKNOWN_TYPE = "image/png"  # declared for base64 that does not tell its type: only the base64 is written


def recognize(body: Mapping[str, Any]) -> bool:
    """Return whether *body* has a key that only Ollama has, or images beside a content."""
    messages = body.get("messages")
    has_key = isinstance(body.get("options"), Mapping) or "keep_alive" in body
    return (has_key and isinstance(messages, LIST)) or any(
        "tool_name" in message or isinstance(message.get("images"), LIST) for message in objects(messages)
    )


def _load_message(message: Mapping[str, Any], pairing: Pairing) -> dict[str, Any]:
    out, form = dict(message), []
    if isinstance(out.get("thinking"), str) and "reasoning" not in out:
        out["reasoning"] = out.pop("thinking")
    images, content = out.get("images"), out.get("content")
    if isinstance(images, LIST) and images and all(isinstance(one, str) and one for one in images):
        del out["images"]
        text = [{"type": "text", "text": content}] if isinstance(content, str) and content else []
        out["content"] = [*text, *map(_load_image, images)]
        form += [_NO_TEXT] * ("content" not in message)
    return mark(out, *form, *_CALLS.load(out, pairing))


def _load_image(text: str) -> dict[str, Any]:
    is_base64 = data_url.classify(text, bare_base64=True) is Kind.BASE64
    url = media.join(media.sniff(text) or _UNKNOWN_TYPE, text) if is_base64 else text
    return media.url_part("image", url)


def _places(message: Mapping[str, Any], value: Mapping[str, Any]) -> dict[Path, Path]:
    """Say where text and images are in the message as it was."""
    places: dict[Path, Path] = {("reasoning",): ("thinking",)} if "thinking" in message else {}
    if "images" in value or "images" not in message:
        return places
    images = len(message["images"])
    first = len(value["content"]) - images
    places |= {("content", 0): ("content",), ("content", 0, "text"): ("content",)} if first else {}
    for j in range(images):
        places[("content", first + j)] = places[("content", first + j, "image_url", "url")] = ("images", j)
    return places


def _dump_message(message: Message, out: dict[str, Any], pairing: Pairing) -> dict[str, Any]:
    if "reasoning" in out:
        out["thinking"] = out.pop("reasoning")
    if isinstance(message.content, tuple):
        _dump_parts(out, message)
    _CALLS.dump(message, out, pairing)
    return out


def _dump_parts(out: dict[str, Any], message: Message) -> None:
    """Write the texts as one string, and the images beside it; one that is named by a URL has no place."""
    texts = [part.text for part in message.parts if isinstance(part, TextPart)]
    images = [part.image_url.url for part in message.parts if isinstance(part, ImagePart)]
    if len(texts) + len(images) != len(message.parts):
        return
    if texts or _NO_TEXT not in message.form:
        out["content"] = "".join(texts)
    else:
        del out["content"]
    data = [(media.split(url) or ("", url))[1] for url in images if data_url.classify(url) is not Kind.REMOTE]
    if data:
        out["images"] = data


def _load_format(value: Any) -> Any:
    if value == "json":
        return {"type": "json_object"}
    if isinstance(value, Mapping):
        return {"type": "json_schema", "json_schema": {"name": "answer", "schema": value}}
    return None


def _dump_format(value: Any) -> Any:
    kind, schema = (value.get("type"), value.get("json_schema")) if isinstance(value, Mapping) else (None, None)
    if kind == "json_schema" and isinstance(schema, Mapping):
        return schema.get("schema")
    return "json" if kind == "json_object" else None


_KEYS = (
    Key("options/temperature", "temperature"),
    Key("options/top_p", "top_p"),
    Key("options/top_k", "top_k"),
    Key("options/num_predict", "max_tokens"),
    Key("options/stop", "stop", dump=as_list),
    Key("options/seed", "seed"),
    Key("options/presence_penalty", "presence_penalty"),
    Key("options/frequency_penalty", "frequency_penalty"),
    Key("format", "response_format", _load_format, _dump_format),
)
_BODY = Alike(
    name=NAME, load_message=_load_message, dump_message=_dump_message, places=_places, keys=_KEYS, outer=("options",)
)


FORMAT = Format(
    name=NAME,
    title="Ollama: {messages: [{role, content, images: [base64], thinking, tool_calls, tool_name}], options}",
    source="ollama api/types.go, ChatRequest and Message",
    recognize=recognize,
    own_keys=frozenset(("keep_alive", "options")),
    signs=frozenset(("options", "keep_alive", "tool_name", "images")),
    load=_BODY.load,
    dump=_BODY.dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": ()},
        message=("tool_calls", "tool_call_id", "reasoning"),
        body=("model", "tools", "stream", *(key.hub for key in _KEYS)),
        within=dict.fromkeys(("system", "assistant", "tool"), ("text",)),
        texts_apart=False,
    ),
    target="ollama",
    parts=("text",),
    keys={"message": ("thinking", "images", "tool_name")},
)
