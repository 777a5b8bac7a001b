"""
One quick look at a conversation: which rules can find something in it.

Most rows are plain text without a fault; this loop is all that they cost.
"""

from msgkit.messages import Conversation, Message, Role
from msgkit.parts import PLAIN
from msgkit.rules.inspection import COLUMNS
from msgkit.rules.patterns import shared_start
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


_PLAIN_ROLES = frozenset((Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT, Role.TOOL))


def survey(conversation: Conversation, target: Target) -> int:
    """Return the signs that *conversation* shows, as a sum of :class:`Sign`."""
    signs = _standing(conversation, target)
    tokens = target.text.special_tokens
    start = shared_start(tokens.value) if tokens is not None else "\ud800"  # no valid text holds that
    expected = _PLAIN_ROLES.intersection(target.roles.allowed.value)
    refuses_empty = target.text.empty_refused is not None
    started = False
    length = 0
    for message in conversation.messages:
        content, author = message.content, message.author
        if type(content) is str and content:
            length += len(content)
            if start in content:
                signs |= Sign.TEXT
            if refuses_empty and content.isspace():
                signs |= Sign.CONTENT
        elif content or not message.tool_calls:
            signs |= Sign.CONTENT | Sign.TEXT | Sign.PARTS if content else Sign.CONTENT
        role = author.role
        if role not in expected:
            signs |= Sign.ROLE | Sign.ORDER | Sign.TOOL
        elif role is Role.USER or role is Role.ASSISTANT:
            started = True
        elif role is Role.TOOL:
            started, signs = True, signs | Sign.TOOL
        elif started:
            signs |= Sign.ORDER
        if author.name is not None:
            signs |= Sign.NAME
        if message.extra or author.extra:
            signs |= Sign.EXTRA
        if message.form is not PLAIN or _is_more(message):
            signs |= _more(message)
    return signs | _size(length, signs, target)


def _is_more(message: Message) -> bool:
    return not (
        message.channel is None
        and message.tool_calls is None
        and message.recipient is None
        and message.tool_call_id is None
        and message.reasoning is None
        and message.content_type is None
        and message.function_call is None
        and message.refusal is None
    )


def _more(message: Message) -> int:
    signs = 0
    if message.channel is not None or message.recipient is not None or message.content_type is not None:
        signs |= Sign.CHANNEL
    if message.tool_calls is not None or message.tool_call_id is not None or message.function_call is not None:
        signs |= Sign.TOOL | Sign.TEXT | Sign.EXTRA
    if message.reasoning is not None or message.refusal is not None:
        signs |= Sign.TEXT
    return signs


def _standing(conversation: Conversation, target: Target) -> int:
    """Signs of the target, and of what stands beside the messages."""
    roles = target.roles
    signs = 0
    if roles.after is not None or roles.alternates is not None or roles.alone is not None:
        signs |= Sign.ORDER
    if target.channels.required is not None:
        signs |= Sign.CHANNEL
    if any(name in conversation.extra for name in COLUMNS):
        signs |= Sign.COLUMNS | Sign.PARTS
    most = target.request.max_messages
    if most is not None and len(conversation.messages) > most.value:
        signs |= Sign.SIZE
    return signs


def _size(length: int, signs: int, target: Target) -> int:
    most = target.request.max_bytes
    large = most is not None and length * 4 > most.value
    return Sign.SIZE if large or signs & Sign.PARTS else 0
