"""
The fast ways between JSON and messages: each gives what the hooks that explain would give, or has no opinion (None).

JSON text is read to dicts first; then one walk makes the values, and counts the strings of the text.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from msgkit.model.messages import Message
from msgkit.structuring.dump_functions import Dumper
from msgkit.structuring.generator import UNSURE
from msgkit.structuring.load_functions import Loader

_MESSAGES: Any = tuple[Message, ...]


def load_messages(data: Any) -> tuple[Message, ...] | None:
    """Return a list of messages as values; None if the hooks must decide."""
    try:
        return _load()(data)
    except UNSURE:
        return None


def load_plain_messages(data: Any) -> tuple[Message, ...] | None:
    """Return messages that have only what Chat Completions have, and that are JSON; None if that is not proved."""
    try:
        return _load_plain()(data)
    except UNSURE:
        return None


def load_decoded_messages(data: Any) -> tuple[tuple[Message, ...], int] | None:
    """Return the same of messages that a JSON reader made, and how many strings and keys they have."""
    try:
        return _load_decoded()(data)
    except UNSURE:
        return None


def dump_messages(messages: object, *, known: bool = False, noted: bool = False) -> list[dict[str, Any]] | None:
    """Return a tuple of messages as JSON objects; None if the hooks must decide."""
    try:
        return _dump(known, noted)(messages)
    except UNSURE:
        return None


# written on first use


@cache
def _load() -> Callable[[Any], tuple[Message, ...]]:
    return Loader().function(_MESSAGES)


@cache
def _load_plain() -> Callable[[Any], tuple[Message, ...]]:
    return Loader(plain=True).function(_MESSAGES)


@cache
def _load_decoded() -> Callable[[Any], tuple[tuple[Message, ...], int]]:
    return Loader(plain=True, decoded=True).function(_MESSAGES)


@cache
def _dump(known: bool, noted: bool) -> Callable[[Any], list[dict[str, Any]]]:  # noqa: FBT001 (keys of the cache)
    return Dumper(known=known, noted=noted).function(_MESSAGES)
