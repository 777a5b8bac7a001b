"""One way from a format to another, without a word about what is lost."""

from collections.abc import Collection, Sequence
from typing import Any

import attrs

from msgkit.formats import Format, Loaded
from msgkit.formats.common.call_matching import call_order, reordered, strays
from msgkit.formats.common.capabilities import Cut
from msgkit.model.messages import Conversation


@attrs.frozen
class Written:
    """A body in the target's format; the new order of results, if it is one; the ids of those that lose their call."""

    body: dict[str, Any]
    loaded: Loaded
    order: Sequence[int]
    strays: Sequence[str]


def write(conversation: Conversation, source: Format, target: Format) -> Written:
    """Write a conversation; results stand in the order of their calls where that order pairs them."""
    messages = _as_chat(conversation, source, target).messages
    order = () if source is target else call_order(messages, _call_types(target))
    written = _write_ordered(conversation, source, target, () if target.capabilities.call_ids else order)
    return _write_ordered(conversation, source, target, order) if order and written.strays else written


def _write_ordered(conversation: Conversation, source: Format, target: Format, order: Sequence[int]) -> Written:
    body = translate(conversation, source, target, order=order)
    loaded = target.load(body, ())
    before = reordered(_as_chat(conversation, source, target).messages, order)
    after = _as_chat(loaded.conversation, target, source).messages
    return Written(body, loaded, order, strays(before, after, _call_types(target)))


def _call_types(target: Format) -> Collection[str]:
    """Return the types of calls that *target* holds; Harmony's are messages, of every type."""
    return target.capabilities.calls or ("function", "custom")


def translate(
    conversation: Conversation,
    source: Format,
    target: Format,
    form: frozenset[str] = frozenset(),
    *,
    back: bool = False,
    order: Sequence[int] = (),
) -> dict[str, Any]:
    """
    Return the body in the target's format.

    Args:
        conversation: Loaded from a body of *source*.

        source: From where.

        target: To where.

        form: What the new conversation's form is.

        back: Whether the target is where the conversation came from at first.

        order: The order in which results of calls are written; as they stand when empty.
    """
    if source is target:
        return target.dump(conversation)
    conversation = _as_chat(conversation, source, target)
    if order:
        conversation = attrs.evolve(conversation, messages=reordered(conversation.messages, order))
    if target.from_chat is not None and not source.is_harmony:
        conversation = target.from_chat(conversation)
    cut = Cut(source.capabilities, target.capabilities, (source.name, target.name, target.list_key), back)
    conversation = cut.conversation(conversation)
    return target.dump(attrs.evolve(conversation, form=form))


def _as_chat(conversation: Conversation, source: Format, target: Format) -> Conversation:
    """Return a conversation as Chat Completions has it, unless both formats are Harmony's."""
    return conversation if source.to_chat is None or target.is_harmony else source.to_chat(conversation)
