"""
Tools as Harmony shows them to the model: namespaces of TypeScript-like types; and back for the usual ones.

Source: openai/harmony ``src/encoding.rs``, ``json_schema_to_typescript`` and ``template_tools_section``.
"""

import json
import re
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


def namespaces_of(text: str) -> dict[str, Any] | None:
    r"""Return the namespaces that the section of tools shows, after its heading."""
    namespaces: dict[str, Any] = {}
    for section in ("\n\n" + text).split("\n\n## ")[1:]:
        namespace = parse_namespace(section)
        if namespace is None:
            return None
        namespaces[namespace["name"]] = namespace
    return namespaces


_TYPE = re.compile(r"type ([A-Za-z0-9_.-]+) = \((?:_: )?")
_PROPERTY = re.compile(r"\s*([^\s?:{}]+)(\?)?: ")
_DEFAULT = re.compile(r" // default: (.+)\Z")
_NAMES = frozenset(("string", "number", "boolean", "null", "object", "array"))
_SHORT: Mapping[str, Schema] = {"any": {}, "Array<any>": {"type": "array"}}


def parse_namespace(section: str) -> dict[str, Any] | None:
    r"""Return a namespace: its heading, description and tools; None when it cannot be read."""
    lines = section.split("\n")
    name = lines.pop(0)
    if f"namespace {name} {{" not in lines:
        return None
    start = lines.index(f"namespace {name} {{")
    described = [line.removeprefix("// ") for line in lines[1:start]]
    reader = _Reader([line for line in lines[start + 1 :] if line])
    try:
        tools = list(reader.tools(f"}} // namespace {name}"))
    except (ValueError, IndexError):
        return None
    return {"name": name, **({"description": "\n".join(described)} if described else {}), "tools": tools}


class _Reader:
    """Reads the lines of a namespace."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.place = 0

    def line(self) -> str:
        """Return the next line."""
        text = self.lines[self.place]
        self.place += 1
        return text

    def comments(self) -> list[str]:
        """Return the comments that come next."""
        lines = []
        while self.lines[self.place].lstrip().startswith("// "):
            lines.append(self.line().lstrip().removeprefix("// "))
        return lines

    def tools(self, end: str) -> Iterator[dict[str, Any]]:
        """Yield each tool, until the line *end*."""
        while self.lines[self.place] != end:
            description = "\n".join(self.comments())
            line = self.line()
            match = _TYPE.match(line)
            if match is None:
                raise ValueError(line)
            tool = {"name": match[1], "description": description}
            if line == f"type {match[1]} = () => any;":
                yield tool
                continue
            yield {**tool, "parameters": self.type(line[match.end() :], ") => any;")}

    def type(self, text: str, end: str) -> dict[str, Any]:
        """Return the schema of the type that *text* begins, and that *end* follows."""
        if text == "{":
            return self.object(end)
        if not text.endswith(end):
            raise ValueError(text)
        return _simple(text.removesuffix(end))

    def object(self, end: str) -> dict[str, Any]:
        """Return the schema of an object, whose closing brace *end* follows."""
        properties: dict[str, Any] = {}
        required = []
        while not self.lines[self.place].lstrip().startswith("}"):
            comments = self.comments()
            line = self.line()
            match = _PROPERTY.match(line)
            if match is None or len(comments) > 1:
                raise ValueError(line)
            default = _DEFAULT.search(line)
            rest = line[match.end() : default.start() if default else len(line)]
            schema = self.type(rest, ",")
            described = {"description": comments[0]} if comments else {}
            properties[match[1]] = {**_typed(schema, described), **(_default(default[1]) if default else {})}
            required += [] if match[2] else [match[1]]
        closing = self.line().lstrip().removeprefix("}")
        brackets = closing.removesuffix(end) if closing.endswith(end) else "?"
        named = {"required": required} if required else {}
        return _nested({"type": "object", "properties": properties, **named}, brackets)


def _typed(schema: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with more keys after its type, as they are usually written."""
    return {"type": schema["type"], **more, **schema} if "type" in schema else {**more, **schema}


def _nested(schema: dict[str, Any], brackets: str) -> dict[str, Any]:
    if brackets.replace("[]", ""):
        raise ValueError(brackets)
    for _ in range(len(brackets) // 2):
        schema = {"type": "array", "items": schema}
    return schema


def _simple(text: str) -> dict[str, Any]:
    """Return the schema of a type on one line."""
    names = text.split(" | ")
    if text.startswith('"'):
        if all(name[:1] == name[-1:] == '"' and '"' not in name[1:-1] for name in names):
            return {"type": "string", "enum": [name[1:-1] for name in names]}
        raise ValueError(text)
    base = text
    while base.endswith("[]"):
        base = base.removesuffix("[]")
    brackets = text[len(base) :]
    if base in _SHORT:
        return _nested(dict(_SHORT[base]), brackets)
    if len(names) > 1 and not brackets and _NAMES.issuperset(names):
        return {"type": names}
    if base not in _NAMES:
        raise ValueError(text)
    return _nested({"type": base}, brackets)


def _default(text: str) -> dict[str, Any]:
    try:
        return {"default": json.loads(text)}
    except ValueError:
        return {"default": text}
