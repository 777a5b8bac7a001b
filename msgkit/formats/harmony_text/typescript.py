"""
Tools as Harmony shows them to the model: namespaces of TypeScript-like types.

Source: openai/harmony ``src/encoding.rs``, ``json_schema_to_typescript`` and ``template_tools_section``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


def tools_text(namespaces: Mapping[str, Schema]) -> str:
    """Return the section of tools, its namespaces in the order of their names."""
    return "\n\n".join(["# Tools", *("\n".join(_namespace(namespaces[key])) for key in sorted(namespaces))])


def _namespace(namespace: Schema) -> Iterator[str]:
    tools = namespace.get("tools") or ()
    yield f"## {namespace['name']}\n"
    for line in _lines(namespace.get("description") or ""):
        yield f"// {line}" if tools else line
    if not tools:
        return
    yield f"namespace {namespace['name']} {{\n"
    for tool in tools:
        yield from (f"// {line}" for line in _lines(tool.get("description") or ""))
        parameters = tool.get("parameters")
        arguments = "()" if parameters is None else f"(_: {type_text(parameters)})"
        yield f"type {tool['name']} = {arguments} => any;\n"
    yield f"}} // namespace {namespace['name']}"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def type_text(schema: Any, indent: str = "") -> str:
    """Return a JSON schema as a type."""
    if not isinstance(schema, Mapping):
        return "any"
    kind = schema.get("type")
    if isinstance(schema.get("oneOf"), list):
        return "".join(_variant(one, indent) for one in schema["oneOf"])
    if isinstance(kind, list):
        names = ["number" if name == "integer" else name for name in kind if isinstance(name, str)]
        return " | ".join(names) or "any"
    if kind == "object":
        return "".join(_object(schema, indent))
    if kind == "string":
        return _enum(schema) or "string"
    if kind == "array":
        return f"{type_text(schema['items'], indent)}[]" if "items" in schema else "Array<any>"
    return {"number": "number", "integer": "number", "boolean": "boolean"}.get(str(kind), "any")


def _enum(schema: Schema) -> str:
    values = schema.get("enum")
    return " | ".join(f'"{one}"' for one in values if isinstance(one, str)) if isinstance(values, list) else ""


def _variant(schema: Any, indent: str) -> str:
    text = f"\n{indent} | {_nullable(schema, type_text(schema, indent + '   '))}"
    notes = [schema["description"]] if isinstance(_get(schema, "description"), str) else []
    if isinstance(schema, Mapping) and "default" in schema:
        default = schema["default"]
        notes.append(f"default: {_json(default) if _is_enum(schema) else _quoted_default(schema)}")
    return f"{text} // {' '.join(notes)}" if notes else text


def _get(schema: Any, key: str) -> Any:
    return schema.get(key) if isinstance(schema, Mapping) else None


def _nullable(schema: Any, text: str) -> str:
    return f"{text} | null" if _get(schema, "nullable") is True and "null" not in text else text


def _is_enum(schema: Schema) -> bool:
    return isinstance(schema.get("enum"), list) and bool(schema["enum"])


def _quoted_default(schema: Schema) -> str:
    """Return a default as JSON, but a bare string in quotes as it is."""
    default = schema["default"]
    if isinstance(default, str):
        return default if _is_enum(schema) else f'"{default}"'
    return _json(default)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(schema: Schema, indent: str) -> Iterator[str]:
    if isinstance(schema.get("description"), str):
        yield f"{indent}// {schema['description']}\n"
    yield "{\n"
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    properties = schema.get("properties")
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        yield from _property(key, value, indent, "" if key in names else "?")
    yield f"{indent}}}"


def _property(key: str, schema: Any, indent: str, mark: str) -> Iterator[str]:
    if isinstance(_get(schema, "title"), str):
        yield f"{indent}// {schema['title']}\n{indent}//\n"
    if "oneOf" not in (schema if isinstance(schema, Mapping) else ()) and isinstance(_get(schema, "description"), str):
        yield f"{indent}// {schema['description']}\n"
    yield from _examples(schema, indent)
    if isinstance(_get(schema, "oneOf"), list):
        yield from _choice(key, schema, indent, mark)
        return
    yield f"{indent}{key}{mark}: {_nullable(schema, type_text(schema, indent + '    '))},"
    if isinstance(schema, Mapping) and "default" in schema and "oneOf" not in schema:
        yield f" // default: {_quoted_default(schema)}"
    yield "\n"


def _examples(schema: Any, indent: str) -> Iterator[str]:
    examples = _get(schema, "examples")
    if isinstance(examples, list) and examples:
        yield f"{indent}// Examples:\n"
        yield from (f'{indent}// - "{one}"\n' for one in examples if isinstance(one, str))


def _choice(key: str, schema: Schema, indent: str, mark: str) -> Iterator[str]:
    """Yield a property that is one of several types, each on its line."""
    variants, told = schema["oneOf"], schema.get("description")
    told = told if isinstance(told, str) else None
    first = _get(variants[0], "description") if variants else None
    above = told is not None and told != first
    if above:
        yield f"{indent}// {told}\n"
    if "default" in schema:
        yield f"{indent}// default: {_quoted_default(schema)}\n"
    yield f"{indent}{key}{mark}:\n"
    for i, variant in enumerate(variants):
        yield f"{indent} | {_nullable(variant, type_text(variant, indent + '   '))}"
        said = _get(variant, "description")
        notes = [said] if isinstance(said, str) and said != told and not (i == 0 and above) else []
        if isinstance(variant, Mapping) and "default" in variant:
            notes.append(f"default: {_quoted_default(variant)}")
        yield f" // {' '.join(notes)}\n" if notes else "\n"
    yield f"{indent},\n"
