"""Rules about the tools that a request defines, and which of them it chooses and calls."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgkit.errors import Path, Severity, describe, quote
from msgkit.escaping import did_you_mean
from msgkit.formats import Format
from msgkit.formats.common.calls import tools_of_text
from msgkit.jsontext.edit import Steps, edit
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.rules import examples
from msgkit.rules.base import CHAT_TYPES, Context, Finding, Rule, Verdicts, compiled
from msgkit.rules.examples import user
from msgkit.rules.prefilter import Sign
from msgkit.rules.setting_faults import fault_at
from msgkit.targets import Target

_LISTS = ("functionDeclarations", "function_declarations")
_NESTED = ("function", "custom")
_SCHEMAS = frozenset(("input_schema", "parameters", "description", "strict"))  # keys of a tool that is no server's own


_Verdict = tuple[tuple[Finding, ...], frozenset[str] | None]  # faults of tools, and their names if all are told


class _Tool(NamedTuple):
    """A tool that the caller defines."""

    path: Path  # where its definition is in the body, that which holds its name
    definition: Mapping[str, Any]  # name, description, schema


def tools_of(body: Mapping[str, Any]) -> Iterator[_Tool]:
    """Yield the tools that a body defines, whichever format's shape they have; not those of the server."""
    tools = body.get("tools")
    for i, tool in enumerate(tools if isinstance(tools, LIST) else ()):
        if not isinstance(tool, OBJECT):
            continue
        inner = _inner(tool)
        if inner is not None:
            yield _Tool(("tools", i, inner), tool[inner])
        elif (listed := next((key for key in _LISTS if isinstance(tool.get(key), LIST)), None)) is not None:
            for j, one in enumerate(tool[listed]):
                if isinstance(one, OBJECT):
                    yield _Tool(("tools", i, listed, j), one)
        elif _is_own(tool):
            yield _Tool(("tools", i), tool)


def _inner(tool: Mapping[str, Any]) -> str | None:
    """Return the key of the object in a tool that holds its definition."""
    for key in _NESTED:
        if key in tool and isinstance(tool[key], OBJECT):
            return key
    return None


def _is_own(tool: Mapping[str, Any]) -> bool:
    """Return whether a tool without an object inside is defined by the caller."""
    tool_type = tool.get("type")
    return tool_type in ("function", "custom") or (tool_type is None and not _SCHEMAS.isdisjoint(tool))


def definitions(context: Context) -> Iterator[Finding]:
    """Report definitions of tools without a name, with one that is invalid or taken, or in another format's shape."""
    tools = context.body.get("tools")
    if tools is None or (isinstance(tools, str) and context.own.media_in_columns):
        return  # in a row with columns it is JSON text
    about = (context.own.name, context.target, context.ready)
    faults, names = _VERDICTS.of(context.encoded_tools, about, lambda: _judge(context, tools))
    yield from faults
    if names is not None:
        yield from _choices(context, names)


_VERDICTS = Verdicts[_Verdict]()


def _judge(context: Context, tools: object) -> _Verdict:
    faults = tuple(_faults(tools, context.own, context.target, ready=context.ready))
    return faults, _names_of(tools)


def _faults(tools: Any, own: Format, target: Target, *, ready: bool) -> Iterator[Finding]:
    if tools_of_text(tools) is not None:
        if ready:
            yield _at(("tools",), "tools-as-text", "expected a list of tools, got its JSON text")
        return
    if not isinstance(tools, LIST):
        yield _at(("tools",), "type-mismatch", f"expected a list of tools, got {describe(tools)}")
        return
    yield from _counted(target, len(tools))
    for i, tool in enumerate(tools):
        if not isinstance(tool, OBJECT):
            yield _at(("tools", i), "type-mismatch", f"expected a tool as an object, got {describe(tool)}")
        else:
            yield from _shape(own, ("tools", i), tool)
    yield from _names(target, tuple(tools_of({"tools": tools})))


def _at(path: Path, code: str, text: str, hint: str | None = None, source: str | None = None) -> Finding:
    severity = "error" if code in ("type-mismatch", "key-missing") else None
    return Finding(path, code, text, hint, severity=severity, source=source, in_body=True)  # type: ignore[arg-type]


def _counted(target: Target, number: int) -> Iterator[Finding]:
    limits = target.tools
    if limits.taken is not None and not limits.taken.value and number:
        text = f"{target.title} takes no tools"
        yield Finding(
            ("tools",), "tools-not-taken", text, None, limits.taken.severity, limits.taken.source, in_body=True
        )
    elif limits.max_tools is not None and number > limits.max_tools.value:
        text = f"expected at most {limits.max_tools.value} tools, got {number}"
        yield fault_at(("tools",), "tools-too-many", text, limits.max_tools)


def _shape(own: Format, at: Path, tool: Mapping[str, Any]) -> Iterator[Finding]:
    """Report a tool that has its name where another format has it."""
    inner, shape = _inner(tool), own.tool_shape
    if shape == "nested" and inner is None and _is_own(tool) and not own.is_harmony:
        tool_type = tool.get("type") or "function"
        text = f"expected the definition in an object {str(tool_type)!r}, got one that is flat"
        yield _at((*at, str(tool_type)), "key-missing", text, "msgkit convert brings it into this format's shape")
    elif shape == "flat" and inner is not None and "name" not in tool:
        text = f"expected a key 'name' in the tool itself, got one in its {inner!r}"
        yield _at((*at, "name"), "key-missing", text, "msgkit convert brings it into this format's shape")


def _names(target: Target, tools: tuple[_Tool, ...]) -> Iterator[Finding]:
    fact, unique = target.names.function, target.tools.unique_names
    seen: set[str] = set()
    for tool in tools:
        at = (*tool.path, "name")
        name = tool.definition.get("name")
        if "name" not in tool.definition:
            yield _at(at, "key-missing", "expected a key 'name'")
        elif not isinstance(name, str):
            yield _at(at, "type-mismatch", f"expected string, got {describe(name)}")
        elif fact is not None and not compiled(fact.value).fullmatch(name):
            text = f"expected a name that matches {fact.value}, got {quote(name)}"
            yield _at(at, "tool-name-invalid", text, source=fact.source)
        elif name in seen:
            severity: Severity = "warning" if unique is None or not unique.value else "error"
            text, source = f"duplicate tool name {quote(name)}", None if unique is None else unique.source
            yield Finding(at, "tool-name-duplicate", text, severity=severity, source=source, in_body=True)
        else:
            seen.add(name)


def _choices(context: Context, names: frozenset[str]) -> Iterator[Finding]:
    """Report a choice and calls of tools that the request does not define."""
    choice = context.conversation.extra.get("tool_choice")
    inner = choice.get(str(choice.get("type"))) if isinstance(choice, OBJECT) else None
    chosen = inner.get("name") if isinstance(inner, OBJECT) else None
    if isinstance(chosen, str) and chosen not in names:
        key = next((key for key in ("tool_choice", "toolConfig", "tool_config") if key in context.body), "tool_choice")
        yield _at((key,), "tool-choice-unknown", _unknown("the choice names the tool", chosen, names))
    for i, message in context.messages if context.warnings else ():
        for j, call in enumerate(message.tool_calls or ()):
            field = _KINDS.get(type(call))
            called = getattr(getattr(call, field, None), "name", None) if field else None
            if isinstance(called, str) and called not in names:
                text = _unknown("the call is of the tool", called, names)
                yield Finding(("messages", i, "tool_calls", j, field or "", "name"), "tool-undefined", text)


def _names_of(tools: Any) -> frozenset[str] | None:
    """Return the names of all tools; None where some are not told, such as those of a server or that are searched."""
    if not isinstance(tools, LIST):
        return None
    declared = tuple(tools_of({"tools": tools}))
    names = [name for tool in declared if isinstance(name := tool.definition.get("name"), str)]
    are_all = len(names) == len(declared) and len({tool.path[:2] for tool in declared}) == len(tools)
    return frozenset(names) if names and are_all else None


_KINDS: Mapping[type, str] = {ToolCall: "function", CustomToolCall: "custom"}


def _unknown(what: str, name: str, names: frozenset[str]) -> str:
    return f"{what} {quote(name)}, which the request does not define{did_you_mean(name, names)}"


_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
_FLAT = {"name": "get_weather", "input_schema": {"type": "object"}}
_OTHER = {"type": "function", "function": {"name": "get_time"}}
_ASK = [user("Weather?")]


def _read_tools(body: Any, at: Steps) -> Any:
    """Put the list of tools in the place of its JSON text."""
    return edit(body, at, tools_of_text)


_rule = partial(Rule, signs=Sign.BODY, check=definitions)

RULES = (
    _rule(
        "tools-as-text",
        "The tools are JSON text, as tables of training rows have them; a request has a list.",
        CHAT_TYPES,
        at="tools",
        bad={"tools": json.dumps([_TOOL]), "messages": _ASK},
        good={"tools": [_TOOL], "messages": _ASK},
        ready=True,
        fix=_read_tools,
    ),
    _rule(
        "tools-not-taken",
        "The model takes no tools; an error where a document says so.",
        "the model's documentation",
        severity="warning",
        at="tools",
        bad={"model": "o1-mini", "tools": [_TOOL], "messages": _ASK},
        good={"model": "o1-mini", "messages": _ASK},
    ),
    _rule(
        "tools-too-many",
        "The request defines more tools than the target takes.",
        "OpenAI API reference: tools, a max of 128 functions",
        at="tools",
        bad={"tools": [_TOOL, _OTHER], "messages": _ASK},
        good={"tools": [_TOOL], "messages": _ASK},
        limits={"tools.max_tools": 1},
    ),
    _rule(
        "tool-name-duplicate",
        "Two tools have one name; a warning where no document says that it is refused.",
        "Anthropic API: tools: Tool names must be unique; Gemini API: Duplicate function declaration found",
        at="tools[1].name",
        bad={"tools": [_FLAT, _FLAT], "messages": _ASK},
        good={"tools": [_FLAT, {**_FLAT, "name": "get_time"}], "messages": _ASK},
        target="anthropic",
    ),
    _rule(
        "tool-choice-unknown",
        "The choice names a tool that the request does not define.",
        "OpenAI API: Tool choice not found in 'tools' parameter",
        at="tool_choice",
        bad={"tools": [_TOOL], "tool_choice": _OTHER, "messages": _ASK},
        good={"tools": [_TOOL], "tool_choice": _TOOL, "messages": _ASK},
    ),
    _rule(
        "tool-undefined",
        "A call in the history names a tool that the request does not define.",
        "OpenAI guide: function calling (the model calls the tools of the request)",
        severity="warning",
        at="messages[1].tool_calls[0].function.name",
        bad={"tools": [_OTHER], "messages": examples.ANSWERED},
        good={"tools": [_TOOL], "messages": examples.ANSWERED},
    ),
)
