"""
The one generator of fast functions: JSON -> values and values -> JSON, written from the attrs fields of the classes.

A function takes a list of messages, parts or calls; the objects in it are read or made in its loop. What a function is
not sure of raises DOUBT, and the hooks that explain decide. Values are made slot by slot, which for a frozen class is
four times as fast as its ``__init__``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, cast, get_args

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import NOTHING, PARTS, PLAIN, TOOL_CALLS, AnyToolCall, ContentPart, UnknownPart
from msgkit.structuring.wire import FORM, OWN_FIELDS, REASONING, is_mapping, is_union, is_value, takes_none

Lines = Iterator[str]
Names = dict[str, Any]
_Field = Any  # an attribute of an attrs class


class DoubtError(Exception):
    """A fast function is not sure of its data."""


DOUBT: Final = DoubtError()  # one for all: it is raised and caught on the way, never shown
UNSURE: Final = (DoubtError, KeyError, TypeError, ValueError)
"""What a fast function raises when it has no opinion."""

_AUTHORS: Final = {role.value: Author(role) for role in Role}
_TABLES: Final[Mapping[Any, Mapping[str, Any]]] = {ContentPart: PARTS, AnyToolCall: TOOL_CALLS}
_PLAIN_TAGS: Final = frozenset(("text", "image_url", "input_audio", "file", "function"))
_PLAIN_FIELDS: Final = frozenset(("content", "tool_calls", "tool_call_id", "refusal"))


@cache
def blank(cls: Any) -> type:
    """
    Return a subclass of *cls* whose slots may be assigned; its instances become values by ``__class__``.

    It adds no slots, so that the two are laid out alike without a comparison of their slots' names.

    >>> from msgkit.model.parts import TextPart
    >>> value = blank(TextPart)()
    >>> value.text, value.extra, value.form = "Hello", NOTHING, PLAIN
    >>> value.__class__ = TextPart
    >>> value
    TextPart('Hello')
    """
    free = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    return type(f"Blank{cls.__name__}", (cls,), {"__slots__": (), **free})


def unknown_keys(given: Mapping[Any, Any], known: frozenset[str]) -> Mapping[str, Any]:
    """Return a copy of what *given* has under keys that its class does not know."""
    extra = {}
    for key, value in given.items():
        if key not in known:
            if type(key) is not str:
                raise DOUBT
            extra[key] = copy_json(value)
    return extra or NOTHING


class Writer:
    """Writes the functions of one direction; the same for both is here."""

    def __init__(self) -> None:
        self._functions: dict[Any, Callable[[Any], Any]] = {}

    def function(self, kind: Any) -> Callable[[Any], Any]:
        """Return the function of ``tuple[X, ...]`` or ``Mapping[str, X]``."""
        if kind not in self._functions:
            names: Names = {"same": type, "DOUBT": DOUBT, "NOTHING": NOTHING, "PLAIN": PLAIN, "copy": copy_json}
            lines = list(self._mapping(kind, names) if is_mapping(kind) else self._list(kind, names))
            parameters = ", ".join(f"{name}={name}" for name in names)  # locals are found faster than globals
            exec("\n".join((f"def run(items, {parameters}):", *_indented(lines))), names)  # noqa: S102 (from our own classes, never from data)
            self._functions[kind] = names["run"]
        return self._functions[kind]

    def _list(self, kind: Any, names: Names) -> Lines:
        raise NotImplementedError

    def _mapping(self, kind: Any, names: Names) -> Lines:
        raise NotImplementedError

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that make one object, ``in<level>`` -> ``out<level>``."""
        raise NotImplementedError

    def _scalar(self, given: str, kind: Any) -> Lines:
        yield f"if same({given}) is not {kind.__name__}: raise DOUBT"

    def _inner(self, field: _Field, level: int, names: Names) -> Lines:
        """The lines that take what is in the field as ``x``: ``x`` is checked, and changed if it must be."""
        kind = field.type
        members = [member for member in get_args(kind) if member is not type(None)] if is_union(kind) else [kind]
        text = str in members
        kind = kind if kind in _TABLES else members[-1]
        if kind in (str, bool, int):
            yield from self._scalar("x", kind)
        elif is_value(kind):
            yield f"in{level + 1} = x"
            yield from self._object(kind, level + 1, names)
            yield f"x = out{level + 1}"
        elif kind is not Any:
            names[f"each_{field.name}"] = self.function(kind)
            if text:
                yield "if same(x) is str:"
                yield from _indented(self._scalar("x", str))
                yield "else:"
            yield from _indented(self._call(f"each_{field.name}"), text)

    def _call(self, name: str) -> Lines:
        yield f"x = {name}(x)"


def _keyed_fields(cls: Any) -> list[_Field]:
    """Return the fields that have a key of their own in the object."""
    return [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != "author"]


def _indented(lines: Iterable[str], by: int = 1) -> Lines:
    return (" " * by + line for line in lines)


class Loader(Writer):
    """
    Writes functions from JSON to values.

    Args:
        plain: Take only what no other format than Chat Completions has, and no unknown key; prove that strings are
            Unicode.

        decoded: The data come from a JSON reader, so that strings are Unicode; the functions also return how many
            strings and keys there are, which proves that the reader dropped none of two equal keys.
    """

    def __init__(self, *, plain: bool = False, decoded: bool = False) -> None:
        super().__init__()
        self._plain = plain
        self._decoded = decoded

    def _list(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not list: raise DOUBT"
        yield "n, made = 0, []"
        yield "add = made.append"
        yield "for in0 in items:"
        yield from _indented(self._item(get_args(kind)[0], names))
        yield " add(out0)"
        yield "return tuple(made), n" if self._decoded else "return tuple(made)"

    def _mapping(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not dict: raise DOUBT"
        if (item := get_args(kind)[1]) is Any:
            yield "return dict(items)"
            return
        yield "made = {}"
        yield "for key, in0 in items.items():"
        yield from _indented(self._item(item, names))
        yield " made[key] = out0"
        yield "return made"

    def _item(self, kind: Any, names: Names) -> Lines:
        if kind not in _TABLES:
            yield from self._object(kind, 0, names) if is_value(kind) else (*self._scalar("in0", kind), "out0 = in0")
            return
        yield "if same(in0) is not dict: raise DOUBT"
        yield "tag = in0['type']"
        word = "if"
        for tag in [tag for tag in _TABLES[kind] if not self._plain or tag in _PLAIN_TAGS]:
            yield f"{word} tag == {tag!r}:"
            yield from _indented(self._object(_TABLES[kind][tag], 0, names))
            word = "elif"
        if self._plain:
            yield "else: raise DOUBT"
        else:
            names["UnknownPart"] = UnknownPart
            yield "elif same(tag) is str: out0 = UnknownPart(tag, copy(in0))"
            yield "else: raise DOUBT"

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        given, value = f"in{level}", f"out{level}"
        fields, never = self._fields(cls)
        always = [field for field in fields if field.default is attrs.NOTHING and not takes_none(field.type)]
        usual = [field for field in fields if field.name == "content"]
        rest = [field for field in fields if field not in always and field not in usual]
        tagged = [f"tag{level}"] if hasattr(cls, "type") else []
        names |= {cls.__name__: cls, f"Blank{cls.__name__}": blank(cls)}
        yield f"if same({given}) is not dict: raise DOUBT"
        yield f"{value}, form{level}, left{level} = Blank{cls.__name__}(), PLAIN, len({given}) - {len(always + tagged)}"
        yield from self._strings(2 * len(tagged) + len(always))
        yield from self._author(given, names) if cls is Message else ()
        for field in always:
            yield f"x = {given}[{field.name!r}]"
            yield from self._inner(field, level, names)
            yield f"{value}.{field.name} = x"
        for field in usual:
            yield from self._optional(field, level, names)
        yield f"if left{level}:"
        for field in rest:
            yield from _indented(self._optional(field, level, names))
        yield from _indented(self._unusual(cls, level, names))
        yield "else:"
        yield f" {' = '.join(f'{value}.{field.name}' for field in rest)} = None" if rest else " pass"
        yield f" {value}.extra = NOTHING"
        if cls is Message:
            yield f"{value}.author = author"
        if never:
            yield f"{' = '.join(f'{value}.{field.name}' for field in never)} = None"
        yield from (f"{value}.changes = ()",) if any(field.name == "changes" for field in attrs.fields(cls)) else ()
        yield f"{value}.form = form{level}"
        yield f"{value}.__class__ = {cls.__name__}"

    def _fields(self, cls: Any) -> tuple[list[_Field], list[_Field]]:
        """Return the fields that are taken, and those that no plain message has."""
        fields = _keyed_fields(cls)
        taken = [field for field in fields if not self._plain or cls is not Message or field.name in _PLAIN_FIELDS]
        return taken, [field for field in fields if field not in taken]

    def _author(self, given: str, names: Names) -> Lines:
        names |= {"authors": _AUTHORS, "Author": Author, "TOOL": _AUTHORS["tool"]}
        yield f"author = authors[{given}['role']]"
        yield "left0 -= 1"
        yield from self._strings(2)

    def _optional(self, field: _Field, level: int, names: Names) -> Lines:
        given, value = f"in{level}", f"out{level}.{field.name}"
        yield f"if {field.name!r} in {given}:"
        yield f" x = {given}[{field.name!r}]"
        yield f" left{level} -= 1"
        yield from _indented(self._strings(1))
        yield f" if x is None: form{level} |= {{{field.name!r}}}"
        yield " else:"
        yield from _indented(self._inner(field, level, names), 2)
        yield f" {value} = x"
        yield f"else: {value} = None"

    def _unusual(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that take a name, the note of how the object was written, and unknown keys."""
        given, known = f"in{level}", {field.name for field in _keyed_fields(cls)}
        if cls is Message:
            known |= {"role", "name"}
            yield f"if 'name' in {given}:"
            yield f" x = {given}['name']"
            yield f" left{level} -= 1"
            yield from _indented(self._scalar("x", str))
            yield from _indented(self._strings(1))
            yield " if author is TOOL: raise DOUBT" if self._plain else " pass"
            yield " author = Author(author.role, x)"
        if self._plain:
            yield f"if left{level}: raise DOUBT"
            yield f"out{level}.extra = NOTHING"
            return
        if cls is Message:
            yield f"if 'author' in {given} or {REASONING!r} in {given}: raise DOUBT"
        names |= {"FORM": FORM, "unknown_keys": unknown_keys}
        names[f"known_{cls.__name__}"] = frozenset((*known, FORM, "type") if hasattr(cls, "type") else (*known, FORM))
        yield f"if left{level} and FORM in {given}: form{level} |= {given}[FORM]"
        yield f"out{level}.extra = unknown_keys({given}, known_{cls.__name__}) if left{level} else NOTHING"

    def _scalar(self, given: str, kind: Any) -> Lines:
        yield f"if same({given}) is not {kind.__name__}: raise DOUBT"
        if kind is str and self._decoded:
            yield "n += 1"
        elif kind is str and self._plain:
            yield f"if not {given}.isascii(): {given}.encode()"

    def _strings(self, number: int) -> Lines:
        yield from (f"n += {number}",) if self._decoded and number else ()

    def _call(self, name: str) -> Lines:
        yield from (f"x, m = {name}(x)", "n += m") if self._decoded else (f"x = {name}(x)",)


class Dumper(Writer):
    """
    Writes functions from values to JSON; each string on the way is proved to be one.

    Args:
        known: Take no value with keys that no class knows, which are copied as they are: then what comes out is JSON
            for certain, except for lone surrogates.

        noted: Write each object's ``form`` under FORM and no spelling; see ``dump_value``.
    """

    def __init__(self, *, known: bool = False, noted: bool = False) -> None:
        super().__init__()
        self._known = known
        self._noted = noted

    def _list(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not tuple: raise DOUBT"
        yield "made = []"
        yield "add = made.append"
        yield "for in0 in items:"
        yield from _indented(self._item(get_args(kind)[0], names))
        yield " add(out0)"
        yield "return made"

    def _mapping(self, kind: Any, names: Names) -> Lines:
        if (item := get_args(kind)[1]) is Any:  # may hold anything
            yield "raise DOUBT"
            return
        yield "if same(items) is not dict: raise DOUBT"
        yield "made = {}"
        yield "for key, in0 in items.items():"
        yield " if same(key) is not str: raise DOUBT"
        yield from _indented(self._item(item, names))
        yield " made[key] = out0"
        yield "return made"

    def _item(self, kind: Any, names: Names) -> Lines:
        if kind not in _TABLES:
            yield from self._object(kind, 0, names) if is_value(kind) else (*self._scalar("in0", kind), "out0 = in0")
            return
        yield "cls = same(in0)"
        word = "if"
        for cls in cast(Any, _TABLES[kind].values()):
            names[cls.__name__] = cls
            yield f"{word} cls is {cls.__name__}:"
            yield from _indented(self._object(cls, 0, names))
            word = "elif"
        if not self._known:
            names["UnknownPart"] = UnknownPart
            yield "elif cls is UnknownPart: out0 = copy(in0.data)"
        yield "else: raise DOUBT"

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        fields, value, out = _keyed_fields(cls), f"in{level}", f"out{level}"
        always = [field for field in fields if field.default is attrs.NOTHING or field.name == "content"]
        rest = [field for field in fields if field not in always]
        names |= {cls.__name__: cls, f"keys_{cls.__name__}": {field.name for field in fields}}
        yield f"if same({value}) is not {cls.__name__}: raise DOUBT"
        yield f"form{level} = {value}.form"
        if not self._noted:
            yield f"if form{level} and not form{level} <= keys_{cls.__name__}: raise DOUBT"
        if cls is Message:
            names["Role"] = Role
            yield from _DUMP_AUTHOR
        else:
            yield f"{out} = { ({'type': cls.type} if hasattr(cls, 'type') else {})!r}"
        for field in always:
            yield from self._put(field, level, names)
        if rest:
            yield f"if form{level} or {' or '.join(f'{value}.{field.name} is not None' for field in rest)}:"
            for field in rest:
                yield from _indented(self._put(field, level, names))
        yield f"if {value}.extra is not NOTHING and {value}.extra:"
        yield " raise DOUBT" if self._known else f" {out}.update(copy({value}.extra))"
        if self._noted:
            names["FORM"] = FORM
            yield f"if form{level}: {out}[FORM] = form{level}"

    def _put(self, field: _Field, level: int, names: Names) -> Lines:
        """The lines that put a field under its key, if it is there or was null."""
        yield f"x = in{level}.{field.name}"
        yield "if x is not None:"
        yield from _indented(self._inner(field, level, names))
        yield f" out{level}[{field.name!r}] = x"
        yield f"elif form{level} and {field.name!r} in form{level}: out{level}[{field.name!r}] = None"


_DUMP_AUTHOR: Final = (
    "author = in0.author",
    "if author.extra is not NOTHING and author.extra or author.form or same(author.role) is not Role: raise DOUBT",
    "out0 = {'role': author.role._value_}",
    "if author.name is not None:",
    " if same(author.name) is not str: raise DOUBT",
    " out0['name'] = author.name",
)


@cache
def load_function(*, plain: bool = False, decoded: bool = False) -> Callable[[Any], Any]:
    """Return the function from a list of messages to values."""
    return Loader(plain=plain, decoded=decoded).function(tuple[Message, ...])


@cache
def dump_function(*, known: bool = False, noted: bool = False) -> Callable[[Any], Any]:
    """Return the function from messages to their JSON."""
    return Dumper(known=known, noted=noted).function(tuple[Message, ...])
