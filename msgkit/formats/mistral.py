"""
Mistral: the body of ``POST /v1/chat/completions`` of La Plateforme.

What differs from Chat Completions:

- reasoning stands among the parts, as ``thinking`` chunks;
- the data of ``input_audio`` are a bare string, without a format;
- a ``document_url`` is the URL of a file, with its name beside it;
- the arguments of a call may be an object;
- ids of calls are nine letters or digits;
- ``random_seed`` for ``seed``, ``any`` for ``required``; a ``prefix`` on the last answer.

Source: mistral-common ``protocol/instruct/chunk.py``, ``messages.py``, ``validator.py``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.base import Format
from msgkit.formats.common import media
from msgkit.formats.common.builder import RAW, mark
from msgkit.formats.common.calls import Pairing, comes_back, from_object, to_object
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, each, is_function
from msgkit.formats.common.passthrough import Alike
from msgkit.formats.common.sniff import by_keys
from msgkit.headers import AUDIO_FORMATS
from msgkit.jsontext.values import LIST, objects, type_of
from msgkit.model.base import Mark
from msgkit.model.messages import Message
from msgkit.model.parts import AudioPart, ContentPart, FilePart, TextPart, ThinkingPart
from msgkit.structuring import dump_value

NAME = "mistral"
_OWN_KEYS = frozenset(("random_seed", "safe_prompt", "prompt_mode"))
_DOCUMENT = frozenset(("type", "document_url", "document_name"))
_FILE_KEYS = {Kind.REMOTE: "file_url", Kind.DATA: "file_data"}
_UNTYPED = Mark(NAME, "untyped")  # form of a call: without its type
_STRING = Mark(NAME, "data")  # form of audio: written as an object
_OBJECT = Mark(NAME, "object")  # form of a call: with arguments as an object


def _is_own(message: Mapping[str, Any]) -> bool:
    """Return whether a message has a key or a chunk that only Mistral has."""
    parts = objects(message.get("content"))
    own = [
        isinstance(p.get("thinking"), list) or isinstance(p.get("input_audio"), str) or "document_url" in p
        for p in parts
    ]
    return "prefix" in message or any(own)


def _places(message: Mapping[str, Any], value: Mapping[str, Any]) -> dict[Path, Path]:
    """Say where reasoning and parts stand among the chunks, and the strings of documents."""
    content = value.get("content")
    places: dict[Path, Path] = {}
    start = 1 if "reasoning" in value and "reasoning" not in message else 0
    if start:
        places[("reasoning",)] = ("content", 0, "thinking")
        places |= {("content",): ("content", 1, "text")} if isinstance(content, str) else {}
    for j, part in enumerate(content if isinstance(content, list) else ()):
        places |= {("content", j): ("content", j + start)} if start else {}
        own = ("content", j + start, "document_url")
        places |= {("content", j, "file", key): own for key in _FILE_KEYS.values() if type_of(part) == "file"}
    return places


def _load_message(message: Mapping[str, Any], _: Pairing) -> dict[str, Any] | None:
    """Return a message in the values' shape: leading thinking is its reasoning."""
    out = dict(message)
    if isinstance(message.get("tool_calls"), LIST):
        out["tool_calls"] = [_load_call(call) for call in message["tool_calls"]]
    content = message.get("content")
    if not isinstance(content, LIST):
        return out if out != message else None
    is_answer = message.get("role") == "assistant" and message.keys().isdisjoint(("reasoning", "reasoning_content"))
    thinking = _thinking(content[0]) if content and is_answer else None
    rest: Any = [_load_part(part) for part in (content if thinking is None else content[1:])]
    if thinking is None:
        return {**out, "content": rest}
    if len(rest) == 1 and isinstance(rest[0], Mapping) and rest[0].keys() == {"type", "text"}:
        rest = rest[0]["text"]
    out |= {"reasoning": thinking, "content": rest if rest or isinstance(rest, str) else None}
    return out if content[0] == _chunk(thinking) else {**out, NAME: {"thinking": content[0]}}


def _thinking(part: Any) -> str | None:
    """Return the text of a thinking chunk: of its list of texts, or as mistral-common has it."""
    if not isinstance(part, Mapping) or part.get("type") != "thinking":
        return None
    text = part.get("thinking")
    if not isinstance(text, LIST):
        return text if isinstance(text, str) else None
    texts = [item.get("text") if isinstance(item, Mapping) else None for item in text]
    said = [one for one in texts if isinstance(one, str)]
    return "".join(said) if texts and len(said) == len(texts) else None


def _chunk(text: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _load_call(call: Any) -> Any:
    """Return a call with its type, which may be left out, and its arguments as text."""
    if not isinstance(call, Mapping):
        return call
    call = mark({**call, "type": "function"}, _UNTYPED) if "type" not in call else call
    function = call.get("function")
    arguments = from_object(function.get("arguments")) if isinstance(function, Mapping) else None
    if arguments is None or not comes_back(function["arguments"]):
        return call
    return mark({**call, "function": {**function, "arguments": arguments}}, _OBJECT)


def _load_part(part: Any) -> Any:
    part_type = type_of(part)
    if part_type == "thinking" and not isinstance(part.get("thinking"), str):
        return {"type": NAME, NAME: part}
    if part_type == "document_url":
        return _load_document(part)
    if part_type == "file":
        is_own = part.keys() == {"type", "file_id"}
        return {"type": "file", "file": {"file_id": part["file_id"]}} if is_own else mark(part, RAW)
    data = part.get("input_audio") if part_type == "input_audio" else None
    if isinstance(data, Mapping):
        return mark(part, _STRING)
    if not isinstance(data, str):
        return part
    name = AUDIO_FORMATS.get(media.sniff(data) or "")
    return {**part, "input_audio": {"data": data, **({"format": name} if name else {})}}


def _load_document(part: Mapping[str, Any]) -> Any:
    url, name = part.get("document_url"), part.get("document_name")
    key = _FILE_KEYS.get(classify(url)) if isinstance(url, str) and not (part.keys() - _DOCUMENT) else None
    if key is None or not isinstance(name, str if "document_name" in part else type(None)):
        return part
    return {"type": "file", "file": {key: url, **({"filename": name} if isinstance(name, str) else {})}}


def _dump_message(message: Message, out: dict[str, Any], _: Pairing) -> dict[str, Any]:
    if isinstance(message.content, tuple):
        out["content"] = [_dump_part(*pair) for pair in zip(message.content, out["content"], strict=True)]
    for call, data in zip(message.tool_calls or (), out.get("tool_calls") or (), strict=True):
        if _UNTYPED in getattr(call, "form", ()):
            del data["type"]
        if _OBJECT in getattr(call, "form", ()):
            data["function"] = {**data["function"], "arguments": to_object(data["function"]["arguments"])}
    told = out.pop(NAME, {}).get("thinking")
    if message.reasoning is None or message.role != "assistant" or "reasoning" not in out:
        return out
    text = out.pop("reasoning")
    content = out.get("content")
    rest = [dump_value(TextPart(content))] if isinstance(content, str) else content or []
    return {**out, "content": [told if _thinking(told) == text else _chunk(text), *rest]}


def _dump_part(part: ContentPart, data: dict[str, Any]) -> Any:
    if data.get("type") == NAME:
        return data[NAME]
    if isinstance(part, FilePart) and RAW not in part.form:
        url, name = part.file.extra.get("file_url", part.file.file_data), part.file.filename
        named = {"document_name": name} if name is not None else {}
        known = {"type": "file", "file_id": part.file.file_id}
        return {"type": "document_url", "document_url": url, **named} if url is not None else known
    if isinstance(part, AudioPart) and _STRING not in part.form:
        return {**data, "input_audio": part.input_audio.data}
    return _chunk(part.thinking) if isinstance(part, ThinkingPart) and not part.extra and part.closed is None else data


def _load_tool(tool: Any) -> Any:
    """Return a tool with its type, which may be left out."""
    return {"type": "function", **tool} if isinstance(tool, Mapping) and "function" in tool else tool


def _dump_tool(tool: Any) -> Any:
    """Return a tool with the parameters that it must have."""
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping) or function.get("parameters") is not None:
        return tool
    return {**tool, "function": {**function, "parameters": {"type": "object", "properties": {}}}}


def _dump_choice(choice: Any) -> Any:
    if choice == "required":
        return "any"
    return choice if isinstance(choice, str) or is_function(choice) else None


_KEYS = (
    Key("random_seed", "seed"),
    Key("tools", "tools", each(_load_tool, lists_only=True), each(_dump_tool)),
    Key("tool_choice", "tool_choice", lambda choice: "required" if choice == "any" else choice, _dump_choice),
)
_BODY = Alike(name=NAME, load_message=_load_message, dump_message=_dump_message, places=_places, keys=_KEYS)


FORMAT = Format(
    name=NAME,
    title="Mistral: Chat Completions with thinking chunks, input_audio as a string, ids of nine characters",
    source="mistral-common 1.13 protocol/instruct/chunk.py, messages.py",
    recognize=by_keys(_OWN_KEYS, _is_own),
    own_keys=_OWN_KEYS,
    signs=_OWN_KEYS | {"prefix", "thinking", "input_audio", "document_url"},
    load=_BODY.load,
    dump=_BODY.dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": (), "input_audio": (), "file": ("file_url",)},
        message=("tool_calls", "tool_call_id", "reasoning", "prefix"),
        body=("model", "tools", "tool_choice", "temperature", "top_p", "max_tokens", "stop", "stream", "n", "seed",
              "presence_penalty", "frequency_penalty", "response_format", "parallel_tool_calls", "reasoning_effort",
              "top_k", "metadata", "logprobs", "top_logprobs", "prediction", "prompt_cache_key"),
        tool=("strict",),
        within=dict.fromkeys(("system", "assistant", "tool"), ("text",)),
        empty_text=False,
        system_after=("system", "user"),
        call_id=r"[a-zA-Z0-9]{9}",
        files_of="mistral",
    ),
    target="mistral",
    keys={"part": ("file_url",)},
    opaque_parts=frozenset(("document_url", "file", "reference", "thinking")),
    reasoning_in_parts=True,
    audio_format=False,
)  # fmt: skip
