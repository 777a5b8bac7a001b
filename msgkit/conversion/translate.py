"""One way from a format to another, without a word about what is lost."""

from collections.abc import Collection, Sequence
from typing import Any

import attrs

from msgkit.formats import Format, Loaded
from msgkit.formats.common.call_matching import call_order, inverse, reordered, strays
from msgkit.formats.common.capabilities import Cut
from msgkit.model.messages import Conversation


@attrs.frozen
class Written:
    """A body in the target's format; the new order of results, if it is one; the ids of those that lose their call."""

    body: dict[str, Any]
    loaded: Loaded
    order: Sequence[int]
    strays: Sequence[str]


@attrs.frozen
class Translator:
    """
    From one format to another and back.

    Args:
        source: From where.

        target: To where.
    """

    source: Format
    target: Format

    def write(self, conversation: Conversation) -> Written:
        """Write a conversation; results are in the order of their calls where that order pairs them."""
        if self.source is self.target:
            body = self.target.dump(conversation)
            return Written(body, Loaded(conversation), (), ())
        chat = _as_chat(conversation, self.source, self.target)
        order = call_order(chat.messages, self._call_types)
        written = self._write(chat, () if self.target.capabilities.call_ids else order)
        return self._write(chat, order) if order and written.strays else written

    def _write(self, chat: Conversation, order: Sequence[int]) -> Written:
        chat = _in_order(chat, order)
        body = _dump(chat, self.source, self.target)
        loaded = self.target.load(body, ())
        after = _as_chat(loaded.conversation, self.target, self.source)
        return Written(body, loaded, order, strays(chat.messages, after.messages, self._call_types))

    def back(self, conversation: Conversation, form: frozenset[str], order: Sequence[int] = ()) -> dict[str, Any]:
        """
        Return the body in the source's format.

        Args:
            conversation: Loaded from a body of the target.

            form: The form of the conversation that was loaded from the source.

            order: The order in which results of calls were written.
        """
        if self.source is self.target:
            return self.source.dump(conversation)
        chat = _in_order(_as_chat(conversation, self.target, self.source), inverse(order))
        return _dump(chat, self.target, self.source, form, back=True)

    @property
    def _call_types(self) -> Collection[str]:
        """The types of calls that the target holds; Harmony's are messages, of every type."""
        return self.target.capabilities.calls or ("function", "custom")


def _as_chat(conversation: Conversation, source: Format, target: Format) -> Conversation:
    """Return a conversation as Chat Completions has it, unless both formats are Harmony's."""
    return conversation if source.to_chat is None or target.is_harmony else source.to_chat(conversation)


def _in_order(chat: Conversation, order: Sequence[int]) -> Conversation:
    return attrs.evolve(chat, messages=reordered(chat.messages, order)) if order else chat


def _dump(
    chat: Conversation, source: Format, target: Format, form: frozenset[str] = frozenset(), *, back: bool = False
) -> dict[str, Any]:
    """Return the body in the target's format, without what that has no place for."""
    if target.from_chat is not None and not source.is_harmony:
        chat = target.from_chat(chat)
    names = (source.name, target.name, target.list_key)
    chat = Cut(source.capabilities, target.capabilities, names, back).conversation(chat)
    return target.dump(attrs.evolve(chat, form=form) if form else chat)
