"""
Mistral: the body of ``POST /v1/chat/completions`` of La Plateforme.

What differs from Chat Completions:

- reasoning stands among the parts, as ``thinking`` chunks;
- the data of ``input_audio`` are a bare string, without a format;
- ids of calls are nine letters or digits;
- ``random_seed`` for ``seed``, ``any`` for ``required``; a ``prefix`` on the last answer.

Source: mistral-common ``protocol/instruct/chunk.py``, ``messages.py``, ``validator.py``.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import media
from msgkit.formats.common.builder import Draft, mark
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.keys import Key, dump_keys, load_keys
from msgkit.formats.common.passthrough import UNLIKE, load_alike
from msgkit.headers import AUDIO_FORMATS
from msgkit.model.messages import Conversation, Message
from msgkit.model.parts import AudioPart, TextPart
from msgkit.structuring import dump_value

NAME = "mistral"
_OWN_KEYS = frozenset(("random_seed", "safe_prompt", "prompt_mode"))
_CHUNKS = "(chunks)"  # form of a message: its thinking is a list of text chunks
_STRING = "(data)"  # form of a sound: written as an object


def recognize(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* has a key or a chunk that only Mistral has.

    >>> recognize({"messages": [], "random_seed": 1}), recognize({"messages": [{"role": "user", "content": "Hello"}]})
    (True, False)
    """
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        return False
    return bool(_OWN_KEYS & body.keys()) or any(_is_own(message) for message in messages)


def _is_own(message: Any) -> bool:
    content = message.get("content") if isinstance(message, Mapping) else None
    parts = content if isinstance(content, list | tuple) else ()
    return (isinstance(message, Mapping) and "prefix" in message) or any(
        isinstance(part, Mapping)
        and (isinstance(part.get("thinking"), list) or isinstance(part.get("input_audio"), str))
        for part in parts
    )


def load(body: Mapping[str, Any], at: Path = ()) -> Loaded:
    """
    Load a request body: leading thinking becomes the message's reasoning.

    >>> thinking = {"type": "thinking", "thinking": "Hm.", "closed": True}
    >>> message = {"role": "assistant", "content": [thinking, {"type": "text", "text": "Yes."}]}
    >>> load({"messages": [message]}).conversation.messages
    (Message(assistant, 'Yes.', reasoning='Hm.'),)
    """
    draft = Draft(at)
    messages = body.get("messages")
    if not isinstance(messages, list | tuple):
        draft.wrong_list("messages", messages, present="messages" in body)
        messages = ()
    for i, message in enumerate(messages):
        found = load_alike(message, _load_message, dump_message)
        places = _places(found, ("messages", i, "content")) if _is_unfolded(message, found) else {}
        draft.add(found, ("messages", i), places)
    return draft.finish(load_keys(body, ("messages",), _KEYS, NAME), "messages")


def _is_unfolded(message: Any, found: Any) -> bool:
    return isinstance(found, Mapping) and "reasoning" in found and "reasoning" not in message


def _places(found: Mapping[str, Any], place: Path) -> dict[Path, Path]:
    """Say where reasoning and parts stand among the chunks."""
    places: dict[Path, Path] = {("reasoning",): (*place, 0, "thinking")}
    if isinstance(found.get("content"), str):
        return places | {("content",): (*place, 1, "text")}
    return places | {("content", j): (*place, j + 1) for j in range(len(found.get("content") or ()))}


def _load_message(message: Mapping[str, Any]) -> dict[str, Any] | None:
    content = message.get("content")
    if not isinstance(content, list | tuple):
        return None
    parts = [_load_part(part) for part in content]
    thinking = _thinking(parts[0]) if parts and message.get("role") == "assistant" else None
    if thinking is None or "reasoning" in message or "reasoning_content" in message:
        return {**message, "content": parts} if parts != list(content) or any(map(_is_object_audio, content)) else None
    rest: Any = parts[1:]
    if len(rest) == 1 and isinstance(rest[0], Mapping) and rest[0].keys() == {"type", "text"}:
        rest = rest[0]["text"]
    form = (_CHUNKS,) if isinstance(content[0]["thinking"], list) else ()
    return mark({**message, "reasoning": thinking, "content": rest if rest or isinstance(rest, str) else None}, *form)


def _thinking(part: Any) -> str | None:
    """Return the text of a finished thinking chunk."""
    if not isinstance(part, Mapping) or part.get("type") != "thinking" or part.get("closed", True) is not True:
        return None
    text = part.get("thinking")
    if isinstance(text, list) and len(text) == 1 and isinstance(text[0], Mapping):
        text = text[0].get("text")
    return text if isinstance(text, str) else None


def _is_object_audio(part: Any) -> bool:
    return (
        isinstance(part, Mapping) and part.get("type") == "input_audio" and isinstance(part.get("input_audio"), Mapping)
    )


def _load_part(part: Any) -> Any:
    if _is_object_audio(part):
        return mark(part, _STRING)
    data = part.get("input_audio") if isinstance(part, Mapping) and part.get("type") == "input_audio" else None
    if not isinstance(data, str):
        return part
    name = AUDIO_FORMATS.get(media.sniff(data) or "")
    return {**part, "input_audio": {"data": data, **({"format": name} if name else {})}}


def dump(conversation: Conversation) -> dict[str, Any]:
    """
    Return the request body.

    >>> from msgkit import assistant
    >>> import attrs
    >>> dump(Conversation([attrs.evolve(assistant("Yes."), reasoning="Hm.")]))["messages"][0]["content"][0]
    {'type': 'thinking', 'thinking': 'Hm.', 'closed': True}
    """
    messages = [dump_message(message) for message in conversation.messages]
    return {"messages": messages, **dump_keys(conversation.extra, _KEYS, NAME)}


def dump_message(message: Message) -> dict[str, Any]:
    """Return a message: the inverse of what load does."""
    out: dict[str, Any] = dump_value(message)
    if UNLIKE in message.form:
        return out
    if isinstance(message.content, tuple):
        out["content"] = [
            {**data, "input_audio": part.input_audio.data}
            if isinstance(part, AudioPart) and _STRING not in part.form
            else data
            for part, data in zip(message.content, out["content"], strict=True)
        ]
    if message.reasoning is None or message.role != "assistant" or "reasoning" not in out:
        return out
    text = out.pop("reasoning")
    thinking = {
        "type": "thinking",
        "thinking": [{"type": "text", "text": text}] if _CHUNKS in message.form else text,
        "closed": True,
    }
    content = out.get("content")
    rest = [dump_value(TextPart(content))] if isinstance(content, str) else content or []
    return {**out, "content": [thinking, *rest]}


_KEYS = (
    Key("random_seed", "seed"),
    Key(
        "tool_choice",
        "tool_choice",
        lambda choice: "required" if choice == "any" else choice,
        lambda choice: "any" if choice == "required" else choice,
    ),
)


FORMAT = Format(
    name=NAME,
    title="Mistral: Chat Completions with thinking chunks, input_audio as a string, ids of nine characters",
    source="mistral-common 1.13 protocol/instruct/chunk.py, messages.py",
    recognize=recognize,
    load=load,
    dump=dump,
    capabilities=Capabilities(
        parts={"text": (), "image_url": (), "input_audio": (), "audio_url": (), "thinking": ()},
        message=("tool_calls", "tool_call_id", "reasoning", "prefix"),
        body=("model", "tools", "tool_choice", "temperature", "top_p", "max_tokens", "stop", "stream", "n", "seed",
              "presence_penalty", "frequency_penalty", "response_format", "parallel_tool_calls", "reasoning_effort"),
        roles=("system", "user", "assistant", "tool"),
        call_id=r"[a-zA-Z0-9]{9}",
    ),
    target="mistral",
    opaque_parts=frozenset(("document_url", "file", "reference")),
    reasoning_in_parts=True,
    audio_format=False,
)  # fmt: skip
