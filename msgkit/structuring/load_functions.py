"""Functions from JSON to values: those of :mod:`msgkit.structuring.generator` that load."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import null
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import NOTHING, UnknownPart
from msgkit.structuring.generator import (
    DOUBT,
    FORM,
    OTHER_REASONING,
    REASONING,
    TABLES,
    Field,
    Lines,
    Names,
    Writer,
    blank,
    indented,
    is_value,
    keyed_fields,
    takes_none,
)

_AUTHORS: Final = {role.value: Author(role) for role in Role}
_PLAIN_TAGS: Final = frozenset(("text", "image_url", "input_audio", "file", "function"))
_PLAIN_FIELDS: Final = frozenset(("content", "tool_calls", "tool_call_id", "refusal"))


def unknown_keys(given: Mapping[Any, Any], known: frozenset[str]) -> Mapping[str, Any]:
    """Return a copy of what *given* has under keys that its class does not know."""
    extra = {}
    for key, value in given.items():
        if key not in known:
            if type(key) is not str:
                raise DOUBT
            extra[key] = copy_json(value)
    return extra or NOTHING


class Loader(Writer):
    """Writes functions from JSON to values."""

    def __init__(self, *, plain: bool = False, decoded: bool = False) -> None:
        super().__init__("n += 1" if decoded else "{0}.isascii() or {0}.encode()" if plain else "")
        self._plain = plain
        self._decoded = decoded

    def _list(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not list: raise DOUBT"
        yield "n, made = 0, []"
        yield "add = made.append"
        yield "for in0 in items:"
        yield from indented(self._item(get_args(kind)[0], names))
        yield " add(out0)"
        yield "return tuple(made), n" if self._decoded else "return tuple(made)"

    def _mapping(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not dict: raise DOUBT"
        if (item := get_args(kind)[1]) is Any:
            yield "return dict(items)"
            return
        yield "made = {}"
        yield "for key, in0 in items.items():"
        yield from indented(self._item(item, names))
        yield " made[key] = out0"
        yield "return made"

    def _item(self, kind: Any, names: Names) -> Lines:
        if kind not in TABLES:
            yield from self._object(kind, 0, names) if is_value(kind) else (*self._scalar("in0", kind), "out0 = in0")
            return
        yield "if same(in0) is not dict: raise DOUBT"
        yield "tag = in0['type']"
        word = "if"
        for tag in [tag for tag in TABLES[kind] if not self._plain or tag in _PLAIN_TAGS]:
            yield f"{word} tag == {tag!r}:"
            yield from indented(self._object(TABLES[kind][tag], 0, names))
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
        tagged = hasattr(cls, "type")
        names |= {cls.__name__: cls, f"Blank{cls.__name__}": blank(cls)}
        named = tagged or cls is Message  # it has a type or a role
        if not (self._decoded and (named or always)):  # what else a JSON reader gives has no keys to look up
            yield f"if same({given}) is not dict: raise DOUBT"
        yield f"{value}, form{level}, left{level} = Blank{cls.__name__}(), PLAIN, len({given}) - {len(always) + named}"
        if self._decoded:
            yield f"n += left{level} + {len(always) + 2 * named}"  # each key, and the type or the role
        if cls is Message:
            names |= {"authors": _AUTHORS, "Author": Author, "TOOL": _AUTHORS["tool"]}
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

    def _fields(self, cls: Any) -> tuple[list[Field], list[Field]]:
        """Return the fields that are taken, and those that no plain message has."""
        fields = keyed_fields(cls)
        taken = [field for field in fields if not self._plain or cls is not Message or field.name in _PLAIN_FIELDS]
        return taken, [field for field in fields if field not in taken]

    def _optional(self, field: Field, level: int, names: Names) -> Lines:
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
            yield from indented(self._scalar("x", str))
            yield " if author is TOOL: raise DOUBT" if self._plain else " pass"
            yield " author = Author(author.role, x)"
        if self._plain:
            yield f"if left{level}: raise DOUBT"
            yield f"out{level}.extra = NOTHING"
            return
        if cls is Message:
            yield f"if 'author' in {given}: raise DOUBT"
            yield f"if {REASONING!r} in {given}:"
            yield f" x = {given}[{REASONING!r}]"
            yield f" if same(x) is not str or 'reasoning' in {given}: raise DOUBT"
            yield f" out{level}.reasoning = x"
            names["OTHER_REASONING"] = OTHER_REASONING
            yield f" form{level} |= {{OTHER_REASONING}}"
            yield f" left{level} -= 1"
        names |= {"FORM": FORM, "unknown_keys": unknown_keys}
        names[f"known_{cls.__name__}"] = frozenset((*known, FORM, "type") if hasattr(cls, "type") else (*known, FORM))
        yield f"if left{level} and FORM in {given}: form{level} |= {given}[FORM]"
        yield f"out{level}.extra = unknown_keys({given}, known_{cls.__name__}) if left{level} else NOTHING"

    def _call(self, name: str) -> Lines:
        yield from (f"x, m = {name}(x)", "n += m") if self._decoded else (f"x = {name}(x)",)
