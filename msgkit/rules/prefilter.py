"""
One quick look at a conversation: which rules can find something in it.

Most rows are plain text without a fault; this loop is all that they cost.
"""

from functools import lru_cache
from math import inf
from typing import Any

from msgkit.formats.common import columns
from msgkit.formats.common.placeholders import is_unplaced
from msgkit.model.base import NOTHING, PLAIN
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Conversation, Envelope, Message, Role
from msgkit.model.parts import AudioPart, AudioUrlPart, FilePart, ImagePart, TextPart, VideoUrlPart
from msgkit.targets import Target


class Sign:
    """What rules may have something to say about, as bits; plain integers are faster than flags."""

    ROLE = 1
    ORDER = 2
    NAME = 4
    CHANNEL = 8
    TOOL = 16
    CONTENT = 32
    PARTS = 64
    EXTRA = 128
    TEXT = 256
    SIZE = 512
    COLUMNS = 1024
    BODY = 2048
    AROUND = 4096
    LONG = 8192
    UNKNOWN = 1 << 14
    THOUGHT = 1 << 15
    ANSWER = 1 << 16
    SENT = 1 << 17  # it is to be sent as it is, with keys beside the messages


_USER, _ASSISTANT, _SYSTEM, _DEVELOPER, _TOOL = Role.USER, Role.ASSISTANT, Role.SYSTEM, Role.DEVELOPER, Role.TOOL
_FUNCTION = Role.FUNCTION
_ASKED = frozenset(("tools", "tool_choice"))
"""Keys of a request, in the words of Chat Completions, that rules look into."""

_MEDIA = Sign.CONTENT | Sign.PARTS
_ANY_PART = _MEDIA | Sign.UNKNOWN
_OF_MEDIA = frozenset((ImagePart, AudioPart, FilePart, AudioUrlPart, VideoUrlPart))
_WITH_OBJECT = _OF_MEDIA | {ToolCall, CustomToolCall}


def find_signs(conversation: Conversation, target: Target, *, ready: bool = False) -> int:
    """Return the signs that *conversation* shows, as a sum of :class:`Sign`."""
    signs, start, takes_both, refuses_empty, of_text, repeated, most, most_characters = _of_target(target)
    envelope = conversation.envelope
    if conversation.extra or conversation.form or (envelope is not None and (envelope.path or envelope.branches)):
        signs |= _beside(conversation, envelope) | (Sign.SENT if ready else 0)
    started = False
    length = 0
    before = None
    for message in conversation.messages:
        content, author = message.content, message.author
        if type(content) is str and content:
            length += len(content)
            if "<" in content or start in content:
                signs |= _tags(content, start)
            if refuses_empty and content.isspace():
                signs |= Sign.CONTENT
        elif content:
            more, size = _parts(content, start)
            signs |= more | of_text
            length += size
        elif not message.tool_calls:
            signs |= Sign.CONTENT
        role = author.role
        if role is before:
            signs |= repeated
        before = role
        if takes_both and (role is _USER or role is _ASSISTANT):  # told by identity: an enumeration's hash is slow
            started = True
        else:
            signs |= _role(role, target, started=started)
            started = started or not (role is _SYSTEM or role is _DEVELOPER)
        if message.extra is not NOTHING or author.extra is not NOTHING:
            signs |= Sign.EXTRA
        if (  # in place: a call for each message would cost as much as all the rest
            message.form is not PLAIN
            or author.name is not None
            or message.channel is not None
            or message.tool_calls is not None
            or message.recipient is not None
            or message.tool_call_id is not None
            or message.reasoning is not None
            or message.content_type is not None
            or message.function_call is not None
            or message.refusal is not None
            or message.audio is not None
        ):
            signs |= _more(message)
    is_large = length > most_characters or signs & Sign.PARTS or len(conversation.messages) > most
    return signs | Sign.SIZE if is_large else signs


def _tags(text: str, start: str) -> int:
    signs = Sign.COLUMNS if "<image>" in text else 0
    if start in text:
        signs |= Sign.TEXT
    return signs | Sign.THOUGHT if "</think>" in text else signs


def _role(role: object, target: Target, *, started: bool) -> int:
    if role is _FUNCTION or role not in target.roles.allowed.value:
        return Sign.ROLE | Sign.ORDER | Sign.TOOL
    if role is _TOOL:
        return Sign.TOOL
    doubtful = target.roles.doubtful
    if doubtful is not None and role in doubtful.value:
        return Sign.ROLE | Sign.ORDER
    return Sign.ORDER if started and (role is _SYSTEM or role is _DEVELOPER) else 0


def _more(message: Message) -> int:
    signs = 0 if message.author.name is None else Sign.NAME
    if message.channel is not None or message.recipient is not None or message.content_type is not None:
        signs |= Sign.CHANNEL
    if message.tool_calls is not None or message.tool_call_id is not None or message.function_call is not None:
        signs |= Sign.TOOL | Sign.TEXT
        for call in message.tool_calls or ():
            signs |= _extra(call)
    if message.reasoning is not None or message.refusal is not None:
        signs |= Sign.TEXT | Sign.EXTRA
    if message.audio is not None:
        signs |= Sign.EXTRA | Sign.PARTS
    return signs


def _parts(content: Any, start: str) -> tuple[int, int]:
    """Signs of a content that is no string, and the characters of its texts."""
    signs = length = 0
    for part in content:
        text = part.text if type(part) is TextPart else None
        if type(text) is not str:
            signs |= (_MEDIA if type(part) in _OF_MEDIA else _ANY_PART) | _extra(part)
            continue
        if part.form is not PLAIN:
            signs |= Sign.CONTENT
        length += len(text)
        if part.extra is not NOTHING:
            signs |= Sign.EXTRA
        if "<" in text or start in text:
            signs |= _tags(text, start)
        if not text or text.isspace():
            signs |= Sign.CONTENT
    return signs, length


def _extra(value: Any) -> int:
    """Signs of the keys that no value has, of a part or a call and the object in it."""
    if type(value) not in _WITH_OBJECT:
        return Sign.UNKNOWN if getattr(value, "extra", NOTHING) is NOTHING else Sign.UNKNOWN | Sign.EXTRA
    inner = getattr(value, value.type)
    is_bare = value.extra is NOTHING and (inner is None or inner.extra is NOTHING)
    return 0 if is_bare else Sign.EXTRA


@lru_cache(maxsize=64)
def _of_target(target: Target) -> tuple[int, str, bool, bool, int, int, float, float]:
    """What the target alone tells: signs of every row, and what the loop looks for in it."""
    roles, tokens, allowed = target.roles, target.text.special_tokens, target.roles.allowed.value
    signs = 0
    if any(fact is not None for fact in (roles.start, roles.after, roles.alone, roles.even)):
        signs |= Sign.ORDER
    if roles.listed is not None:
        signs |= Sign.ROLE
    if target.channels.required is not None:
        signs |= Sign.CHANNEL
    start = shared_start(tokens.value) if tokens is not None else "\ud800"  # no valid text holds that
    takes_both = _USER in allowed and _ASSISTANT in allowed
    takes_text = all("text" in fact.value for role in Role if (fact := target.parts.of(role.value)) is not None)
    of_text = 0 if takes_text else Sign.CONTENT
    repeated = 0 if roles.alternates is None and roles.refuse_neighbours is None else Sign.ORDER
    most, bytes_ = target.request.max_messages, target.request.max_bytes
    limits = (inf if most is None else most.value, inf if bytes_ is None else bytes_.value // 4)
    return signs, start, takes_both, target.text.empty_refused is not None, of_text, repeated, *limits


def _beside(conversation: Conversation, envelope: Envelope | None) -> int:
    """Signs of what is in a row beside its messages."""
    extra = conversation.extra
    signs = 0 if columns.names().keys().isdisjoint(extra) else Sign.COLUMNS | Sign.PARTS
    if conversation.form and is_unplaced(conversation):
        signs |= Sign.COLUMNS
    if envelope is not None and (envelope.path or envelope.branches):
        signs |= Sign.AROUND
    for value in extra.values():  # not by any(): a generator takes three times as long
        if type(value) is str and len(value) >= _LONG:
            signs |= Sign.LONG
    if "response_format" in extra:
        signs |= Sign.ANSWER
    return signs if _ASKED.isdisjoint(extra) else signs | Sign.BODY


_LONG = 64  # characters of a text that may be media


@lru_cache(maxsize=64)
def shared_start(tokens: tuple[str, ...]) -> str:
    """Return what all *tokens* begin with: a quick way to see that a text holds none of them."""
    first, last = min(tokens), max(tokens)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
