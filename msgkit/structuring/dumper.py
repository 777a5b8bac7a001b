"""Values -> JSON: functions of the one generator, which prove that strings are such, and one that takes any value."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, cast

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.base import UnknownPart, Value, null
from msgkit.model.messages import Message
from msgkit.structuring.functions import Lines, Names, Writer, indented
from msgkit.structuring.wire import (
    FORM,
    NESTED,
    OTHER_REASONING,
    REASONING,
    STRING,
    TABLES,
    copy_plain_json,
    keyed_fields,
)


class Dumper(Writer):
    """Writes functions from values to JSON."""

    _list_type = "tuple"
    _copy_any = staticmethod(copy_plain_json)

    def __init__(self, *, known: bool = False, noted: bool = False) -> None:
        super().__init__()
        self._known, self._noted = known, noted

    def _tagged(self, kind: Any, names: Names) -> Lines:
        yield "cls = same(in0)"
        word = "if"
        for cls in cast(Any, TABLES[kind].values()):
            names[cls.__name__] = cls
            yield f"{word} cls is {cls.__name__}:"
            yield from indented(self._object(cls, 0, names))
            word = "elif"
        if not self._known:
            yield "elif cls is UnknownPart: out0 = copy(in0.data)"
        yield "else: raise DOUBT"

    def _object(self, cls: Any, level: int, names: Names) -> Lines:
        fields, value, out = keyed_fields(cls), f"in{level}", f"out{level}"
        always = [field for field in fields if field.default is attrs.NOTHING or field.name == "content"]
        rest = [field for field in fields if field not in always]
        names[cls.__name__] = cls
        yield f"if same({value}) is not {cls.__name__}: raise DOUBT"
        yield f"form{level} = {value}.form"
        if not self._noted:
            yield f"if form{level} and not form{level}.isdisjoint(SPELLINGS): raise DOUBT"
        if cls is Message:
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
            yield f"if form{level} and OTHER_REASONING in form{level} and 'reasoning' in {out}:"
            yield f" {out}[{REASONING!r}] = {out}.pop('reasoning')"

    def _put(self, field: Any, level: int, names: Names) -> Lines:
        """The lines that put a field under its key, if it is there or was null."""
        yield f"x = in{level}.{field.name}"
        yield "if x is not None:"
        yield from indented(self._inner(field, level, names))
        yield f" out{level}[{field.name!r}] = x"
        names[f"null_{field.name}"] = null(field.name)
        yield f"elif form{level} and null_{field.name} in form{level}: out{level}[{field.name!r}] = None"


_DUMP_AUTHOR: Final = (
    "author = in0.author",
    "if author.extra is not NOTHING and author.extra or same(author.role) is not Role: raise DOUBT",
    "out0 = {'role': author.role._value_}",
    "if author.form:",
    " if author.form != NAMELESS or author.name is not None: raise DOUBT",
    " out0['name'] = None",
    "elif author.name is not None:",
    " if same(author.name) is not str: raise DOUBT",
    " out0['name'] = author.name",
)


def written(value: Any, *, noted: bool) -> Any:
    """Return any value as JSON, also what the functions are not sure of."""
    if isinstance(value, Message):
        return _message(value, noted=noted)
    if isinstance(value, Value):
        return _object(value, noted=noted)
    if isinstance(value, UnknownPart):
        return copy_json(value.data)
    if isinstance(value, list | tuple):
        return [written(item, noted=noted) for item in value]
    if isinstance(value, Mapping):
        return {key: written(item, noted=noted) for key, item in value.items()}
    return value.value if isinstance(value, Enum) else value


def _object(value: Any, *, noted: bool) -> Any:
    """Return a value as its JSON object, with its unknown keys and nulls; a message without its author."""
    if not noted and STRING in value.form and value == type(value)(url=value.url):
        return value.url
    out: dict[str, Any] = {"type": value.type} if hasattr(type(value), "type") else {}
    for field in keyed_fields(type(value)):
        inner = getattr(value, field.name)
        if inner is not None:
            out[field.name] = inner if type(inner) is str else written(inner, noted=noted)
        elif null(field.name) in value.form:
            out[field.name] = None
    if value.extra:
        out.update(copy_json(value.extra))
    return {**out, FORM: value.form} if noted and value.form else out


def _message(message: Message, *, noted: bool) -> dict[str, Any]:
    """Return a message with its author where it was; if *noted*, always next to the content."""
    out = _object(message, noted=noted)
    author = _object(message.author, noted=False)
    if noted:
        return {**author, **out}
    if OTHER_REASONING in message.form and "reasoning" in out:
        out[REASONING] = out.pop("reasoning")
    return {"author": author, **out} if NESTED in message.form else {**author, **out}
