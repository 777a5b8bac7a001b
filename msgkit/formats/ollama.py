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
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import media
from msgkit.formats.common.builder import Draft, mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, as_list, dump_nested, load_nested
from msgkit.formats.common.passthrough import UNLIKE, ObjectCalls, load_paired
from msgkit.jsontext.values import LIST, objects
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation, Message, Role
from msgkit.model.parts import ImagePart, TextPart
from msgkit.structuring import dump_value

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


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """Load a request body."""
    draft, pairing = Draft(at), Pairing()
    messages = draft.listed(body, "messages")
    for i, message in enumerate(messages):
        value = load_paired(message, _load_message, dump_message, pairing)
        draft.add(value, ("messages", i), _places(message, value, ("messages", i)))
    return draft.finish(load_nested(body, ("messages",), _KEYS, NAME, ("options",)), "messages")


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
    if isinstance(out.get("tool_calls"), LIST):
        out["tool_calls"] = [_CALLS.load_call(call, pairing) for call in out["tool_calls"]]
    if out.get("role") == "tool":
        form += _CALLS.load_result(out, pairing)
    return mark(out, *form)


def _load_image(text: str) -> dict[str, Any]:
    is_base64 = data_url.classify(text, bare_base64=True) is Kind.BASE64
    url = media.join(media.sniff(text) or _UNKNOWN_TYPE, text) if is_base64 else text
    return media.url_part("image", url)


def _places(message: Any, value: Any, place: Path) -> dict[Path, Path]:
    """Say where text and images are in the message as it was."""
    if not isinstance(value, Mapping) or "images" in value or "images" not in message:
        return {("reasoning",): (*place, "thinking")} if isinstance(value, Mapping) and "thinking" in message else {}
    images = len(message["images"])
    first = len(value["content"]) - images
    places: dict[Path, Path] = {("reasoning",): (*place, "thinking")} if "thinking" in message else {}
    places |= {("content", 0): (*place, "content"), ("content", 0, "text"): (*place, "content")} if first else {}
    for j in range(images):
        places[("content", first + j)] = (*place, "images", j)
        places[("content", first + j, "image_url", "url")] = (*place, "images", j)
    return places


def dump(conversation: Conversation) -> dict[str, Any]:
    """Return the request body."""
    pairing = Pairing()
    messages = [dump_message(message, pairing) for message in conversation.messages]
    return {"messages": messages, **dump_nested(conversation.extra, _KEYS, NAME, ("options",))}


def dump_message(message: Message, pairing: Pairing) -> dict[str, Any]:
    """Return a message: the inverse of what load does."""
    out: dict[str, Any] = dump_value(message)
    if UNLIKE in message.form:
        return out
    if "reasoning" in out:
        out["thinking"] = out.pop("reasoning")
    if isinstance(message.content, tuple):
        _dump_parts(out, message)
    if message.tool_calls is not None:
        pairs = zip(message.tool_calls, out["tool_calls"], strict=True)
        out["tool_calls"] = [_CALLS.dump_call(call, data, pairing) for call, data in pairs]
    if message.role == Role.TOOL and message.tool_call_id is not None:
        _CALLS.dump_result(out, message, pairing)
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
    return "json" if kind == "json_object" else value


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


FORMAT = Format(
    name=NAME,
    title="Ollama: {messages: [{role, content, images: [base64], thinking, tool_calls, tool_name}], options}",
    source="ollama api/types.go, ChatRequest and Message",
    recognize=recognize,
    own_keys=frozenset(("keep_alive", "options")),
    signs=frozenset(("options", "keep_alive", "tool_name", "images")),
    load=load,
    dump=dump,
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
