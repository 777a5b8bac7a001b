"""Rules about the schemas of a request: those of its tools, and that of its answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.errors import Path, Severity, describe
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.rules.base import ANSWERS, Context, Finding, Rule
from msgkit.rules.definitions import tools_of
from msgkit.rules.examples import user
from msgkit.rules.prefilter import Sign
from msgkit.rules.verdicts import Verdicts
from msgkit.targets import Fact

_KEYS = ("parameters", "input_schema", "parametersJsonSchema", "parameters_json_schema")
_MOST = 2_000  # objects of a schema
_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_TABLES = ("properties", "$defs", "definitions")


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
            yield from _schema(context, (*tool.path, key), tool.definition[key], tool.definition.get("strict"))
    for outer, inner in ANSWERS.items():
        above = context.body.get(outer)
        answer = above.get(inner) if isinstance(above, OBJECT) else None
        if isinstance(answer, OBJECT) and answer.get("strict") is True and "schema" in answer:
            yield from _nested(context, (outer, inner, "schema"), answer["schema"], strict=True)


def _schema(context: Context, at: Path, schema: object, strict: object) -> Iterator[Finding]:
    if not isinstance(schema, OBJECT):
        text = f"expected a JSON Schema as an object, got {describe(schema)}"
        yield Finding(at, "type-mismatch", text, severity="error", in_body=True)
        return
    fact, kind = context.target.tools.object_schema, schema.get("type")
    if fact is not None and fact.value and "type" in schema and kind != "object":
        yield _found((*at, "type"), f"expected a schema of the type 'object', got {describe(kind)}", fact)
    yield from _nested(context, at, schema, strict=strict is True)


def _nested(context: Context, at: Path, schema: object, *, strict: bool) -> Iterator[Finding]:
    """Report what is wrong in a schema and in those inside it."""
    items, closed = context.target.tools.array_items, context.target.tools.strict
    for path, inner in _inside(at, schema):
        kind = inner.get("type")
        is_list = kind in ("array", "ARRAY") and inner.keys().isdisjoint(("items", "prefixItems", "$ref"))
        if items is not None and items.value and is_list:
            yield _found(path, "expected a key 'items' in the schema of an array", items)
        if closed is None or not strict or kind != "object":
            continue
        if "additionalProperties" in closed.value and inner.get("additionalProperties") is not False:
            yield _found(path, "a strict schema needs 'additionalProperties': false in each object", closed)
        properties, required = inner.get("properties"), inner.get("required")
        names = list(properties) if isinstance(properties, OBJECT) else []
        missing = [name for name in names if not isinstance(required, LIST) or name not in required]
        if "required" in closed.value and missing:
            yield _found(path, f"a strict schema needs every property in 'required': {missing[0]!r} is not", closed)


def _inside(at: Path, schema: object) -> Iterator[tuple[Path, Mapping[str, Any]]]:
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
            found = value.get(key)
            waiting += [((*path, key, i), one) for i, one in enumerate(found)] if isinstance(found, LIST) else []
        for key in _TABLES:
            table = value.get(key)
            waiting += [((*path, key, name), one) for name, one in table.items()] if isinstance(table, OBJECT) else []


def _found(at: Path, text: str, fact: Fact[Any]) -> Finding:
    severity: Severity = "error" if fact.verified else "warning"
    return Finding(at, "schema-invalid", text, severity=severity, source=fact.source, in_body=True)


_ASK = [user("Weather?")]
_LIST = {"type": "object", "properties": {"days": {"type": "array"}}}
_LIST_OF_TEXT = {"type": "object", "properties": {"days": {"type": "array", "items": {"type": "string"}}}}

RULES = (
    Rule(
        "schema-invalid",
        "The schema of a tool or of the answer is one that the target refuses.",
        "error",
        "OpenAI API: Invalid schema for function",
        at="tools[0].function.parameters.properties.days",
        bad={"tools": [{"type": "function", "function": {"name": "f", "parameters": _LIST}}], "messages": _ASK},
        good={
            "tools": [{"type": "function", "function": {"name": "f", "parameters": _LIST_OF_TEXT}}],
            "messages": _ASK,
        },
        signs=Sign.BODY | Sign.ANSWER,
        check=schemas,
    ),
)
