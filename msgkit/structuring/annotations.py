"""What kind of type an annotation is; the predicates of the hooks."""

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from msgkit.model.parts import Value


def is_a(kind: Any) -> Callable[[Any], bool]:
    """Return a predicate: a subclass of *kind*."""
    return lambda cls: isinstance(cls, type) and issubclass(cls, kind)


def is_value(cls: Any) -> bool:
    """Tell whether *cls* is a value class."""
    return isinstance(cls, type) and issubclass(cls, Value)


def is_tuple(cls: Any) -> bool:
    """Tell whether *cls* is ``tuple[X, ...]``."""
    return get_origin(cls) is tuple


def is_mapping(cls: Any) -> bool:
    """Tell whether *cls* is ``Mapping[str, X]``."""
    return get_origin(cls) is Mapping


def is_union(cls: Any) -> bool:
    """Tell whether *cls* is ``X | Y``."""
    return isinstance(cls, UnionType) or get_origin(cls) is Union


def takes_none(cls: Any) -> bool:
    """Tell whether None is among the members of a union."""
    return is_union(cls) and NoneType in get_args(cls)
