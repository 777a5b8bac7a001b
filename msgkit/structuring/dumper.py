"""The functions from values to JSON, written by the one generator; each string on the way is proved to be one."""

from typing import Any, Final, cast

import attrs

from msgkit.model.base import null
from msgkit.model.messages import Message
from msgkit.structuring.functions import Lines, Names, Writer, indented
from msgkit.structuring.wire import FORM, REASONING, TABLES, copy_plain_json, keyed_fields


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
