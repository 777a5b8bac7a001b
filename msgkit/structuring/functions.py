"""
The one generator of fast functions: JSON -> values and values -> JSON, written from the attrs fields of the classes.

A function takes a list of messages, parts or calls; the objects in it are read or made in its loop. What a function is
not sure of raises DOUBT, and the hooks that explain decide. Values are made slot by slot, which for a frozen class is
four times as fast as its ``__init__``.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, get_args

import attrs

from msgkit.model.base import null
from msgkit.model.messages import Message
from msgkit.structuring import wire
from msgkit.structuring.wire import FORM, REASONING, TABLES, blank, copy_object, is_value, keyed_fields

Lines = Iterator[str]
Names = dict[str, Any]


class Writer:
    """Writes the functions of one direction; the same for both is here."""

    _list_type = "list"  # what a list is given as
    _result = "made"  # what is returned for it
    _copy_any: Callable[[Any], Any]  # copies a mapping that may hold anything

    def __init__(self, proof: str = "") -> None:
        self._proof = proof
        self._functions: dict[Any, Callable[[Any], Any]] = {}

    def function(self, kind: Any) -> Callable[[Any], Any]:
        """Return the function of ``tuple[X, ...]`` or ``Mapping[str, X]``."""
        if kind not in self._functions:
            names: Names = dict(wire.NAMES)
            lines = list(self._mapping(kind, names) if wire.is_mapping(kind) else self._list(kind, names))
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
        yield f"if same(items) is not {self._list_type}: raise DOUBT"
        yield "n, made = 0, []"
        yield "add = made.append"
        yield "for in0 in items:"
        yield from indented(self._item(get_args(kind)[0], names))
        yield " add(out0)"
        yield f"return {self._result}"

    def _mapping(self, kind: Any, names: Names) -> Lines:
        if (item := get_args(kind)[1]) is Any:
            names["copy_any"] = self._copy_any
            yield "return copy_any(items)"
            return
        yield "if same(items) is not dict: raise DOUBT"
        yield "made = {}"
        yield "for key, in0 in items.items():"
        yield " if same(key) is not str: raise DOUBT"
        yield from indented(self._item(item, names))
        yield " made[key] = out0"
        yield "return made"

    def _item(self, kind: Any, names: Names) -> Lines:
        if kind in TABLES:
            yield from self._tagged(kind, names)
        else:
            yield from self._object(kind, 0, names) if is_value(kind) else (*self._scalar("in0", kind), "out0 = in0")

    def _tagged(self, kind: Any, names: Names) -> Lines:
        """The lines that take a part or a call by its type."""
        raise NotImplementedError

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that make one object, ``in<level>`` -> ``out<level>``."""
        raise NotImplementedError

    def _scalar(self, given: str, kind: Any) -> Lines:
        yield f"if same({given}) is not {kind.__name__}: raise DOUBT"
        if kind is str and self._proof:
            yield self._proof.format(given)

    def _inner(self, field: Any, level: int, names: Names) -> Lines:
        """The lines that take what is in the field as ``x``: ``x`` is checked, and changed if it must be."""
        kind = field.type
        members = [member for member in get_args(kind) if member is not type(None)] if wire.is_union(kind) else [kind]
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


def indented(lines: Iterable[str], by: int = 1) -> Lines:
    """Indent lines."""
    return (" " * by + line for line in lines)


_PLAIN_TAGS: Final = frozenset(("text", "image_url", "input_audio", "file", "function"))
_PLAIN_FIELDS: Final = frozenset(("content", "tool_calls", "tool_call_id", "refusal"))


class Loader(Writer):
    """Writes functions from JSON to values."""

    _copy_any = staticmethod(copy_object)

    def __init__(self, *, plain: bool = False, decoded: bool = False) -> None:
        super().__init__("n += 1" if decoded else "{0}.isascii() or {0}.encode()" if plain else "")
        self._plain, self._decoded = plain, decoded
        self._result = "tuple(made), n" if decoded else "tuple(made)"

    def _tagged(self, kind: Any, names: Names) -> Lines:
        yield "if same(in0) is not dict: raise DOUBT"
        yield "tag = in0['type']"
        word = "if"
        for tag in [tag for tag in TABLES[kind] if not self._plain or tag in _PLAIN_TAGS]:
            yield f"{word} tag == {tag!r}:"
            yield from indented(self._object(TABLES[kind][tag], 0, names))
            word = "elif"
        if not self._plain:
            yield "elif same(tag) is str: out0 = UnknownPart(tag, copy(in0))"
        yield "else: raise DOUBT"

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        given, value = f"in{level}", f"out{level}"
        every = keyed_fields(cls)
        fields = [field for field in every if not self._plain or cls is not Message or field.name in _PLAIN_FIELDS]
        never = [field for field in every if field not in fields]
        always = [field for field in fields if field.default is attrs.NOTHING and not wire.takes_none(field.type)]
        usual = [field for field in fields if field.name == "content"]
        rest = [field for field in fields if field not in always and field not in usual]
        tagged = hasattr(cls, "type")
        names |= {cls.__name__: cls, f"Blank{cls.__name__}": blank(cls)}
        named = tagged or cls is Message  # it has a type or a role
        if not (self._decoded and (named or always)):  # what else a JSON reader gives has no keys to look up
            yield f"if same({given}) is not dict: raise DOUBT"
        yield f"{value}, form{level}, left{level} = Blank{cls.__name__}(), PLAIN, len({given}) - {len(always) + named}"
        if self._decoded:
            yield f"n += left{level} + {len(always) + 2 * named}"  # each key, and the type or the role
        if cls is Message:
            yield f"author = authors[{given}['role']]"
        for field in always:
            yield f"x = {given}[{field.name!r}]"
            yield from self._inner(field, level, names)
            yield f"{value}.{field.name} = x"
        for field in usual:
            yield from self._optional(field, level, names)
        yield f"if left{level}:"
        for field in rest:
            yield from indented(self._optional(field, level, names))
        yield from indented(self._unusual(cls, level, names))
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

    def _optional(self, field: Any, level: int, names: Names) -> Lines:
        given, value = f"in{level}", f"out{level}.{field.name}"
        yield f"if {field.name!r} in {given}:"
        yield f" x = {given}[{field.name!r}]"
        yield f" left{level} -= 1"
        names[f"null_{field.name}"] = null(field.name)
        yield f" if x is None: form{level} |= {{null_{field.name}}}"
        yield " else:"
        yield from indented(self._inner(field, level, names), 2)
        yield f" {value} = x"
        yield f"else: {value} = None"

    def _unusual(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that take a name, the note of how the object was written, and unknown keys."""
        given, known = f"in{level}", {field.name for field in keyed_fields(cls)}
        if cls is Message:
            known |= {"role", "name", REASONING}
            yield f"if 'name' in {given}:"
            yield f" x = {given}['name']"
            yield f" left{level} -= 1"
            yield f" if x is None: author = nameless[{given}['role']]"
            yield " else:"
            yield from indented(self._scalar("x", str), 2)
            yield "  if author is TOOL: raise DOUBT" if self._plain else "  pass"
            yield "  author = Author(author.role, x)"
        if self._plain:
            yield from self._nulls(cls, level, names)
            yield f"if left{level}: raise DOUBT"
            yield f"out{level}.extra = NOTHING"
            return
        if cls is Message:
            yield f"if 'author' in {given}: raise DOUBT"
            yield f"if {REASONING!r} in {given}:"
            yield f" x = {given}[{REASONING!r}]"
            yield f" if same(x) is not str or 'reasoning' in {given}: raise DOUBT"
            yield f" out{level}.reasoning = x"
            yield f" form{level} |= {{OTHER_REASONING}}"
            yield f" left{level} -= 1"
        names[f"known_{cls.__name__}"] = frozenset((*known, FORM, "type") if hasattr(cls, "type") else (*known, FORM))
        yield f"if left{level} and FORM in {given}: form{level} |= {given}[FORM]"
        yield f"out{level}.extra = unknown_keys({given}, known_{cls.__name__}) if left{level} else NOTHING"

    def _nulls(self, cls: Any, level: int, names: Names) -> Lines:
        """The lines that take nulls of fields that plain messages do not have: tables fill rows with them."""
        given = f"in{level}"
        for name in [field.name for field in keyed_fields(cls) if cls is Message and field.name not in _PLAIN_FIELDS]:
            names[f"null_{name}"] = null(name)
            yield f"if left{level} and {name!r} in {given}:"
            yield f" if {given}[{name!r}] is not None: raise DOUBT"
            yield f" left{level} -= 1"
            yield f" form{level} |= {{null_{name}}}"

    def _call(self, name: str) -> Lines:
        yield from (f"x, m = {name}(x)", "n += m") if self._decoded else (f"x = {name}(x)",)
