"""
Cohere: the body of ``POST /v2/chat``.

Found in: requests to Cohere, and logs of what went through.

What differs from Chat Completions:

- what the assistant says before its calls is under ``tool_plan``;
- reasoning is a block ``{type: thinking}`` of the content;
- results may be documents, objects with an id; ``documents`` are beside the messages, ``citations`` on answers;
- settings have names of their own: ``p``, ``k``, ``stop_sequences``; a schema has no name.

Source: cohere-python ``v2/client.py`` chat, ``types/chat_message_v2.py``, ``types/tool_content.py``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format
from msgkit.formats.common import calls
from msgkit.formats.common.blocks import text_or_parts
from msgkit.formats.common.builder import mark
from msgkit.formats.common.calls import Pairing
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, as_list, schema_format, schema_of
from msgkit.formats.common.passthrough import Alike
from msgkit.formats.common.sniff import by_keys
from msgkit.jsontext.values import LIST, objects, without_keys
from msgkit.model.base import Mark
from msgkit.model.messages import Message, Role
from msgkit.model.parts import ContentPart, TextPart
from msgkit.structuring import dump_value

NAME = "cohere"
_CONTENT = Mark(NAME, "content")  # form of a message: what it says beside its calls is its content, not its plan
_DOCUMENT = Mark(NAME, "document")  # form of a text: the data of a document, an object
_TEXT = Mark(NAME, "document-text")  # form of a text: the data of a document, a text
_OWN_KEYS = frozenset(("citation_options", "raw_prompting", "safety_mode", "strict_tools"))


def _is_own(message: Mapping[str, Any]) -> bool:
    """Return whether a message has a key or a part that only Cohere has."""
    parts = objects(message.get("content")) if message.get("role") == "tool" else ()
    return "tool_plan" in message or any(_document_of(part) is not None for part in parts)


def _document_of(part: Any) -> Mapping[str, Any] | None:
    """Return the document that a part of a result holds."""
    document = part.get("document") if isinstance(part, Mapping) and part.keys() == {"type", "document"} else None
    is_document = isinstance(document, Mapping) and part["type"] == "document" and "data" in document
    return document if is_document else None


def _load_message(message: Mapping[str, Any], _: Pairing) -> dict[str, Any]:
    """Return a message in the values' shape: a plan is the text beside the calls."""
    out, form = dict(message), list[Mark]()
    content: Any = message.get("content")
    if out.get("role") == "tool" and isinstance(content, LIST):
        out["content"] = [_load_result(part) for part in content]
    if out.get("role") != "assistant":
        return out
    first = content[0] if isinstance(content, LIST) and content else None
    if isinstance(first, Mapping) and first.keys() == {"type", "thinking"} and isinstance(first["thinking"], str):
        out["reasoning"], out["content"] = first["thinking"], text_or_parts(list(content[1:]), beside=True)
    if out.get("tool_calls") and not out.get("content") and out.get("tool_plan"):
        out["content"] = out.pop("tool_plan")
    elif out.get("tool_calls"):
        form = [_CONTENT]
    return mark(out, *form)


def _load_result(part: Any) -> Any:
    """Return a part of a result, a document as the text of its data."""
    document = _document_of(part)
    if document is None:
        return part
    data = document["data"]
    text = data if isinstance(data, str) else calls.from_object(data)
    rest = without_keys(document, "data")
    value = {"type": "text", "text": text, **({NAME: rest} if rest else {})}
    return mark(value, _TEXT if text is data else _DOCUMENT) if text is not None else part


def _places(message: Mapping[str, Any], value: Mapping[str, Any]) -> dict[Path, Path]:
    """Say where reasoning, the plan and the parts are in the message as it was."""
    content, places = value.get("content"), dict[Path, Path]()
    first = int("reasoning" in value and "reasoning" not in message)
    if first:
        places[("reasoning",)] = ("content", 0, "thinking")
    if "tool_plan" in message and "tool_plan" not in value:
        places[("content",)] = ("tool_plan",)
    elif first and isinstance(content, str):
        places[("content",)] = ("content", 1, "text")
    for j, part in enumerate(content if isinstance(content, list) else ()):
        places[("content", j)] = own = ("content", first + j)
        if value.get("role") == "tool" and part is not message["content"][j]:
            places[("content", j, "text")] = (*own, "document", "data")
    return places


def _dump_message(message: Message, out: dict[str, Any], _: Pairing) -> dict[str, Any]:
    if isinstance(message.content, tuple):
        out["content"] = [_dump_part(*pair) for pair in zip(message.content, out["content"], strict=True)]
    if message.role != Role.ASSISTANT:
        return out
    if message.tool_calls and isinstance(message.content, str) and message.content and _CONTENT not in message.form:
        out["tool_plan"] = out.pop("content")
    if "reasoning" in out:
        said = out.get("content")
        parts = [dump_value(TextPart(said))] if isinstance(said, str) else said or []
        out["content"] = [{"type": "thinking", "thinking": out.pop("reasoning")}, *parts]
    return out


def _dump_part(part: ContentPart, data: dict[str, Any]) -> Any:
    if not isinstance(part, TextPart) or part.form.isdisjoint((_DOCUMENT, _TEXT)):
        return data
    told = part.text if _TEXT in part.form else calls.to_object(part.text)
    return {"type": "document", "document": {"data": told, **data.get(NAME, {})}}


def _load_format(value: Any) -> Any:
    schema = value.get("json_schema") if isinstance(value, Mapping) else None
    return value if schema is None else schema_format(schema)


def _dump_format(value: Any) -> Any:
    schema = schema_of(value)
    return value if schema is None else {"type": "json_object", "json_schema": schema}


_CHOICES = {"REQUIRED": "required", "NONE": "none"}

_KEYS = (
    Key("p", "top_p"),
    Key("k", "top_k"),
    Key("stop_sequences", "stop", dump=as_list),
    Key("response_format", "response_format", _load_format, _dump_format),
    Key(
        "tool_choice",
        "tool_choice",
        lambda choice: _CHOICES.get(choice) if isinstance(choice, str) else None,
        lambda choice: next((own for own, hub in _CHOICES.items() if hub == choice), None),
    ),
)
_BODY = Alike(name=NAME, load_message=_load_message, dump_message=_dump_message, places=_places, keys=_KEYS)


FORMAT = Format(
    name=NAME,
    title="Cohere v2: Chat Completions with tool_plan, documents, citations; p, k, stop_sequences",
    source="cohere 7.3 v2/client.py chat, types/chat_message_v2.py",
    recognize=by_keys(_OWN_KEYS, _is_own),
    signs=_OWN_KEYS | {"tool_plan", "document"},
    load=_BODY.load,
    dump=_BODY.dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": ()},
        message=("tool_calls", "tool_call_id", "reasoning", "citations", "tool_plan"),
        body=("model", "tools", "tool_choice", "temperature", "top_p", "top_k", "max_tokens", "stop", "stream", "seed",
              "presence_penalty", "frequency_penalty", "response_format", "logprobs", "documents", *_OWN_KEYS),
        within=dict.fromkeys(("system", "assistant", "tool"), ("text",)),
        empty_text=False,
    ),
    target=NAME,
    opaque_parts=frozenset(("document", "thinking")),
    reasoning_in_parts=True,
)  # fmt: skip
