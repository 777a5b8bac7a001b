"""
The strict cattrs converter: JSON objects <-> values.

The only package that knows cattrs' inside. Every hook checks types without coercion, reports all faults of what it was
given, each with its path, and still builds the best value it can, so that ``check`` can go on to the rules.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import cattrs

from msgkit.errors import InvalidMessageError, Issue, Path, join_path
from msgkit.jsontext.values import copy_json
from msgkit.model.messages import Message, Role
from msgkit.model.parts import ImageUrl, MediaUrl, UnknownPart
from msgkit.structuring.annotations import is_a, is_mapping, is_tuple, is_union, is_value
from msgkit.structuring.construct import blank
from msgkit.structuring.explain import (
    exact,
    mapping_hook,
    message_hook,
    object_hook,
    or_string,
    structure_role,
    tuple_hook,
    union_hook,
)
from msgkit.structuring.fast import load_messages_quickly
from msgkit.structuring.fast_dump import dump_messages_quickly
from msgkit.structuring.fast_text import read_messages
from msgkit.structuring.faults import FaultsError
from msgkit.structuring.style import FORM, NESTED, REASONING, ROLE_ALIASES, STRING
from msgkit.structuring.unstructure import dump_hook, message_dump_hook

__all__ = [
    "FORM",
    "NESTED",
    "REASONING",
    "ROLE_ALIASES",
    "STRING",
    "blank",
    "copy_json",
    "dump_messages_quickly",
    "dump_value",
    "load_messages_quickly",
    "load_value",
    "read_messages",
]

T = TypeVar("T")


def load_value(data: object, cls: type[T], at: Path | Callable[[Path], Path] = ()) -> T:
    """
    Return *data* as *cls*, or refuse it with every issue.

    Args:
        data: A JSON value.

        cls: A value class, a union of them, or a tuple of them.

        at: Where *data* stands in the row; the issues' paths begin with it. Or a function from paths in *data* to
            paths in the row.

    Raises:
        InvalidMessageError: With all issues, and in ``partial`` what could be built all the same.

    >>> load_value({"role": "user", "content": "Hello"}, Message)
    Message(user, 'Hello')
    >>> load_value({"role": "usr", "content": 5}, Message, ("messages", 0))
    Traceback (most recent call last):
    msgkit.errors.InvalidMessageError: messages[0].role: role-unknown: expected a role, got 'usr'; did you mean 'user'?
    messages[0].content: type-mismatch: expected string, array or null, got integer
    """
    if cls == tuple[Message, ...] and (messages := load_messages_quickly(data)) is not None:
        return cast(T, messages)
    try:
        return cast(T, _converter(noted=False).get_structure_hook(cls)(data, cls))
    except FaultsError as error:
        place = at if callable(at) else at.__add__
        issues = [Issue(join_path(place(f.path)), f.code, "error", f.message, f.hint) for f in error.faults]
        raise InvalidMessageError(issues, error.value) from None


def dump_value(value: object, *, noted: bool = False) -> Any:
    """
    Return a value as JSON objects and lists: the inverse of :func:`load_value`.

    Args:
        value: A value, or a tuple of them.

        noted: For formats of another shape: spellings are not applied, and each object has its ``form`` under FORM.

    >>> dump_value(load_value({"role": "user", "content": None, "mood": "glad"}, Message))
    {'role': 'user', 'content': None, 'mood': 'glad'}
    """
    found = None if noted else dump_messages_quickly(value)
    return _converter(noted=noted).unstructure(value) if found is None else found


@cache
def _converter(*, noted: bool) -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    for cls, name in ((str, "string"), (bool, "boolean"), (int, "integer")):
        converter.register_structure_hook(cls, exact(cls, name))
    converter.register_structure_hook(Role, structure_role)
    converter.register_structure_hook_func(lambda cls: cls is Any, lambda data, _: data)
    converter.register_structure_hook_factory(is_mapping, lambda cls: mapping_hook(converter, cls))
    converter.register_structure_hook_factory(is_tuple, lambda cls: tuple_hook(converter, cls))
    converter.register_structure_hook_factory(is_union, lambda cls: union_hook(converter, cls))
    converter.register_structure_hook_factory(is_value, lambda cls: object_hook(converter, cls))
    converter.register_structure_hook_factory(lambda cls: cls is Message, lambda _: message_hook(converter))
    for inner in (ImageUrl, MediaUrl):
        converter.register_structure_hook(inner, or_string(object_hook(converter, inner), inner))
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
