"""Parts of a conversation for a purpose: to send again, to show to the user, to train on."""

from collections.abc import Iterator
from typing import Literal

import attrs

from msgkit.formats import reasoning_keys
from msgkit.formats.common.builder import END
from msgkit.formats.common.channels import is_harmony
from msgkit.jsontext.values import without_keys
from msgkit.model.base import NOTHING, UnknownPart
from msgkit.model.messages import Conversation, Message, Role
from msgkit.model.parts import DeveloperContentPart, SystemContentPart, ThinkingPart

Rule = Literal["documented", "library"]
_NOBODY = (None, "all")  # recipients of a message that calls no tool
_NOT_SHOWN = ThinkingPart | UnknownPart | SystemContentPart | DeveloperContentPart


def for_replay(conversation: Conversation, rule: Rule = "documented") -> Conversation:
    """Return what to send for the next answer; public as :func:`msgkit.for_replay`."""
    messages = conversation.messages
    finals = [i for i, message in enumerate(messages) if _is_final(message)]
    if rule == "library":
        said = [message for message in messages if message.role == Role.ASSISTANT]
        cut = finals[0] if finals and _is_final(said[-1]) else 0
    else:
        cut = finals[-1] if finals else 0
    kept = [_unthought(message) if i <= cut and finals else message for i, message in enumerate(messages)]
    return attrs.evolve(conversation, messages=tuple(message for message in kept if message is not None))


def _is_final(message: Message) -> bool:
    if message.role != Role.ASSISTANT:
        return False
    if is_harmony(message):
        return message.channel == "final"
    return message.content is not None and not message.tool_calls


def _unthought(message: Message) -> Message | None:
    """Return a message without reasoning; None when it was nothing else."""
    if message.channel == "analysis" and message.recipient in _NOBODY:
        return None  # with a recipient it is a call, which models make there, too
    keys = reasoning_keys()
    parts = message.content if isinstance(message.content, tuple) else ()
    spoken = tuple(part for part in parts if not isinstance(part, ThinkingPart))
    if message.reasoning is None and not message.extra.keys() & keys and len(spoken) == len(parts):
        return message
    extra = without_keys(message.extra, *keys) or NOTHING
    content = message.content if len(spoken) == len(parts) else spoken or None
    new = attrs.evolve(message, content=content, reasoning=None, extra=extra)
    return new if new.content is not None or new.tool_calls or new.refusal is not None else None


def user_visible(conversation: Conversation) -> Conversation:
    """Return what the user may see; public as :func:`msgkit.user_visible`."""
    return Conversation(_shown(conversation), envelope=conversation.envelope)


def _shown(conversation: Conversation) -> Iterator[Message]:
    for message in conversation.messages:
        spoken = message.role == Role.USER or (
            message.role == Role.ASSISTANT
            and message.channel in (None, "final", "commentary")
            and message.recipient in (*_NOBODY, "user")
        )
        content = message.content
        if isinstance(content, tuple):
            content = tuple(part for part in content if not isinstance(part, _NOT_SHOWN))
        if spoken and (content or message.refusal):
            yield Message(message.author, content, channel=message.channel, refusal=message.refusal, form=message.form)


def for_training(conversation: Conversation) -> Conversation:
    """Return an example to train on; public as :func:`msgkit.for_training`."""
    messages = conversation.messages
    asked = [i for i, message in enumerate(messages) if message.role == Role.USER]
    turn = asked[-1] if asked else 0
    before = for_replay(attrs.evolve(conversation, messages=messages[:turn])).messages
    last = list(messages[turn:])
    if last and _is_final(last[-1]):
        last[-1] = attrs.evolve(last[-1], form=last[-1].form | {END.of("<|return|>")})
    return attrs.evolve(conversation, messages=(*before, *last))
