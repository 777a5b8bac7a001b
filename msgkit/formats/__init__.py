"""
The formats by name. To add one: a module here, and its line in FORMATS.

The order is the order of asking: the more special shape first.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, cast

from msgkit.errors import Issue, Path, UnknownNameError, join_path, nearest, quote
from msgkit.formats.base import Format, Loaded
from msgkit.formats.common.sniff import is_plain

FORMATS: Mapping[str, str] = {
    "sharegpt": "msgkit.formats.sharegpt",
    "gemini": "msgkit.formats.gemini",
    "responses": "msgkit.formats.responses",
    "anthropic": "msgkit.formats.anthropic",
    "llamafactory": "msgkit.formats.llamafactory",
    "transformers": "msgkit.formats.transformers",
    "mistral": "msgkit.formats.mistral",
    "harmony": "msgkit.formats.harmony",
    "harmony-text": "msgkit.formats.harmony_text",
    "chatml": "msgkit.formats.chatml",
    "openai": "msgkit.formats.openai",
}

LISTS: Mapping[str, str] = {
    "messages": "openai",
    "conversations": "sharegpt",
    "contents": "gemini",
    "input": "responses",
    "text": "harmony-text",
}
"""Where the messages stand -> the plainest format that has them there."""

__all__ = ["FORMATS", "Format", "Loaded", "get", "is_plain", "is_special", "recognize", "unknown"]


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


def is_special(body: Mapping[str, Any]) -> bool:
    """
    Tell whether *body* shows what Chat Completions do not have, or has parts where placeholders would stand.

    >>> is_special({"messages": [{"role": "user", "content": [{"type": "image"}]}], "images": ["a.png"]})
    True
    >>> is_special({"messages": [{"role": "user", "content": "<image>Who?"}], "images": ["a.png"]})
    False
    """
    found = recognize(body)
    messages = body.get("messages")
    items = messages if isinstance(messages, list | tuple) else ()
    contents = [message.get("content") for message in items if isinstance(message, Mapping)]
    return found is not get("openai") or any(isinstance(content, list | tuple) for content in contents)


def unknown(body: Mapping[str, Any], at: Path) -> Issue:
    """
    Return the issue of a body in no known shape: the format that is nearest, and what is missing for it.

    >>> unknown({"mesages": [], "model": "m"}, ()).message
    "expected a body of a known format; openai is nearest: it has 'messages', and here is 'mesages'"
    """
    keys = [key for key in body if isinstance(key, str)]
    meant = [(key, found) for key in keys if (found := nearest(key, LISTS)) is not None]
    if meant:
        key, wanted = meant[0]
        why = (
            f"it has {wanted!r}, and here is {quote(key)}"
            if key != wanted
            else f"but this {wanted!r} is not what it has there"
        )
        name = LISTS[wanted]
    else:
        shared = {name: len(set(get(name).HOLDS.body) & set(keys)) for name in FORMATS}
        name = max(reversed(list(FORMATS)), key=lambda one: shared[one])
        wanted = next((key for key, held in LISTS.items() if held == name), "messages")
        why = f"it has a list under {wanted!r}, and here is none"
    message = f"expected a body of a known format; {name} is nearest: {why}"
    return Issue(join_path((*at, "messages")), "messages-missing", "error", message)
