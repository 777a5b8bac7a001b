"""
The content parts, tool calls, and Media: the bytes behind a part.

Each class mirrors its JSON object 1:1, so that a path into the value is a path into the user's file.
To add a part: its class in content.py, its line in PARTS and in ContentPart.
"""

from collections.abc import Mapping

from msgkit.model.base import NOTHING, PLAIN, UnknownPart, Value
from msgkit.model.content import (
    AudioPart,
    AudioUrlPart,
    FileData,
    FilePart,
    ImagePart,
    ImageUrl,
    InputAudio,
    MediaUrl,
    RefusalPart,
    TextPart,
    ThinkingPart,
    VideoUrlPart,
)
from msgkit.model.harmony import ChannelConfig, DeveloperContentPart, SystemContentPart, ToolDescription, ToolNamespace
from msgkit.model.media import Media, describe_media, held
from msgkit.model.tool_calls import CustomCall, CustomToolCall, FunctionCall, ToolCall

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
    "held",
]

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
