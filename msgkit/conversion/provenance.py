"""Where the messages of a row came from: a key of the row, kept in step with its messages by conversions."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgkit.errors import join_path
from msgkit.formats.base import Loaded
from msgkit.formats.common.builder import ORIGIN
from msgkit.jsontext.values import without_keys
from msgkit.model.messages import Conversation
from msgkit.structuring import changed

KEY = "provenance"
"""The key of the row: ``{file, messages: [{path, line, id}]}``; a path leads to a message of the row, or into it."""


class Provenance(NamedTuple):
    """What a row says of its messages, and which message of its conversation is at which place."""

    told: Mapping[str, Any]
    paths: tuple[str, ...]  # of the messages of the conversation, in the row

    @classmethod
    def of(cls, told: Mapping[str, Any], loaded: Loaded) -> "Provenance":
        """Return the provenance of a row that was loaded."""
        return cls(told, tuple(_path(loaded, k) for k in range(len(loaded.conversation.messages))))

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
        for k, number in enumerate(_numbers(dumped, len(loaded.conversation.messages))):
            before, path = "" if number is None else self.paths[number], _path(loaded, k)
            of_message = [one for one in entries.get(_head(before), ()) if _meet(str(one.get("path")), before)]
            kept = [without_keys(one, "path") for one in of_message]
            records += [{"path": path, **one} for i, one in enumerate(kept) if one not in kept[:i]]
        return {**self.told, "messages": records}


def _path(loaded: Loaded, number: int) -> str:
    return join_path(loaded.place(("messages", number)))


def _head(path: str) -> str:
    """Return the path of the entry of a list that a path leads into."""
    return path.partition("]")[0]


def _meet(one: str, two: str) -> bool:
    """Return whether one of two paths leads into what the other means."""
    return one == two or one.startswith((f"{two}.", f"{two}[")) or two.startswith((f"{one}.", f"{one}["))


def _numbers(dumped: Conversation, count: int) -> Iterator[int | None]:
    """Yield the number of each message that was written; one without a mark is of the message before it."""
    numbers = [ORIGIN.find(message.form) for message in dumped.messages]
    if len(numbers) != count:
        return
    last = next((number for number in numbers if number is not None), None)
    for number in numbers:
        last = number if number is not None else last
        yield None if last is None else int(last)


def split(row: Any) -> tuple[Any, Mapping[str, Any] | None]:
    """Return a row without its provenance, and the provenance; None where there is none."""
    told = row.get(KEY) if isinstance(row, Mapping) else None
    if not isinstance(told, Mapping) or not isinstance(told.get("messages"), list):
        return row, None
    return without_keys(row, KEY), told
