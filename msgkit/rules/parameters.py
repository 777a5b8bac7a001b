"""Rules about the arguments of calls, held against the parameters that the request's own tools declare."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import attrs

from msgkit.errors import join_path, quote
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.parts import ToolCall
from msgkit.rules import examples
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import assistant, result, user
from msgkit.rules.prefilter import Sign
from msgkit.rules.verdicts import Verdicts, encoded_json

_LEFT = frozenset(("$ref", "$dynamicRef", "$recursiveRef", "pattern", "patternProperties"))  # may take for ever
_MOST = 2_000  # objects and values of a schema


def arguments(context: Context) -> Iterator[Finding]:
    """Report arguments that do not fit the parameters of their tool; schemas that may take long are left alone."""
    tools = context.conversation.extra.get("tools")
    if not tools or not any(message.tool_calls for _, message in context.messages):
        return
    encoded = encoded_json(tools)
    parameters = _KNOWN.of(encoded, (), lambda: Parameters(_schemas(tools if encoded is None else json.loads(encoded))))
    for i, message in context.messages:
        for j, call in enumerate(message.tool_calls or ()):
            function = call.function if isinstance(call, ToolCall) else None
            if function is None or not isinstance(function.name, str) or not isinstance(function.arguments, str):
                continue
            fault = parameters.fault(function.name, function.arguments)
            if fault is not None:
                at = ("messages", i, "tool_calls", j, "function", "arguments")
                yield Finding(at, "tool-arguments-invalid", fault)


@attrs.frozen(eq=False)
class Parameters:
    """The parameters of each function, told by its name."""

    schemas: Mapping[str, Mapping[str, Any]]

    def fault(self, name: str, text: str) -> str | None:
        """Say why arguments do not fit."""
        if name not in self.schemas:
            return None
        return _fault(self.schemas[name], text) if len(text) > _SHORT else _short_fault(self, name, text)


@lru_cache(maxsize=2_000)  # each row of an agent's log repeats the calls before it
def _short_fault(parameters: Parameters, name: str, text: str) -> str | None:
    return _fault(parameters.schemas[name], text)


_SHORT = 1_000  # characters of arguments whose verdict is kept
_KNOWN = Verdicts[Parameters]()


def _schemas(tools: object) -> dict[str, Mapping[str, Any]]:
    """Return the parameters of each function, told by its name."""
    schemas: dict[str, Mapping[str, Any]] = {}
    for tool in tools if isinstance(tools, LIST) else ():
        function = tool.get("function") if isinstance(tool, OBJECT) else None
        name, schema = (function.get("name"), function.get("parameters")) if isinstance(function, OBJECT) else (0, 0)
        if isinstance(name, str) and isinstance(schema, OBJECT):
            schemas[name] = schema
    return schemas


def _is_plain(schema: Mapping[str, Any]) -> bool:
    """Return whether checking against a schema takes time that its size bounds."""
    waiting: list[Any] = [schema]
    for _ in range(_MOST):
        if not waiting:
            return True
        value = waiting.pop()
        if isinstance(value, OBJECT):
            if not _LEFT.isdisjoint(value):
                return False
            waiting += value.values()
        elif isinstance(value, LIST):
            waiting += value
    return False


@cache
def _validator() -> Any:
    """Return the validator of JSON Schema, None where jsonschema is not installed."""
    try:
        return import_module("jsonschema").Draft202012Validator
    except ImportError:
        return None


def _fault(schema: Mapping[str, Any], text: str) -> str | None:
    try:
        value = json.loads(text or "{}")
        if _surely_fits(schema, value) or not _is_plain(schema) or (validator := _validator()) is None:
            return None
        error = next(validator(schema).iter_errors(value), None) if isinstance(value, dict) else None
    except Exception:  # noqa: BLE001 (the text is no JSON, or the schema none: other rules tell, or nobody can)
        return None
    if error is None:
        return None
    where = join_path(tuple(error.absolute_path))
    return f"they do not fit the tool's parameters{f' at {where}' if where else ''}: {quote(error.message[:200])}"


def _surely_fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Fast check: True only if the value of a flat schema fits; False means that the validator must decide."""
    properties, required = schema.get("properties", {}), schema.get("required", ())
    if not _FLAT.issuperset(schema) or type(value) is not dict or schema.get("type") != "object":
        return False
    if not isinstance(properties, OBJECT) or not value.keys() <= properties.keys() or not set(required) <= value.keys():
        return False
    return all(_surely_is(properties[key], item) for key, item in value.items())


def _surely_is(schema: Any, item: Any) -> bool:
    if not isinstance(schema, OBJECT) or not _SIMPLE.issuperset(schema):
        return False
    kind = schema.get("type", "")
    if kind == "array" and type(item) is list and "items" in schema:
        return all(_surely_is(schema["items"], one) for one in item)
    return isinstance(kind, str) and type(item) in _KINDS.get(kind, ()) and "items" not in schema


_FLAT = frozenset(("type", "properties", "required", "additionalProperties", "description", "title"))
_SIMPLE = frozenset(("type", "description", "title", "default", "items"))
_KINDS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}

_TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "required": ["city"], "properties": {}}},
}

RULES = (
    Rule(
        "tool-arguments-invalid",
        "The arguments of a call do not fit the parameters that the request declares for its tool.",
        "warning",
        "JSON Schema 2020-12; OpenAI guide: function calling (parameters)",
        at="messages[1].tool_calls[0].function.arguments",
        bad={"tools": [_TOOL], "messages": [user("Weather?"), assistant(tool_calls=[examples.call(arguments="{}")]),
                                            result()]},
        good={"tools": [_TOOL], "messages": [user("Weather?"), assistant(tool_calls=[examples.call()]), result()]},
        signs=Sign.BODY,
        check=arguments,
    ),
)  # fmt: skip
