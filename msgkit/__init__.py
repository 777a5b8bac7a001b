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
    "AudioPart": "model.parts",
    "AudioUrlPart": "model.parts",
    "Author": "model.messages",
    "ContentPart": "model.parts",
    "Conversation": "model.messages",
    "Conversion": "conversion.proof",
    "CustomToolCall": "model.calls",
    "DeveloperContentPart": "model.parts",
    "FilePart": "model.parts",
    "FunctionCall": "model.calls",
    "ImagePart": "model.parts",
    "InvalidMessageError": "errors",
    "Issue": "errors",
    "Loss": "errors",
    "LossError": "errors",
    "Media": "model.media",
    "MediaError": "errors",
    "Message": "model.messages",
    "MissingExtraError": "errors",
    "MsgkitError": "errors",
    "RefusalPart": "model.parts",
    "Role": "model.messages",
    "SystemContentPart": "model.parts",
    "TextPart": "model.parts",
    "ThinkingPart": "model.parts",
    "ToolCall": "model.calls",
    "UnknownNameError": "errors",
    "UnknownPart": "model.base",
    "VideoUrlPart": "model.parts",
    "assistant": "model.messages",
    "audio": "media.constructors",
    "check": "api.checking",
    "convert": "api.converting",
    "developer": "model.messages",
    "dump": "api.loading",
    "dumps": "api.loading",
    "extract": "api.inlining",
    "file": "media.constructors",
    "for_replay": "api.converting",
    "for_training": "api.converting",
    "from_dict": "api.loading",
    "image": "media.constructors",
    "inline": "api.inlining",
    "load": "api.loading",
    "loads": "api.loading",
    "read": "rows",
    "restore": "api.converting",
    "run": "pipeline",
    "system": "model.messages",
    "to_dict": "api.loading",
    "to_pillow": "media.constructors",
    "to_pydub": "media.constructors",
    "tokens": "api.counting",
    "tool": "model.messages",
    "user": "model.messages",
    "user_visible": "api.converting",
    "validate": "api.checking",
    "write": "rows",
}
"""Public name -> the module it lives in; each is imported on first use."""

_MODULES = ("arrow", "steps")
"""Public modules, imported on first use."""

__version__ = "0.1.0"
__all__ = sorted(("__version__", *_HOMES))  # noqa: PLE0605 (the names are listed once)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if name in _MODULES:
        return import_module(f"msgkit.{name}")
    if home is None:
        raise AttributeError(f"module 'msgkit' has no attribute {name!r}")
    value = getattr(import_module(f"msgkit.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
