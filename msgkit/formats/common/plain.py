"""The shape that most rows have, told in one look: Chat Completions with nothing in it that another format has too."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgkit.messages import Message, Role
from msgkit.parts import AudioPart, FilePart, ImagePart, TextPart, ToolCall

_BODY: Final = frozenset((
    "frequency_penalty", "id", "logprobs", "max_completion_tokens", "max_tokens", "messages", "metadata", "model", "n",
    "parallel_tool_calls", "presence_penalty", "response_format", "seed", "temperature", "tools", "top_p", "user",
))  # fmt: skip
_MESSAGE: Final = frozenset(("role", "content", "name", "refusal", "tool_calls", "tool_call_id"))
_PARTS: Final[Mapping[str, Mapping[str, type]]] = {
    "text": {"type": str, "text": str},
    "image_url": {"type": str, "image_url": dict},
    "input_audio": {"type": str, "input_audio": dict},
    "file": {"type": str, "file": dict},
}
_VALUES: Final = frozenset((TextPart, ImagePart, AudioPart, FilePart))


def is_plain(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* can be nothing but Chat Completions; False only means that each format must be asked.

    >>> is_plain({"messages": [{"role": "user", "content": "Hello"}], "model": "m"})
    True
    >>> is_plain({"messages": [{"role": "user", "content": "Hello", "channel": "final"}]})
    False
    """
    messages = body.get("messages")
    if type(messages) is not list or not _BODY.issuperset(body):
        return False
    tools = body.get("tools", ())
    if not isinstance(tools, list | tuple) or not all(map(_is_plain_tool, tools)):
        return False
    return all(map(_is_plain_message, messages))


def are_plain(body: Mapping[str, Any], messages: Iterable[Message]) -> bool:
    """
    Tell the same of a body whose messages have been loaded, which is quicker.

    >>> from msgkit.messages import user
    >>> are_plain({"messages": [{"role": "user", "content": "Hello"}]}, [user("Hello")])
    True
    """
    tools = body.get("tools", ())
    return (
        _BODY.issuperset(body)
        and isinstance(tools, list | tuple)
        and all(map(_is_plain_tool, tools))
        and all(map(_is_plain_value, messages))
    )


def _is_plain_value(message: Message) -> bool:
    if message.extra or not message.form <= _MESSAGE:
        return False
    if message.author.name is not None and message.author.role is Role.TOOL:
        return False
    content = message.content
    if type(content) is tuple and not all(map(_is_plain_held, content)):
        return False
    calls = message.tool_calls
    if calls is not None and set(map(type, calls)) - {ToolCall}:
        return False
    return (
        message.channel is None
        and message.recipient is None
        and message.content_type is None
        and message.reasoning is None
        and message.audio is None
        and message.function_call is None
    )


def _is_plain_held(part: Any) -> bool:
    return type(part) in _VALUES and not part.extra


def _is_plain_tool(tool: Any) -> bool:
    return type(tool) is dict and tool.get("type") == "function" and "function" in tool and "input_schema" not in tool


def _is_plain_message(message: Any) -> bool:
    if type(message) is not dict or not _MESSAGE.issuperset(message) or "role" not in message:
        return False
    if "name" in message and message["role"] == "tool":
        return False
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
    return (
        keys is not None and len(part) == len(keys) and all(type(part.get(key)) is kind for key, kind in keys.items())
    )


def _is_plain_call(call: Any) -> bool:
    function = call.get("function") if type(call) is dict else None
    return type(function) is dict and call.get("type") == "function" and type(function.get("arguments")) is str
