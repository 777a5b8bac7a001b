"""
Keys of bodies and messages: renamed between a format and Chat Completions, unknown ones kept; what they hold, schemas
among it.

And masks of the loss: which messages a model is trained on, under the name that each trainer has for it.

Source of the masks: OpenAI guide, fine-tuning (``weight``); LLaMA-Factory ``src/llamafactory/v1/utils/types.py``
(``loss_weight``); Axolotl ``docs/dataset-formats/conversation.qmd`` (``train``, ``train_detail``); ms-swift
``docs/source_en/Customization/Custom-dataset.md`` (``loss``); NeMo ``gpt_sft_chat_dataset.py`` (``mask``).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats.common.builder import MESSAGE_FIELDS
from msgkit.jsontext.values import LIST, OBJECT, same, without_keys
from msgkit.model.base import NOTHING
from msgkit.model.messages import Message


def _as_is(value: Any) -> Any:
    return value


def one_of(known: Collection[str], value: Any) -> Any:
    """Return a value that is among those *known*, else None: the meaning has no such value."""
    return value if isinstance(value, str) and value in known else None


@attrs.frozen(eq=False)
class Key:
    """One key of a body, and what it is called in Chat Completions."""

    own: str  # its name in the format
    hub: str  # its name in Chat Completions; the same when None
    # its value in the format -> in Chat Completions; None when there is no such value
    load: Callable[[Any], Any] = _as_is
    dump: Callable[[Any], Any] = _as_is  # the way back; None when the format has no such value

    def holds(self, value: Any) -> bool:
        """Return whether the meaning of *value* stays when it is translated."""
        there = self.load(value)
        return there is not None and same(there, self.load(self.dump(there)))


@lru_cache(maxsize=64)
def _index(table: Sequence[Key]) -> tuple[Mapping[str, Key], Mapping[str, Key], frozenset[str]]:
    """Return the keys by their own name and by that in Chat Completions, and the names that these take there."""
    taken = frozenset(("messages", *(key.hub for key in table)))
    return {key.own: key for key in table}, {key.hub: key for key in table}, taken


def load_keys(body: Mapping[str, Any], skip: Collection[str], table: Sequence[Key], name: str) -> dict[str, Any]:
    """Return the keys beside the messages in the names of Chat Completions."""
    by_own, _, taken = _index(table)
    extra: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for own, value in body.items():
        if own in skip:
            continue
        key = by_own.get(own)
        if key is None:
            (kept if own in taken or own == name else extra)[own] = value
            continue
        if value is not None and key.load is key.dump is _as_is and (key.hub == own or key.hub not in body):
            extra[key.hub] = value
            continue
        there = key.load(value) if key.hub == own or key.hub not in body else None
        again = None if there is None else key.dump(there)
        is_exact = there is not None and same(value, again)
        if is_exact or (there is not None and same(there, key.load(again))):
            extra[key.hub] = there
        if not is_exact:
            kept[own] = value
    return {**extra, name: kept} if kept else extra


def dump_keys(extra: Mapping[str, Any], table: Sequence[Key], name: str) -> dict[str, Any]:
    """Return the keys in the format's names: the inverse of :func:`load_keys`."""
    by_own, by_hub, _ = _index(table)
    out: dict[str, Any] = {}
    for hub, value in extra.items():
        key = by_hub.get(hub)
        if key is None and hub != name:
            out[hub] = value
        elif key is not None and (own := key.dump(value)) is not None:
            out[key.own] = own
    kept = extra.get(name, {})
    for own, value in kept.items():
        key = by_own.get(own)
        if key is None or key.hub in kept or not key.holds(value) or same(key.load(value), extra.get(key.hub)):
            out[own] = value
    return out


def load_nested(
    body: Mapping[str, Any], skip: Collection[str], table: Sequence[Key], name: str, outer: Collection[str]
) -> dict[str, Any]:
    """Return the keys beside the messages as :func:`load_keys` does, those of the objects *outer* among them."""
    if body.keys().isdisjoint(outer):
        return load_keys(body, skip, table, name)
    by_own, _, _ = _index(table)
    flat: dict[str, Any] = {}
    rests: dict[str, Any] = {}
    for own, value in body.items():
        if own not in outer or not isinstance(value, OBJECT) or own in skip:
            flat[own] = value
            continue
        known = {key for key in value if (named := by_own.get(f"{own}/{key}")) is not None and named.hub not in body}
        flat |= {f"{own}/{key}": item for key, item in value.items() if key in known}
        rest = without_keys(value, *known)
        if rest or not value:
            rests[own] = rest
    extra = load_keys(flat, skip, table, name)
    return {**extra, name: {**extra.get(name, {}), **rests}} if rests else extra


def dump_nested(extra: Mapping[str, Any], table: Sequence[Key], name: str, outer: Collection[str]) -> dict[str, Any]:
    """Return the keys in the format's names and objects: the inverse of :func:`load_nested`."""
    out: dict[str, Any] = {}
    for key, value in dump_keys(extra, table, name).items():
        head, slash, inner = key.partition("/")
        if slash and head in outer:
            out[head] = {**out.get(head, {}), inner: value}
        elif key in outer and isinstance(value, OBJECT):
            out[key] = {**out.get(key, {}), **value}
        else:
            out[key] = value
    return out


@lru_cache(maxsize=64)
def _taken(name: str, own: tuple[str, ...]) -> frozenset[str]:
    return (MESSAGE_FIELDS | {"reasoning_content", "thinking_blocks", name}) - set(own)


def load_message_keys(keys: Mapping[str, Any], name: str, own: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the further keys of a message; a field of the values that is not one of the format is under *name*."""
    taken = _taken(name, own)
    if taken.isdisjoint(keys):
        return dict(keys)
    kept = {key: value for key, value in keys.items() if key in taken}
    extra = without_keys(keys, *taken)
    return {**extra, name: kept} if kept else extra


def dump_message_keys(message: Mapping[str, Any], name: str, known: Collection[str]) -> dict[str, Any]:
    """Return the further keys of a noted message: those not *known*, and what was under *name*."""
    extra = {key: value for key, value in message.items() if key not in known and type(key) is str and key != name}
    return extra | dict(message[name]) if name in message else extra


def each(change: Callable[[Any], Any], *, lists_only: bool = False) -> Callable[[Any], Any]:
    """Return the change of every entry of a list; of what is no list nothing changes, or it has no meaning."""
    return lambda items: [change(item) for item in items] if isinstance(items, LIST) else None if lists_only else items


ALLOWED = "allowed_tools"
"""Type of a choice among some of the tools, and the key that holds them in Chat Completions."""

_NAME = "response"  # of a schema, where its format has no names


def schema_format(schema: Any) -> dict[str, Any]:
    """Return a schema as Chat Completions' ``response_format``."""
    return {"type": "json_schema", "json_schema": {"name": _NAME, "schema": schema}}


def schema_of(response_format: Any) -> Any:
    """Return the schema of a ``response_format``, None when it has none: the inverse of :func:`schema_format`."""
    if not isinstance(response_format, OBJECT) or response_format.get("type") != "json_schema":
        return None
    inner = response_format.get("json_schema")
    return inner.get("schema") if isinstance(inner, OBJECT) else None


_MOST = 2_000  # objects of a schema
_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_TABLES = ("properties", "$defs", "definitions")


def inside(at: Path, schema: object) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield a schema and those inside it, of a schema that is not overly large."""
    waiting: list[tuple[Path, object]] = [(at, schema)]
    for _ in range(_MOST):
        if not waiting:
            return
        path, value = waiting.pop()
        if not isinstance(value, OBJECT):
            continue
        yield path, value
        waiting += [((*path, key), value[key]) for key in _INNER if key in value]
        for key in _LISTS:
            schemas = value.get(key)
            waiting += [((*path, key, i), one) for i, one in enumerate(schemas)] if isinstance(schemas, LIST) else []
        for key in _TABLES:
            table = value.get(key)
            waiting += [((*path, key, name), one) for name, one in table.items()] if isinstance(table, OBJECT) else []


def not_required(schema: Mapping[str, Any]) -> list[str]:
    """Return the properties of an object that its schema does not require."""
    properties, required = schema.get("properties"), schema.get("required")
    names = list(properties) if isinstance(properties, OBJECT) else []
    return [name for name in names if not isinstance(required, LIST) or name not in required]


def eased(definition: Any, key: str) -> Any:
    """Return a definition without its ``strict`` where the schema in *key* is not closed, in each of its objects."""
    if not isinstance(definition, Mapping) or definition.get("strict") is not True:
        return definition
    objects = [one for _, one in inside((), definition.get(key)) if one.get("type") == "object"]
    is_closed = all(one.get("additionalProperties") is False and not not_required(one) for one in objects)
    return definition if is_closed else without_keys(definition, "strict")


def is_function(tool: Any) -> bool:
    """Return whether a tool that is chosen is a function, as Chat Completions name it."""
    has_type = isinstance(tool, OBJECT) and tool.get("type", "function") == "function"
    return has_type and isinstance(tool.get("function"), OBJECT)


def as_list(stop: Any) -> Any:
    """Return stop sequences as a list: Chat Completions take one alone, too."""
    return [stop] if isinstance(stop, str) else stop


MASKS = ("weight", "loss_weight", "train", "loss", "trainable")
"""Keys of messages that say whether, or how much, they are trained on."""

SPANS = "train_detail"
"""The key of a message that says so of spans of its text."""

MASKED_ROLES = "mask"
"""The key of a row that names the roles that are not trained on."""

_ROLE_NAMES = {"user": "User", "assistant": "Assistant", "system": "System"}  # of roles, as a row's mask has them


def is_trained(message: Message, row: Mapping[str, Any] = NOTHING) -> bool | None:
    """Return whether a message is trained on, wholly or in part; None where nothing says so."""
    for key in MASKS:
        value = message.extra.get(key)
        if isinstance(value, bool | int | float):
            return value != 0
    spans = message.extra.get(SPANS)
    if isinstance(spans, LIST) and spans:
        return any(isinstance(span, Mapping) and span.get("train") is not False for span in spans)
    masked_roles = row.get(MASKED_ROLES)
    role = _ROLE_NAMES.get(str(message.author.role))
    return role not in masked_roles if isinstance(masked_roles, str) and role is not None else None


def with_mask(extra: Mapping[str, Any], mask: str | None) -> Mapping[str, Any]:
    """Return the further keys of a message with its mask under the name *mask*."""
    if mask is None or (mask in extra and not isinstance(extra[mask], bool | float)):
        return extra
    for key in (mask,) if mask in extra else MASKS:
        weight = _weight(mask, extra[key]) if key in extra else None
        if weight is not None:
            return {**without_keys(extra, key), mask: weight}
    return extra


def _weight(mask: str, value: Any) -> Any:
    """Return a weight as the key *mask* has it: a number, 0 or 1, or a boolean; None when it cannot say that."""
    if not isinstance(value, bool | int | float):
        return None
    if mask == "loss_weight":
        return float(value)
    return (int(value) if mask == "weight" else bool(value)) if value in (0, 1) else None
