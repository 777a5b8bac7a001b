"""Rules about roles and authors' names."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgkit import formats
from msgkit.errors import Path, Severity, quote
from msgkit.escaping import a
from msgkit.jsontext.edit import Steps, edit, find
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.model.messages import Message, Role
from msgkit.rules.base import Context, Finding, Rule, author_path, compiled, left_out, source_name
from msgkit.rules.examples import assistant, call, result, user
from msgkit.rules.prefilter import Sign
from msgkit.structuring.wire import ROLE_ALIASES

_SYSTEM = (Role.SYSTEM, Role.DEVELOPER)
_NAMED = frozenset((Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT, Role.FUNCTION))


def allowed(context: Context) -> Iterator[Finding]:
    """Report deprecated roles, and roles that the target does not know."""
    fact, doubtful = context.target.roles.allowed, context.target.roles.doubtful
    for i, message in context.messages:
        role = message.author.role
        if role is Role.FUNCTION and role in fact.value:
            hint = "write 'tool', and the tool_call_id that it answers"
            at = author_path(i, message, "role")
            yield Finding(at, "role-deprecated", "the role 'function' is deprecated in favour of 'tool'", hint)
        elif role not in fact.value:
            known = ", ".join(fact.value)
            text = f"{context.target.title} has no role {quote(str(role))}; roles are {known}"
            fixable = role is Role.DEVELOPER and "system" in fact.value
            at = author_path(i, message, "role")
            remedy = "write 'system'" if fixable else None
            yield Finding(at, "role-not-allowed", text, remedy, source=fact.source, fixable=fixable)
        elif doubtful is not None and role in doubtful.value and not context.own.is_harmony:
            text = f"some models of {context.target.title} do not know the role {role}: they refuse or leave it out"
            at, hint = author_path(i, message, "role"), "write 'system', unless the model tells the two apart"
            yield Finding(at, "role-not-allowed", text, hint, "warning", doubtful.source, fixable=False)
    yield from _listed(context)


def _listed(context: Context) -> Iterator[Finding]:
    """Report roles that the row's list of messages may not have in the format's own words."""
    fact = context.target.roles.listed
    if fact is None or context.format != context.target.format:
        return
    items, known = context.body.get(context.own.list_key), (*fact.value, None)
    if type(items) is list and all(type(item) is dict and item.get("role") in known for item in items):
        return  # as in most rows, without asking where each message comes from
    for i, _ in context.messages:
        at, item = context.item(i)
        role = item.get("role") if isinstance(item, OBJECT) else None
        if len(at) > 1 and isinstance(role, str) and role not in fact.value:
            text = f"expected one of {', '.join(fact.value)}, got {quote(role)}"
            yield Finding((*at, "role"), "role-not-allowed", text, source=fact.source, fixable=False, in_body=True)


def order(context: Context) -> Iterator[Finding]:
    """Report roles that come where the target does not want them."""
    previous, started, roles = None, False, context.target.roles
    fact, is_ordered = roles.system_in_middle, roles.after is not None or roles.refuse_neighbours is not None
    for i, message in context.messages:
        role = message.author.role
        if role in _SYSTEM:
            if started and (fact is None or not fact.value):
                text = f"{a(role)} message after the first message of another role: many templates refuse or ignore it"
                severity: Severity = "warning" if fact is None else fact.severity
                source, at = None if fact is None else fact.source, author_path(i, message, "role")
                yield Finding(at, "system-not-first", text, severity=severity, source=source)
        else:
            started = True
        if previous is not None and (is_ordered or role is previous.author.role):
            yield from _after(context, i, previous, message)
        previous = message
    yield from _first(context)
    yield from _alone(context)
    yield from _places(context)


def _places(context: Context) -> Iterator[Finding]:
    """Report the first element of a training row that is where its trainer does not take its role."""
    roles = context.target.roles
    if roles.even is None or roles.odd is None or context.format != context.target.format:
        return
    at = context.place(0)
    items = find(context.body, at[:-1]) if at and not context.own.free_order(context.conversation) else None
    if not isinstance(items, LIST):
        return
    if len(context.messages) < len(context.conversation.messages):  # a role is not known
        return
    told = {context.place(i): message.author.role for i, message in context.messages}
    first = int(told.get((*at[:-1], 0)) in _SYSTEM)
    for n in range(first, len(items)):
        role = told.get((*at[:-1], n), Role.ASSISTANT)  # a call that was joined to what was said before it
        fact = roles.odd if (n - first) % 2 else roles.even
        if role not in fact.value:
            where = "an odd" if (n - first) % 2 else "an even"
            text = f"{a(role)} message at {where} place: {context.target.title} expects {' or '.join(fact.value)} there"
            yield _misplaced((*at[:-1], n), text, fact.source)
            return
    if roles.pairs is not None and roles.pairs.value and (len(items) - first) % 2:
        text = f"expected an even number of messages, got {len(items) - first}: {context.target.title} skips the row"
        yield _misplaced((*at[:-1], len(items) - 1), text, roles.pairs.source)


def _misplaced(at: Path, text: str, source: str) -> Finding:
    return Finding(at, "role-order", text, severity="warning", source=source, in_body=True)


def _after(context: Context, i: int, previous: Message, message: Message) -> Iterator[Finding]:
    roles = context.target.roles
    role, before = (
        Role.SYSTEM if role is Role.DEVELOPER else role for role in (message.author.role, previous.author.role)
    )
    at = author_path(i, message, "role")
    if roles.after is not None:
        expected = roles.after.value.get(before)
        if expected is not None and role in roles.allowed.value and role not in expected:
            text = f"{a(role)} message after {a(before)} message: expected {' or '.join(expected)}"
            yield Finding(at, "role-order", text, severity="error", source=roles.after.source)
    elif roles.refuse_neighbours is not None and (_same_turn(previous, message) or _same_in_row(context, i)):
        fact, own = roles.refuse_neighbours, "user" if role is Role.TOOL else role
        is_sent = context.format == context.target.format and (context.ready or context.is_request)
        severity = fact.severity if is_sent else "warning"  # a conversion joins them
        yield Finding(at, "role-order", f"two {own} messages in a row: {fact.value}", None, severity, fact.source)
    elif roles.alternates is not None and roles.alternates.value and _same_turn(previous, message):
        text = f"two {role} messages in a row: {context.target.title} takes them as one"
        yield Finding(at, "role-order", text, None, "warning", roles.alternates.source)


def _same_turn(previous: Message, message: Message) -> bool:
    if previous.channel is not None or message.channel is not None:
        return False  # Harmony: one turn of the assistant is several messages
    role = message.author.role
    return role is previous.author.role and role in (Role.USER, Role.ASSISTANT)


def _same_in_row(context: Context, i: int) -> bool:
    """Return whether a result and a question are two messages of the user in the row's own words."""
    if context.format != context.target.format or context.format == formats.DEFAULT:
        return False
    before, at = (context.place(n)[:2] for n in (i - 1, i))
    one, other = find(context.body, before), find(context.body, at)
    return (
        at != before and isinstance(one, OBJECT) and isinstance(other, OBJECT) and one.get("role") == other.get("role")
    )


def _first(context: Context) -> Iterator[Finding]:
    """Report a first message, after the system prompt, of a role that may not start."""
    fact = context.target.roles.start
    if fact is None or context.remembers:
        return
    i, first = next(((i, one) for i, one in context.messages if one.author.role not in _SYSTEM), (0, None))
    if first is not None and first.author.role not in fact.value:
        text = f"{a(first.author.role)} message comes first: {context.target.title} expects {' or '.join(fact.value)}"
        yield Finding(author_path(i, first, "role"), "role-order", text, severity=fact.severity, source=fact.source)


def _alone(context: Context) -> Iterator[Finding]:
    fact, messages = context.target.roles.alone, context.conversation.messages
    if fact is None or len(messages) != 1 or not isinstance(messages[0].author.role, Role):
        return
    role = messages[0].author.role
    if role in context.target.roles.allowed.value and role not in fact.value:
        text = f"a conversation of one {role} message: expected {' or '.join(fact.value)}"
        at = author_path(0, messages[0], "role")
        yield Finding(at, "role-order", text, severity="error", source=fact.source)


def names(context: Context) -> Iterator[Finding]:
    """Report authors' names that the target refuses."""
    rules = context.target.names
    taken = _taken(context)
    for i, message in context.messages:
        name = message.author.name
        if name is None or context.is_broken(i, "name", "author"):
            continue
        role = message.author.role
        fact = rules.author if role in _NAMED else rules.tool if context.own.tool_names else None
        if fact is not None and not compiled(fact.value).fullmatch(name):
            at: Path = author_path(i, message, "name")
            text = f"expected a name that matches {fact.value}, got {quote(name)}"
            new = source_name(name)
            hint = f"write {new!r}" if new else "leave it out"
            yield Finding(at, "name-invalid", text, hint, source=fact.source, fixable=taken.get(new) in (None, name))


def _taken(context: Context) -> Mapping[str, str]:
    """What each name in use would become -> the name; where two become one, that which stays as it is."""
    taken: dict[str, str] = {}
    for _, message in context.messages:
        name = message.author.name
        if isinstance(name, str):
            new = source_name(name)
            taken[new] = name if taken.get(new, name) == name else "\0"  # no name is both
    return taken


_OWN_ROLES: Mapping[str, Mapping[str, str]] = {
    "contents": {"assistant": "model"},
    "from": {"user": "human", "assistant": "gpt", "tool": "observation"},
}
"""What Gemini's contents, and ShareGPT under its key ``from``, call roles."""


def _role(body: Any, at: Steps) -> Any:
    def change(old: Any) -> Any:
        if not isinstance(old, str):
            return old
        folded = old.strip().casefold()
        new = ROLE_ALIASES.get(folded, folded)
        own = _OWN_ROLES.get(str(at[0] if at[0] == "contents" else at[-1]), {})
        return own.get(new, new) if new in [str(role) for role in Role] else old

    return edit(body, at, change)


def _developer(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: "system" if old == "developer" else old)


def _name(body: Any, at: Steps) -> Any:
    new = source_name(str(find(body, at)))
    return edit(body, at, lambda _: new) if new else left_out(body, at)


RULES = (
    Rule(
        "role-unknown",
        "Unknown role: not system, developer, user, assistant or tool.",
        "openai-python chat_completion_message_param.py; openai/harmony src/chat.rs, Role",
        at="messages[0].role",
        bad=[{"role": "human", "content": "Hello"}],
        good=[user("Hello")],
        fix=_role,
    ),
    Rule(
        "role-deprecated",
        "The role function is deprecated in favour of tool.",
        "openai-python chat_completion_function_message_param.py",
        severity="warning",
        at="messages[1].role",
        bad=[user("Weather?"), {"role": "function", "name": "get_weather", "content": "12 degrees"}],
        good=[user("Weather?"), assistant(tool_calls=[call()]), result()],
        signs=Sign.ROLE,
        check=allowed,
    ),
    Rule(
        "role-not-allowed",
        "The target has no such role.",
        "mistral-common protocol/instruct/messages.py, Roles",
        at="messages[0].role",
        bad=[{"role": "developer", "content": "Be brief."}, user("Hello")],
        good=[{"role": "system", "content": "Be brief."}, user("Hello")],
        target="mistral",
        signs=Sign.ROLE,
        check=allowed,
        fix=_developer,
    ),
    Rule(
        "role-order",
        "The role is not allowed here, or not after the one before; a warning where the target merges the two.",
        "mistral-common protocol/instruct/validator.py, _validate_message_order",
        at="messages[0].role",
        bad=[assistant("Hello")],
        good=[user("Hello"), assistant("Hi.")],
        target="mistral",
        signs=Sign.ORDER,
        check=order,
    ),
    Rule(
        "system-not-first",
        "A system or developer message after the first message of another role: many templates refuse or ignore it.",
        "openai/harmony docs/format.md: system and developer come first",
        severity="warning",
        at="messages[1].role",
        bad=[user("Hello"), {"role": "system", "content": "Be brief."}, user("And?")],
        good=[{"role": "system", "content": "Be brief."}, user("Hello"), user("And?")],
        signs=Sign.ORDER,
        check=order,
    ),
    Rule(
        "name-invalid",
        "The author's name has characters that the API refuses, or is too long.",
        "LibreChat#1075: '^[a-zA-Z0-9_-]{1,64}$'",
        at="messages[0].name",
        bad=[user("Hello", name="Ann Lee")],
        good=[user("Hello", name="Ann_Lee")],
        hint="other characters become _",
        signs=Sign.NAME,
        check=names,
        fix=_name,
    ),
)
