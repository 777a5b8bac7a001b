"""
Multimodal chat histories: model, convert, check, and turn media into message parts and back.

>>> import msgkit
>>> talk = msgkit.load({"messages": [{"role": "user", "content": "Hello"}]})
>>> msgkit.dump(talk, "openai")
{'messages': [{'role': 'user', 'content': 'Hello'}]}
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "AudioPart": "parts",
    "AudioUrlPart": "parts",
    "Author": "messages",
    "ContentPart": "parts",
    "Conversation": "messages",
    "Conversion": "api",
    "CustomToolCall": "parts",
    "DeveloperContentPart": "parts",
    "FilePart": "parts",
    "FunctionCall": "parts",
    "ImagePart": "parts",
    "InvalidMessageError": "errors",
    "Issue": "errors",
    "Loss": "errors",
    "LossError": "errors",
    "Media": "parts",
    "MediaError": "errors",
    "Message": "messages",
    "MissingExtraError": "errors",
    "MsgkitError": "errors",
    "RefusalPart": "parts",
    "Role": "messages",
    "SystemContentPart": "parts",
    "TextPart": "parts",
    "ThinkingPart": "parts",
    "ToolCall": "parts",
    "UnknownNameError": "errors",
    "UnknownPart": "parts",
    "VideoUrlPart": "parts",
    "assistant": "messages",
    "audio": "media.making",
    "check": "api",
    "convert": "api",
    "developer": "messages",
    "dump": "api",
    "dumps": "api",
    "extract": "api",
    "file": "media.making",
    "for_replay": "api",
    "for_training": "api",
    "from_dict": "api",
    "image": "media.making",
    "inline": "api",
    "load": "api",
    "loads": "api",
    "read": "records",
    "restore": "api",
    "run": "pipeline",
    "system": "messages",
    "to_dict": "api",
    "to_pillow": "media.making",
    "to_pydub": "media.making",
    "tokens": "media.costs",
    "tool": "messages",
    "user": "messages",
    "user_visible": "api",
    "validate": "api",
    "write": "records",
}
"""Public name -> the module it lives in; each is imported on first use."""

__version__ = "0.1.0"
__all__ = [
    "AudioPart",
    "AudioUrlPart",
    "Author",
    "ContentPart",
    "Conversation",
    "Conversion",
    "CustomToolCall",
    "DeveloperContentPart",
    "FilePart",
    "FunctionCall",
    "ImagePart",
    "InvalidMessageError",
    "Issue",
    "Loss",
    "LossError",
    "Media",
    "MediaError",
    "Message",
    "MissingExtraError",
    "MsgkitError",
    "RefusalPart",
    "Role",
    "SystemContentPart",
    "TextPart",
    "ThinkingPart",
    "ToolCall",
    "UnknownNameError",
    "UnknownPart",
    "VideoUrlPart",
    "__version__",
    "assistant",
    "audio",
    "check",
    "convert",
    "developer",
    "dump",
    "dumps",
    "extract",
    "file",
    "for_replay",
    "for_training",
    "from_dict",
    "image",
    "inline",
    "load",
    "loads",
    "read",
    "restore",
    "run",
    "system",
    "to_dict",
    "to_pillow",
    "to_pydub",
    "tokens",
    "tool",
    "user",
    "user_visible",
    "validate",
    "write",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'msgkit' has no attribute {name!r}")
    value = getattr(import_module(f"msgkit.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
