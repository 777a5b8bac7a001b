"""The keys of the Responses body beside the items: tools, tool choice, and those with other names."""

from collections.abc import Collection, Mapping
from typing import Any

from msgkit.formats.common.keys import ALLOWED, Key, dump_nested, is_function, load_nested, one_of
from msgkit.formats.responses.items import NAME
from msgkit.jsontext.values import LIST, OBJECT, type_of

_OBJECTS = ("reasoning", "text")
_DEFINITION = ("name", "description", "parameters", "strict", "format")
_CHOICES = ("none", "auto", "required")


def load(body: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """Return the keys beside the items in the names of Chat Completions."""
    return load_nested(body, used, _KEYS, NAME, _OBJECTS)


def dump(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys in the names of Responses: the inverse of :func:`load`."""
    return dump_nested(extra, _KEYS, NAME, _OBJECTS)


def _load_tools(tools: Any) -> Any:
    return [_load_tool(tool) for tool in tools] if isinstance(tools, LIST) else None


def _load_tool(tool: Any) -> Any:
    tool_type = type_of(tool)
    if tool_type not in ("function", "custom") or "name" not in tool or tool_type in tool:
        return tool
    inner = {key: value for key, value in tool.items() if key in _DEFINITION and not _is_default(key, value)}
    rest = {key: value for key, value in tool.items() if key != "type" and key not in _DEFINITION}
    return {"type": tool_type, tool_type: _with_grammar(inner) if tool_type == "custom" else inner, **rest}


def _with_grammar(inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a custom tool with its grammar in an object of its own, as Chat Completions have it."""
    form = inner.get("format")
    if not isinstance(form, OBJECT) or form.keys() != {"type", "syntax", "definition"}:
        return inner
    grammar = {key: form[key] for key in ("syntax", "definition")}
    return {**inner, "format": {"type": form["type"], "grammar": grammar}}


def _without_grammar(inner: Mapping[str, Any]) -> Mapping[str, Any]:
    form = inner.get("format")
    grammar = form.get("grammar") if isinstance(form, OBJECT) and form.keys() == {"type", "grammar"} else None
    if not isinstance(form, OBJECT) or not isinstance(grammar, OBJECT) or grammar.keys() != {"syntax", "definition"}:
        return inner
    return {**inner, "format": {"type": form["type"], **grammar}}


def _is_default(key: str, value: Any) -> bool:
    """Return whether this is what Chat Completions mean when they leave the key out."""
    return (key == "strict" and value is False) or (key == "parameters" and value is None)


def _dump_tools(tools: Any) -> Any:
    return [_dump_tool(tool) for tool in tools] if isinstance(tools, LIST) else tools


def _dump_tool(tool: Any) -> Any:
    tool_type = type_of(tool)
    inner = tool.get(tool_type) if tool_type in ("function", "custom") else None
    if not isinstance(inner, OBJECT):
        return tool
    default = {"parameters": None, "strict": False} if tool_type == "function" else {}
    rest = {key: value for key, value in tool.items() if key not in ("type", tool_type)}
    return {"type": tool_type, **default, **(_without_grammar(inner) if tool_type == "custom" else inner), **rest}


def _load_choice(choice: Any) -> Any:
    if not isinstance(choice, OBJECT):
        return choice
    if choice.keys() == {"type", "name"} and choice["type"] in ("function", "custom"):
        return {"type": choice["type"], choice["type"]: {"name": choice["name"]}}
    if choice.keys() == {"type", "mode", "tools"} and choice["type"] == ALLOWED and isinstance(choice["tools"], list):
        return {
            "type": ALLOWED,
            ALLOWED: {"mode": choice["mode"], "tools": [_load_tool(one) for one in choice["tools"]]},
        }
    return None


def _dump_choice(choice: Any) -> Any:
    choice_type = type_of(choice)
    inner = choice.get(choice_type) if choice_type in ("function", "custom") else None
    if isinstance(inner, OBJECT):
        return {"type": choice_type, **inner}
    among = choice.get(ALLOWED) if choice_type == ALLOWED else None
    tools = among.get("tools") if isinstance(among, OBJECT) else None
    if isinstance(among, OBJECT) and isinstance(tools, list) and all(map(is_function, tools)):
        return {
            "type": ALLOWED,
            "mode": among.get("mode"),
            "tools": [{"type": "function", **tool["function"]} for tool in tools],
        }
    return choice if isinstance(choice, str) and choice in _CHOICES else None


def _load_format(wanted: Any) -> Any:
    if not isinstance(wanted, OBJECT) or wanted.get("type") != "json_schema":
        return wanted if isinstance(wanted, OBJECT) and wanted.keys() == {"type"} else None
    return {"type": "json_schema", "json_schema": {key: value for key, value in wanted.items() if key != "type"}}


def _dump_format(wanted: Any) -> Any:
    inner = wanted.get("json_schema") if isinstance(wanted, OBJECT) else None
    return {"type": "json_schema", **inner} if isinstance(inner, OBJECT) else wanted


# openai 3.57 types/shared_params/reasoning.py, types/responses/response_create_params.py
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast")


_KEYS = (
    Key("max_output_tokens", "max_completion_tokens"),
    Key("tools", "tools", _load_tools, _dump_tools),
    Key("tool_choice", "tool_choice", _load_choice, _dump_choice),
    Key("reasoning/effort", "reasoning_effort", *[lambda effort: one_of(_EFFORTS, effort)] * 2),
    Key("service_tier", "service_tier", *[lambda tier: one_of(_TIERS, tier)] * 2),
    Key("text/format", "response_format", _load_format, _dump_format),
    Key("text/verbosity", "verbosity"),
)
