"""
JSON objects <-> values: the only package that knows cattrs.

Two ways, which give equal results where both answer. The fast functions accept usual data and have no opinion on the
rest; the hooks check types without coercion, report all faults of what they are given, each with its path, and still
build the best value they can, so that ``check`` can go on to the rules.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import attrs

from msgkit.errors import InvalidMessageError, Issue, Path, join_path
from msgkit.jsontext.values import copy_json
from msgkit.model.base import UnknownPart, Value, null
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import ImageUrl, MediaUrl
from msgkit.structuring import wire
from msgkit.structuring.dumper import Dumper
from msgkit.structuring.functions import Loader
from msgkit.structuring.wire import FORM, NESTED, OTHER_REASONING, OWN_FIELDS, REASONING, STRING

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
    from msgkit.structuring.explain import FaultsError  # cattrs, which rows without faults need not wait for

    try:
        return cast(T, _converter(noted=False).get_structure_hook(cls)(data, cls))
    except FaultsError as error:
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
    return _converter(noted=noted).unstructure(value)


@cache
def _converter(*, noted: bool) -> Any:
    import cattrs

    from msgkit.structuring import explain

    converter = cattrs.Converter(detailed_validation=False)
    for cls, name in ((str, "string"), (bool, "boolean"), (int, "integer")):
        converter.register_structure_hook(cls, explain.exact(cls, name))
    converter.register_structure_hook(Role, explain.structure_role)
    converter.register_structure_hook_func(lambda cls: cls is Any, lambda data, _: data)
    converter.register_structure_hook_factory(wire.is_mapping, lambda cls: explain.mapping_hook(converter, cls))
    converter.register_structure_hook_factory(wire.is_tuple, lambda cls: explain.tuple_hook(converter, cls))
    converter.register_structure_hook_factory(wire.is_union, lambda cls: explain.union_hook(converter, cls))
    converter.register_structure_hook_factory(wire.is_value, lambda cls: explain.object_hook(converter, cls))
    converter.register_structure_hook_factory(lambda cls: cls is Message, lambda _: explain.message_hook(converter))
    for inner in (ImageUrl, MediaUrl):
        converter.register_structure_hook(inner, explain.or_string(explain.object_hook(converter, inner), inner))
    converter.register_unstructure_hook_factory(wire.is_value, lambda cls: _dump_hook(converter, cls, noted=noted))
    converter.register_unstructure_hook(Role, lambda role: role.value)
    converter.register_unstructure_hook(UnknownPart, lambda part: copy_json(part.data))
    converter.register_unstructure_hook_factory(
        lambda cls: cls is Message, lambda _: _message_dump_hook(converter, noted=noted)
    )
    converter.register_unstructure_hook_func(wire.is_a(tuple), lambda items: list(map(converter.unstructure, items)))
    converter.register_unstructure_hook_func(
        wire.is_a(Mapping), lambda data: {key: converter.unstructure(value) for key, value in data.items()}
    )
    return converter


def _dump_hook(converter: Any, cls: type[Value], skip: str = "", *, noted: bool = False) -> Callable[[Any], Any]:
    """Return the hook that writes a value class as its JSON object, with its unknown keys and nulls."""
    names = [field.name for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != skip]
    nulls = {name: null(name) for name in names}
    tag = getattr(cls, "type", None)

    def unstructure(value: Any) -> Any:
        if not noted and STRING in value.form and value == cls(url=value.url):  # type: ignore[call-arg]
            return value.url
        out: dict[str, Any] = {} if tag is None else {"type": tag}
        for name in names:
            inner = getattr(value, name)
            if inner is not None:
                out[name] = inner if type(inner) is str else converter.unstructure(inner)
            elif value.form and nulls[name] in value.form:
                out[name] = None
        if value.extra:
            out.update(copy_json(value.extra))
        if noted and value.form:
            out[FORM] = value.form
        return out

    return unstructure


def _message_dump_hook(converter: Any, *, noted: bool = False) -> Callable[[Any], Any]:
    """Return the hook that writes a message, its author where it was; if *noted*, always next to the content."""
    body = _dump_hook(converter, Message, skip="author", noted=noted)
    dump_author = _dump_hook(converter, Author)

    def unstructure(message: Message) -> Any:
        out = body(message)
        if noted:
            return {**dump_author(message.author), **out}
        if OTHER_REASONING in message.form and "reasoning" in out:
            out[REASONING] = out.pop("reasoning")
        author = dump_author(message.author)
        return {"author": author, **out} if NESTED in message.form else {**author, **out}

    return unstructure
