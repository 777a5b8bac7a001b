"""How values are written as JSON: what an annotation means, which fields have no key, marks of spellings; copies."""

from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import NOTHING, PLAIN, Mark, UnknownPart, Value, null
from msgkit.model.calls import TOOL_CALLS, AnyToolCall
from msgkit.model.messages import Author, Role
from msgkit.model.parts import PARTS, ContentPart

STRING = Mark("openai", "string")  # form: written as a plain string where an object is usual
NESTED = Mark("openai", "author")  # form: role and name in an author object
REASONING = "reasoning_content"  # the other key of Message.reasoning
OTHER_REASONING = Mark("openai", "reasoning_content")  # form: under this key and not "reasoning"
ROLE_ALIASES = {"human": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
TABLES: Final[Mapping[Any, Mapping[str, type[Value]]]] = {ContentPart: PARTS, AnyToolCall: TOOL_CALLS}
"""A union of objects -> its classes by their ``type``."""

OWN_FIELDS = frozenset(("extra", "form", "changes"))  # of a class, not of its JSON object


class _Form(str):
    """A key that no JSON text can hold: equal to itself alone."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


FORM: str = _Form("(form)")
"""The key under which a format passes a value's ``form``, next to its JSON keys; see ``dump_value(noted=True)``."""


def is_value(cls: Any) -> bool:
    """Return whether *cls* is a value class."""
    return isinstance(cls, type) and issubclass(cls, Value)


def is_tuple(cls: Any) -> bool:
    """Return whether *cls* is ``tuple[X, ...]``."""
    return get_origin(cls) is tuple


def is_mapping(cls: Any) -> bool:
    """Return whether *cls* is ``Mapping[str, X]``."""
    return get_origin(cls) is Mapping


def is_union(cls: Any) -> bool:
    """Return whether *cls* is ``X | Y``."""
    return isinstance(cls, UnionType) or get_origin(cls) is Union


def takes_none(cls: Any) -> bool:
    """Return whether None is among the members of a union."""
    return is_union(cls) and NoneType in get_args(cls)


def keyed_fields(cls: Any) -> list[Any]:
    """Return the fields that have a key of their own in the object."""
    return [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != "author"]


T = TypeVar("T")


@cache
def blank(cls: Any) -> type:
    """Return a subclass of *cls* whose slots may be assigned; its instances become values by ``__class__``."""
    free = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(f"Blank{cls.__name__}", (cls,), {"__slots__": (), **free})


def changed(value: T, **fields: Any) -> T:
    """Return *value* with other *fields*: what ``attrs.evolve`` does, without converters, and five times as fast."""
    cls: Any = type(value)
    copied: T = _copier(cls)(value, fields)
    return copied


@cache
def _copier(cls: Any) -> Callable[[Any, Mapping[str, Any]], Any]:
    lines = (
        "def copied(value, fields):",
        " new = blank()",
        *(f" new.{field.name} = value.{field.name}" for field in attrs.fields(cls)),
        " for name, field in fields.items(): setattr(new, name, field)",
        " new.__class__ = cls",
        " return new",
    )
    names: dict[str, Any] = {"blank": blank(cls), "cls": cls}
    exec("\n".join(lines), names)  # noqa: S102 (written from our own classes, never from data)
    return names["copied"]  # type: ignore[no-any-return]


class DoubtError(Exception):
    """A fast function is not sure of its data."""


DOUBT: Final = DoubtError  # the class: one instance for all would keep every row that it was raised over
UNSURE: Final = (DoubtError, KeyError, TypeError, ValueError)
"""What a fast function raises when it has no opinion."""


def unknown_keys(given: Mapping[Any, Any], known: frozenset[str]) -> Mapping[str, Any]:
    """Return a copy of what *given* has under keys that its class does not know."""
    extra = {}
    for key, value in given.items():
        if key not in known:
            if type(key) is not str:
                raise DOUBT
            extra[key] = copy_json(value)
    return extra or NOTHING


def copy_object(value: Any) -> Any:
    """Return a copy of an object that may hold anything."""
    if type(value) is not dict:
        raise DOUBT
    return dict(value)


def copy_plain_json(value: Any) -> Any:
    """Return a copy of a value that may hold anything, if it is JSON."""
    kind = type(value)
    if kind is dict:
        return {key: copy_plain_json(item) for key, item in value.items()}
    if kind is list:
        return [copy_plain_json(item) for item in value]
    if kind is str or kind is bool or value is None or kind is int or kind is float:
        return value
    raise DOUBT


_AUTHORS: Final = {role.value: Author(role) for role in Role}
_NAMELESS: Final = frozenset((null("name"),))
NAMES: Final[Mapping[str, Any]] = {
    "same": type,
    "DOUBT": DOUBT,
    "NOTHING": NOTHING,
    "PLAIN": PLAIN,
    "copy": copy_json,
    "Role": Role,
    "Author": Author,
    "authors": _AUTHORS,
    "TOOL": _AUTHORS["tool"],
    "NAMELESS": _NAMELESS,
    "nameless": {role.value: Author(role, form=_NAMELESS) for role in Role},
    "UnknownPart": UnknownPart,
    "FORM": FORM,
    "OTHER_REASONING": OTHER_REASONING,
    "unknown_keys": unknown_keys,
    "SPELLINGS": frozenset((NESTED, STRING)),
}
"""What written functions may use."""
