"""Settings of the answer that formats say in their own ways: its schema, where it stops, what it may call."""

from typing import Any

from msgkit.jsontext.values import OBJECT

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


def is_function(tool: Any) -> bool:
    """Return whether a tool that is chosen is a function, as Chat Completions name it."""
    has_type = isinstance(tool, OBJECT) and tool.get("type", "function") == "function"
    return has_type and isinstance(tool.get("function"), OBJECT)


def as_list(stop: Any) -> Any:
    """Return stop sequences as a list: Chat Completions take one alone, too."""
    return [stop] if isinstance(stop, str) else stop
