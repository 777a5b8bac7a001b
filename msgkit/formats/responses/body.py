"""The keys of the Responses body beside the items: tools, tool choice, and those with other names."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.common.keys import Key, dump_keys, load_keys
from msgkit.formats.responses.items import NAME


def load(body: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """
    Return the keys beside the items in the names of Chat Completions.

    >>> load({"max_output_tokens": 5, "tool_choice": {"type": "function", "name": "now"}}, ())
    {'max_tokens': 5, 'tool_choice': {'type': 'function', 'function': {'name': 'now'}}}
    """
    return load_keys(body, used, _KEYS, NAME)


def dump(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in the names of Responses: the inverse of :func:`load`."""
    return dump_keys(extra, _KEYS, NAME)


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else None


def _load_tool(tool: Any) -> Any:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    if kind not in ("function", "custom") or "name" not in tool or kind in tool:
        return tool
    inner = {key: value for key, value in tool.items() if key != "type" and not _is_default(key, value)}
    return {"type": kind, kind: inner}


def _is_default(key: str, value: Any) -> bool:
    """Tell whether this is what Chat Completions mean when they leave the key out."""
    return (key == "strict" and value is False) or (key == "parameters" and value is None)


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _dump_tool(tool: Any) -> Any:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    inner = tool.get(kind) if kind in ("function", "custom") else None
    if not isinstance(inner, Mapping):
        return tool
    default = {"parameters": None, "strict": False} if kind == "function" else {}
    return {"type": kind, **default, **inner}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    if choice.keys() == {"type", "name"} and choice["type"] in ("function", "custom"):
        return {"type": choice["type"], choice["type"]: {"name": choice["name"]}}
    return None


def _dump_choice(choice: Any) -> Any:
    kind = choice.get("type") if isinstance(choice, Mapping) else None
    inner = choice.get(kind) if kind in ("function", "custom") else None
    return {"type": kind, **inner} if isinstance(inner, Mapping) else choice


def _load_effort(reasoning: Any) -> Any:
    return reasoning.get("effort") if isinstance(reasoning, Mapping) and reasoning.keys() == {"effort"} else None


_KEYS = (
    Key("max_output_tokens", "max_tokens"),
    Key("tools", "tools", _load_tools, _dump_tools),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
    Key("reasoning", "reasoning_effort", _load_effort, lambda effort: {"effort": effort}),
)
