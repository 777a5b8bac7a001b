"""Rules about roles and authors' names."""

from collections.abc import Iterator, Mapping

from msgkit.errors import Path, quote
from msgkit.model.messages import Message, Role
from msgkit.rules.base import Context, Finding, a, author_path, source_name
from msgkit.rules.patterns import compiled

_SYSTEM = (Role.SYSTEM, Role.DEVELOPER)
_NAMED = frozenset((Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT, Role.FUNCTION))


def allowed(context: Context) -> Iterator[Finding]:
    """Report deprecated roles, and roles that the target does not know."""
    fact = context.target.roles.allowed
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


def order(context: Context) -> Iterator[Finding]:
    """Report roles that come where the target does not want them."""
    previous, started = None, False
    for i, message in context.messages:
        role = message.author.role
        if role in _SYSTEM:
            if started:
                text = f"{a(role)} message after the first message of another role: many templates refuse or ignore it"
                yield Finding(author_path(i, message, "role"), "system-not-first", text)
        else:
            started = True
        if previous is not None:
            yield from _after(context, i, previous, message)
        previous = message
    yield from _alone(context)


def _after(context: Context, i: int, previous: Message, message: Message) -> Iterator[Finding]:
    roles = context.target.roles
    role, before = (
        Role.SYSTEM if role is Role.DEVELOPER else role for role in (message.author.role, previous.author.role)
    )
    if roles.after is not None:
        expected = roles.after.value.get(before)
        if expected is not None and role in roles.allowed.value and role not in expected:
            text = f"{a(role)} message after {a(before)} message: expected {' or '.join(expected)}"
            yield Finding(
                author_path(i, message, "role"), "role-order", text, severity="error", source=roles.after.source
            )
    elif roles.alternates is not None and roles.alternates.value and _same_turn(previous, message):
        text = f"two {role} messages in a row: {context.target.title} takes them as one"
        source = roles.alternates.source
        yield Finding(author_path(i, message, "role"), "role-order", text, severity="warning", source=source)


def _same_turn(previous: Message, message: Message) -> bool:
    if previous.channel is not None or message.channel is not None:
        return False  # Harmony: one turn of the assistant is several messages
    role = message.author.role
    return role is previous.author.role and role in (Role.USER, Role.ASSISTANT)


def _alone(context: Context) -> Iterator[Finding]:
    fact = context.target.roles.alone
    messages = context.conversation.messages
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
    found: dict[str, str] = {}
    for _, message in context.messages:
        name = message.author.name
        if isinstance(name, str):
            new = source_name(name)
            found[new] = name if found.get(new, name) == name else "\0"  # no name is both
    return found
