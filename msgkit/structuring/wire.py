"""How values are written as JSON: what an annotation means, which fields have no key, the marks of spellings."""

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from msgkit.model.base import Mark, Value

STRING = Mark("openai", "string")  # form: written as a plain string where an object is usual
NESTED = Mark("openai", "author")  # form: role and name in an author object
REASONING = "reasoning_content"  # the other key of Message.reasoning
OTHER_REASONING = Mark("openai", "reasoning_content")  # form: under this key and not "reasoning"
ROLE_ALIASES = {"human": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
OWN_FIELDS = frozenset(("extra", "form", "changes"))  # of a class, not of its JSON object


class _Form(str):
    """A key that no JSON text can hold: equal to itself alone."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


FORM: str = _Form("(form)")
"""The key under which a format passes a value's ``form``, next to its JSON keys; see ``dump_value(noted=True)``."""


def is_a(kind: Any) -> Callable[[Any], bool]:
    """Return a predicate: a subclass of *kind*."""
    return lambda cls: isinstance(cls, type) and issubclass(cls, kind)


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
