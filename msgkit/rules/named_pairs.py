"""Rules about calls and results by their places: Harmony's have no ids, Gemini's must be together."""

from collections.abc import Iterator
from typing import Any

import attrs

from msgkit.errors import Path, quote
from msgkit.jsontext.values import LIST
from msgkit.model.messages import Message, Role
from msgkit.rules.base import Context, Finding, Rule, always, shows_harmony
from msgkit.rules.examples import user
from msgkit.rules.prefilter import Sign
from msgkit.structuring.wire import NESTED
from msgkit.targets.body_paths import values_at

_PERSONS = frozenset(("all", "assistant", "user"))  # recipients that are no tools
_FUNCTIONS = "functions."
_CALL = {"role": "assistant", "recipient": "functions.w", "channel": "commentary", "content": "{}"}
_TEMPLATE = "openai/gpt-oss chat_template.jinja: tool role without an assistant message with a call before it"


@attrs.define(eq=False, repr=False)
class _Named:
    """Calls without ids seen so far."""

    pending: list[tuple[str, Path]] = attrs.field(factory=list)  # name of the tool, and where it is called
    called: set[str] = attrs.field(factory=set)

    def take(self, name: str | None) -> bool:
        """Take the first pending call of this tool out; of any where the result has no name."""
        for n, (called, _) in enumerate(self.pending):
            if name is None or _is_same(called, name):
                del self.pending[n]
                return True
        return False


def named_pairs(context: Context) -> Iterator[Finding]:
    """Report Harmony's calls without results, results without calls, and results that do not name their tool."""
    if not context.own.is_harmony and not any(map(shows_harmony, context.conversation.messages)):
        return
    calls = _Named()
    by_id = any(message.tool_calls for message in context.conversation.messages)
    for i, message in context.messages:
        role = message.author.role
        if role is Role.TOOL and (context.own.is_harmony or shows_harmony(message)):
            yield from _name(context, i, message)
            if message.tool_call_id is None and not context.is_broken(i) and not by_id:
                yield from _result(calls, i, message)
        elif (called := called_tool(message)) is not None:
            calls.pending.append((called, ("messages", i, "recipient")))
            calls.called.add(called)
        elif role is Role.USER or (role is Role.ASSISTANT and message.channel in (None, "final")):
            yield from _unanswered(calls, i)


def called_tool(message: Message) -> str | None:
    """Return the tool that a message of the assistant calls, as Harmony has it: the content is the arguments."""
    to = message.recipient
    is_call = message.author.role == Role.ASSISTANT and isinstance(to, str) and bool(to) and to not in _PERSONS
    return to if is_call else None


def _is_same(called: str, name: str) -> bool:
    """Return whether a result of this name may answer a call: functions by name, other tools by namespace."""
    if called.startswith(_FUNCTIONS) or name.startswith(_FUNCTIONS):
        return called.removeprefix(_FUNCTIONS) == name.removeprefix(_FUNCTIONS)
    return called.partition(".")[0] == name.partition(".")[0]


def _result(calls: _Named, i: int, message: Message) -> Iterator[Finding]:
    name = message.author.name or None
    if calls.take(name) or name is None:
        return
    again = next((called for called in calls.called if _is_same(called, name)), None)
    at: Path = ("messages", i)
    if again is None:
        yield Finding(at, "tool-result-orphan", f"no message before this one calls {quote(name)}", source=_TEMPLATE)
    elif again.startswith(_FUNCTIONS):  # tools of the model's own may answer a call in several messages
        yield Finding(at, "tool-result-duplicate", f"every call of {quote(again)} is answered already")


def _name(context: Context, i: int, message: Message) -> Iterator[Finding]:
    fact = context.target.tools.author_name
    if fact is None or not fact.value or message.author.name or context.is_broken(i, "name", "author"):
        return
    at: Path = ("messages", i, "author") if NESTED in message.form else ("messages", i)
    text = "a tool message needs the tool's name as its author: functions.NAME"
    yield Finding(at, "tool-name-missing", text, source=fact.source)


def _unanswered(calls: _Named, i: int) -> Iterator[Finding]:
    for name, at in calls.pending:
        text = f"the call of {quote(name)} is not answered before messages[{i}], which is not a tool message"
        yield Finding(at, "tool-result-missing", text, source=_TEMPLATE)
    calls.pending.clear()


def turns(context: Context) -> Iterator[Finding]:
    """Report calls that no user asked for, and results that are apart from those of the same turn or from its calls."""
    fact = context.target.tools.results_together
    if fact is None or not fact.value or context.format != context.target.format or context.remembers:
        return
    asked, envelope = False, context.conversation.envelope
    end = 2 if envelope is None else len(envelope.path) + 2  # of the path of an element of the list
    calls: frozenset[str | None] = frozenset()  # the calls of the last turn that made some
    first = after = None  # the numbers of the first of their results, and of what the user said before it
    for i, message in context.messages:
        role = message.author.role
        if message.tool_calls:
            if not asked:
                text = f"{context.target.title} takes calls only right after a user message or a result"
                yield Finding(("messages", i), "role-order", text, severity="error", source=_OPENING)
            made = {getattr(call, "id", None) for call in message.tool_calls}
            is_next = first is not None or after is not None
            calls, first, after = frozenset(made if is_next else calls | made), None, None
        elif role is Role.TOOL and message.tool_call_id in calls:
            if first is None and after is not None:
                text = (
                    f"{context.target.title} expects results right after their calls, got a user message between them"
                )
                yield Finding(("messages", i), "tool-results-apart", text, source=_RIGHT_AFTER)
            elif first is not None and len({context.places(("messages", k))[:end] for k in (first, i)}) > 1:
                text = f"{context.target.title} expects the results of one turn's calls in one place, got several"
                yield Finding(("messages", i), "tool-results-apart", text, source=fact.source)
            first = i if first is None else first
        elif role is Role.USER and calls and first is None:
            after = i
        asked = asked or role in (Role.USER, Role.TOOL)


def signatures(context: Context) -> Iterator[Finding]:
    """Report calls of the turn in progress without the signature that the model made with them."""
    fact, key = context.target.tools.signature, context.own.list_key
    turns = context.body.get(key)
    if fact is None or context.format != context.target.format or not isinstance(turns, LIST):
        return
    for i in range(len(turns) - 1, -1, -1):
        parts = values_at({key: turns[i]}, f"{key}.parts[]")
        call = next((j for j, part in enumerate(parts) if values_at({key: part}, f"{key}.functionCall")), None)
        if call is not None and not any(values_at(parts[call], fact.value)):
            text = f"{context.target.title} expects {fact.value!r} beside the first call of a turn in progress"
            yield Finding((key, i, "parts", call), "signature-missing", text, source=fact.source, in_body=True)
        if call is None and not _answers(parts) and values_at({key: turns[i]}, f"{key}.role") != ["model"]:
            return


def _answers(parts: list[Any]) -> bool:
    return any(values_at({"part": part}, "part.functionResponse") for part in parts)


_OPENING = "Gemini API: function call turn comes immediately after a user turn (gemini-cli#11814, OmniRoute#13573)"
_RIGHT_AFTER = "Gemini API: function response turn comes immediately after a function call turn (litellm#26755)"

_CALLS: list[dict[str, Any]] = [{"functionCall": {"name": name, "args": {}}} for name in ("now", "here")]
_RESULTS = [{"functionResponse": {"name": name, "response": {"output": "5"}}} for name in ("now", "here")]
_ASKED = [{"role": "user", "parts": [{"text": "When and where?"}]}, {"role": "model", "parts": _CALLS}]

_SIGNS = "gemini-3-pro-preview"
_SIGNED = {"role": "model", "parts": [{**_CALLS[0], "thoughtSignature": "c2lnbg=="}, _CALLS[1]]}

RULES = (
    Rule(
        "signature-missing",
        "A call of the turn in progress lacks the signature that the model made with it.",
        "Gemini docs: thought signatures",
        at="contents[1].parts[0]",
        bad={"model": _SIGNS, "contents": [*_ASKED, {"role": "user", "parts": _RESULTS}]},
        good={"model": _SIGNS, "contents": [_ASKED[0], _SIGNED, {"role": "user", "parts": _RESULTS}]},
        hint="send the parts back as they came; thoughtSignature is one of their keys",
        target="gemini",
        applies=always,
        facts=("tools.signature",),
        check=signatures,
    ),
    Rule(
        "tool-results-apart",
        "The results of one turn's calls are not together, right after their calls.",
        "Gemini API: as many functionResponse parts as functionCall parts of the turn before (eino-ext#571, pi#5528)",
        severity="warning",
        at="contents[3].parts[0]",
        bad={"contents": [*_ASKED, *({"role": "user", "parts": [part]} for part in _RESULTS)]},
        good={"contents": [*_ASKED, {"role": "user", "parts": _RESULTS}]},
        target="gemini",
        signs=Sign.TOOL,
        facts=("tools.results_together",),
        check=turns,
    ),
    Rule(
        "tool-name-missing",
        "A Harmony tool message needs the tool's name as its author.",
        "openai/harmony src/encoding.rs: tools must have a name",
        at="messages[2]",
        bad=[user("Weather?"), _CALL, {"role": "tool", "channel": "commentary", "content": "12 degrees"}],
        good=[
            user("Weather?"),
            _CALL,
            {"role": "tool", "name": "functions.w", "channel": "commentary", "content": "12 degrees"},
        ],
        target="harmony",
        signs=Sign.TOOL | Sign.CHANNEL,
        check=named_pairs,
    ),
)
