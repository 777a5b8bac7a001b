"""Values -> JSON: functions of :mod:`msgkit.structuring.generator`, and the hooks that write whatever a value has."""

from collections.abc import Callable
from typing import Any, Final, cast, get_args

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import null
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import UnknownPart, Value
from msgkit.structuring.generator import (
    DOUBT,
    FORM,
    NESTED,
    OTHER_REASONING,
    OWN_FIELDS,
    REASONING,
    STRING,
    TABLES,
    Field,
    Lines,
    Names,
    Writer,
    indented,
    is_value,
    keyed_fields,
)


class Dumper(Writer):
    """Writes functions from values to JSON; each string on the way is proved to be one."""

    def __init__(self, *, known: bool = False, noted: bool = False) -> None:
        super().__init__()
        self._known = known
        self._noted = noted

    def _list(self, kind: Any, names: Names) -> Lines:
        yield "if same(items) is not tuple: raise DOUBT"
        yield "made = []"
        yield "add = made.append"
        yield "for in0 in items:"
        yield from indented(self._item(get_args(kind)[0], names))
        yield " add(out0)"
        yield "return made"

    def _mapping(self, kind: Any, names: Names) -> Lines:
        if (item := get_args(kind)[1]) is Any:  # may hold anything
            names["json"] = _json
            yield "return json(items)"
            return
        yield "if same(items) is not dict: raise DOUBT"
        yield "made = {}"
        yield "for key, in0 in items.items():"
        yield " if same(key) is not str: raise DOUBT"
        yield from indented(self._item(item, names))
        yield " made[key] = out0"
        yield "return made"

    def _item(self, kind: Any, names: Names) -> Lines:
        if kind not in TABLES:
            yield from self._object(kind, 0, names) if is_value(kind) else (*self._scalar("in0", kind), "out0 = in0")
            return
        yield "cls = same(in0)"
        word = "if"
        for cls in cast(Any, TABLES[kind].values()):
            names[cls.__name__] = cls
            yield f"{word} cls is {cls.__name__}:"
            yield from indented(self._object(cls, 0, names))
            word = "elif"
        if not self._known:
            names["UnknownPart"] = UnknownPart
            yield "elif cls is UnknownPart: out0 = copy(in0.data)"
        yield "else: raise DOUBT"

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        fields, value, out = keyed_fields(cls), f"in{level}", f"out{level}"
        always = [field for field in fields if field.default is attrs.NOTHING or field.name == "content"]
        rest = [field for field in fields if field not in always]
        names |= {cls.__name__: cls, "SPELLINGS": frozenset((NESTED, STRING))}
        yield f"if same({value}) is not {cls.__name__}: raise DOUBT"
        yield f"form{level} = {value}.form"
        if not self._noted:
            yield f"if form{level} and not form{level}.isdisjoint(SPELLINGS): raise DOUBT"
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
                yield from indented(self._put(field, level, names))
        yield f"if {value}.extra is not NOTHING and {value}.extra:"
        yield " raise DOUBT" if self._known else f" {out}.update(copy({value}.extra))"
        if self._noted:
            names["FORM"] = FORM
            yield f"if form{level}: {out}[FORM] = form{level}"
        elif cls is Message:
            names["OTHER_REASONING"] = OTHER_REASONING
            yield f"if form{level} and OTHER_REASONING in form{level} and 'reasoning' in {out}:"
            yield f" {out}[{REASONING!r}] = {out}.pop('reasoning')"

    def _put(self, field: Field, level: int, names: Names) -> Lines:
        """The lines that put a field under its key, if it is there or was null."""
        yield f"x = in{level}.{field.name}"
        yield "if x is not None:"
        yield from indented(self._inner(field, level, names))
        yield f" out{level}[{field.name!r}] = x"
        names[f"null_{field.name}"] = null(field.name)
        yield f"elif form{level} and null_{field.name} in form{level}: out{level}[{field.name!r}] = None"


def _json(value: Any) -> Any:
    """Copy what may hold anything, if it is JSON."""
    kind = type(value)
    if kind is dict:
        return {key: _json(item) for key, item in value.items()}
    if kind is list:
        return [_json(item) for item in value]
    if kind is str or kind is bool or value is None or kind is int or kind is float:
        return value
    raise DOUBT


_DUMP_AUTHOR: Final = (
    "author = in0.author",
    "if author.extra is not NOTHING and author.extra or author.form or same(author.role) is not Role: raise DOUBT",
    "out0 = {'role': author.role._value_}",
    "if author.name is not None:",
    " if same(author.name) is not str: raise DOUBT",
    " out0['name'] = author.name",
)


def dump_hook(converter: Any, cls: type[Value], skip: str = "", *, noted: bool = False) -> Callable[[Any], Any]:
    """Return the hook that writes a value class as its JSON object, with its unknown keys and nulls."""
    names = [field.name for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != skip]
    nulls = {name: null(name) for name in names}
    tag = getattr(cls, "type", None)

    def unstructure(value: Any) -> Any:
        if not noted and STRING in value.form and value == cls(url=value.url):  # type: ignore[call-arg]
            return value.url
        out: dict[str, Any] = {} if tag is None else {"type": tag}
        for name in names:
            inner = getattr(value, name)
            if inner is not None:
                out[name] = inner if type(inner) is str else converter.unstructure(inner)
            elif value.form and nulls[name] in value.form:
                out[name] = None
        if value.extra:
            out.update(copy_json(value.extra))
        if noted and value.form:
            out[FORM] = value.form
        return out

    return unstructure


def message_dump_hook(converter: Any, *, noted: bool = False) -> Callable[[Any], Any]:
    """Return the hook that writes a message, its author where it was; if *noted*, always next to the content."""
    body = dump_hook(converter, Message, skip="author", noted=noted)
    dump_author = dump_hook(converter, Author)

    def unstructure(message: Message) -> Any:
        out = body(message)
        if noted:
            return {**dump_author(message.author), **out}
        if OTHER_REASONING in message.form and "reasoning" in out:
            out[REASONING] = out.pop("reasoning")
        author = dump_author(message.author)
        return {"author": author, **out} if NESTED in message.form else {**author, **out}

    return unstructure
