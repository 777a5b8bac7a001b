"""Rules about how calls and their results belong together."""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter

import attrs

from msgkit.errors import Path, quote
from msgkit.escaping import did_you_mean
from msgkit.model.base import UnknownPart
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Message, Role
from msgkit.rules import examples
from msgkit.rules.base import Context, Finding, Rule, compiled, shows_harmony
from msgkit.rules.examples import assistant, result, user
from msgkit.rules.prefilter import Sign


@attrs.define(eq=False, repr=False)
class _Calls:
    """Calls and results seen so far."""

    pending: dict[str, Path] = attrs.field(factory=dict)  # id -> where it stands
    called: set[str] = attrs.field(factory=set)
    answered: set[str] = attrs.field(factory=set)
    is_sure: bool = True  # False once calls cannot be read, so that a result may belong to one of them
    side: Role | None = None  # who spoke last, where neighbours of one role are one turn
    asked: int | None = None  # the message in which the user spoke since the calls
    started: bool = False  # whether a call of the last message that made some is answered


def pairs(context: Context) -> Iterator[Finding]:
    """Report calls without results, results without calls, and ids that are used twice or are not valid."""
    if _are_surely_paired(context):
        return
    yield from _explained(context)


def _are_surely_paired(context: Context) -> bool:
    """Fast check: True only if results follow their calls at once, each call has one, and ids are new and valid."""
    if context.broken:
        return False
    rules, called, pending = context.target.tools, set[str](), set[str]()
    by_name = context.own.is_harmony  # results there have no ids
    most = None if rules.id_max is None else rules.id_max.value
    pattern = None if rules.id_pattern is None else compiled(rules.id_pattern.value)
    for message in context.conversation.messages:
        role, name = message.author.role, message.tool_call_id
        if name is not None:
            if name not in pending or role is Role.ASSISTANT:
                return False
            pending.remove(name)
        elif pending or (role is Role.TOOL and not by_name) or role is Role.FUNCTION or type(role) is not Role:
            return False
        for call in message.tool_calls or ():
            name = call.id if type(call) is ToolCall else None
            if not name or name in called or (most is not None and len(name) > most):
                return False
            if pattern is not None and not pattern.fullmatch(name):
                return False
            called.add(name)
            pending.add(name)
    return not pending


def _explained(context: Context) -> Iterator[Finding]:
    """Report the same, with the place of each fault."""
    calls = _Calls(is_sure=not context.remembers)
    merged = _is_true(context, "roles.alternates")  # neighbours of one role are one turn, and the next turn answers
    for i, message in enumerate(context.conversation.messages):
        role = message.author.role
        if message.tool_call_id is not None and role is not Role.ASSISTANT:
            yield from _result(context, calls, i, message)
        elif role is Role.TOOL and context.has_role(i, message):
            yield from _unnamed(context, calls, i, message)
        elif not context.has_role(i, message) or role is Role.FUNCTION or context.is_broken(i):
            calls.pending.clear()  # it may be a result: nothing certain can be said
        elif not merged:
            yield from _unanswered(context, calls, i)
        elif role is Role.ASSISTANT and calls.side is Role.USER:
            yield from _unanswered(context, calls, i if calls.asked is None else calls.asked)
        elif role is Role.USER and calls.asked is None:
            calls.asked = i
        if role not in (Role.SYSTEM, Role.DEVELOPER):
            calls.side = Role.ASSISTANT if role is Role.ASSISTANT else Role.USER
        if context.is_broken(i, "tool_calls"):
            calls.is_sure = False
        yield from _made(context, calls, i, message)
    if merged and calls.asked is not None:
        yield from _unanswered(context, calls, calls.asked)
    yield from _left(context, calls)


def _left(context: Context, calls: _Calls) -> Iterator[Finding]:
    """Report the calls that the end of the history leaves without results."""
    together = context.target.tools.results_together
    if calls.started and together is not None and together.value and context.format == context.target.format:
        for name, at in calls.pending.items():
            text = f"the call {quote(name)} is not answered with the others of its turn"
            yield Finding(at, "tool-result-missing", text, source=together.source)
        return
    if calls.started and context.is_request:
        for name, at in calls.pending.items():
            text = f"the call {quote(name)} is not answered, while others of its message are"
            yield Finding(at, "tool-result-missing", text)
        return
    for name, at in calls.pending.items():
        text = f"the call {quote(name)} is not answered: fine when the answer comes next, or the history was cut here"
        yield Finding(at, "tool-call-pending", text)


def _result(context: Context, calls: _Calls, i: int, message: Message) -> Iterator[Finding]:
    name = message.tool_call_id
    at = ("messages", i, "tool_call_id")
    if not isinstance(name, str):
        return
    if name in calls.pending:
        del calls.pending[name]
        calls.answered.add(name)
        calls.started = True
        if _is_true(context, "tools.one_result"):
            calls.pending.clear()
    elif not name:
        yield Finding(at, "tool-call-id-missing", "expected the id of the call that this message answers, got ''")
    elif name in calls.answered:
        yield Finding(at, "tool-result-duplicate", f"the call {quote(name)} is answered already")
    elif name not in calls.called and calls.is_sure:
        text = f"no assistant message before this one calls {quote(name)}{did_you_mean(name, calls.pending)}"
        yield Finding(at, "tool-result-orphan", text)


def _is_true(context: Context, name: str) -> bool:
    """Return whether a fact is true at the target, or at that of the row's format."""
    facts = map(attrgetter(name), (context.target, context.format_target))
    return any(fact is not None and fact.value for fact in facts)


def _unnamed(context: Context, calls: _Calls, i: int, message: Message) -> Iterator[Finding]:
    """Report a tool message without tool_call_id, where the format has ids."""
    if context.is_broken(i, "tool_call_id"):
        calls.pending.clear()
    elif context.own.is_harmony or shows_harmony(message):
        return
    elif context.own.pairs_by_order:
        if calls.is_sure:
            text = "no message before this one makes a call that it answers"
            yield Finding(("messages", i), "tool-result-orphan", text)
    else:
        text = "expected the id of the call that this message answers"
        yield Finding(("messages", i, "tool_call_id"), "tool-call-id-missing", text)
        calls.pending.clear()


def _unanswered(context: Context, calls: _Calls, i: int) -> Iterator[Finding]:
    fact = context.target.tools.results_anywhere
    is_anywhere = fact is not None and fact.value
    late = {message.tool_call_id for message in context.conversation.messages[i:]} if is_anywhere else frozenset()
    for name, at in calls.pending.items():
        if name not in late:
            text = f"the call {quote(name)} is not answered before messages[{i}], which is not a tool message"
            yield Finding(at, "tool-result-missing", text)
    calls.pending = {name: at for name, at in calls.pending.items() if name in late}


def _made(context: Context, calls: _Calls, i: int, message: Message) -> Iterator[Finding]:
    """Note the calls of a message, and those that the server made, which may be answered."""
    if message.tool_calls:
        calls.asked, calls.started = None, False
    for j, call in enumerate(message.tool_calls or ()):
        yield from _call(context, calls, ("messages", i, "tool_calls", j), call)
    for part in message.content if isinstance(message.content, tuple) else ():
        if isinstance(part, UnknownPart):
            names = map(context.data_of(part).get, ("id", "call_id"))
            calls.called.update(name for name in names if isinstance(name, str))


def _call(context: Context, calls: _Calls, at: Path, call: object) -> Iterator[Finding]:
    at = (*at, "id")
    if not isinstance(call, (ToolCall, CustomToolCall)):
        calls.is_sure = False  # a call of an unknown type may have any id
        return
    name = call.id
    if not name:
        if not context.is_broken(int(at[1]), "tool_calls"):
            yield Finding(at, "tool-call-id-missing", "expected an id, for the result to name")
        return
    if name in calls.pending:
        yield Finding(
            at, "tool-call-id-duplicate", f"the id {quote(name)} is used twice in one message", severity="error"
        )
    elif name in calls.called:
        text = f"the id {quote(name)} was used by an earlier message"
        yield Finding(at, "tool-call-id-duplicate", text, severity="warning")
    yield from _id_form(context, at, name)
    calls.called.add(name)
    calls.answered.discard(name)
    calls.pending[name] = at


def _id_form(context: Context, at: Path, name: str) -> Iterator[Finding]:
    rules = context.target.tools
    if rules.id_max is not None and len(name) > rules.id_max.value:
        text = f"expected at most {rules.id_max.value} characters, got {len(name)}: {quote(name)}"
        yield Finding(at, "tool-call-id-invalid", text, source=rules.id_max.source)
    elif rules.id_pattern is not None and not compiled(rules.id_pattern.value).fullmatch(name):
        text = f"expected an id that matches {rules.id_pattern.value}, got {quote(name)}"
        yield Finding(at, "tool-call-id-invalid", text, source=rules.id_pattern.source)


_rule = partial(Rule, signs=Sign.TOOL, check=pairs)
_answered_rule = partial(_rule, good=examples.ANSWERED)

RULES = (
    _answered_rule(
        "tool-result-orphan",
        "A tool message answers a call that no assistant message before it makes.",
        "OpenAI API: a tool message must be a response to a preceding message with 'tool_calls'; langchain#33245",
        at="messages[1].tool_call_id",
        bad=[user("Weather?"), result()],
    ),
    _rule(
        "tool-result-missing",
        "A call is not answered before the next message that is not a tool message.",
        "OpenAI API: an assistant message with 'tool_calls' must be followed by tool messages; litellm#4931",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()]), user("Well?")],
        good=[user("Weather?"), assistant(tool_calls=[examples.call()]), result(), user("Well?")],
    ),
    _answered_rule(
        "tool-call-pending",
        "The history ends with a call that is not answered: fine when the answer comes next.",
        "OpenAI API: an assistant message with 'tool_calls' must be followed by tool messages",
        severity="warning",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()])],
    ),
    _answered_rule(
        "tool-result-duplicate",
        "A call is answered twice.",
        "mistral-common protocol/instruct/validator.py: duplicate tool call id in tool results",
        at="messages[3].tool_call_id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call()]), result(), result()],
    ),
    _rule(
        "tool-call-id-duplicate",
        "An id is used by two calls; a warning when they stand in different messages.",
        "mistral-common protocol/instruct/validator.py: duplicate tool call id in assistant message; qwen-code#5099",
        at="messages[1].tool_calls[1].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call(), examples.call(arguments="{}")]), result()],
        good=[
            user("Weather?"),
            assistant(tool_calls=[examples.call(), examples.call("call_2", arguments="{}")]),
            result(),
            result("call_2"),
        ],
    ),
    _answered_rule(
        "tool-call-id-missing",
        "A call has no id, or a tool message does not say which call it answers.",
        "openai-python chat_completion_message_function_tool_call_param.py, chat_completion_tool_message_param.py",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call("")])],
    ),
    _rule(
        "tool-call-id-invalid",
        "The id of a call has characters or a length that the target refuses.",
        "Anthropic API: tool_use.id should match '^[a-zA-Z0-9_-]+$'; agno#5382 (40 characters at OpenAI)",
        at="messages[1].tool_calls[0].id",
        bad=[user("Weather?"), assistant(tool_calls=[examples.call("call:1")]), result("call:1")],
        good=[user("Weather?"), assistant(tool_calls=[examples.call("call_1")]), result("call_1")],
        target="anthropic",
    ),
)
