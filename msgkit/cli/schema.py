"""``msgkit schema``: the JSON Schema of what msgkit writes, and of a row as the model holds it."""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import attrs

from msgkit.cli.parser import Parser
from msgkit.errors import Issue, Loss
from msgkit.html.statistics.counters import Stats
from msgkit.inlining.moved import Done
from msgkit.model.base import UnknownPart
from msgkit.model.calls import TOOL_CALLS
from msgkit.model.messages import Author, Message
from msgkit.model.parts import PARTS, ImageUrl, MediaUrl
from msgkit.structuring.wire import OWN_FIELDS, is_union, is_value

DESCRIPTION = """\
Print the JSON Schema of a line of `check --output-format json` (issue), with --statistics (count), of --rejects
(reject), --ledger or --report, of `stats --output-format json` (stats), or of a row of Chat Completions (row)."""
EXAMPLE = "msgkit schema --of issue"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_JSON: Mapping[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    NoneType: "null",
}
_ARGUMENT = re.compile(r"^    (\w+(?:, \w+)*): (.+(?:\n {8}.+)*)", re.MULTILINE)
_Definitions = dict[str, Any]
_ROW = {"type": "integer", "minimum": 1}


def add_options(parser: Parser) -> None:
    """Add the name."""
    parser.add_argument("--of", choices=tuple(SCHEMAS), required=True, help="what the schema describes")


def run(options: Any) -> int:
    """Print the schema."""
    print(json.dumps(schema(options.of), indent=2))
    return 0


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema called *name*."""
    definitions: _Definitions = {}
    body = SCHEMAS[name](definitions)
    shared = {"$defs": dict(sorted(definitions.items()))} if definitions else {}
    return {"$schema": DIALECT, "title": f"msgkit {name}", **body, **shared}


def _issue(definitions: _Definitions) -> dict[str, Any]:
    issue = _fields(Issue, definitions)
    return _object({"file": {"type": "string"}, "row": _ROW, **issue}, optional=("target",))


def _count(definitions: _Definitions) -> dict[str, Any]:
    issue = _fields(Issue, definitions)
    number = {"type": "integer", "minimum": 0}
    return _object({"count": number, "code": issue["code"], "severity": issue["severity"], "fixable": number})


def _reject(definitions: _Definitions) -> dict[str, Any]:
    issue = _object(_fields(Issue, definitions), optional=("target",))
    return _object({"row": _ROW, "issues": {"type": "array", "items": issue}, "input": {}})


def _ledger(definitions: _Definitions) -> dict[str, Any]:
    loss = _fields(Loss, definitions)
    loss["change"]["enum"].append("shape")  # the line that tells the shape of the source
    places = {"row": _ROW, "path": {"type": "string"}, "steps": loss.pop("path")}
    return _object({**places, **loss, "form": {"type": "boolean"}})


def _report(definitions: _Definitions) -> dict[str, Any]:
    medium = _fields(Done, definitions)
    sizes = {f"bytes_{name}": medium.pop(name) for name in ("before", "after")}
    place = {"file": {"type": "string"}, "row": _ROW, "path": {"type": "string"}}
    return {"anyOf": [_object({**medium, **place, **sizes}), _issue(definitions)]}  # an issue: base64 that is left


def _row(definitions: _Definitions) -> dict[str, Any]:
    messages = {"type": "array", "items": _of(Message, definitions)}
    return {"type": "object", "properties": {"messages": messages}, "required": ["messages"]}


SCHEMAS: Mapping[str, Callable[[_Definitions], dict[str, Any]]] = {
    "issue": _issue,
    "count": _count,
    "reject": _reject,
    "ledger": _ledger,
    "report": _report,
    "stats": lambda definitions: _object(_fields(Stats, definitions)),
    "row": _row,
}


def _of(cls: Any, definitions: _Definitions) -> dict[str, Any]:
    """Return the schema of what an annotation says."""
    if cls in _JSON:
        return {"type": _JSON[cls]}
    origin, arguments = get_origin(cls), get_args(cls)
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(cls, type) and issubclass(cls, StrEnum):
        return {"enum": [str(member) for member in cls]}
    if is_union(cls):
        return {"anyOf": [_of(member, definitions) for member in arguments]}
    if origin is tuple:
        return _array(arguments, definitions)
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
    if not attrs.has(cls):
        return {}
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}  # for what holds itself
        definitions[cls.__name__] = _value(cls, definitions) if is_value(cls) else _plain(cls, definitions)
    reference = {"$ref": f"#/$defs/{cls.__name__}"}
    return {"anyOf": [{"type": "string"}, reference]} if cls in (ImageUrl, MediaUrl) else reference


def _array(arguments: tuple[Any, ...], definitions: _Definitions) -> dict[str, Any]:
    if arguments[-1] is Ellipsis:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    items = [_of(argument, definitions) for argument in arguments]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _plain(cls: type, definitions: _Definitions) -> dict[str, Any]:
    if cls is UnknownPart:
        other = {"type": "string", "not": {"enum": [*PARTS, *TOOL_CALLS]}}
        return {"type": "object", "properties": {"type": other}, "required": ["type"]}
    return _object(_fields(cls, definitions))


def _value(cls: type[Any], definitions: _Definitions) -> dict[str, Any]:
    """Return the schema of a value of the model: null stands for what is absent, unknown keys are kept."""
    fields = {name: one for name, one in _fields(cls, definitions).items() if name not in OWN_FIELDS}
    required = [
        field.name
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING and not (is_union(field.type) and NoneType in get_args(field.type))
    ]
    if cls is Message:  # the author's keys are next to the content
        del fields["author"]
        author = _of(Author, definitions)["$ref"].rpartition("/")[2]
        fields = {**definitions.pop(author)["properties"], **fields}
        required = ["role"]
    if tag := getattr(cls, "type", None):
        fields = {"type": {"const": tag}, **fields}
        required = ["type", *required]
    return {"type": "object", "properties": fields, "required": required}


def _fields(cls: type, definitions: _Definitions) -> dict[str, Any]:
    """Return the schema of each field, described as in the docstring of its class."""
    told = {
        name: " ".join(text.split())
        for names, text in _ARGUMENT.findall(inspect.getdoc(cls) or "")
        for name in names.split(", ")
    }
    types = {field.name: field.type for field in attrs.fields(cls)} if attrs.has(cls) else cls.__annotations__
    fields = {}
    for name, annotation in types.items():
        described = {"description": told[name]} if name in told else {}
        fields[name] = {**_of(annotation, definitions), **described}
    return fields


def _object(properties: Mapping[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
