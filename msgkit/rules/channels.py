"""Rules about Harmony's channels, recipients and content types."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from msgkit.errors import nearest, quote
from msgkit.escaping import a
from msgkit.jsontext.edit import Steps, edit
from msgkit.model.messages import Message, Role
from msgkit.model.parts import SystemContentPart
from msgkit.rules.base import Context, Finding, Rule, left_out, shows_harmony
from msgkit.rules.examples import user
from msgkit.rules.prefilter import Sign

CHANNELS = ("analysis", "commentary", "final")
CONTENT_TYPES = ("json", "<|constrain|>json", "<|constrain|> json", "code", "text")
_SPEAKS_ON_NONE = frozenset((Role.USER, Role.SYSTEM, Role.DEVELOPER))
_RECIPIENT = re.compile(r"all|assistant|user|python|[A-Za-z_][A-Za-z0-9_-]{0,63}\.[A-Za-z0-9_.-]{1,128}")
_RECIPIENTS = "assistant, user, functions.NAME, python, browser.NAME, container.NAME or NAMESPACE.NAME"
_PREFIXED = "functions."
_HARMONY = "openai/harmony docs/format.md"


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
    harmony = context.own.is_harmony or any(shows_harmony(message) for _, message in context.messages)
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
            text = "'all' is the default; written out, the message ends like a tool call"
            yield Finding(at, "recipient-all", text)
        elif not _RECIPIENT.fullmatch(recipient):
            text = f"expected {_RECIPIENTS}, got {quote(recipient)}"
            yield Finding(at, "recipient-unknown", text)


def content_types(context: Context) -> Iterator[Finding]:
    """Report content types that Harmony does not define."""
    for i, message in context.messages:
        content_type = message.content_type
        if content_type is not None and content_type not in CONTENT_TYPES:
            meant = meant_type(content_type)
            text = f"expected one of {', '.join(CONTENT_TYPES)}, got {quote(content_type)}"
            hint = f"write {meant!r}" if meant else None
            yield Finding(
                ("messages", i, "content_type"), "content-type-unknown", text, hint, fixable=meant is not None
            )


def meant_type(content_type: str) -> str | None:
    """Return the content type that *found* is another spelling of, or None."""
    folded = "".join(content_type[:64].casefold().split()).replace("application/", "").replace("plain", "")
    return {name: name for name in CONTENT_TYPES}.get(folded.rstrip("/"))


def _content_type(body: Any, at: Steps) -> Any:
    return edit(body, at, lambda old: meant_type(old) or old)


_ASK = user("Weather?")


def _call(**more: str) -> dict[str, Any]:
    return {"role": "assistant", "recipient": "functions.get_weather", "channel": "commentary", "content": "{}", **more}


_rule = partial(Rule, severity="warning", target="harmony", signs=Sign.CHANNEL, check=channels)

RULES = (
    _rule(
        "channel-unknown",
        "Unknown channel: not analysis, commentary or final, and not declared by the system message.",
        _HARMONY,
        at="messages[1].channel",
        bad=[user("Hello"), {"role": "assistant", "channel": "banana", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "channel": "final", "content": "Hi."}],
    ),
    _rule(
        "channel-not-allowed",
        "Only assistant and tool messages have a channel.",
        _HARMONY,
        at="messages[0].channel",
        bad=[{"role": "user", "channel": "final", "content": "Hello"}],
        good=[user("Hello")],
    ),
    _rule(
        "channel-missing",
        "An assistant message has no channel, so it is unclear whether the user may see it.",
        f"{_HARMONY}: channel must be included for every message",
        at="messages[1]",
        bad=[user("Hello"), {"role": "assistant", "recipient": "assistant", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "recipient": "assistant", "channel": "final", "content": "Hi."}],
    ),
    _rule(
        "channel-mismatch",
        "A call of a function belongs on commentary; models do emit some on analysis.",
        f"{_HARMONY}: calls to these tools must go to the commentary channel; omlx#2216",
        at="messages[1].channel",
        bad=[_ASK, _call(channel="final")],
        good=[_ASK, _call()],
    ),
    _rule(
        "recipient-unknown",
        "Unknown recipient: not a role, tool or namespace of Harmony.",
        f"{_HARMONY}; openai/harmony src/chat.rs",
        at="messages[1].recipient",
        bad=[_ASK, _call(recipient="get weather")],
        good=[_ASK, _call()],
        check=recipients,
    ),
    _rule(
        "recipient-all",
        "The recipient all is the default; written out, the message is rendered as a tool call.",
        "openai/harmony src/encoding.rs: a recipient other than none ends with <|call|>",
        at="messages[1].recipient",
        bad=[user("Hello"), {"role": "assistant", "recipient": "all", "channel": "final", "content": "Hi."}],
        good=[user("Hello"), {"role": "assistant", "channel": "final", "content": "Hi."}],
        hint="leave the recipient out",
        check=recipients,
        fix=left_out,
    ),
    _rule(
        "content-type-unknown",
        "Unknown content type: not json, <|constrain|>json, code or text.",
        f"{_HARMONY}; openai/harmony src/chat.rs",
        at="messages[1].content_type",
        bad=[_ASK, _call(content_type="JSON")],
        good=[_ASK, _call(content_type="json")],
        check=content_types,
        fix=_content_type,
    ),
)
