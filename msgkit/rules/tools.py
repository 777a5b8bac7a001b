"""Rules about tool calls and their results."""

import json
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from msgkit.errors import Path, quote
from msgkit.escaping import a
from msgkit.jsontext import fast
from msgkit.jsontext.edit import find
from msgkit.jsontext.fast import count_strings, holds
from msgkit.jsontext.values import OBJECT
from msgkit.model.base import UnknownPart
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Role
from msgkit.rules import examples
from msgkit.rules.base import Context, Finding, Rule, compiled, left_out
from msgkit.rules.examples import assistant, result, user
from msgkit.rules.prefilter import Sign

_DEEPEST = 64


def calls(context: Context) -> Iterator[Finding]:
    """Report what is wrong with single calls: where they stand, names and arguments."""
    for i, message in context.messages:
        at = ("messages", i, "tool_calls")
        if message.function_call is not None:
            text = "function_call is deprecated in favour of tool_calls"
            yield Finding(("messages", i, "function_call"), "function-call-deprecated", text)
        if message.tool_calls is None:
            continue
        if not message.tool_calls:
            yield Finding(at, "tool-calls-empty", "expected at least one call, got an empty list")
        elif message.author.role is not Role.ASSISTANT:
            text = f"only an assistant calls tools, not {a(message.author.role)} message"
            yield Finding(at, "tool-calls-misplaced", text)
        most = context.target.tools.max_calls
        if most is not None and len(message.tool_calls) > most.value:
            text = f"expected at most {most.value} calls in a message, got {len(message.tool_calls)}"
            yield Finding(at, "tool-calls-too-many", text, source=most.source)
        for j, call in enumerate(message.tool_calls):
            yield from _call(context, (*at, j), call)


def _call(context: Context, at: Path, call: object) -> Iterator[Finding]:
    fact = context.target.names.function
    types = context.target.tools.types
    if isinstance(call, CustomToolCall) and types is not None and call.type not in types.value:
        text = f"{context.target.title} takes calls of the type {' or '.join(types.value)}, got 'custom'"
        yield Finding(at, "tool-type-not-allowed", text, source=types.source)
    if isinstance(call, ToolCall) and call.function is not None:
        inner: Path = (*at, "function")
        name: str | None = call.function.name
        if _is_object(context, (*inner, "arguments")):
            text = f"expected string, got object: {context.target.title} takes arguments as JSON text"
            yield Finding((*inner, "arguments"), "type-mismatch", text, severity="error")
        elif context.warnings and call.function.arguments is not None:
            fault = arguments_fault(call.function.arguments)
            if fault:
                yield Finding((*inner, "arguments"), "tool-arguments-not-json", fault)
    elif isinstance(call, CustomToolCall) and call.custom is not None:
        inner, name = (*at, "custom"), call.custom.name
    elif isinstance(call, UnknownPart) and call.type:
        yield Finding(
            at, "part-unknown", f"expected a call of the type function or custom, got {quote(call.type)}", fixable=False
        )
        return
    else:
        return
    if name is not None and fact is not None and not compiled(fact.value).fullmatch(name):
        text = f"expected a name that matches {fact.value}, got {quote(name)}"
        yield Finding((*inner, "name"), "tool-name-invalid", text, source=fact.source)


def _is_object(context: Context, at: Path) -> bool:
    """Return whether a request has arguments as an object, for a target whose format has them as text."""
    if context.format in (context.target.format, *context.target.also):
        return False
    is_request = context.ready or "model" in context.body
    return is_request and isinstance(find(context.body, at), OBJECT)


def _is_surely_object(text: str) -> bool:
    """Fast check: True only for a JSON object without duplicate keys; False means that ``_explained_fault`` decides."""
    try:
        raw = text.encode()
        value, quotes = fast.read(raw)
        return type(value) is dict and holds(raw, value, count_strings(value, _DEEPEST), quotes)
    except ValueError:
        return False


def arguments_fault(arguments: str) -> str | None:
    """Say why *arguments* are not a JSON object, or return None."""
    return (_seen_fault if len(arguments) <= _SHORT else _fault)(arguments)


def _fault(arguments: str) -> str | None:
    return None if _is_surely_object(arguments) else _explained_fault(arguments)


_SHORT = 1_000  # characters of arguments whose verdict is kept
_seen_fault = lru_cache(maxsize=4_096)(_fault)  # each row of an agent's log repeats the calls before it


def _explained_fault(arguments: str) -> str | None:
    if _depth(arguments) > _DEEPEST:
        return f"expected a JSON object of at most {_DEEPEST} levels, got more"
    try:
        value = json.loads(
            arguments, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_number, parse_float=_number
        )
    except ValueError as error:
        return str(error) if type(error) is ValueError else f"expected a JSON object, got {quote(arguments[:200])}"
    kinds = {list: "an array", str: "a string", type(None): "null", bool: "a boolean"}
    return None if isinstance(value, dict) else f"expected a JSON object, got {kinds.get(type(value), 'a number')}"


def _depth(text: str) -> int:
    if text.count("{") + text.count("[") <= _DEEPEST:
        return 0
    depth = most = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            escaped, quoted = char == "\\" and not escaped, escaped or char != '"'
        elif char == '"':
            quoted = True
        elif char in "{[":
            depth += 1
            most = max(most, depth)
        elif char in "}]":
            depth -= 1
    return most


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for n, key in enumerate(keys) if key in keys[:n])
        raise ValueError(f"duplicate key {quote(twice)}")
    return values


def _number(_: str) -> int:
    return 0  # its value does not matter, and may have more digits than Python reads


def _refuse(constant: str) -> None:
    raise ValueError(f"expected a JSON object, got {constant} in it")


_rule = partial(Rule, signs=Sign.TOOL, check=calls)
_answered_rule = partial(_rule, good=examples.ANSWERED)

RULES = (
    _rule(
        "tool-name-invalid",
        "The name of a function has characters that the target refuses, or is too long.",
        "openai-python types/shared_params/function_definition.py",
        at="messages[1].tool_calls[0].function.name",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call(function="get weather")]), result()],
        good=[user("Weather?"), assistant(tool_calls=[examples.call(function="get_weather")]), result()],
    ),
    _answered_rule(
        "tool-arguments-not-json",
        "The arguments of a call are not a JSON object; models do write such strings, so it is kept as it is.",
        "openai-python chat_completion_message_function_tool_call_param.py: not always valid JSON",
        severity="warning",
        at="messages[1].tool_calls[0].function.arguments",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call(arguments='{"city": ')]), result()],
    ),
    _rule(
        "tool-calls-empty",
        "tool_calls is an empty list, which the API refuses.",
        "OpenAI API: [] is too short - 'messages.1.tool_calls'",
        at="messages[1].tool_calls",
        bad=[user("Hello"), assistant("Hi.", tool_calls=[])],
        good=[user("Hello"), assistant("Hi.")],
        hint="leave tool_calls out",
        fix=left_out,
    ),
    _rule(
        "tool-calls-too-many",
        "The message makes more calls than the target takes.",
        "OpenAI API: messages[2].tool_calls: array too long; openai-dotnet#317, copilot-cli#669",
        at="messages[1].tool_calls",
        bad=[
            user("Weather?"),
            assistant(tool_calls=[examples.call("a"), examples.call("b")]),
            result("a"),
            result("b"),
        ],
        good=[user("Weather?"), assistant(tool_calls=[examples.call("a")]), result("a")],
        limits={"tools.max_calls": 1},
    ),
    _answered_rule(
        "tool-calls-misplaced",
        "Only assistant messages call tools.",
        "openai-python src/openai/types/chat/chat_completion_assistant_message_param.py",
        at="messages[0].tool_calls",
        bad=[user("Weather?", tool_calls=[examples.call()]), result()],
    ),
    _rule(
        "tool-type-not-allowed",
        "The target takes no calls of this type.",
        "mistral-common protocol/instruct/tool_calls.py, ToolTypes",
        at="messages[1].tool_calls[0]",
        bad=[
            user("Weather?"),
            assistant(
                tool_calls=[{"id": "abc123DEF", "type": "custom", "custom": {"name": "weather", "input": "Oslo"}}]
            ),
            result("abc123DEF"),
        ],
        good=[user("Weather?"), assistant(tool_calls=[examples.call("abc123DEF")]), result("abc123DEF")],
        target="mistral",
    ),
    _answered_rule(
        "function-call-deprecated",
        "function_call is deprecated in favour of tool_calls.",
        "openai-python chat_completion_assistant_message_param.py",
        severity="warning",
        at="messages[1].function_call",
        bad=[user("Weather?"), assistant(function_call={"name": "get_weather", "arguments": "{}"})],
    ),
)
