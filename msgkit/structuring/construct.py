"""Values made slot by slot, which for a frozen class is four times as quick as its ``__init__``."""

from functools import cache
from typing import Any


@cache
def blank(cls: Any) -> type:
    """
    Return a subclass of *cls* whose slots may be assigned; its instances become values by ``__class__``.

    It adds no slots, so that the two are laid out alike without a comparison of their slots' names.

    >>> from msgkit.model.parts import NOTHING, PLAIN, TextPart
    >>> value = blank(TextPart)()
    >>> value.text, value.extra, value.form = "Hello", NOTHING, PLAIN
    >>> value.__class__ = TextPart
    >>> value
    TextPart('Hello')
    """
    free = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(f"Blank{cls.__name__}", (cls,), {"__slots__": (), **free})
