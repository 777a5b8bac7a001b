"""The keys of Anthropic's body beside the messages: tools, tool choice, stop sequences."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.anthropic.blocks import NAME
from msgkit.formats.common.keys import Key, as_list, dump_nested, load_nested, one_of, schema_format, schema_of
from msgkit.jsontext.values import LIST, OBJECT

_PARALLEL = "disable_parallel_tool_use"
_ONE_CALL = f"tool_choice/{_PARALLEL}"
_OBJECTS = ("output_config",)


def load(body: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """Return the keys beside the messages in the names of Chat Completions."""
    return load_nested(_with_one_call(body), used, _KEYS, NAME, _OBJECTS)


def dump(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in Anthropic's names: the inverse of :func:`load`."""
    out = dump_nested(extra, _KEYS, NAME, _OBJECTS)
    one_call = out.pop(_ONE_CALL, None)
    if one_call is None:
        return out
    choice = out.get("tool_choice", {"type": "auto"} if one_call is True and "tools" in out else None)
    if isinstance(choice, OBJECT) and choice.get("type") != "none":  # which has no such key
        out["tool_choice"] = {**choice, _PARALLEL: one_call}
    return out


def _with_one_call(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a body with the switch of parallel calls beside the choice of tools that it is in."""
    choice = body.get("tool_choice")
    if not isinstance(choice, OBJECT) or not {"type", _PARALLEL} <= choice.keys() or choice["type"] == "none":
        return body
    rest = {key: value for key, value in choice.items() if key != _PARALLEL}
    return {**body, "tool_choice": rest, _ONE_CALL: choice[_PARALLEL]}


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, LIST) else tools


def _load_tool(tool: Any) -> Any:
    if (
        not isinstance(tool, OBJECT)
        or "input_schema" not in tool
        or tool.keys() & {"function", "parameters"}
        or "type" in tool
    ):
        return tool
    names = {"name": "name", "description": "description", "input_schema": "parameters", "strict": "strict"}
    function = {names[key]: value for key, value in tool.items() if key in names}
    return {"type": "function", "function": function, **{key: value for key, value in tool.items() if key not in names}}


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, LIST) else tools


def _dump_tool(tool: Any) -> Any:
    function = tool.get("function") if isinstance(tool, OBJECT) and tool.get("type") == "function" else None
    if not isinstance(function, OBJECT):
        return tool
    schema = {"input_schema": function.get("parameters", {"type": "object", "properties": {}})}
    named = {key: function[key] for key in ("name", "description", "strict") if key in function}
    return named | schema | {key: value for key, value in tool.items() if key not in ("type", "function")}


_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, OBJECT):
        return choice
    if choice.keys() == {"type"} and isinstance(choice["type"], str) and choice["type"] in _CHOICES:
        return _CHOICES[choice["type"]]
    if choice.keys() == {"type", "name"} and choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return None


def _dump_choice(choice: Any) -> Any:
    for own, hub in _CHOICES.items():
        if choice == hub:
            return {"type": own}
    function = choice.get("function") if isinstance(choice, OBJECT) else None
    return {"type": "tool", "name": function.get("name")} if isinstance(function, OBJECT) else None


def _negated(value: Any) -> Any:
    return not value if isinstance(value, bool) else None


def _load_format(value: Any) -> Any:
    is_schema = isinstance(value, OBJECT) and value.keys() == {"type", "schema"} and value["type"] == "json_schema"
    return schema_format(value["schema"]) if is_schema else None


def _dump_format(wanted: Any) -> Any:
    schema = schema_of(wanted)
    return None if schema is None else {"type": "json_schema", "schema": schema}


def _load_metadata(metadata: Any) -> Any:
    return metadata["user_id"] if isinstance(metadata, OBJECT) and metadata.keys() == {"user_id"} else None


def _load_stop(stop: Any) -> Any:
    return stop if isinstance(stop, LIST) else None


_EFFORTS = ("low", "medium", "high", "xhigh", "max")  # anthropic 2.14 output_config_param.py


_KEYS = (
    Key("stop_sequences", "stop", _load_stop, as_list),
    Key("tools", "tools", _load_tools, _dump_tools),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
    Key(_ONE_CALL, "parallel_tool_calls", _negated, _negated),
    Key("output_config/effort", "reasoning_effort", *[lambda effort: one_of(_EFFORTS, effort)] * 2),
    Key("output_config/format", "response_format", _load_format, _dump_format),
    Key("metadata", "user", _load_metadata, lambda user: {"user_id": user}),
    Key("service_tier", "service_tier", *[lambda tier: tier if tier == "auto" else None] * 2),
)
