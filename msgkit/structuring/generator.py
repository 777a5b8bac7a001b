"""
The one generator of fast functions: JSON -> values and values -> JSON, written from the attrs fields of the classes.

A function takes a list of messages, parts or calls; the objects in it are read or made in its loop. What a function is
not sure of raises DOUBT, and the hooks that explain decide. Values are made slot by slot, which for a frozen class is
four times as fast as its ``__init__``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import Mark, Value
from msgkit.model.parts import NOTHING, PARTS, PLAIN, TOOL_CALLS, AnyToolCall, ContentPart

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


Lines = Iterator[str]
Names = dict[str, Any]
Field = Any  # an attribute of an attrs class


class DoubtError(Exception):
    """A fast function is not sure of its data."""


DOUBT: Final = DoubtError  # the class: one instance for all would keep every row that it was raised over
UNSURE: Final = (DoubtError, KeyError, TypeError, ValueError)
"""What a fast function raises when it has no opinion."""

TABLES: Final[Mapping[Any, Mapping[str, Any]]] = {ContentPart: PARTS, AnyToolCall: TOOL_CALLS}


class Writer:
    """Writes the functions of one direction; the same for both is here."""

    def __init__(self, proof: str = "") -> None:
        self._proof = proof
        self._functions: dict[Any, Callable[[Any], Any]] = {}

    def function(self, kind: Any) -> Callable[[Any], Any]:
        """Return the function of ``tuple[X, ...]`` or ``Mapping[str, X]``."""
        if kind not in self._functions:
            names: Names = {"same": type, "DOUBT": DOUBT, "NOTHING": NOTHING, "PLAIN": PLAIN, "copy": copy_json}
            lines = list(self._mapping(kind, names) if is_mapping(kind) else self._list(kind, names))
            parameters = ", ".join(f"{name}={name}" for name in names)  # locals are found faster than globals
            exec("\n".join((f"def run(items, {parameters}):", *indented(lines))), names)  # noqa: S102 (from our own classes, never from data)
            self._functions[kind] = names["run"]
        return self._functions[kind]

    def _later(self, kind: Any) -> Callable[[Any], Any]:
        """Return the function of *kind*, written when it is first called: few rows have every part."""
        run: Callable[[Any], Any] | None = None

        def first(items: Any) -> Any:
            nonlocal run
            run = run or self.function(kind)
            return run(items)

        return first

    def _list(self, kind: Any, names: Names) -> Lines:
        raise NotImplementedError

    def _mapping(self, kind: Any, names: Names) -> Lines:
        raise NotImplementedError

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that make one object, ``in<level>`` -> ``out<level>``."""
        raise NotImplementedError

    def _scalar(self, given: str, kind: Any) -> Lines:
        yield f"if same({given}) is not {kind.__name__}: raise DOUBT"
        if kind is str and self._proof:
            yield self._proof.format(given)

    def _inner(self, field: Field, level: int, names: Names) -> Lines:
        """The lines that take what is in the field as ``x``: ``x`` is checked, and changed if it must be."""
        kind = field.type
        members = [member for member in get_args(kind) if member is not type(None)] if is_union(kind) else [kind]
        text = str in members
        kind = kind if kind in TABLES else members[-1]
        if kind in (str, bool, int):
            yield from self._scalar("x", kind)
        elif is_value(kind):
            yield f"in{level + 1} = x"
            yield from self._object(kind, level + 1, names)
            yield f"x = out{level + 1}"
        elif kind is not Any:
            names[f"each_{field.name}"] = self._later(kind)
            if text:
                yield f"if same(x) is str: {self._proof.format('x') or 'pass'}"
                yield "else:"
            yield from indented(self._call(f"each_{field.name}"), text)

    def _call(self, name: str) -> Lines:
        yield f"x = {name}(x)"


def keyed_fields(cls: Any) -> list[Field]:
    """Return the fields that have a key of their own in the object."""
    return [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != "author"]


def indented(lines: Iterable[str], by: int = 1) -> Lines:
    """Indent the lines of a block."""
    return (" " * by + line for line in lines)


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
