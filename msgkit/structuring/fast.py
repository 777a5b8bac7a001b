"""
JSON -> values, the quick way: for data that raise no doubt, which most are.

For each value class one function is written from its attrs fields, as attrs and cattrs write theirs: it looks at the
keys that are there, checks exact types, and fills the slots of the value directly. Whatever it is not sure of raises
:class:`DoubtError`, and the thorough hooks decide; where both give a value, they give the same one.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast, get_args

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import NOTHING, PARTS, PLAIN, TOOL_CALLS, AnyToolCall, ContentPart, UnknownPart, Value
from msgkit.structuring.annotations import is_mapping, is_tuple, is_union, is_value, takes_none
from msgkit.structuring.construct import blank
from msgkit.structuring.style import OWN_FIELDS, REASONING

Builder = Callable[[Any], Any]
"""From JSON data to a value."""


class DoubtError(Exception):
    """
    The quick way is not sure of its data.

    Raised as a class, never as one instance again and again: its traceback would keep the data of each row.
    """


UNSURE = (DoubtError, KeyError, TypeError, ValueError)
"""What the functions written here raise when the thorough way must decide."""


def load_messages_quickly(data: Any) -> tuple[Message, ...] | None:
    """
    Return a list of messages as values, or None if the thorough way must decide.

    >>> load_messages_quickly([{"role": "user", "content": "Hello"}])
    (Message(user, 'Hello'),)
    >>> load_messages_quickly([{"role": "usr", "content": "Hello"}]) is None
    True
    """
    if type(data) is not list:
        return None
    build = _builder(Message)
    try:
        return tuple([build(item) for item in data])
    except UNSURE:
        return None


@cache
def _builder(cls: Any) -> Builder:
    """Write the function that builds *cls* from a dict."""
    fields = [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS]
    names: dict[str, Any] = {
        "DOUBT": DoubtError, "NOTHING": NOTHING, "PLAIN": PLAIN, "cls": cls, "blank": blank(cls),
        "copy": copy_json, "aside": (),
        "known": {field.name for field in fields} - {"author"}, "same": type,
    }  # fmt: skip
    lines = [
        "def build(given):",
        " if same(given) is not dict: raise DOUBT",
        *(f" f_{field.name} = None" for field in fields),
        " extra, form, named = NOTHING, PLAIN, None",
        " for key, value in given.items():",
        "  if value is None and key in known: form |= {key}",
        *_branches(cls, fields, names),
        "  else:",
        "   if same(key) is not str or key in aside: raise DOUBT",
        "   if extra is NOTHING: extra = {}",
        "   extra[key] = copy(value)",
        *(f" if f_{field.name} is None: raise DOUBT" for field in fields if _is_required(field)),
        *([" if named is not None: f_author = Author(f_author.role, named)"] if cls is Message else []),
        " value = blank()",
        *(f" value.{field.name} = {_given(field)}" for field in attrs.fields(cls)),
        " value.__class__ = cls",
        " return value",
    ]
    exec("\n".join(lines), names)  # noqa: S102 (written from our own classes, never from data)
    return cast(Builder, names["build"])


def _branches(cls: type[Value], fields: "list[attrs.Attribute[Any]]", names: dict[str, Any]) -> list[str]:
    lines = []
    if hasattr(cls, "type"):
        lines.append("  elif key == 'type': pass")
    if cls is Message:
        names.update(authors={role.value: Author(role) for role in Role}, Author=Author, aside=("author", REASONING))
        lines += [
            "  elif key == 'role':",
            "   f_author = authors[value]",
            "  elif key == 'name':",
            "   if same(value) is not str: raise DOUBT",
            "   named = value",
        ]
    for field in fields:
        if field.name != "author":
            lines.append(f"  elif key == {field.name!r}:")
            lines += [f"   {line}" for line in _taking(field.name, cast(Any, field.type), names)]
    return lines


def _taking(name: str, kind: Any, names: dict[str, Any]) -> list[str]:
    """The lines that check ``value`` and take it for the field *name*."""
    members = [member for member in get_args(kind) if member is not type(None)] if is_union(kind) else [kind]
    if kind in (ContentPart, AnyToolCall) or len(members) == 1:
        return _taking_one(name, members[0] if len(members) == 1 else kind, names)
    names["parts"] = _converter(members[1])
    return [
        "if same(value) is str:",
        f" f_{name} = value",
        f"else: f_{name} = parts(value)",
    ]


def _taking_one(name: str, kind: Any, names: dict[str, Any]) -> list[str]:
    if kind in (str, bool, int):
        return [f"if same(value) is not {kind.__name__}: raise DOUBT", f"f_{name} = value"]
    if kind is Any:
        return [f"f_{name} = value"]
    names[f"take_{name}"] = _converter(kind)
    return [f"f_{name} = take_{name}(value)"]


def _converter(kind: Any) -> Builder:
    if kind == ContentPart:
        return _tagged(PARTS)
    if kind == AnyToolCall:
        return _tagged(TOOL_CALLS)
    if is_tuple(kind):
        return _list_of(_converter(get_args(kind)[0]))
    if is_mapping(kind):
        return _dict_of(None if get_args(kind)[1] is Any else _converter(get_args(kind)[1]))
    return _builder(kind) if is_value(kind) else _exactly(kind)


def _tagged(table: Mapping[str, type[Value]]) -> Builder:
    builders = {tag: _builder(cast(Any, cls)) for tag, cls in table.items()}

    def build(data: Any) -> Any:
        if type(data) is not dict:
            raise DoubtError
        tag = data["type"]
        found = builders.get(tag)
        if found is not None:
            return found(data)
        if type(tag) is not str:
            raise DoubtError
        return UnknownPart(tag, copy_json(data))

    return build


def _list_of(inner: Builder) -> Builder:
    def build(data: Any) -> Any:
        if type(data) is not list:
            raise DoubtError
        return tuple([inner(item) for item in data])

    return build


def _dict_of(inner: Builder | None) -> Builder:
    def build(data: Any) -> Any:
        if type(data) is not dict:
            raise DoubtError
        if inner is None:
            return dict(data)
        return {key: inner(value) for key, value in data.items()}

    return build


def _exactly(kind: Any) -> Builder:
    def build(data: Any) -> Any:
        if type(data) is not kind:
            raise DoubtError
        return data

    return build


def _is_required(field: "attrs.Attribute[Any]") -> bool:
    return field.default is attrs.NOTHING and not takes_none(field.type)


def _given(field: "attrs.Attribute[Any]") -> str:
    """What a field gets: what was found, or its default."""
    if field.name == "changes":
        return "()"
    if field.name in OWN_FIELDS:
        return field.name
    if field.default in (None, attrs.NOTHING):
        return f"f_{field.name}"
    return f"{field.default!r} if f_{field.name} is None else f_{field.name}"
