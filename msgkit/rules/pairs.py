"""Rules about how calls and their results belong together."""

from collections.abc import Iterator

import attrs

from msgkit.errors import Path, nearest, quote
from msgkit.model.messages import Message, Role
from msgkit.model.parts import CustomToolCall, ToolCall
from msgkit.rules import examples
from msgkit.rules.base import Context, Finding, Rule, is_harmony
from msgkit.rules.examples import assistant, result, user
from msgkit.rules.patterns import compiled
from msgkit.rules.prefilter import Sign
from msgkit.structuring import NESTED


@attrs.define
class _Ledger:
    """Calls and results seen so far."""

    pending: dict[str, Path] = attrs.field(factory=dict)
    called: set[str] = attrs.field(factory=set)
    answered: set[str] = attrs.field(factory=set)
    is_sure: bool = True  # False once calls cannot be read, so that a result may belong to one of them


def pairs(context: Context) -> Iterator[Finding]:
    """Report calls without results, results without calls, and ids that are used twice or are not valid."""
    ledger = _Ledger()
    for i, message in enumerate(context.conversation.messages):
        role = message.author.role
        if message.tool_call_id is not None and role is not Role.ASSISTANT:
            yield from _result(ledger, i, message)
        elif role is Role.TOOL and context.has_role(i, message):
            yield from _unnamed(context, ledger, i, message)
        elif not context.has_role(i, message) or role is Role.FUNCTION or context.is_broken(i):
            ledger.pending.clear()  # it may be a result: nothing certain can be said
        else:
            yield from _unanswered(ledger, i)
        if context.is_broken(i, "tool_calls"):
            ledger.is_sure = False
        for j, call in enumerate(message.tool_calls or ()):
            yield from _opened(context, ledger, ("messages", i, "tool_calls", j), call)
    for name, at in ledger.pending.items():
        text = f"the call {quote(name)} is not answered: fine when the answer comes next, or the history was cut here"
        yield Finding(at, "tool-call-pending", text)


def _result(ledger: _Ledger, i: int, message: Message) -> Iterator[Finding]:
    name = message.tool_call_id
    at = ("messages", i, "tool_call_id")
    if not isinstance(name, str):
        return
    if name in ledger.pending:
        del ledger.pending[name]
        ledger.answered.add(name)
    elif not name:
        yield Finding(at, "tool-call-id-missing", "expected the id of the call that this message answers, got ''")
    elif name in ledger.answered:
        yield Finding(at, "tool-result-duplicate", f"the call {quote(name)} is answered already")
    elif name not in ledger.called and ledger.is_sure:
        near = nearest(name, ledger.pending)
        text = f"no assistant message before this one calls {quote(name)}"
        yield Finding(at, "tool-result-orphan", f"{text}; did you mean {near!r}?" if near else text)


def _unnamed(context: Context, ledger: _Ledger, i: int, message: Message) -> Iterator[Finding]:
    """Report a tool message without tool_call_id; Harmony's have none, but a name."""
    harmony = context.own.is_harmony or is_harmony(message)
    if context.is_broken(i, "tool_call_id"):
        ledger.pending.clear()
    elif context.own.pairs_by_order:
        yield Finding(("messages", i), "tool-result-orphan", "no message before this one makes a call that it answers")
    elif not harmony:
        text = "expected the id of the call that this message answers"
        yield Finding(("messages", i, "tool_call_id"), "tool-call-id-missing", text)
        ledger.pending.clear()
    fact = context.target.tools.author_name
    if (
        harmony
        and fact is not None
        and fact.value
        and not message.author.name
        and not context.is_broken(i, "name", "author")
    ):
        at: Path = ("messages", i, "author") if NESTED in message.form else ("messages", i)
        text = "a tool message needs the tool's name as its author: functions.NAME"
        yield Finding(at, "tool-name-missing", text, source=fact.source)


def _unanswered(ledger: _Ledger, i: int) -> Iterator[Finding]:
    for name, at in ledger.pending.items():
        text = f"the call {quote(name)} is not answered before messages[{i}], which is no tool message"
        yield Finding(at, "tool-result-missing", text)
    ledger.pending.clear()


def _opened(context: Context, ledger: _Ledger, at: Path, call: object) -> Iterator[Finding]:
    at = (*at, "id")
    if not isinstance(call, ToolCall | CustomToolCall):
        ledger.is_sure = False  # a call of an unknown type may have any id
        return
    name = call.id
    if not name:
        if not context.is_broken(int(at[1]), "tool_calls"):
            yield Finding(at, "tool-call-id-missing", "expected an id, for the result to name")
        return
    if name in ledger.pending:
        yield Finding(
            at, "tool-call-id-duplicate", f"the id {quote(name)} is used twice in one message", severity="error"
        )
    elif name in ledger.called:
        text = f"the id {quote(name)} was used by an earlier message"
        yield Finding(at, "tool-call-id-duplicate", text, severity="warning")
    yield from _id_form(context, at, name)
    ledger.called.add(name)
    ledger.answered.discard(name)
    ledger.pending[name] = at


def _id_form(context: Context, at: Path, name: str) -> Iterator[Finding]:
    rules = context.target.tools
    if rules.id_max is not None and len(name) > rules.id_max.value:
        text = f"expected at most {rules.id_max.value} characters, got {len(name)}: {quote(name)}"
        yield Finding(at, "tool-call-id-invalid", text, source=rules.id_max.source)
    elif rules.id_pattern is not None and not compiled(rules.id_pattern.value).fullmatch(name):
        text = f"expected an id that matches {rules.id_pattern.value}, got {quote(name)}"
        yield Finding(at, "tool-call-id-invalid", text, source=rules.id_pattern.source)


RULES = (
    Rule(
        "tool-result-orphan",
        "A tool message answers a call that no assistant message before it makes.",
        "error",
        "OpenAI API: a tool message must be a response to a preceding message with 'tool_calls'; langchain#33245",
        at="messages[1].tool_call_id",
        bad=[user("Weather?"), result()],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result()],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-result-missing",
        "A call is not answered before the next message that is no tool message.",
        "error",
        "OpenAI API: an assistant message with 'tool_calls' must be followed by tool messages; litellm#4931",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()]), user("Well?")],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result(), user("Well?")],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-call-pending",
        "The history ends with a call that is not answered: fine when the answer comes next.",
        "warning",
        "OpenAI API: an assistant message with 'tool_calls' must be followed by tool messages",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()])],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result()],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-result-duplicate",
        "A call is answered twice.",
        "error",
        "mistral-common protocol/instruct/validator.py: duplicate tool call id in tool results",
        at="messages[3].tool_call_id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()]), result(), result()],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result()],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-call-id-duplicate",
        "An id is used by two calls; a warning when they stand in different messages.",
        "error",
        "mistral-common protocol/instruct/validator.py: duplicate tool call id in assistant message; qwen-code#5099",
        at="messages[1].tool_calls[1].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call(), examples.call(arguments="{}")]), result()],
        good=[
            user("Weather?"),
            assistant(tool_calls=[examples.call(), examples.call("call_2", arguments="{}")]),
            result(),
            result("call_2"),
        ],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-call-id-missing",
        "A call has no id, or a tool message does not say which call it answers.",
        "error",
        "openai-python chat_completion_message_function_tool_call_param.py, chat_completion_tool_message_param.py",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call("")])],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result()],
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-call-id-invalid",
        "The id of a call has characters or a length that the target refuses.",
        "error",
        "mistral-common protocol/instruct/validator.py: '^[a-zA-Z0-9]{9}$'; agno#5382",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call("call_1")]), result("call_1")],
        good=[user("Weather?"), assistant(tool_calls=[examples.call("abc123DEF")]), result("abc123DEF")],
        target="mistral",
        signs=Sign.TOOL,
        check=pairs,
    ),
    Rule(
        "tool-name-missing",
        "A Harmony tool message needs the tool's name as its author.",
        "error",
        "openai/harmony src/encoding.rs: tools must have a name",
        at="messages[1]",
        bad=[user("Weather?"), {"role": "tool", "channel": "commentary", "content": "12 degrees"}],
        good=[
            user("Weather?"),
            {"role": "tool", "name": "functions.w", "channel": "commentary", "content": "12 degrees"},
        ],
        target="harmony",
        signs=Sign.TOOL,
        check=pairs,
    ),
)
