"""
The strict cattrs converter: JSON objects <-> values.

The only file that knows cattrs' inside. Every hook checks types without coercion, reports all faults of what it was
given, each with its path, and still builds the best value it can, so that ``check`` can go on to the rules.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import attrs
import cattrs

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path, nearest, quote
from msgkit.messages import Author, Message, Role
from msgkit.parts import (
    NOTHING,
    PARTS,
    PLAIN,
    TOOL_CALLS,
    AnyToolCall,
    ContentPart,
    ImageUrl,
    MediaUrl,
    UnknownPart,
    Value,
)

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

STRING = "(string)"  # form: written as a plain string where an object is usual
NESTED = "(author)"  # form: role and name in an author object
REASONING = "reasoning_content"  # form: this key and not "reasoning"
ROLE_ALIASES = {"human": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
_OWN_FIELDS = {"extra", "form", "changes"}


@attrs.frozen
class Fault:
    """A fault at a path below the value that a hook was given."""

    path: Path
    code: str
    message: str
    hint: str | None = None

    def below(self, step: str | int) -> "Fault":
        """Return the same fault, seen from one step above."""
        return attrs.evolve(self, path=(step, *self.path))


class _FaultsError(Exception):
    """Raised by hooks: every fault below, and the best value that could be built."""

    def __init__(self, faults: Iterable[Fault], value: Any = None) -> None:
        self.faults = list(faults)
        self.value = value


def _mismatch(expected: str, value: object, kept: Any = None) -> _FaultsError:
    found = describe(value) if not isinstance(value, str) else f"string {quote(value)}"
    return _FaultsError([Fault((), "type-mismatch", f"expected {expected}, got {found}")], kept)


def load_value(data: object, cls: type[T], at: Path = ()) -> T:
    """
    Return *data* as *cls*, or refuse it with every issue.

    Args:
        data: A JSON value.

        cls: A value class, a union of them, or a tuple of them.

        at: Where *data* stands in the row; the issues' paths begin with it.

    Raises:
        InvalidMessageError: With all issues, and in ``partial`` what could be built all the same.

    >>> load_value({"role": "user", "content": "Hello"}, Message)
    Message(user, 'Hello')
    >>> load_value({"role": "usr", "content": 5}, Message, ("messages", 0))
    Traceback (most recent call last):
    msgkit.errors.InvalidMessageError: messages[0].role: role-unknown: expected a role, got 'usr'; did you mean 'user'?
    messages[0].content: type-mismatch: expected string, array or null, got integer
    """
    try:
        return cast(T, _converter().get_structure_hook(cls)(data, cls))
    except _FaultsError as error:
        issues = [Issue(join_path(at + f.path), f.code, "error", f.message, f.hint) for f in error.faults]
        raise InvalidMessageError(issues, error.value) from None


def dump_value(value: object) -> Any:
    """
    Return a value as JSON objects and lists: the inverse of :func:`load_value`.

    >>> dump_value(load_value({"role": "user", "content": None, "mood": "glad"}, Message))
    {'role': 'user', 'content': None, 'mood': 'glad'}
    """
    return _converter().unstructure(value)


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=False)
    for cls, name in ((str, "string"), (bool, "boolean"), (int, "integer")):
        converter.register_structure_hook(cls, _exact(cls, name))
    converter.register_structure_hook(Role, _structure_role)
    converter.register_structure_hook_func(lambda cls: cls is Any, lambda data, _: data)
    converter.register_structure_hook_factory(_is_mapping, lambda cls: _mapping_hook(converter, cls))
    converter.register_structure_hook_factory(_is_tuple, lambda cls: _tuple_hook(converter, cls))
    converter.register_structure_hook_factory(_is_union, lambda cls: _union_hook(converter, cls))
    converter.register_structure_hook_factory(_is_value, lambda cls: _object_hook(converter, cls))
    converter.register_structure_hook_factory(lambda cls: cls is Message, lambda _: _message_hook(converter))
    for inner in (ImageUrl, MediaUrl):
        converter.register_structure_hook(inner, _or_string(_object_hook(converter, inner), inner))
    converter.register_unstructure_hook_factory(_is_value, lambda cls: _dump_hook(converter, cls))
    converter.register_unstructure_hook(Role, lambda role: role.value)
    converter.register_unstructure_hook(UnknownPart, lambda part: copy_json(part.data))
    converter.register_unstructure_hook_factory(lambda cls: cls is Message, lambda _: _message_dump_hook(converter))
    converter.register_unstructure_hook_func(_is(tuple), lambda items: [converter.unstructure(item) for item in items])
    converter.register_unstructure_hook_func(
        _is(Mapping), lambda data: {key: converter.unstructure(value) for key, value in data.items()}
    )
    return converter


def copy_json(value: Any) -> Any:
    """
    Copy the objects and lists of a JSON value; strings are shared.

    >>> copy_json({"a": [1, "b"]})
    {'a': [1, 'b']}
    """
    if isinstance(value, Mapping):
        return {key: copy_json(item) for key, item in value.items()}
    return [copy_json(item) for item in value] if isinstance(value, list | tuple) else value


# what kind of type it is


def _is(kind: Any) -> Callable[[Any], bool]:
    return lambda cls: isinstance(cls, type) and issubclass(cls, kind)


def _is_value(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Value)


def _is_tuple(cls: Any) -> bool:
    return get_origin(cls) is tuple


def _is_mapping(cls: Any) -> bool:
    return get_origin(cls) is Mapping


def _is_union(cls: Any) -> bool:
    return isinstance(cls, UnionType) or get_origin(cls) is Union


# in


def _exact(cls: type, name: str) -> Hook:
    def structure(data: Any, _: Any) -> Any:
        if type(data) is cls:
            return data
        if cls is str and isinstance(data, str):  # an enum of an SDK
            return str.__str__(getattr(data, "value", data))
        raise _mismatch(name, data)

    return structure


def _structure_role(data: Any, _: Any) -> Role:
    if not isinstance(data, str):
        raise _FaultsError([Fault((), "role-unknown", f"expected a role, got {quote(data)}")], "")
    try:
        return Role(data)
    except ValueError:
        folded = data.strip().casefold()
        near = ROLE_ALIASES.get(folded) or nearest(data, [role.value for role in Role][:5])
        remedy = f"; did you mean {near!r}?" if near else f"; roles are {', '.join(list(Role)[:5])}"
        hint = f"write {near!r}" if folded in ROLE_ALIASES or folded == near else None
        raise _FaultsError([Fault((), "role-unknown", f"expected a role, got {quote(data)}{remedy}", hint)], data) from None


def _mapping_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    inner = get_args(cls)[1]
    hook = converter.get_structure_hook(inner)

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _mismatch("object", data)
        return _collect(((key, hook, value, inner) for key, value in data.items()), dict)

    return structure


def _tuple_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    inner = get_args(cls)[0]
    hook = converter.get_structure_hook(inner)

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, list | tuple):
            raise _mismatch("array", data)
        try:
            return tuple([hook(item, inner) for item in data])
        except _FaultsError:
            return _collect(((i, hook, item, inner) for i, item in enumerate(data)), lambda found: tuple(found.values()))

    return structure


def _collect(items: Iterable[tuple[str | int, Hook, Any, Any]], build: Callable[[dict[Any, Any]], Any]) -> Any:
    found: dict[Any, Any] = {}
    faults: list[Fault] = []
    for step, hook, value, cls in items:
        try:
            found[step] = hook(value, cls)
        except _FaultsError as error:
            faults += [fault.below(step) for fault in error.faults]
            found[step] = error.value
    if faults:
        raise _FaultsError(faults, build(found))
    return build(found)


def _union_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    members = [member for member in get_args(cls) if member is not NoneType]
    if cls == ContentPart:
        return _tagged(converter, PARTS)
    if cls == AnyToolCall:
        return _tagged(converter, TOOL_CALLS)
    if len(members) == 1:
        return converter.get_structure_hook(members[0])
    parts = converter.get_structure_hook(members[1])  # str | tuple[...]

    def structure(data: Any, _: Any) -> Any:
        if isinstance(data, str):
            return data
        if isinstance(data, list | tuple):
            return parts(data, members[1])
        raise _mismatch("string, array or null", data)

    return structure


def _tagged(converter: cattrs.Converter, table: Mapping[str, type[Value]]) -> Hook:
    hooks = {tag: (converter.get_structure_hook(cls), cls) for tag, cls in table.items()}

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _mismatch("object", data)
        tag = data.get("type")
        found = hooks.get(tag) if isinstance(tag, str) else None
        if found is not None:
            return found[0](data, found[1])
        if isinstance(tag, str):
            return UnknownPart(tag, copy_json(data))
        unknown = UnknownPart("", copy_json(data))
        if "type" in data:
            raise _FaultsError([Fault(("type",), "type-mismatch", f"expected string, got {describe(tag)}")], unknown)
        raise _FaultsError([Fault(("type",), "key-missing", f"expected a key 'type': one of {', '.join(table)}")], unknown)

    return structure


def _or_string(hook: Hook, cls: Any) -> Hook:
    def structure(data: Any, _: Any) -> Any:
        if isinstance(data, str):
            return cls(url=data, form=frozenset((STRING,)))
        return hook(data, cls)

    return structure


def _object_hook(converter: cattrs.Converter, cls: type[Value], skip: str = "") -> Hook:
    fields = [field for field in attrs.fields(cls) if field.name not in _OWN_FIELDS and field.name != skip]
    hooks = {field.name: (converter.get_structure_hook(field.type), field.type) for field in fields}
    no_default = [field.name for field in fields if field.default is attrs.NOTHING]
    required = {field.name for field in fields if field.default is attrs.NOTHING and not _takes_none(field.type)}
    tag = "type" if hasattr(cls, "type") else ""
    build: Callable[..., Any] = dict if skip else cls

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _mismatch("object", data)
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        faults: list[Fault] = []
        nulls: list[str] = []
        for key, value in data.items():
            found = hooks.get(key)
            if found is None:
                if key != tag:
                    extra[key] = copy_json(value)
            elif value is None:
                nulls.append(key)
            else:
                try:
                    values[key] = found[0](value, found[1])
                except _FaultsError as error:
                    faults += [fault.below(key) for fault in error.faults]
                    values[key] = error.value
        for name in no_default:
            if name not in values:
                values[name] = None
                if name in required:
                    faults.append(_absent(name, name in data))
        if extra:
            values["extra"] = extra
        if nulls:
            values["form"] = frozenset(nulls)
        if faults:
            raise _FaultsError(faults, build(**values))
        return build(**values)

    return structure


def _takes_none(cls: Any) -> bool:
    return _is_union(cls) and NoneType in get_args(cls)


def _absent(name: str, null: bool) -> Fault:  # noqa: FBT001
    if null and name == "role":
        return Fault((name,), "role-unknown", "expected a role, got null")
    if null:
        return Fault((name,), "type-mismatch", "expected a value, got null")
    return Fault((name,), "key-missing", f"expected a key {name!r}")


def _message_hook(converter: cattrs.Converter) -> Hook:
    body = _object_hook(converter, Message, skip="author")
    author = _object_hook(converter, Author)

    def structure(data: Any, _: Any) -> Any:
        faults: list[Fault] = []
        try:
            taken = body(data, Message)
        except _FaultsError as error:
            if error.value is None:
                raise
            faults, taken = error.faults, error.value
        extra = taken.get("extra", {})
        nested = "role" not in extra and "author" in extra
        mine = extra.pop("author") if nested else {key: extra.pop(key) for key in ("role", "name") if key in extra}
        if nested:
            _mark(taken, NESTED)
        if "reasoning" not in taken and isinstance(extra.get(REASONING), str):
            taken["reasoning"] = extra.pop(REASONING)
            _mark(taken, REASONING)
        if not extra:
            taken.pop("extra", None)
        try:
            taken["author"] = _PLAIN_AUTHORS.get(mine["role"]) if _is_plain(mine) else author(mine, Author)
        except _FaultsError as error:
            faults = [fault.below("author") if nested else fault for fault in error.faults] + faults
            taken["author"] = error.value or Author(cast(Role, None))
        if faults:
            raise _FaultsError(faults, Message(**taken))
        return Message(**taken)

    return structure


_PLAIN_AUTHORS: Mapping[str, Author] = {role.value: Author(role) for role in Role}


def _is_plain(author: Any) -> bool:
    """Tell whether an author object holds a known role and nothing else, so that a shared value serves."""
    return isinstance(author, dict) and len(author) == 1 and _is_role(author.get("role"))


def _is_role(name: Any) -> bool:
    return type(name) is str and name in _PLAIN_AUTHORS


def _mark(taken: dict[str, Any], mark: str) -> None:
    taken["form"] = taken.get("form", PLAIN) | {mark}


# out


def _dump_hook(converter: cattrs.Converter, cls: type[Value], skip: str = "") -> Callable[[Any], Any]:
    names = [field.name for field in attrs.fields(cls) if field.name not in _OWN_FIELDS and field.name != skip]
    tag = getattr(cls, "type", None)

    def unstructure(value: Any) -> Any:
        if STRING in value.form and value == cls(url=value.url):  # type: ignore[call-arg]
            return value.url
        out: dict[str, Any] = {} if tag is None else {"type": tag}
        for name in names:
            inner = getattr(value, name)
            if inner is not None:
                out[name] = inner if type(inner) is str else converter.unstructure(inner)
            elif name in value.form:
                out[name] = None
        if value.extra:
            out.update(copy_json(value.extra))
        return out

    return unstructure


def _message_dump_hook(converter: cattrs.Converter) -> Callable[[Any], Any]:
    body = _dump_hook(converter, Message, skip="author")
    dump_author = _dump_hook(converter, Author)

    def unstructure(message: Message) -> Any:
        out = body(message)
        if REASONING in message.form and "reasoning" in out:
            out[REASONING] = out.pop("reasoning")
        author = dump_author(message.author)
        return {"author": author, **out} if NESTED in message.form else {**author, **out}

    return unstructure
