"""One way from a format to another, without a word about what is lost."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from msgkit import targets
from msgkit.conversion.adapting import Adaptation, Record, undo
from msgkit.formats import Format, Loaded
from msgkit.formats.common.builder import are_same_texts, are_texts
from msgkit.formats.common.calls import after_calls, call_order, inverse, reordered, strays
from msgkit.formats.common.capabilities import Capabilities
from msgkit.formats.common.cut import cut
from msgkit.formats.common.rewording import marked, reworded, reworded_body
from msgkit.model.base import NOTHING, PLAIN, Mark
from msgkit.model.messages import Conversation, Role
from msgkit.structuring.wire import changed

_AS_IT_IS: Final = Adaptation()
_TOOLS: Final = ("tools", "functions", "function_call")


class Written(NamedTuple):
    """What was written."""

    body: dict[str, Any]  # in the target's format
    loaded: Loaded  # what the target's format loads from it
    dumped: Conversation  # what it was written from
    chat: Conversation  # the same as Chat Completions
    order: Sequence[int] = ()  # the new order of results; empty when they keep theirs
    strays: Sequence[str] = ()  # the ids of results that lose their call
    records: Mapping[str, Record] = NOTHING  # what was changed because it was asked for, by name
    is_exact: bool = False  # whether the same values were loaded, so that the way back gives the source


class Translator(NamedTuple):
    """From one format to another and back."""

    source: Format  # from where
    target: Format  # to where
    adaptation: Adaptation = _AS_IT_IS  # what is changed on the way there because it was asked for

    def write(self, conversation: Conversation) -> Written:
        """Write a conversation; results are in the order of their calls where that order pairs them."""
        if self.source is self.target:
            return self._write(conversation, ())
        chat = _as_chat(conversation, self.source, self.target)
        exact = self._texts(chat)
        if exact is not None:
            return exact
        messages = reworded(chat.messages, self.target.capabilities, self.source.capabilities)
        extra = chat.extra
        if not extra.keys().isdisjoint(_TOOLS):
            extra = reworded_body(extra, self.target.capabilities)
        if messages is not chat.messages or extra is not chat.extra:
            chat = changed(chat, messages=messages, extra=extra)
        order = call_order(chat.messages, self._call_types)
        written = self._write(chat, () if self.target.capabilities.call_ids else order)
        return self._write(chat, order) if order and written.strays else written

    def _texts(self, chat: Conversation) -> Written | None:
        """Fast way: write texts that are the same in both formats; None if the other way must decide."""
        if chat.extra or self.adaptation.of_messages or self.source.is_harmony or self.target.is_harmony:
            return None
        if not are_texts(chat.messages, _shared_roles(self.source.capabilities, self.target.capabilities)):
            return None
        dumped = changed(chat, form=PLAIN) if chat.form else chat
        body = self.target.dump(dumped)
        loaded = self.target.load(body, ())
        again = loaded.conversation
        is_exact = not (loaded.issues or again.extra) and are_same_texts(chat.messages, again.messages)
        return Written(body, loaded, dumped, again, is_exact=True) if is_exact else None

    def _write(self, chat: Conversation, order: Sequence[int]) -> Written:
        chat = _in_order(chat, order)
        records: Mapping[str, Record] = NOTHING
        adapted = chat
        moved = after_calls(chat.messages) if takes_late_results(self.source.target) else ()
        if moved:
            records, adapted = {"results": [*moved]}, changed(chat, messages=tuple(chat.messages[i] for i in moved))
        if self.adaptation.of_messages:
            messages, done = self.adaptation.apply(adapted.messages, self.target.capabilities)
            records, adapted = {**records, **done}, changed(adapted, messages=tuple(messages)) if done else adapted
        if self.source is self.target:
            body = self.target.dump(adapted)
            loaded = self.target.load(body, ()) if records else Loaded(chat)
            return Written(body, loaded, adapted, self._undone(loaded.conversation, records), records=records)
        keep = self.adaptation.harmony_system == "system"
        dumped = _cut(adapted, self.source, self.target, keep_system=keep)
        body = self.target.dump(dumped)
        loaded = self.target.load(body, ())
        chat_again = self._undone(loaded.conversation, records)
        lost = strays(chat.messages, chat_again.messages, self._call_types)
        return Written(body, loaded, dumped, chat_again, order, lost, records)

    def back(
        self,
        conversation: Conversation,
        form: frozenset[Mark],
        order: Sequence[int] = (),
        records: Mapping[str, Record] = NOTHING,
    ) -> dict[str, Any]:
        """Return the body in the source's format."""
        return self.back_from_chat(self._undone(conversation, records), form, order)

    def _undone(self, conversation: Conversation, records: Mapping[str, Record]) -> Conversation:
        """Return what was loaded from the target as Chat Completions, before what was asked for was done."""
        chat = conversation if self.source is self.target else _as_chat(conversation, self.target, self.source)
        if not records:
            return chat
        messages, moved = undo(chat.messages, records), records.get("results", ())
        if len(moved) == len(messages):
            messages = [messages[i] for i in inverse(moved)]
        return changed(chat, messages=tuple(messages))

    def back_from_chat(self, chat: Conversation, form: frozenset[Mark], order: Sequence[int] = ()) -> dict[str, Any]:
        """Do the same with what was loaded as Chat Completions."""
        if self.source is self.target:
            return self.source.dump(chat)
        chat = _in_order(chat, inverse(order))
        messages = marked(chat.messages, self.source.capabilities, self.target.capabilities)
        if messages is not chat.messages:
            chat = changed(chat, messages=messages)
        chat = _cut(chat, self.target, self.source, back=True)
        return self.source.dump(changed(chat, form=form) if form else chat)

    @property
    def _call_types(self) -> Collection[str]:
        """The types of calls that the target holds; Harmony's are messages, of every type."""
        return self.target.capabilities.calls or ("function", "custom")


@lru_cache(maxsize=1024)
def _shared_roles(source: Capabilities, target: Capabilities) -> tuple[Role, ...]:
    roles = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
    return tuple(role for role in roles if role in source.roles and role in target.roles)


@cache
def takes_late_results(target: str) -> bool:
    """Return whether messages may stand between calls and their results where a target receives them."""
    fact = targets.get(target).tools.results_anywhere
    return fact is not None and fact.value


def _as_chat(conversation: Conversation, source: Format, target: Format) -> Conversation:
    """Return a conversation as Chat Completions has it, unless both formats are Harmony's."""
    return conversation if source.to_chat is None or target.is_harmony else source.to_chat(conversation)


def _in_order(chat: Conversation, order: Sequence[int]) -> Conversation:
    return changed(chat, messages=reordered(chat.messages, order)) if order else chat


def _cut(
    chat: Conversation, source: Format, target: Format, *, back: bool = False, keep_system: bool = False
) -> Conversation:
    """Return a conversation as it is dumped in the target's format, without what that has no place for."""
    if target.from_chat is not None and not source.is_harmony:
        chat = target.from_chat(chat, keep_system=keep_system)
    names = (source.name, target.name, target.list_key)
    return cut(source.capabilities, target.capabilities, names, back).conversation(chat)
