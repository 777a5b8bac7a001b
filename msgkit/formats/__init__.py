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

from msgkit.errors import Issue, Path, describe, join_path, nearest, quote
from msgkit.formats.base import Format, Loaded
from msgkit.formats.branch_parts import ANSWERS, LISTS, PROMPTS, RANKED
from msgkit.formats.common import columns, sniff
from msgkit.formats.common.columns import has_entries
from msgkit.formats.common.sniff import (
    other_shape,
    words_in,
)
from msgkit.jsontext.values import objects
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


_MOST = 6  # columns that a message names


def unknown(body: Mapping[str, Any], at: Path) -> Issue:
    """Return the issue of a body in no known shape: what it is, or the format that is nearest."""
    key, told = other_shape(body) or _nearest(body) or _of_texts(body)
    return Issue(join_path((*at, key)), "messages-missing", "error", f"expected a history or a request, got {told}")


def _nearest(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return a list whose name is nearly that of a format's, or a key of a format that holds something else."""
    lists = {get(name).list_key: name for name in FORMATS if get(name).list_key in LISTS}
    for key, value in body.items():
        wanted = key if key in lists else nearest(key, lists) if value == [] or objects(value) else None
        if wanted == key and not isinstance(value, str):
            return key, f"{describe(value)} under {quote(key)}, where {lists[key]} has its messages"
        if wanted not in (None, key):
            return key, f"a list under {quote(key)}; {lists[wanted]} is nearest: it has {wanted!r}"
    return None


def _of_texts(body: Mapping[str, Any]) -> tuple[str, str]:
    texts = [key for key, value in body.items() if isinstance(value, str)]
    names = ", ".join(quote(key) for key in (texts or [*body])[:_MOST]) + ", ..." * (len(texts or body) > _MOST)
    if texts and "model" not in body:
        return "messages", f"texts under {names}: tell whose they are by --columns NAME=user,NAME=assistant"
    return "messages", f"an object with {names} and no messages" if body else "an empty object"
