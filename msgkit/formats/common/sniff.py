"""What tells a format in one look: plain Chat Completions, as most rows are; and whether a format takes a body."""

from collections.abc import Mapping
from typing import Any, Final

from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.builder import RAW
from msgkit.jsontext.values import LIST, objects
from msgkit.model.messages import Message
from msgkit.model.parts import UnknownPart

_BODY: Final = frozenset((
    "audio", "frequency_penalty", "id", "include_reasoning", "logit_bias", "logprobs", "max_completion_tokens",
    "max_tokens", "messages", "metadata", "modalities", "model", "models", "moderation", "n", "parallel_tool_calls",
    "plugins", "prediction", "presence_penalty", "preset", "prompt_cache_key", "prompt_cache_options", "provider",
    "reasoning", "reasoning_effort", "reasoning_format", "response_format", "route", "safety_identifier",
    "search_settings", "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature",
    "tool_choice", "tools", "top_logprobs", "top_p", "transforms", "usage", "user", "verbosity", "web_search_options",
))  # fmt: skip
"""Keys of a request to OpenAI, or to a server that speaks its API, that tell of no other format."""

_MESSAGE: Final = frozenset((
    "role", "content", "name", "refusal", "tool_calls", "tool_call_id", "reasoning", "reasoning_content",
))  # fmt: skip
_MARKS: Final = ("cache_control", "prompt_cache_breakpoint")  # what a part may have beside its own keys
_PARTS: Final[Mapping[str, Mapping[str, type]]] = {
    "text": {"type": str, "text": str},
    "image_url": {"type": str, "image_url": dict},
    "input_audio": {"type": str, "input_audio": dict},
    "file": {"type": str, "file": dict},
}


def is_plain(body: Mapping[str, Any]) -> bool:
    """Return whether *body* can be only Chat Completions; False only means that each format must be asked."""
    messages = body.get("messages")
    return type(messages) is list and is_plain_request(body) and all(map(_is_plain_message, messages))


def is_plain_request(body: Mapping[str, Any]) -> bool:
    """Return whether *body*, whatever its messages are, has only keys and tools that Chat Completions have."""
    if not _BODY.issuperset(body) or ("max_tokens" in body and "claude" in str(body.get("model"))):
        return False  # the model may tell another API
    tools = body.get("tools", ())
    return isinstance(tools, LIST) and all(map(_is_plain_tool, tools))


def _is_plain_tool(tool: Any) -> bool:
    return type(tool) is dict and tool.get("type") == "function" and "function" in tool and "input_schema" not in tool


def _is_plain_message(message: Any) -> bool:
    if type(message) is not dict or not _MESSAGE.issuperset(message) or "role" not in message:
        return False
    if message["role"] in ("tool_call", "Chatbot") or ("name" in message and message["role"] == "tool"):
        return False  # the first is ms-swift's, the second Cohere's
    content = message.get("content")
    if type(content) is list:
        if not all(map(_is_plain_part, content)):
            return False
    elif content is not None and type(content) is not str:
        return False
    calls = message.get("tool_calls")
    return calls is None or (type(calls) is list and all(map(_is_plain_call, calls)))


def _is_plain_part(part: Any) -> bool:
    if type(part) is not dict:
        return False
    kind = part.get("type")
    keys = _PARTS.get(kind) if type(kind) is str else None
    if keys is None or not all(type(part.get(key)) is kind for key, kind in keys.items()):
        return False
    return len(part) == len(keys) or len(part) == len(keys) + sum(mark in part for mark in _MARKS)


def _is_plain_call(call: Any) -> bool:
    function = call.get("function") if type(call) is dict else None
    return type(function) is dict and call.get("type") == "function" and type(function.get("arguments")) is str


def words_in(body: Mapping[str, Any]) -> set[Any]:
    """Return the keys of a body, of its messages and of their parts, and the roles: by these most formats are told."""
    words: set[Any] = set(body)
    for message in objects(body.get("messages")):
        words.update(message)
        if isinstance(role := message.get("role"), str):
            words.add(role)
        content = message.get("content")
        if type(content) is not str:
            words.update(*objects(content))
    return words


_INTERACTION: Final = frozenset((
    "generation_config", "previous_interaction_id", "response_modalities", "system_instruction",
))  # fmt: skip


def is_interaction(body: Mapping[str, Any]) -> bool:
    """Return whether *body* is one of Gemini's Interactions API, whose input looks like that of Responses."""
    if "input" not in body or "contents" in body:
        return False
    items = objects(body["input"])
    parts = [part for item in items for part in objects(item.get("content"))]
    return not _INTERACTION.isdisjoint(body) or any("mime_type" in one for one in (*items, *parts))


def is_talk(value: Any) -> bool:
    """Return whether *value* is a list of messages, whatever key it is under."""
    items = value if isinstance(value, LIST) else ()
    turns = [item for item in objects(items) if {"role", "content"} <= item.keys() or {"from", "value"} <= item.keys()]
    return 0 < len(turns) == len(items)


def is_embedding(body: Mapping[str, Any]) -> bool:
    """Return whether *body* asks for embeddings, of Cohere's, Titan's or Nova's models on Bedrock."""
    is_titan = "inputText" in body and "textGenerationConfig" not in body
    return {"texts", "input_type"} <= body.keys() or is_titan or "EMBEDDING" in str(body.get("taskType"))


_ANSWERS: Final = {"choices": "choices[0].message", "candidates": "candidates[0].content"}


def message_in(body: Mapping[str, Any]) -> str | None:
    """Return what *body* is and what to do, where it is an API's answer or a message by itself."""
    if within := next((path for key, path in _ANSWERS.items() if isinstance(body.get(key), LIST)), None):
        return f"an API's answer: append its {within} to the messages that it answers"
    is_message = isinstance(body.get("role"), str) and not {"content", "parts"}.isdisjoint(body)
    return "one message: put it in a list of messages" if is_message else None


def is_taken(loaded: Loaded, wanted: Format) -> bool:
    """Return whether a body that was *loaded* as the format *wanted* has nothing that this format does not define."""
    return not loaded.issues and all(_is_known(message, wanted) for message in loaded.conversation.messages)


def _is_known(message: Message, wanted: Format) -> bool:
    if wanted.name in message.extra or message.function_call is not None:
        return False  # a format keeps under its name what it does not define
    if wanted.is_harmony and (message.tool_calls is not None or message.tool_call_id is not None):
        return False
    parts = message.content if isinstance(message.content, tuple) else ()
    return all(
        wanted.is_opaque(part.data) if isinstance(part, UnknownPart) else RAW not in getattr(part, "form", ())
        for part in parts
    )
