"""Rules about Harmony's channels, recipients and content types."""

import re
from collections.abc import Iterator

from msgkit.errors import nearest, quote
from msgkit.model.messages import Message, Role
from msgkit.model.parts import SystemContentPart
from msgkit.rules.base import Context, Finding, a, is_harmony

CHANNELS = ("analysis", "commentary", "final")
CONTENT_TYPES = ("json", "<|constrain|>json", "<|constrain|> json", "code", "text")
_SPEAKS_ON_NONE = frozenset((Role.USER, Role.SYSTEM, Role.DEVELOPER))
_RECIPIENT = re.compile(r"all|assistant|user|python|[A-Za-z_][A-Za-z0-9_-]{0,63}\.[A-Za-z0-9_.-]{1,128}")
_RECIPIENTS = "assistant, user, functions.NAME, python, browser.NAME, container.NAME or NAMESPACE.NAME"
_PREFIXED = "functions."


def channels(context: Context) -> Iterator[Finding]:
    """Report channels that are unknown, misplaced or missing."""
    known = (*CHANNELS, *_declared(context))
    required = _required(context)
    for i, message in context.messages:
        channel, role = message.channel, message.author.role
        if channel is None:
            if role.value in required and not context.is_broken(i, "channel"):
                text = f"expected a channel on a message of the {role}: one of {', '.join(known)}"
                yield Finding(("messages", i), "channel-missing", text)
        elif role in _SPEAKS_ON_NONE:
            text = f"{a(role)} message has no channel, got {quote(channel)}"
            yield Finding(("messages", i, "channel"), "channel-not-allowed", text)
        elif channel not in known:
            near = nearest(channel, known)
            text = f"expected one of {', '.join(known)}, got {quote(channel)}"
            yield Finding(("messages", i, "channel"), "channel-unknown", text, f"write {near!r}" if near else None)
        else:
            yield from _mismatch(i, message)


def _declared(context: Context) -> tuple[str, ...]:
    for _, message in context.messages:
        for part in message.content if isinstance(message.content, tuple) else ():
            if isinstance(part, SystemContentPart) and part.channel_config is not None:
                declared = part.channel_config.valid_channels or ()
                return tuple(name for name in declared if isinstance(name, str) and name not in CHANNELS)
    return ()


def _required(context: Context) -> tuple[str, ...]:
    fact = context.target.channels.required
    harmony = context.own.is_harmony or any(is_harmony(message) for _, message in context.messages)
    return fact.value if fact is not None and harmony else ()


def _mismatch(i: int, message: Message) -> Iterator[Finding]:
    recipient = message.recipient or ""
    if message.author.role is Role.ASSISTANT and recipient.startswith(_PREFIXED) and message.channel != "commentary":
        at = ("messages", i, "channel")
        text = f"a call of {quote(recipient)} belongs on commentary, got {quote(message.channel)}"
        yield Finding(at, "channel-mismatch", text)


def recipients(context: Context) -> Iterator[Finding]:
    """Report recipients that Harmony does not define, and those that had better be left out."""
    for i, message in context.messages:
        recipient = message.recipient
        at = ("messages", i, "recipient")
        if recipient is None:
            continue
        if recipient == "all":
            text = "'all' is what no recipient means; written out it makes the message end like a tool call"
            yield Finding(at, "recipient-all", text)
        elif not _RECIPIENT.fullmatch(recipient):
            text = f"expected {_RECIPIENTS}, got {quote(recipient)}"
            yield Finding(at, "recipient-unknown", text)


def content_types(context: Context) -> Iterator[Finding]:
    """Report content types that Harmony does not define."""
    for i, message in context.messages:
        found = message.content_type
        if found is not None and found not in CONTENT_TYPES:
            meant = meant_type(found)
            text = f"expected one of {', '.join(CONTENT_TYPES)}, got {quote(found)}"
            hint = f"write {meant!r}" if meant else None
            yield Finding(
                ("messages", i, "content_type"), "content-type-unknown", text, hint, fixable=meant is not None
            )


def meant_type(found: str) -> str | None:
    """
    Return the content type that *found* is another spelling of, or None.

    >>> meant_type("<|Constrain|>  JSON"), meant_type("application/json"), meant_type("banana")
    ('<|constrain|>json', 'json', None)
    """
    folded = "".join(found[:64].casefold().split()).replace("application/", "").replace("plain", "")
    return {name: name for name in CONTENT_TYPES}.get(folded.rstrip("/"))
