"""JSON -> values: hooks that check without coercion, report every fault, and still build the best value they can."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import NoneType
from typing import Any, cast, get_args

import attrs
import cattrs

from msgkit.errors import Path, describe, nearest, quote
from msgkit.jsontext.values import copy_json
from msgkit.model.base import PLAIN, Mark, UnknownPart, Value, null
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import ImageUrl, MediaUrl
from msgkit.structuring import wire
from msgkit.structuring.wire import FORM, NESTED, OTHER_REASONING, OWN_FIELDS, REASONING, ROLE_ALIASES, STRING

Hook = Callable[[Any, Any], Any]


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


class FaultsError(Exception):
    """Raised by hooks: every fault below, and the best value that could be built."""

    def __init__(self, faults: Iterable[Fault], value: Any = None) -> None:
        self.faults = list(faults)
        self.value = value


def _mismatch(expected: str, value: object) -> FaultsError:
    got = describe(value) if not isinstance(value, str) else f"string {quote(value)}"
    return FaultsError([Fault((), "type-mismatch", f"expected {expected}, got {got}")])


def _exact(cls: type, name: str) -> Hook:
    """Return the hook that takes instances of *cls* alone; *name* is its JSON name."""

    def structure(data: Any, _: Any) -> Any:
        if type(data) is cls:
            return data
        if cls is str and isinstance(data, str):  # an enum of an SDK
            return str.__str__(getattr(data, "value", data))
        raise _mismatch(name, data)

    return structure


def _structure_role(data: Any, _: Any) -> Role:
    """Return the role called *data*, or name the role that was meant."""
    if not isinstance(data, str):
        raise FaultsError([Fault((), "role-unknown", f"expected a role, got {quote(data)}")], "")
    try:
        return Role(data)
    except ValueError:
        folded = data.strip().casefold()
        near = ROLE_ALIASES.get(folded) or nearest(data, [role.value for role in Role][:5])
        remedy = f"; did you mean {near!r}?" if near else f"; roles are {', '.join(list(Role)[:5])}"
        hint = f"write {near!r}" if folded in ROLE_ALIASES or folded == near else None
        raise FaultsError(
            [Fault((), "role-unknown", f"expected a role, got {quote(data)}{remedy}", hint)], data
        ) from None


def _mapping_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    """Return the hook of ``Mapping[str, X]``."""
    inner = get_args(cls)[1]
    hook = converter.get_structure_hook(inner)

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _mismatch("object", data)
        return _collect(((key, hook, value, inner) for key, value in data.items()), dict)

    return structure


def _tuple_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    """Return the hook of ``tuple[X, ...]``."""
    inner = get_args(cls)[0]
    hook = converter.get_structure_hook(inner)

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, list | tuple):
            raise _mismatch("array", data)
        try:
            return tuple([hook(item, inner) for item in data])
        except FaultsError:
            items = ((i, hook, item, inner) for i, item in enumerate(data))
            return _collect(items, lambda values: tuple(values.values()))

    return structure


def _collect(items: Iterable[tuple[str | int, Hook, Any, Any]], build: Callable[[dict[Any, Any]], Any]) -> Any:
    values: dict[Any, Any] = {}
    faults: list[Fault] = []
    for step, hook, value, cls in items:
        try:
            values[step] = hook(value, cls)
        except FaultsError as error:
            faults += [fault.below(step) for fault in error.faults]
            values[step] = error.value
    if faults:
        raise FaultsError(faults, build(values))
    return build(values)


def _union_hook(converter: cattrs.Converter, cls: Any) -> Hook:
    """Return the hook of a union: parts and tool calls by ``type``, content by JSON type, ``X | None`` by X."""
    members = [member for member in get_args(cls) if member is not NoneType]
    if cls in wire.TABLES:
        return _tagged(converter, wire.TABLES[cls])
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
        if isinstance(tag, str):
            if tag in hooks:
                hook, cls = hooks[tag]
                return hook(data, cls)
            return UnknownPart(tag, copy_json(data))
        unknown = UnknownPart("", copy_json(data))
        if "type" in data:
            raise FaultsError([Fault(("type",), "type-mismatch", f"expected string, got {describe(tag)}")], unknown)
        raise FaultsError(
            [Fault(("type",), "key-missing", f"expected a key 'type': one of {', '.join(table)}")], unknown
        )

    return structure


def _or_string(hook: Hook, cls: Any) -> Hook:
    """Return a hook that also takes the short form: a string where *cls* is usual."""

    def structure(data: Any, _: Any) -> Any:
        if isinstance(data, str):
            return cls(url=data, form=frozenset((STRING,)))
        return hook(data, cls)

    return structure


def _object_hook(converter: cattrs.Converter, cls: type[Value], skip: str = "") -> Hook:
    """Return the hook of a value class; with *skip*, a dict of fields for another hook to complete."""
    fields = [field for field in attrs.fields(cls) if field.name not in OWN_FIELDS and field.name != skip]
    hooks = {field.name: (converter.get_structure_hook(field.type), field.type) for field in fields}
    no_default = {field.name for field in fields if field.default is attrs.NOTHING}
    required = [field.name for field in fields if field.name in no_default and not wire.takes_none(field.type)]
    known = {*hooks, FORM, "type"} if hasattr(cls, "type") else {*hooks, FORM}
    build: Callable[..., Any] = dict if skip else cls

    def structure(data: Any, _: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _mismatch("object", data)
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        nulls: list[Mark] = [null(key) for key, value in data.items() if value is None and key in hooks]
        nulls += data.get(FORM, ())
        for key, value in data.items():
            if value is None or key not in hooks:
                continue
            hook, field_type = hooks[key]
            try:
                values[key] = hook(value, field_type)
            except FaultsError as error:
                faults += [fault.below(key) for fault in error.faults]
                values[key] = error.value
        extra = {key: copy_json(value) for key, value in data.items() if key not in known}
        for name in no_default - values.keys():
            values[name] = None
        faults += [_absent(name, data) for name in required if values[name] is None and data.get(name) is None]
        if extra:
            values["extra"] = extra
        if nulls:
            values["form"] = frozenset(nulls)
        if faults:
            raise FaultsError(faults, build(**values))
        return build(**values)

    return structure


def _absent(name: str, data: Mapping[str, Any]) -> Fault:
    if name not in data:
        return Fault((name,), "key-missing", f"expected a key {name!r}")
    if name == "role":
        return Fault((name,), "role-unknown", "expected a role, got null")
    return Fault((name,), "type-mismatch", "expected a value, got null")


def _message_hook(converter: cattrs.Converter) -> Hook:
    """Return the hook of Message, whose author is next to the content or in an object."""
    body = _object_hook(converter, Message, skip="author")
    author = _object_hook(converter, Author)

    def structure(data: Any, _: Any) -> Any:
        faults: list[Fault] = []
        try:
            taken = body(data, Message)
        except FaultsError as error:
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
            _mark(taken, OTHER_REASONING)
        if not extra:
            taken.pop("extra", None)
        try:
            taken["author"] = _PLAIN_AUTHORS.get(mine["role"]) if _is_plain(mine) else author(mine, Author)
        except FaultsError as error:
            faults = [fault.below("author") if nested else fault for fault in error.faults] + faults
            taken["author"] = error.value or Author(cast(Role, None))
        if faults:
            raise FaultsError(faults, Message(**taken))
        return Message(**taken)

    return structure


_PLAIN_AUTHORS: Mapping[str, Author] = {role.value: Author(role) for role in Role}


def _is_plain(author: Any) -> bool:
    """Return whether an author is a known role and nothing else, so that a shared value serves."""
    role = author.get("role") if isinstance(author, dict) and len(author) == 1 else None
    return type(role) is str and role in _PLAIN_AUTHORS


def _mark(taken: dict[str, Any], mark: Mark) -> None:
    taken["form"] = taken.get("form", PLAIN) | {mark}


@cache
def converter() -> cattrs.Converter:
    """Return the converter of all hooks."""
    made = cattrs.Converter(detailed_validation=False)
    for cls, name in ((str, "string"), (bool, "boolean"), (int, "integer")):
        made.register_structure_hook(cls, _exact(cls, name))
    made.register_structure_hook(Role, _structure_role)
    made.register_structure_hook_func(lambda cls: cls is Any, lambda data, _: data)
    made.register_structure_hook_factory(wire.is_mapping, lambda cls: _mapping_hook(made, cls))
    made.register_structure_hook_factory(wire.is_tuple, lambda cls: _tuple_hook(made, cls))
    made.register_structure_hook_factory(wire.is_union, lambda cls: _union_hook(made, cls))
    made.register_structure_hook_factory(wire.is_value, lambda cls: _object_hook(made, cls))
    made.register_structure_hook_factory(lambda cls: cls is Message, lambda _: _message_hook(made))
    for inner in (ImageUrl, MediaUrl):
        made.register_structure_hook(inner, _or_string(_object_hook(made, inner), inner))
    return made
