"""What tells a format in one look: plain Chat Completions, as most rows are; and whether a format takes a body."""

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from msgkit.errors import quote
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common import columns
from msgkit.formats.common.builder import RAW
from msgkit.jsontext.values import LIST, objects
from msgkit.model.base import UnknownPart
from msgkit.model.messages import Message

BODY: Final = frozenset((
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


def is_plain(body: Mapping[str, Any], telling: Callable[[], AbstractSet[str]]) -> bool:
    """Return whether *body* is such; *telling* gives the keys that may tell of a format, others are a row's columns."""
    messages = body.get("messages")
    return type(messages) is list and is_plain_request(body, telling) and all(map(_is_plain_message, messages))


def is_plain_request(body: Mapping[str, Any], telling: Callable[[], AbstractSet[str]]) -> bool:
    """Return whether *body*, whatever its messages are, is such by its keys and tools."""
    if not BODY.issuperset(body) and not telling().isdisjoint(body.keys() - BODY):
        return False
    if "max_tokens" in body and "claude" in str(body.get("model")):
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
    """Return the keys of a body, its messages and their parts, roles, and types of parts: by these formats are told."""
    words: set[Any] = set(body)
    for message in objects(body.get("messages")):
        words.update(message)
        if isinstance(role := message.get("role"), str):
            words.add(role)
        content = message.get("content")
        if type(content) is not str:
            parts = objects(content)
            words.update(*parts)
            words.update([kind for part in parts if type(kind := part.get("type")) is str])
    return words


def by_keys(keys: Collection[str], is_own: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], bool]:
    """Return what tells a format: some of its *keys* beside a list of messages, or a message that is its own."""

    def recognize(body: Mapping[str, Any]) -> bool:
        messages = body.get("messages")
        has_key = isinstance(messages, LIST) and not body.keys().isdisjoint(keys)
        return has_key or any(map(is_own, objects(messages)))

    return recognize


_INTERACTION: Final = frozenset((
    "generation_config", "previous_interaction_id", "response_modalities", "system_instruction",
))  # fmt: skip
_ANSWERS: Final = {"choices": "choices[0].message", "candidates": "candidates[0].content"}
_TURNS: Final = ("data", "turns", "dialog", "dialogue", "utterances")
_SCORES: Final = frozenset(("score", "overall_score", "rank", "rating", "preference"))
_READ: Final = "Harmony, ChatML, Llama 3, [INST], Gemma, Phi, Zephyr, Alpaca and Guanaco"


def other_shape(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what *body* is, where it is not what is read but of a known shape: a key of it, and what to do."""
    if is_interaction(body):
        return "input", "one of Gemini's Interactions API: generateContent is read"
    if _is_embedding(body):
        return "messages", "a request for embeddings, which has no messages"
    if isinstance(body.get("inputText"), str):
        return "inputText", "the prompt of a model without messages (InvokeModel of Titan): put it in a message"
    if isinstance(body.get("message"), str) and not {"chat_history", "preamble"}.isdisjoint(body):
        return "message", "a request to Cohere's API v1: that of v2, which has messages, is read"
    if within := next((path for key, path in _ANSWERS.items() if objects(body.get(key))), None):
        return "messages", f"an API's answer: append its {within} to the messages that it answers"
    if isinstance(body.get("role"), str) and not {"content", "parts"}.isdisjoint(body):
        return "messages", "one message: put it in a list of messages"
    if {"ts", "type"} <= body.keys() and not {"say", "ask"}.isdisjoint(body):
        return "messages", "a line of Cline's display: the history is api_conversation_history.json beside it"
    if isinstance(body.get("text"), str):
        return "text", f"a text of no chat template that is read: {_READ} are"
    return _of_several(body) or next(filter(None, map(_of_column, body, body.values())), None)


def _of_several(body: Mapping[str, Any]) -> tuple[str, str] | None:
    said = [key for key, value in body.items() if columns.messages_in(value)]
    if not said:
        return None
    names = " and ".join(map(quote, said))
    return said[0], f"messages under {names}: tell which by --columns {quote(f'{said[0]}=messages')}"


def _of_column(key: str, value: Any) -> tuple[str, str] | None:
    """Return what a column of a row is that holds answers, or what was to be messages."""
    items = objects(value)
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        return (
            (key, "text that is no JSON: write the messages as a list")
            if '"role"' in value or '"from"' in value
            else None
        )
    if any(not _SCORES.isdisjoint(item) for item in items):
        return key, "answers with scores: a row has a better one under chosen, and a worse one under rejected"
    several = "several answers, or steps of one: a row has one under completion, or two as chosen and rejected"
    if key in ("completions", "responses", "answers", "generations") and value and isinstance(value, LIST):
        return key, several
    if columns.is_one_answer(key) and isinstance(value, str | list):
        return key, several
    if key in _TURNS and isinstance(value, LIST):
        return key, f"texts in turns under {quote(key)}: make each a message, with the role of who said it"
    return None


def is_interaction(body: Mapping[str, Any]) -> bool:
    """Return whether *body* is one of Gemini's Interactions API, whose input looks like that of Responses."""
    if "input" not in body or "contents" in body:
        return False
    items = objects(body["input"])
    parts = [part for item in items for part in objects(item.get("content"))]
    return not _INTERACTION.isdisjoint(body) or any("mime_type" in one for one in (*items, *parts))


def _is_embedding(body: Mapping[str, Any]) -> bool:
    """Return whether *body* asks for embeddings, of Cohere's, Titan's or Nova's models on Bedrock."""
    is_titan = "inputText" in body and "textGenerationConfig" not in body
    return {"texts", "input_type"} <= body.keys() or is_titan or "EMBEDDING" in str(body.get("taskType"))


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
