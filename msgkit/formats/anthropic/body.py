"""The keys of Anthropic's body beside the messages: tools, tool choice, stop sequences."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.anthropic.blocks import NAME
from msgkit.formats.common.keys import Key, dump_keys, load_keys


def load(body: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """
    Return the keys beside the messages in the names of Chat Completions.

    >>> load({"stop_sequences": ["END"], "tool_choice": {"type": "any"}}, ())
    {'stop': ['END'], 'tool_choice': 'required'}
    """
    return load_keys(body, used, _KEYS, NAME)


def dump(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in Anthropic's names: the inverse of :func:`load`."""
    return dump_keys(extra, _KEYS, NAME)


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _load_tool(tool: Any) -> Any:
    if (
        not isinstance(tool, Mapping)
        or "input_schema" not in tool
        or tool.keys() & {"function", "parameters"}
        or "type" in tool
    ):
        return tool
    names = {"name": "name", "description": "description", "input_schema": "parameters", "strict": "strict"}
    function = {names[key]: value for key, value in tool.items() if key in names}
    return {"type": "function", "function": function, **{key: value for key, value in tool.items() if key not in names}}


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
    if not isinstance(function, Mapping):
        return tool
    schema = {"input_schema": function.get("parameters", {"type": "object", "properties": {}})}
    named = {key: function[key] for key in ("name", "description", "strict") if key in function}
    return named | schema | {key: value for key, value in tool.items() if key not in ("type", "function")}


_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    if choice.keys() == {"type"} and isinstance(choice["type"], str) and choice["type"] in _CHOICES:
        return _CHOICES[choice["type"]]
    if choice.keys() == {"type", "name"} and choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {"type": own}
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return {"type": "tool", "name": function.get("name")} if isinstance(function, Mapping) else choice


_KEYS = (
    Key("stop_sequences", "stop"),
    Key("tools", "tools", _load_tools, _dump_tools),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
)
