"""
The formats by name. To add one: a module here, and its line in FORMATS.

The order is the order of asking: the more special shape first.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, cast

from msgkit.errors import UnknownNameError
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.plain import is_plain

FORMATS: Mapping[str, str] = {
    "harmony-text": "msgkit.formats.harmony_text",
    "chatml": "msgkit.formats.chatml",
    "sharegpt": "msgkit.formats.sharegpt",
    "gemini": "msgkit.formats.gemini",
    "responses": "msgkit.formats.responses",
    "anthropic": "msgkit.formats.anthropic",
    "llamafactory": "msgkit.formats.llamafactory",
    "transformers": "msgkit.formats.transformers",
    "mistral": "msgkit.formats.mistral",
    "harmony": "msgkit.formats.harmony",
    "openai": "msgkit.formats.openai",
}

__all__ = ["FORMATS", "Format", "Loaded", "get", "recognize"]


@cache
def get(name: str) -> Format:
    """
    Return the format called *name*.

    Raises:
        UnknownNameError: With the nearest name.

    >>> get("openai").NAME
    'openai'
    """
    if name not in FORMATS:
        raise UnknownNameError("format", name, FORMATS)
    return cast(Format, import_module(FORMATS[name]))


def recognize(body: Mapping[str, Any]) -> Format | None:
    """
    Return the format that *body* has by its keys, or None.

    >>> recognize({"messages": [{"role": "user", "content": "Hello"}]}).NAME
    'openai'
    """
    if is_plain(body):
        return get("openai")
    return next((found for found in map(get, FORMATS) if found.recognize(body)), None)
