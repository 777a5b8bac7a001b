"""
JSON objects <-> values: the only package that knows cattrs.

Two ways, which give equal results where both answer. The fast functions accept usual data and have no opinion on the
rest; the hooks check types without coercion, report all faults of what they are given, each with its path, and still
build the best value they can, so that ``check`` can go on to the rules.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from msgkit.errors import InvalidMessageError, Issue, Path, join_path
from msgkit.model.messages import Message
from msgkit.structuring import wire
from msgkit.structuring.dumper import Dumper, written
from msgkit.structuring.functions import Loader

T = TypeVar("T")
MESSAGES = tuple[Message, ...]
"""The type of a list of messages."""


def load_messages(data: Any) -> tuple[Message, ...] | None:
    """Return a list of messages as values; None if the hooks must decide."""
    return _or_none(_load(plain=False, decoded=False), data)


def load_plain_messages(data: Any) -> tuple[Message, ...] | None:
    """Return messages that have only what Chat Completions have, and that are JSON; None if that is not proved."""
    return _or_none(_load(plain=True, decoded=False), data)


def load_decoded_messages(data: Any) -> tuple[tuple[Message, ...], int] | None:
    """Return the same of messages that a JSON reader made, and how many strings and keys they have."""
    return _or_none(_load(plain=True, decoded=True), data)


def dump_messages(messages: object, *, known: bool = False, noted: bool = False) -> list[dict[str, Any]] | None:
    """Return a tuple of messages as JSON objects; None if the hooks must decide."""
    return _or_none(_dump(known=known, noted=noted), messages)


def _or_none(function: Callable[[Any], T], given: Any) -> T | None:
    try:
        return function(given)
    except wire.UNSURE:
        return None


@cache
def _load(*, plain: bool, decoded: bool) -> Callable[[Any], Any]:
    return Loader(plain=plain, decoded=decoded).function(MESSAGES)


@cache
def _dump(*, known: bool, noted: bool) -> Callable[[Any], Any]:
    return Dumper(known=known, noted=noted).function(MESSAGES)


def load_value(data: object, cls: type[T], at: Path | Callable[[Path], Path] = ()) -> T:
    """Return *data* as *cls*."""
    if cls is Message:
        if type(data) is dict and (messages := load_messages([data])) is not None:
            return cast(T, messages[0])
    elif cls is MESSAGES and (messages := load_messages(data)) is not None:
        return cast(T, messages)
    from msgkit.structuring import explain  # cattrs, which rows without faults need not wait for

    try:
        return cast(T, explain.converter().get_structure_hook(cls)(data, cls))
    except explain.FaultsError as error:
        full_path = at if callable(at) else at.__add__
        issues = [Issue(join_path(full_path(f.path)), f.code, "error", f.message, f.hint) for f in error.faults]
        raise InvalidMessageError(issues, error.value) from None


def dump_value(value: object, *, noted: bool = False) -> Any:
    """Return a value as JSON objects and lists: the inverse of :func:`load_value`."""
    if type(value) is tuple:
        messages = dump_messages(value, noted=noted)
        if messages is not None:
            return messages
    elif type(value) is Message and (messages := dump_messages((value,), noted=noted)) is not None:
        return messages[0]
    return written(value, noted=noted)
