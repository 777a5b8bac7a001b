"""Which result answers which call: by ids, and by order where ids may be left out."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Self

import attrs

from msgkit.formats.common.calls import minted
from msgkit.model.messages import Message, Role
from msgkit.model.parts import CustomToolCall, ToolCall

_CALLS = (ToolCall, CustomToolCall)


@attrs.define
class Pairing:
    """Calls are numbered as they come; results without an id answer the calls of their function in order."""

    number: int = 0
    names: dict[str, str] = attrs.field(factory=dict)
    pending: dict[str, list[str]] = attrs.field(factory=dict)
    unwritten: set[str] = attrs.field(factory=set)

    def copy(self) -> Self:
        """Return one that can go on by itself."""
        pending = {name: list(ids) for name, ids in self.pending.items()}
        return type(self)(self.number, dict(self.names), pending, set(self.unwritten))

    def call(self, name: str, known: str | None) -> str:
        """Note a call of function *name*; return its id, minted when it is not *known*."""
        self.number += 1
        call_id = known if known is not None else minted(self.number)
        self.names[call_id] = name
        self.pending.setdefault(name, []).append(call_id)
        return call_id

    def is_minted(self, name: str) -> bool:
        """Return whether this is what the call noted last gets as its id anyhow."""
        return name == minted(self.number)

    def next(self, name: str | None) -> str | None:
        """Return the id of the first call of function *name* (of any, when None) that has no result yet."""
        if name is not None:
            return next(iter(self.pending.get(name, ())), None)
        waiting = {call_id for ids in self.pending.values() for call_id in ids}
        return next((call_id for call_id in self.names if call_id in waiting), None)

    def answer(self, call_id: str | None) -> None:
        """Note that a call has its result."""
        waiting = self.pending.get(self.names.get(call_id or "", ""))
        if waiting and call_id in waiting:
            waiting.remove(call_id)


def call_order(messages: Sequence[Message], kinds: Collection[str]) -> tuple[int, ...]:
    """Return the numbers of the results in the order of their calls; nothing when they stand so already."""
    answers = _answers(messages, kinds)
    numbers = [-1 if call is None else call for _, call in answers]
    if numbers == sorted(numbers) and -1 not in numbers:
        return ()  # as in most conversations
    order: list[int] = []
    for is_result, run in groupby(messages, _is_result):
        if is_result:
            places = range(len(order), len(order) + len(list(run)))
            moved = iter(sorted((answer, i) for i in places if (answer := answers[i][1]) is not None))
            order += [i if answers[i][1] is None else next(moved)[1] for i in places]
    return () if order == sorted(order) else tuple(order)


def strays(before: Sequence[Message], after: Sequence[Message], kinds: Collection[str]) -> list[str]:
    """Return the ids of the results that answer another call, or none, *after* a conversion."""
    old, new = _answers(before, kinds), _answers(after, kinds)
    if len(old) != len(new):
        return []
    return [name for (name, call), (_, other) in zip(old, new, strict=True) if call is not None and call != other]


def _answers(messages: Sequence[Message], kinds: Collection[str]) -> list[tuple[str, int | None]]:
    """Return for each result its id, and which call has it, by number; None where no call before it does."""
    calls: dict[str, int] = {}
    number, pairs = 0, list[tuple[str, int | None]]()
    for message in messages:
        for call in message.tool_calls or ():
            if isinstance(call, _CALLS) and call.type in kinds:
                if call.id is not None:
                    calls[call.id] = number
                number += 1
        if _is_result(message):
            name = message.tool_call_id or ""
            pairs.append((name, calls.get(name)))
    return pairs


def _is_result(message: Message) -> bool:
    role = message.author.role
    return role is Role.TOOL or role is Role.FUNCTION


def reordered(messages: Sequence[Message], order: Sequence[int]) -> tuple[Message, ...]:
    """Return messages whose results are in another *order*: as they are when it is not of as many results."""
    places = [i for i, message in enumerate(messages) if _is_result(message)]
    ordered = list(messages)
    if sorted(order) == list(range(len(places))):
        for place, number in zip(places, order, strict=True):
            ordered[place] = messages[places[number]]
    return tuple(ordered)


def inverse(order: Sequence[int]) -> list[int]:
    """Return the order that undoes *order*."""
    return sorted(range(len(order)), key=order.__getitem__)
