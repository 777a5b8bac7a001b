"""
JSON objects <-> values: the only package that knows cattrs.

Two ways, which give equal results where both answer. The fast functions accept usual data and have no opinion on the
rest; the hooks check types without coercion, report all faults of what they are given, each with its path, and still
build the best value they can, so that ``check`` can go on to the rules.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from msgkit.errors import InvalidMessageError, Issue, Path, join_path
from msgkit.jsontext.values import copy_json
from msgkit.model.messages import Message, Role
from msgkit.model.parts import ImageUrl, MediaUrl, UnknownPart
from msgkit.structuring.fast import dump_messages, load_decoded_messages, load_messages, load_plain_messages
from msgkit.structuring.generator import (
    FORM,
    NESTED,
    REASONING,
    ROLE_ALIASES,
    STRING,
    blank,
    changed,
    is_a,
    is_mapping,
    is_tuple,
    is_union,
    is_value,
)

__all__ = [
    "FORM",
    "MESSAGES",
    "NESTED",
    "REASONING",
    "ROLE_ALIASES",
    "STRING",
    "blank",
    "changed",
    "copy_json",
    "dump_messages",
    "dump_value",
    "load_decoded_messages",
    "load_messages",
    "load_plain_messages",
    "load_value",
]

T = TypeVar("T")
MESSAGES = tuple[Message, ...]
"""The type of a list of messages."""


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
    from msgkit.structuring.dump_functions import dump_hook, message_dump_hook

    converter = cattrs.Converter(detailed_validation=False)
    for cls, name in ((str, "string"), (bool, "boolean"), (int, "integer")):
        converter.register_structure_hook(cls, explain.exact(cls, name))
    converter.register_structure_hook(Role, explain.structure_role)
    converter.register_structure_hook_func(lambda cls: cls is Any, lambda data, _: data)
    converter.register_structure_hook_factory(is_mapping, lambda cls: explain.mapping_hook(converter, cls))
    converter.register_structure_hook_factory(is_tuple, lambda cls: explain.tuple_hook(converter, cls))
    converter.register_structure_hook_factory(is_union, lambda cls: explain.union_hook(converter, cls))
    converter.register_structure_hook_factory(is_value, lambda cls: explain.object_hook(converter, cls))
    converter.register_structure_hook_factory(lambda cls: cls is Message, lambda _: explain.message_hook(converter))
    for inner in (ImageUrl, MediaUrl):
        converter.register_structure_hook(inner, explain.or_string(explain.object_hook(converter, inner), inner))
    converter.register_unstructure_hook_factory(is_value, lambda cls: dump_hook(converter, cls, noted=noted))
    converter.register_unstructure_hook(Role, lambda role: role.value)
    converter.register_unstructure_hook(UnknownPart, lambda part: copy_json(part.data))
    converter.register_unstructure_hook_factory(
        lambda cls: cls is Message, lambda _: message_dump_hook(converter, noted=noted)
    )
    converter.register_unstructure_hook_func(is_a(tuple), lambda items: [converter.unstructure(item) for item in items])
    converter.register_unstructure_hook_func(
        is_a(Mapping), lambda data: {key: converter.unstructure(value) for key, value in data.items()}
    )
    return converter
