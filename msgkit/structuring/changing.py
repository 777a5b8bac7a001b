"""Values with other fields, fast."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import attrs

from msgkit.structuring.load_functions import blank

T = TypeVar("T")


def changed(value: T, **fields: Any) -> T:
    """
    Return *value* with other *fields*: what ``attrs.evolve`` does, without converters, and five times as fast.

    >>> from msgkit.model.parts import TextPart
    >>> changed(TextPart("Hello"), text="Bye")
    TextPart('Bye')
    """
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
