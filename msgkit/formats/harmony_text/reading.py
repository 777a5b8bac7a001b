"""The tools that Harmony's text shows, read back: the usual types."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


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
_HEAD = re.compile(r"\s*(?:[^\s?:{}]+\??: .*(?:,|\{|,? // .*)|\}.*|\{|//)\Z")  # what no comment goes on with
_DEFAULT = re.compile(r" // default: (.+)\Z")
_NAMES = frozenset(("string", "number", "boolean", "null", "object", "array"))
_SHORT: Mapping[str, Mapping[str, Any]] = {"any": {}, "Array<any>": {"type": "array"}}


def parse_namespace(section: str) -> dict[str, Any] | None:
    r"""Return a namespace: its heading, description and tools; None when it cannot be read."""
    lines = section.split("\n")
    name = lines.pop(0)
    if f"namespace {name} {{" not in lines:
        return None
    start = lines.index(f"namespace {name} {{")
    described = [line.removeprefix("// ") for line in lines[1:start]]
    reader = _Reader(lines[start + 1 :])
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

    def comments(self, *, open_ended: bool = False) -> list[str]:
        """Return the comments that come next; *open_ended* when only the first line of each says that it is one."""
        lines: list[str] = []
        while (is_comment := (text := self.lines[self.place]).lstrip().startswith("// ")) or (
            open_ended and lines and not _HEAD.match(text)
        ):
            lines.append(self.line().lstrip().removeprefix("// ") if is_comment else self.line())
        return lines

    def notes(self) -> dict[str, Any]:
        """Return what the comments above a property say of it."""
        comments, told = self.comments(open_ended=True), dict[str, Any]()
        if comments and self.lines[self.place].strip() == "//":
            told["title"] = "\n".join(comments)
            self.place += 1
            comments = self.comments(open_ended=True)
        if "Examples:" in comments:
            start = comments.index("Examples:")
            told["examples"] = [line.removeprefix('- "').removesuffix('"') for line in comments[start + 1 :]]
            comments = comments[:start]
        return told | ({"description": "\n".join(comments)} if comments else {})

    def tools(self, end: str) -> Iterator[dict[str, Any]]:
        """Yield each tool, until the line *end*."""
        while self.lines[self.place] != end:
            if not self.lines[self.place]:
                self.place += 1
                continue
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
        if text.lstrip().startswith("// "):
            self.place -= 1
            self.lines[self.place] = text
            comments = self.comments(open_ended=True)
            return {"description": "\n".join(comments), **self.type(self.line(), end)}
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
            told = self.notes()
            line = self.line()
            match = _PROPERTY.match(line)
            if match is None:
                raise ValueError(line)
            default = _DEFAULT.search(line)
            rest = line[match.end() : default.start() if default else len(line)]
            schema = self.type(rest, ",")
            properties[match[1]] = {**_typed(schema, told), **(_default(default[1]) if default else {})}
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
