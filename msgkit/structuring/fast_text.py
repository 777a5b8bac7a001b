"""
JSON text -> values, the quickest way: by msgspec Structs derived from the attrs classes.

The Structs know what nearly all rows of Chat Completions are made of, and refuse any other key. So a row that they take
is plain: its format is told, nothing stands in it that a value has no field for, and one function, written from the
same fields, moves what they hold into values. It counts the strings on the way, which proves that msgspec dropped none
of two equal keys. Whatever is refused or not proved is read by the other ways, which give the same values.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import GenericAlias
from typing import Any, Final, cast, get_args

import attrs
import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import astuple

from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import NOTHING, PLAIN, AudioPart, FilePart, ImagePart, TextPart, ToolCall
from msgkit.structuring.annotations import is_union, is_value, takes_none
from msgkit.structuring.construct import blank
from msgkit.structuring.style import OWN_FIELDS

_PARTS: Final = (TextPart, ImagePart, AudioPart, FilePart)
_FIELDS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.USER: (),
    Role.ASSISTANT: ("tool_calls", "refusal"),
    Role.TOOL: ("tool_call_id",),
    Role.SYSTEM: (),
    Role.DEVELOPER: (),
}
_REST: Final = (
    "model", "tools", "temperature", "top_p", "max_completion_tokens", "max_tokens", "metadata", "response_format",
    "parallel_tool_calls", "frequency_penalty", "presence_penalty", "id", "logprobs", "n", "seed", "user",
)  # fmt: skip
_NO_REST = (UNSET,) * len(_REST)


def read_messages(raw: bytes) -> tuple[tuple[Message, ...], Mapping[str, Raw], int] | None:
    """
    Return what the row *raw* holds, a body or a bare list, not proved yet; None if the Structs do not take it.

    Returns:
        The messages; key -> text of what stands beside them; and how many strings and keys the row has without those
        texts.

    >>> read_messages(b'[{"role":"user","content":"Hello"}]')
    ((Message(user, 'Hello'),), {}, 4)
    >>> read_messages(b'[{"role":"user","content":"Hello","mood":"glad"}]') is None
    True
    """
    bare = raw[:1] == b"["
    decode, build = _reader(bare)
    try:
        found = decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    messages, strings = build(found if bare else found.messages)
    if bare:
        return messages, NOTHING, strings
    values = astuple(found)[1:]
    if values == _NO_REST:
        return messages, NOTHING, strings + 1
    rest = {key: text for key, text in zip(_REST, values, strict=True) if text is not UNSET}
    return messages, rest, strings + 1 + len(rest)


@cache
def _reader(bare: bool) -> tuple[Callable[[bytes], Any], Callable[[Any], Any]]:  # noqa: FBT001 (a key of the cache)
    body = msgspec.defstruct(
        "Body",
        [("messages", _list_of(_messages())), *((key, Raw | UnsetType, UNSET) for key in _REST)],
        forbid_unknown_fields=True,
    )
    return msgspec.json.Decoder(_list_of(_messages()) if bare else body).decode, _builder()


# the Structs


def _messages() -> Any:
    return _either(_message(role) for role in _FIELDS)


@cache
def _message(role: Role) -> Any:
    content = str | _list_of(_either(map(_struct, _PARTS))) | UnsetType | None
    fields: list[tuple[str, Any, Any]] = [("content", content, UNSET)]
    for field in attrs.fields(Message):
        if field.name in _FIELDS[role]:
            kind = _list_of(_struct(ToolCall)) if field.name == "tool_calls" else str
            fields.append((field.name, kind | UnsetType | None, UNSET))
    if role is not Role.TOOL:
        fields.append(("name", str | UnsetType, UNSET))
    return msgspec.defstruct(role.name, fields, tag_field="role", tag=role.value, forbid_unknown_fields=True)


@cache
def _struct(cls: Any) -> Any:
    fields: list[Any] = [
        (field.name, _type(field) | UnsetType | None, UNSET) if takes_none(field.type) else (field.name, _type(field))
        for field in _fields(cls)
    ]
    tag = {"tag_field": "type", "tag": cls.type} if hasattr(cls, "type") else {}
    return msgspec.defstruct(cls.__name__, fields, **tag, forbid_unknown_fields=True, kw_only=True)


def _fields(cls: Any) -> "Iterator[attrs.Attribute[Any]]":
    return (field for field in attrs.fields(cls) if field.name not in OWN_FIELDS)


def _type(field: "attrs.Attribute[Any]") -> Any:
    kind: Any = get_args(field.type)[0] if is_union(field.type) else field.type
    return _struct(kind) if is_value(kind) else kind


def _list_of(kind: Any) -> Any:
    return GenericAlias(list, (kind,))


def _either(structs: Iterator[Any]) -> Any:
    first, *others = structs
    for other in others:
        first |= other
    return first


# from Structs to values: one function, written from the same fields


@cache
def _builder() -> Callable[[Any], tuple[tuple[Message, ...], int]]:
    """Write the function that returns messages as values, and how many strings and keys they have."""
    names: dict[str, Any] = {"UNSET": UNSET, "NOTHING": NOTHING, "PLAIN": PLAIN, "Author": Author, "same": type}
    names.update(str=str, list=list, tuple=tuple, MESSAGE=Message, BLANK_MESSAGE=blank(Message))
    names["authors"] = {_message(role): Author(role) for role in _FIELDS}
    names.update({role.name: _message(role) for role in _FIELDS})
    absent = [field.name for field in _fields(Message) if field.default is None and field.name != "content"]
    lines = [
        " strings, messages = 0, []",
        " add = messages.append",
        " for s0 in found:",
        "  v0, k0, content = BLANK_MESSAGE(), PLAIN, s0.content",
        "  kind = same(content)",
        "  if kind is str: strings += 4",
        "  elif kind is list:",
        "   strings += 3",
        *_each("content", _PARTS, names, "   "),
        "   content = tuple(made)",
        "  elif content is None:",
        "   strings += 3",
        "   k0 |= {'content'}",
        "  else:",
        "   strings += 2",
        "   content = None",
        "  kind = same(s0)",
        "  v0.content = content",
        "  v0.author = authors[kind]",
        f"  {' = '.join(f'v0.{name}' for name in absent)} = None",
        "  if kind is ASSISTANT:",
        *_optional("tool_calls", 0, "   ", [*_each("found", [ToolCall], names, " "), " found = tuple(made)"], 1),
        *_optional("refusal", 0, "   "),
        "  elif kind is TOOL:",
        *_optional("tool_call_id", 0, "   "),
        "  if kind is not TOOL and s0.name is not UNSET:",
        "   v0.author = Author(v0.author.role, s0.name)",
        "   strings += 2",
        "  v0.extra = NOTHING",
        "  v0.form = k0",
        "  v0.__class__ = MESSAGE",
        "  add(v0)",
        " return tuple(messages), strings",
    ]
    lines.insert(0, f"def build(found, {', '.join(f'{name}={name}' for name in names)}):")  # locals are found quicker
    exec("\n".join(lines), names)  # noqa: S102 (written from our own classes, never from data)
    return cast(Callable[[Any], tuple[tuple[Message, ...], int]], names["build"])


def _each(given: str, classes: "tuple[Any, ...] | list[Any]", names: dict[str, Any], indent: str) -> Iterator[str]:
    """The lines that make the list ``made``: a value of each item in *given*."""
    yield f"{indent}made = []"
    yield f"{indent}for s1 in {given}:"
    yield f"{indent} kind = same(s1)"
    for i, cls in enumerate(classes):
        names[f"STRUCT_{cls.__name__}"] = _struct(cls)
        yield f"{indent} {'elif' if i else 'if'} kind is STRUCT_{cls.__name__}:"
        yield from (f"{indent}  {line}" for line in _made(cls, 1, names))
    yield f"{indent} made.append(v1)"


def _made(cls: Any, level: int, names: dict[str, Any]) -> Iterator[str]:
    """The lines that make the value ``v<level>`` of the Struct ``s<level>``."""
    given, value, form = f"s{level}", f"v{level}", f"k{level}"
    names[cls.__name__], names[f"BLANK_{cls.__name__}"] = cls, blank(cls)
    fields = list(_fields(cls))
    always = [field for field in fields if not takes_none(field.type)]
    yield f"{value}, {form} = BLANK_{cls.__name__}(), PLAIN"
    yield f"strings += {2 * hasattr(cls, 'type') + sum(1 if is_value(field.type) else 2 for field in always)}"
    for field in fields:
        if field not in always:
            yield from _optional(field.name, level)
        elif is_value(field.type):
            yield f"s{level + 1} = {given}.{field.name}"
            yield from _made(field.type, level + 1, names)
            yield f"{value}.{field.name} = v{level + 1}"
        else:
            yield f"{value}.{field.name} = {given}.{field.name}"
    yield f"{value}.extra, {value}.form = NOTHING, {form}"
    if any(field.name == "changes" for field in attrs.fields(cls)):
        yield f"{value}.changes = ()"
    yield f"{value}.__class__ = {cls.__name__}"


def _optional(
    name: str, level: int, indent: str = "", making: "list[str] | None" = None, strings: int = 2
) -> Iterator[str]:
    """The lines that take the field *name*, which may be absent or null."""
    yield f"{indent}found = s{level}.{name}"
    yield f"{indent}if found is UNSET: v{level}.{name} = None"
    yield f"{indent}elif found is None:"
    yield f"{indent} v{level}.{name} = None"
    yield f"{indent} k{level} |= {{{name!r}}}"
    yield f"{indent} strings += 1"
    yield f"{indent}else:"
    yield f"{indent} strings += {strings}"
    yield from (f"{indent}{line}" for line in making or ())
    yield f"{indent} v{level}.{name} = found"
