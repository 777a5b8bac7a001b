"""Rules about the schemas of a request, those of its tools and its answer, and about arguments that do not fit them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import attrs

from msgkit.errors import Path, describe, join_path, quote
from msgkit.formats.common.keys import inside, not_required
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.calls import ToolCall
from msgkit.rules import examples
from msgkit.rules.base import ANSWERS, Context, Finding, Rule, Verdicts, encoded_json
from msgkit.rules.definitions import tools_of
from msgkit.rules.examples import assistant, result, user
from msgkit.rules.prefilter import Sign
from msgkit.rules.setting_faults import fault_at
from msgkit.targets import Fact

_KEYS = ("parameters", "input_schema", "parametersJsonSchema", "parameters_json_schema")
_MOST = 2_000  # objects of a schema


def schemas(context: Context) -> Iterator[Finding]:
    """Report schemas that the target refuses."""
    if not context.is_for_target:
        return
    yield from _VERDICTS.of(context.encoded_tools, (context.target,), lambda: tuple(_all(context)))


_VERDICTS = Verdicts[tuple[Finding, ...]]()


def _all(context: Context) -> Iterator[Finding]:
    for tool in tools_of(context.body):
        key = next((key for key in _KEYS if tool.definition.get(key) is not None), None)
        if key is not None:
            is_strict = tool.definition.get("strict") is True
            yield from _schema(context, (*tool.path, key), tool.definition[key], strict=is_strict)
    for outer, inner in ANSWERS.items():
        above = context.body.get(outer)
        answer = above.get(inner) if isinstance(above, OBJECT) else None
        if isinstance(answer, OBJECT) and answer.get("strict") is True and "schema" in answer:
            yield from _schema(context, (outer, inner, "schema"), answer["schema"], strict=True)


def _schema(context: Context, at: Path, schema: object, *, strict: bool) -> Iterator[Finding]:
    if not isinstance(schema, OBJECT):
        text = f"expected a JSON Schema as an object, got {describe(schema)}"
        yield Finding(at, "type-mismatch", text, severity="error", in_body=True)
        return
    fact, schema_type = context.target.tools.object_schema, schema.get("type")
    has_type = "type" in schema or (strict and "anyOf" in schema)
    if fact is not None and fact.value and has_type and schema_type != "object":
        yield _refused((*at, "type"), f"expected a schema of the type 'object', got {describe(schema_type)}", fact)
    yield from _nested(context, at, schema, strict=strict)


def _nested(context: Context, at: Path, schema: object, *, strict: bool) -> Iterator[Finding]:
    """Report what is wrong in a schema and in those inside it."""
    items, closed = context.target.tools.array_items, context.target.tools.strict
    refused = context.target.tools.schema_keys if at[-1] == "parameters" else None
    for path, inner in inside(at, schema):
        if refused is not None:
            for key in sorted(inner.keys() & {*refused.value}):
                yield _refused((*path, key), f"{context.target.title} has no key {key!r} in a schema", refused)
        schema_type = inner.get("type")
        if at[-1] == "parameters":
            yield from _several(context, path, inner)
        is_list = schema_type in ("array", "ARRAY") and inner.keys().isdisjoint(("items", "prefixItems", "$ref"))
        if items is not None and items.value and is_list:
            yield _refused(path, "expected a key 'items' in the schema of an array", items)
        if strict:
            yield from _not_strict(context, path, inner)
        if closed is None or not strict or schema_type != "object":
            continue
        if "additionalProperties" in closed.value and inner.get("additionalProperties") is not False:
            yield _refused(path, "a strict schema needs 'additionalProperties': false in each object", closed)
        missing = not_required(inner)
        if "required" in closed.value and missing:
            yield _refused(path, f"a strict schema needs every property in 'required': {missing[0]!r} is not", closed)


def _several(context: Context, path: Path, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """Report a list of types, and values of an enum that are no strings, where the target has neither."""
    fact, values = context.target.tools.one_type, schema.get("enum")
    if fact is None or not fact.value:
        return
    if isinstance(schema.get("type"), LIST):
        yield _refused((*path, "type"), "expected the name of one type, got array", fact)
    other = next((one for one in values if not isinstance(one, str)), None) if isinstance(values, LIST) else None
    if other is not None:
        yield _refused((*path, "enum"), f"expected strings, got {describe(other)}", fact)


def _not_strict(context: Context, path: Path, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """Report keys and formats that a strict schema may not have."""
    without, formats = context.target.tools.strict_without, context.target.tools.strict_formats
    for key in sorted(schema.keys() & {*(without.value if without is not None else ())}, key=str):
        if without is not None:
            yield _refused((*path, key), f"a strict schema has no {key!r}", without)
    name = schema.get("format")
    if formats is not None and isinstance(name, str) and name not in formats.value:
        yield _refused((*path, "format"), f"expected one of {', '.join(formats.value)}, got {quote(name)}", formats)


def _refused(at: Path, text: str, fact: Fact[Any]) -> Finding:
    return fault_at(at, "schema-invalid", text, fact)


_SLOW = frozenset(("$ref", "$dynamicRef", "$recursiveRef", "pattern", "patternProperties"))  # may take for ever


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
            if not _SLOW.isdisjoint(value):
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
    schema_type = schema.get("type", "")
    if schema_type == "array" and type(item) is list and "items" in schema:
        return all(_surely_is(schema["items"], one) for one in item)
    return isinstance(schema_type, str) and type(item) in _KINDS.get(schema_type, ()) and "items" not in schema


_FLAT = frozenset(("type", "properties", "required", "additionalProperties", "description", "title"))
_SIMPLE = frozenset(("type", "description", "title", "default", "items"))
_KINDS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


def _function(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


_ASK = [user("Weather?")]
_TOOL = _function("get_weather", {"type": "object", "required": ["city"], "properties": {}})
_LIST = {"type": "object", "properties": {"days": {"type": "array"}}}
_LIST_OF_TEXT = {"type": "object", "properties": {"days": {"type": "array", "items": {"type": "string"}}}}

RULES = (
    Rule(
        "schema-invalid",
        "The schema of a tool or of the answer is one that the target refuses.",
        "OpenAI API: Invalid schema for function",
        at="tools[0].function.parameters.properties.days",
        bad={"tools": [_function("f", _LIST)], "messages": _ASK},
        good={"tools": [_function("f", _LIST_OF_TEXT)], "messages": _ASK},
        signs=Sign.BODY | Sign.ANSWER,
        check=schemas,
    ),
    Rule(
        "tool-arguments-invalid",
        "The arguments of a call do not fit the parameters that the request declares for its tool.",
        "JSON Schema 2020-12; OpenAI guide: function calling (parameters)",
        severity="warning",
        at="messages[1].tool_calls[0].function.arguments",
        bad={"tools": [_TOOL], "messages": [*_ASK, assistant(tool_calls=[examples.call(arguments="{}")]), result()]},
        good={"tools": [_TOOL], "messages": [*_ASK, assistant(tool_calls=[examples.call()]), result()]},
        signs=Sign.BODY,
        check=arguments,
    ),
)
