"""
The content parts, tool calls, and Media: the bytes behind a part.

Each class mirrors its JSON object 1:1, so that a path into the value is a path into the user's file.
To add a part: its class in content.py, its line in PARTS and in ContentPart. Here are what Harmony's system and
developer messages hold, and tool calls.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import attrs

from msgkit.model.base import NOTHING, PLAIN, UnknownPart, Value
from msgkit.model.content import (
    AudioPart,
    AudioUrlPart,
    FileData,
    FilePart,
    ImagePart,
    ImageUrl,
    InputAudio,
    Media,
    MediaUrl,
    RefusalPart,
    TextPart,
    ThinkingPart,
    VideoUrlPart,
    describe_media,
    media_in,
)

__all__ = [
    "NOTHING",
    "PARTS",
    "PLAIN",
    "TOOL_CALLS",
    "AnyToolCall",
    "AudioPart",
    "AudioUrlPart",
    "ChannelConfig",
    "ContentPart",
    "CustomCall",
    "CustomToolCall",
    "DeveloperContentPart",
    "FileData",
    "FilePart",
    "FunctionCall",
    "ImagePart",
    "ImageUrl",
    "InputAudio",
    "Media",
    "MediaUrl",
    "RefusalPart",
    "SystemContentPart",
    "TextPart",
    "ThinkingPart",
    "ToolCall",
    "ToolDescription",
    "ToolNamespace",
    "UnknownPart",
    "Value",
    "VideoUrlPart",
    "describe_media",
    "media_in",
]


@attrs.frozen(repr=False)
class ToolDescription(Value):
    """One tool of a Harmony namespace; *parameters* is a JSON schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class ToolNamespace(Value):
    """A Harmony namespace of tools: ``functions``, ``browser``, ``python``."""

    name: str
    description: str | None = None
    tools: tuple[ToolDescription, ...] | None = None


@attrs.frozen(repr=False)
class ChannelConfig(Value):
    """The channels that a Harmony system message declares, and whether each message must name one."""

    valid_channels: tuple[str, ...]
    channel_required: bool | None = None


@attrs.frozen(repr=False)
class SystemContentPart(Value):
    """
    ``{"type": "system_content", ...}``: what a Harmony system message holds.

    >>> SystemContentPart(reasoning_effort="low")
    SystemContentPart(reasoning_effort='low')
    """

    type: ClassVar[str] = "system_content"
    model_identity: str | None = None
    reasoning_effort: str | None = None
    conversation_start_date: str | None = None
    knowledge_cutoff: str | None = None
    channel_config: ChannelConfig | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class DeveloperContentPart(Value):
    """
    ``{"type": "developer_content", ...}``: what a Harmony developer message holds.

    >>> DeveloperContentPart("Be brief.")
    DeveloperContentPart(instructions='Be brief.')
    """

    type: ClassVar[str] = "developer_content"
    instructions: str | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class FunctionCall(Value):
    """
    A function's name and its arguments as the string that the model wrote, valid JSON or not.

    >>> FunctionCall("get_weather", '{"city": "Oslo"}')
    FunctionCall('get_weather', '{"city": "Oslo"}')
    """

    name: str
    arguments: str


@attrs.frozen(repr=False)
class ToolCall(Value):
    """
    ``{"id": ..., "type": "function", "function": {"name": ..., "arguments": ...}}``.

    >>> ToolCall.new("call_1", "get_weather", '{"city": "Oslo"}').function.name
    'get_weather'
    """

    type: ClassVar[str] = "function"
    id: str | None
    function: FunctionCall

    @classmethod
    def new(cls, id: str, name: str, arguments: str = "{}") -> Self:  # noqa: A002 (the wire's word)
        """Return a call of function *name*."""
        return cls(id, FunctionCall(name, arguments))


@attrs.frozen(repr=False)
class CustomCall(Value):
    """A custom tool's name and its input, any text."""

    name: str
    input: str


@attrs.frozen(repr=False)
class CustomToolCall(Value):
    """
    ``{"id": ..., "type": "custom", "custom": {"name": ..., "input": ...}}``.

    >>> CustomToolCall("call_1", CustomCall("sql", "SELECT 1")).custom.input
    'SELECT 1'
    """

    type: ClassVar[str] = "custom"
    id: str | None
    custom: CustomCall


ContentPart = (
    TextPart
    | ImagePart
    | AudioPart
    | AudioUrlPart
    | VideoUrlPart
    | FilePart
    | RefusalPart
    | ThinkingPart
    | SystemContentPart
    | DeveloperContentPart
    | UnknownPart
)

PARTS: Mapping[str, type[Value]] = {
    "text": TextPart,
    "image_url": ImagePart,
    "input_audio": AudioPart,
    "audio_url": AudioUrlPart,
    "video_url": VideoUrlPart,
    "file": FilePart,
    "refusal": RefusalPart,
    "thinking": ThinkingPart,
    "system_content": SystemContentPart,
    "developer_content": DeveloperContentPart,
}

AnyToolCall = ToolCall | CustomToolCall | UnknownPart
TOOL_CALLS: Mapping[str, type[Value]] = {"function": ToolCall, "custom": CustomToolCall}
