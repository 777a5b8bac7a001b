"""
Values -> JSON, the quick way: one function for each class, written from its attrs fields.

Every string on the way is checked to be one, so what comes out is JSON for certain, except for keys that no class
knows: those are copied as they are. Whatever is unusual raises :class:`DoubtError`, and the thorough hooks decide.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast, get_args

import attrs

from msgkit.jsontext.values import copy_json
from msgkit.model.messages import Message, Role
from msgkit.model.parts import NOTHING, PARTS, TOOL_CALLS, AnyToolCall, ContentPart, Value
from msgkit.structuring.annotations import is_mapping, is_tuple, is_union, is_value
from msgkit.structuring.fast import UNSURE, DoubtError
from msgkit.structuring.style import OWN_FIELDS

Dumper = Callable[[Any], Any]


def dump_messages_quickly(messages: object, *, known: bool = False) -> list[dict[str, Any]] | None:
    """
    Return a tuple of messages as JSON objects, or None if the thorough way must decide.

    Args:
        messages: The messages.

        known: Leave keys that no class knows to the thorough way, too: then what comes out is JSON for certain, but
            for half surrogate pairs, which cannot be encoded.

    >>> from msgkit.model.messages import user
    >>> dump_messages_quickly((user("Hello"),))
    [{'role': 'user', 'content': 'Hello'}]
    """
    if type(messages) is not tuple:
        return None
    dump = _dumper(Message, known)
    try:
        return [dump(message) for message in messages]
    except UNSURE:
        return None


@cache
def _dumper(cls: Any, known: bool) -> Dumper:  # noqa: FBT001 (a key of the cache)
    """Write the function that writes *cls* as a dict."""
    fields = [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != "author"]
    names: dict[str, Any] = {
        "DOUBT": DoubtError,
        "cls": cls,
        "copy": copy_json,
        "same": type,
        "Role": Role,
        "NOTHING": NOTHING,
    }
    names["fields"] = {field.name for field in fields}
    first = "{}" if not hasattr(cls, "type") else repr({"type": cls.type})
    lines = [
        "def dump(value):",
        " if same(value) is not cls: raise DOUBT",
        " form = value.form",
        " if form and not form <= fields: raise DOUBT",
        *(_AUTHOR if cls is Message else [f" out = {first}"]),
    ]
    usual = [field for field in fields if field.default is attrs.NOTHING or field.name == "content"]
    others = [field for field in fields if field not in usual]
    for field in usual:
        lines += [f" {line}" for line in _put(field, names, known)]
    if others:
        lines.append(f" if form or {' or '.join(f'value.{field.name} is not None' for field in others)}:")
    for field in others:
        lines += [f"  {line}" for line in _put(field, names, known)]
    lines += [
        " if value.extra is not NOTHING and value.extra:",
        "  raise DOUBT" if known else "  out.update(copy(value.extra))",
        " return out",
    ]
    exec("\n".join(lines), names)  # noqa: S102 (written from our own classes, never from data)
    return cast(Dumper, names["dump"])


_AUTHOR = [
    " author = value.author",
    " if author.extra is not NOTHING and author.extra or author.form or same(author.role) is not Role: raise DOUBT",
    " out = {'role': author.role._value_}",
    " if author.name is not None:",
    "  if same(author.name) is not str: raise DOUBT",
    "  out['name'] = author.name",
]


def _put(field: "attrs.Attribute[Any]", names: dict[str, Any], known: bool) -> list[str]:  # noqa: FBT001
    """The lines that put a field under its key, if it is there or was null."""
    return [
        f"found = value.{field.name}",
        "if found is not None:",
        *(f" {line}" for line in _putting(field.name, cast(Any, field.type), names, known)),
        f"elif form and {field.name!r} in form: out[{field.name!r}] = None",
    ]


def _putting(name: str, kind: Any, names: dict[str, Any], known: bool) -> list[str]:  # noqa: FBT001
    """The lines that check ``found`` and put it under *name*."""
    members = [member for member in get_args(kind) if member is not type(None)] if is_union(kind) else [kind]
    if kind not in (ContentPart, AnyToolCall) and len(members) > 1:  # str | tuple[...]
        names["parts"] = _converter(members[1], known)
        return [f"out[{name!r}] = found if same(found) is str else parts(found)"]
    kind = members[0] if len(members) == 1 else kind
    if kind in (str, bool, int):
        return [f"if same(found) is not {kind.__name__}: raise DOUBT", f"out[{name!r}] = found"]
    names[f"put_{name}"] = _converter(kind, known)
    return [f"out[{name!r}] = put_{name}(found)"]


def _converter(kind: Any, known: bool) -> Dumper:  # noqa: FBT001
    if kind in (ContentPart, AnyToolCall):
        table = PARTS if kind == ContentPart else TOOL_CALLS
        return _any_of({cls: _dumper(cast(Any, cls), known) for cls in table.values()})
    if is_tuple(kind):
        return _list_of(_converter(get_args(kind)[0], known))
    return _dumper(kind, known) if is_value(kind) else _other(kind)


def _any_of(dumpers: dict[type[Value], Dumper]) -> Dumper:
    return lambda value: dumpers[type(value)](value)


def _list_of(inner: Dumper) -> Dumper:
    def dump(values: Any) -> Any:
        if type(values) is not tuple:
            raise DoubtError
        return [inner(value) for value in values]

    return dump


def _other(kind: Any) -> Dumper:
    """Mappings and the like: rare enough for the thorough way."""

    def dump(value: Any) -> Any:
        if type(value) is not kind or is_mapping(kind):
            raise DoubtError
        return value

    return dump
