"""
A conversation written in the format that it was loaded in, and what an edit put into it that has no place there.

What was loaded and not touched always goes back; a new part, call or name may not, and writing must say so.
"""

from collections.abc import Iterator
from typing import Any

import attrs

from msgkit import formats
from msgkit.conversion.equivalence import is_form
from msgkit.conversion.wording import what_is_lost
from msgkit.errors import Loss, Path
from msgkit.formats.base import dump_messages
from msgkit.formats.common.builder import RAW
from msgkit.formats.common.capabilities import FIELDS, Capabilities
from msgkit.jsontext.diff import Difference, diff
from msgkit.model.calls import TOOL_CALLS
from msgkit.model.messages import Author, Conversation, Message
from msgkit.model.parts import PARTS, ContentPart, FilePart
from msgkit.structuring import dump_value


def write(conversation: Conversation) -> tuple[dict[str, Any], list[Loss]]:
    """Return the body in the conversation's own format, and what that has no place for, with paths in the values."""
    envelope = conversation.envelope
    own = formats.get(envelope.format if envelope else formats.DEFAULT)
    loaded = envelope.loaded if envelope else None
    if own.capabilities.every_value or _is_same(conversation, loaded):
        return own.dump(conversation), []
    known = {id(message) for message in loaded.messages} if loaded else set()
    new = [(i, message) for i, message in enumerate(conversation.messages) if id(message) not in known]
    steps = [step for i, message in new for step in _not_held(message, own.capabilities, ("messages", i))]
    messages = list(conversation.messages)
    for i, message in new:
        messages[i] = _held(message, own.capabilities)
    body = own.dump(attrs.evolve(conversation, messages=tuple(messages)))
    told = {step.path for step in steps}
    for step in diff(dump_messages(conversation), dump_messages(own.load(body, ()).conversation)):
        inside = any(step.path[:end] in told for end in range(len(step.path) + 1))
        if step.change != "delete" and not inside and not is_form(step):
            steps.append(step)
    return body, [Loss(step.path, what_is_lost(step, own.name), step.value, step.change) for step in steps]


def _is_same(conversation: Conversation, loaded: Conversation | None) -> bool:
    """Return whether messages and further keys are the very ones that were loaded."""
    if loaded is None:
        return False
    return conversation.messages is loaded.messages and conversation.extra is loaded.extra


def _fields_not_held(message: Message, holds: Capabilities) -> Iterator[str]:
    foreign = holds.signed is not None and not holds.signed(message)
    for name in FIELDS:
        has_place = name in holds.message and not (name == "reasoning" and foreign)
        if getattr(message, name) is not None and not has_place:
            yield name


def _fits(value: Any, held: Any, every: Any) -> bool:
    """Return whether a part or a call has a place among *held*; what is of none of *every* type is the format's."""
    return value.type in held or value.type not in every or RAW in value.form


def _part_fits(part: ContentPart, role: str, holds: Capabilities) -> bool:
    return _fits(part, holds.parts_of(role), PARTS) and (not isinstance(part, FilePart) or holds.takes_file(part))


def _not_held(message: Message, holds: Capabilities, at: Path) -> Iterator[Difference]:
    """Yield what of a message that was not loaded has no place in its format."""
    if message.role not in holds.roles:
        yield Difference((*at, "role"), "set", str(message.role))
    if message.author.name is not None and "name" not in holds.message:
        yield Difference((*at, "name"), "set", message.author.name)
    for name in _fields_not_held(message, holds):
        yield Difference((*at, name), "set", dump_value(getattr(message, name)))
    for j, part in enumerate(message.content if isinstance(message.content, tuple) else ()):
        if not _part_fits(part, message.role, holds):
            yield Difference((*at, "content", j), "insert", dump_value(part))
    for j, call in enumerate(message.tool_calls or ()):
        if not _fits(call, holds.calls, TOOL_CALLS):
            yield Difference((*at, "tool_calls", j), "insert", dump_value(call))


def _held(message: Message, holds: Capabilities) -> Message:
    """Return what of a message has a place in the format."""
    changes: dict[str, Any] = dict.fromkeys(_fields_not_held(message, holds))
    if message.author.name is not None and "name" not in holds.message:
        changes["author"] = Author(message.role)
    if isinstance(message.content, tuple):
        changes["content"] = tuple(part for part in message.content if _part_fits(part, message.role, holds))
    if message.tool_calls is not None and "tool_calls" not in changes:
        calls = tuple(call for call in message.tool_calls if _fits(call, holds.calls, TOOL_CALLS))
        changes["tool_calls"] = calls or None
    return attrs.evolve(message, **changes)
