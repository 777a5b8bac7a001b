"""
The formats by name. To add one: a module here that ends in ``FORMAT = Format(...)``, and its line in FORMATS.

The order is the order of asking: the more special shape first. Formats of other packages come in by the entry points
``msgkit.formats``; they are asked for by name only.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from msgkit.errors import Issue, Path, join_path, nearest, quote
from msgkit.formats.base import Format, Loaded
from msgkit.formats.branch_parts import ANSWERS, PROMPTS, RANKED
from msgkit.formats.common import columns, sniff
from msgkit.formats.common.columns import has_entries
from msgkit.formats.common.sniff import (
    other_shape,
    words_in,
)
from msgkit.targets import find_plugin

FORMATS: Mapping[str, str] = {
    "sharegpt": "msgkit.formats.sharegpt",
    "alpaca": "msgkit.formats.alpaca",
    "langchain": "msgkit.formats.langchain",
    "vercel": "msgkit.formats.vercel",
    "vercel-model": "msgkit.formats.vercel.model",
    "inspect": "msgkit.formats.inspect_ai",
    "pydantic-ai": "msgkit.formats.pydantic_ai",
    "otel": "msgkit.formats.otel",
    "cohere": "msgkit.formats.cohere",
    "gemini": "msgkit.formats.gemini",
    "responses": "msgkit.formats.responses",
    "bedrock": "msgkit.formats.bedrock",
    "anthropic": "msgkit.formats.anthropic",
    "ollama": "msgkit.formats.ollama",
    "llamafactory": "msgkit.formats.llamafactory",
    "mistral": "msgkit.formats.mistral",
    "transformers": "msgkit.formats.transformers",
    "openrouter": "msgkit.formats.openrouter",
    "xai": "msgkit.formats.xai",
    "harmony": "msgkit.formats.harmony",
    "harmony-text": "msgkit.formats.harmony_text",
    "chatml": "msgkit.formats.chatml",
    "openai": "msgkit.formats.openai",
}

DEFAULT = "openai"
"""The format of what is not told otherwise: Chat Completions."""

__all__ = [
    "DEFAULT",
    "FORMATS",
    "Format",
    "Loaded",
    "get",
    "is_plain_request",
    "is_special",
    "of_columns",
    "of_new",
    "reasoning_keys",
    "recognize",
    "telling",
    "unknown",
]


@cache
def get(name: str) -> Format:
    """Return the format called *name*."""
    if name not in FORMATS:
        return find_plugin("msgkit.formats", name, Format, FORMATS)
    loaded: Format = import_module(FORMATS[name]).FORMAT
    return loaded


def recognize(body: Mapping[str, Any]) -> Format | None:
    """Return the format that *body* has by its keys, or None."""
    if is_plain(body):
        return get(DEFAULT)
    words = words_in(body)
    if columns.named_as("user"):
        words.add(columns.SIGN)
    names = (*FORMATS,)
    for candidate in _candidates(names, _signs(names) & words):
        if candidate.recognize(body):
            return candidate
    return None


@lru_cache(maxsize=8)
def _signs(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(get(name).signs for name in names))


@lru_cache(maxsize=1_024)
def _candidates(names: tuple[str, ...], signs: frozenset[str]) -> tuple[Format, ...]:
    """Return the formats that a body with these signs may have, in the order of asking."""
    return tuple(one for one in map(get, names) if not one.signs or not one.signs.isdisjoint(signs))


def is_plain(body: Mapping[str, Any]) -> bool:
    """Return whether *body* can be only Chat Completions; False only means that each format must be asked."""
    return sniff.is_plain(body, telling)


def is_plain_request(body: Mapping[str, Any]) -> bool:
    """Return whether *body*, whatever its messages are, has only keys and tools that Chat Completions may have."""
    return sniff.is_plain_request(body, telling)


def telling() -> AbstractSet[str]:
    """Return the keys of a body that a format, or what is around bodies, may be told by."""
    named = columns.names()
    return _own_keys() if named is columns.NAMES else _own_keys() | named.keys()


@cache
def _own_keys() -> frozenset[str]:
    known = set().union(*((one.list_key, *one.own_keys, *one.capabilities.body) for one in map(get, FORMATS)))
    return frozenset(known.union(columns.NAMES, PROMPTS, ANSWERS, (RANKED,)))


def is_special(body: Mapping[str, Any]) -> bool:
    """Return whether *body* shows what Chat Completions do not have, or has parts where placeholders would stand."""
    name = recognize(body)
    messages = body.get("messages")
    items = messages if isinstance(messages, list | tuple) else ()
    contents = [message.get("content") for message in items if isinstance(message, Mapping)]
    return name is not get(DEFAULT) or any(isinstance(content, list | tuple) for content in contents)


def of_columns(body: Mapping[str, Any]) -> str | None:
    """Return the format of messages whose media are in columns, with placeholders in the text."""
    if "messages" not in body or not has_entries(body) or is_special(body):
        return None
    if columns.unplaced_in(body["messages"], columns.find(body)):
        return None
    return next((name for name in FORMATS if get(name).media_in_columns), None)


def of_new(body: Mapping[str, Any]) -> str:
    """Return the format of new messages: Harmony's, or those of Chat Completions."""
    return next((name for name in FORMATS if get(name).is_harmony and get(name).recognize(body)), DEFAULT)


@cache
def reasoning_keys() -> frozenset[str]:
    """Return the keys of messages under which some format keeps reasoning."""
    return frozenset().union(*(get(name).reasoning_keys for name in FORMATS))


_TELL = "--columns"


def unknown(body: Mapping[str, Any], at: Path) -> Issue:
    """Return the issue of a body in no known shape: the format that is nearest, and what is missing for it."""
    keys = [key for key in body if isinstance(key, str)]
    lists = {get(name).list_key: name for name in FORMATS}
    meant = {key: suggestion for key in keys if (suggestion := nearest(key, lists)) is not None}
    text = next((key for key in keys if isinstance(body[key], str)), None)
    told = other_shape(body)
    others = [value for key, value in body.items() if key != "tools"]
    if (
        told is None
        and text is not None
        and "model" not in body
        and not any(isinstance(value, list | dict) for value in others)
    ):
        told = text, f"texts: tell whose they are by {_TELL} NAME=user,NAME=assistant"
    is_near = told is not None and told[0] in meant and isinstance(body.get(told[0]), list) and _TELL in told[1]
    if told is not None and not is_near:
        message = f"expected a history or a request, got {told[1]}"
        return Issue(join_path((*at, told[0])), "messages-missing", "error", message)
    if meant:
        key, wanted = next(iter(meant.items()))
        why = (
            f"it has {wanted!r}, and here is {quote(key)}"
            if key != wanted
            else f"but this {wanted!r} is not what it has there"
        )
        name = lists[wanted]
    else:
        shared = {name: len(set(get(name).capabilities.body) & set(keys)) for name in FORMATS}
        name = max(reversed(list(FORMATS)), key=lambda one: shared[one])
        wanted = get(name).list_key
        why = f"it has a list under {wanted!r}, and here is none"
    why += f"; or tell it by {_TELL} {quote(f'{told[0]}=messages')}" if told is not None else ""
    message = f"expected a body of a known format; {name} is nearest: {why}"
    return Issue(join_path((*at, "messages")), "messages-missing", "error", message)
