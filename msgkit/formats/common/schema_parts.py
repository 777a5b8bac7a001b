"""The schemas inside a JSON Schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.errors import Path
from msgkit.jsontext.values import LIST, OBJECT, without_keys

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
