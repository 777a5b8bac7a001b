"""Where the messages of a row came from: a key of the row, kept in step with its messages by conversions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgkit.errors import join_path
from msgkit.formats.base import Loaded
from msgkit.formats.common.builder import ORIGIN
from msgkit.jsontext.values import without_keys
from msgkit.model.base import UnknownPart
from msgkit.model.messages import Conversation, Message
from msgkit.model.parts import ContentPart, TextPart
from msgkit.structuring.wire import changed

KEY = "provenance"
"""The key of the row: ``{file, messages: [{path, line, id}]}``; a path leads to a message of the row, or into it."""


_NEAR = 8  # messages that are looked at for what one became


class Provenance(NamedTuple):
    """What a row says of its messages, and which message of its conversation is at which places."""

    told: Mapping[str, Any]
    paths: tuple[Sequence[str], ...]  # of the messages of the conversation, in the row

    @classmethod
    def of(cls, told: Mapping[str, Any], loaded: Loaded) -> "Provenance":
        """Return the provenance of a row that was loaded."""
        return cls(told, _paths(loaded))

    def marked(self, conversation: Conversation) -> Conversation:
        """Return the conversation, each message marked by its number, which stays with it while it is converted."""
        numbered = enumerate(conversation.messages)
        messages = tuple(changed(one, form=one.form | {ORIGIN.of(str(k))}) for k, one in numbered)
        return changed(conversation, messages=messages)

    def moved(self, dumped: Conversation, loaded: Loaded) -> dict[str, Any]:
        """Return what the new row says."""
        entries: dict[str, list[Mapping[str, Any]]] = {}
        for entry in self.told.get("messages", ()):
            entries.setdefault(_head(str(entry.get("path"))), []).append(entry)
        records: list[dict[str, Any]] = []
        for numbers, paths in zip(_numbers(dumped, loaded.conversation), _paths(loaded), strict=True):
            before = [path for number in numbers for path in self.paths[number]]
            near = [entry for head in dict.fromkeys(map(_head, before)) for entry in entries.get(head, ())]
            of_message = [one for one in near if any(_meet(str(one.get("path")), path) for path in before)]
            kept = [{key: value for key, value in one.items() if key != "path"} for one in of_message]
            kept = [one for i, one in enumerate(kept) if one not in kept[:i]]
            records += [{"path": path, **one} for path in paths for one in kept]
        return {**self.told, "messages": records}


def _paths(loaded: Loaded) -> tuple[Sequence[str], ...]:
    """Return where each message is: in one entry of the list, or in several, as items that are one message."""
    count = len(loaded.conversation.messages)
    paths = [{_head(path): path} for path in (join_path(loaded.place(("messages", k))) for k in range(count))]
    for place in loaded.places:
        if place[:1] == ("messages",) and len(place) > len(("messages", 0)):
            head = _head(join_path(loaded.place(place)))
            if "[" in head:
                paths[int(place[1])].setdefault(head, f"{head}]")
    return tuple(tuple(one.values()) for one in paths)


def _head(path: str) -> str:
    """Return the path of the entry of a list that a path leads into."""
    return path.partition("]")[0]


def _meet(one: str, two: str) -> bool:
    """Return whether one of two paths leads into what the other means."""
    return one == two or one.startswith((f"{two}.", f"{two}[")) or two.startswith((f"{one}.", f"{one}["))


def _numbers(dumped: Conversation, loaded: Conversation) -> Sequence[Sequence[int]]:
    """Return the numbers of the messages that became each one; one that became none is with the message before it."""
    numbers = [[int(mark.text) for mark in message.form if ORIGIN.matches(mark)] for message in dumped.messages]
    owners: list[list[int]] = [[] for _ in loaded.messages]
    said = [frozenset(_said(message)) for message in loaded.messages]
    k = 0
    for i, message in enumerate(dumped.messages if said else ()):
        own = frozenset(_said(message))
        near = range(k, min(k + _NEAR, len(said)))
        k = i if len(numbers) == len(said) else next((j for j in near if own & said[j]), k)
        owners[k] += sorted(numbers[i])
    last: list[int] = next((one for one in owners if one), [])
    for k, one in enumerate(owners):
        owners[k] = last = one or last[-1:]
    return owners


def _said(message: Message) -> Iterator[Any]:
    """Yield what tells a message from its neighbours: its role with each of its texts, and the ids of calls."""
    texts = [message.content, message.reasoning, message.tool_call_id, *map(_text, message.parts)]
    yield from ((message.role, text) for text in texts if isinstance(text, str) and text)
    yield from (call.id for call in message.tool_calls or () if not isinstance(call, UnknownPart) and call.id)


def _text(part: ContentPart) -> Any:
    return part.text if isinstance(part, TextPart) else part


def split(row: Any) -> tuple[Any, Mapping[str, Any] | None]:
    """Return a row without its provenance, and the provenance; None where there is none."""
    told = row.get(KEY) if isinstance(row, Mapping) else None
    if not isinstance(told, Mapping) or not isinstance(told.get("messages"), list):
        return row, None
    return without_keys(row, KEY), told
