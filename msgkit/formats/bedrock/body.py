"""The keys of Converse's body beside the messages: inference config, tools, tool choice."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.bedrock.parts import NAME
from msgkit.formats.common.keys import Key, dump_nested, load_nested

_OUTER = ("inferenceConfig", "toolConfig")


def load(body: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """Return the keys beside the messages in the names of Chat Completions."""
    return load_nested(body, used, _KEYS, NAME, _OUTER)


def dump(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in Converse's names: the inverse of :func:`load`."""
    return dump_nested(extra, _KEYS, NAME, _OUTER)


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else None


def _load_tool(tool: Any) -> Any:
    spec = tool.get("toolSpec") if isinstance(tool, Mapping) and len(tool) == 1 else None
    schema = spec.get("inputSchema") if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or "parameters" in spec:
        return tool
    function = {key: value for key, value in spec.items() if key != "inputSchema"}
    if isinstance(schema, Mapping) and schema.keys() == {"json"}:
        function["parameters"] = schema["json"]
    elif "inputSchema" in spec:
        return tool
    return {"type": "function", "function": function}


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, list | tuple) else tools


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
    if not isinstance(function, Mapping):
        return tool
    spec = {key: value for key, value in function.items() if key in ("name", "description", "strict")}
    spec["inputSchema"] = {"json": function.get("parameters", {"type": "object", "properties": {}})}
    return {"toolSpec": spec}


_CHOICES = {"auto": "auto", "any": "required"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping) or len(choice) != 1:
        return None
    key, value = next(iter(choice.items()))
    if key in _CHOICES and value == {}:
        return _CHOICES[key]
    if key == "tool" and isinstance(value, Mapping) and value.keys() == {"name"}:
        return {"type": "function", "function": {"name": value["name"]}}
    return None


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {own: {}}
    function = choice.get("function") if isinstance(choice, Mapping) else None
    return {"tool": {"name": function.get("name")}} if isinstance(function, Mapping) else None


_KEYS = (
    Key("modelId", "model"),
    Key("inferenceConfig/maxTokens", "max_tokens"),
    Key("inferenceConfig/temperature", "temperature"),
    Key("inferenceConfig/topP", "top_p"),
    Key("inferenceConfig/stopSequences", "stop", dump=lambda stop: [stop] if isinstance(stop, str) else stop),
    Key("toolConfig/tools", "tools", _load_tools, _dump_tools),
    Key("toolConfig/toolChoice", "tool_choice", _load_choice, _dump_choice),
)
