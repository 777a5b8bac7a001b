"""Settings of the answer that formats say in their own ways: its schema, where it stops."""

from typing import Any

from msgkit.jsontext.values import OBJECT

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


def as_list(stop: Any) -> Any:
    """Return stop sequences as a list: Chat Completions take one alone, too."""
    return [stop] if isinstance(stop, str) else stop
