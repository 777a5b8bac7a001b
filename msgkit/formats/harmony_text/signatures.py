"""TypeScript-like types -> JSON schemas: the part of them that a schema can be detected from."""

import json
import re
from collections.abc import Iterator
from typing import Any

_TYPE = re.compile(r"type ([A-Za-z0-9_.-]+) = \((?:_: )?")
_PROPERTY = re.compile(r"\s*([^\s?:{}]+)(\?)?: ")
_DEFAULT = re.compile(r" // default: (.+)\Z")
_NAMES = {"string": "string", "number": "number", "boolean": "boolean"}


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
        made: dict[str, Any] = {"type": "object", "properties": properties} | (
            {"required": required} if required else {}
        )
        return _nested(made, brackets)


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
    if text.startswith('"'):
        values = text.split(" | ")
        if all(value[:1] == value[-1:] == '"' and '"' not in value[1:-1] for value in values):
            return {"type": "string", "enum": [value[1:-1] for value in values]}
        raise ValueError(text)
    base = text
    while base.endswith("[]"):
        base = base.removesuffix("[]")
    if base == "any":
        return _nested({}, text[len(base) :])
    if base == "Array<any>":
        return _nested({"type": "array"}, text[len(base) :])
    names = base.split(" | ")
    if text != base and len(names) > 1:
        raise ValueError(text)
    if not all(name in (*_NAMES, "null", "object", "array") for name in names):
        raise ValueError(text)
    return _nested({"type": names[0] if len(names) == 1 else names}, text[len(base) :])


def _default(text: str) -> dict[str, Any]:
    try:
        return {"default": json.loads(text)}
    except ValueError:
        return {"default": text}
