"""
What a conversion changes only when asked, because a receiver needs it, and how that is undone.

Each change returns the new messages and a record in JSON; with the record the inverse gives the messages back. Where a
record does not fit any more, the messages stay as they are: the comparison with the source lists what differs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import attrs

from msgkit import formats, targets
from msgkit.conversion import HarmonySystem, ToolMedia
from msgkit.conversion.merging import Messages, Record, merge, split
from msgkit.formats import Format
from msgkit.formats.common.capabilities import Capabilities
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import NOTHING, PARTS
from msgkit.structuring import changed

MOVED: Final = "(in the next message)"
"""The text of a result whose media are in the message that follows."""

_RESULTS = (Role.TOOL, Role.FUNCTION)


@attrs.frozen
class Adaptation:
    """What is asked for."""

    # ``follow`` puts media of results that the format takes from users only into a user message after the results
    tool_media: ToolMedia = "refuse"
    merge: bool = False  # whether neighbours of one role become one message
    filler: str | None = None  # the text of user messages that are put where the assistant would speak first, or twice
    keys: Mapping[str, Any] = NOTHING  # keys of the body, or paths of keys joined by dots, and their values
    harmony_system: HarmonySystem = "developer"  # what a system prompt becomes where messages are Harmony's
    receiver: str | None = None  # the target that is written for; that of the format when None

    @property
    def of_messages(self) -> bool:
        """Whether messages may change."""
        return self.merge or self.filler is not None or self.tool_media == "follow"

    def apply(self, messages: Messages, target: Capabilities) -> tuple[Messages, dict[str, Record]]:
        """Return the messages that *target* is given, and the record of what was done to them."""
        records: dict[str, Record] = {}
        if self.tool_media == "follow":
            messages, records["follow"] = follow(messages, target)
        if self.merge:
            messages, records["merge"] = merge(messages)
        if self.filler is not None:
            messages, records["fill"] = fill(messages, self.filler)
        return messages, {name: record for name, record in records.items() if record}


@lru_cache(maxsize=64)
def received(name: str, receiver: str | None) -> Format:
    """Return a format with the parts that a target takes, which may be more than the format's own target does."""
    own = formats.get(name)
    if receiver is None:
        return own
    target = targets.get(receiver)
    if name != target.format and name not in target.also:
        raise ValueError(f"{target.title} takes {target.format}, not {name}")
    before = own.capabilities
    within = {role: fact.value for role in before.roles if (fact := target.parts.of(role)) is not None}
    parts = {kind: () for kinds in within.values() for kind in kinds if kind in PARTS}
    capabilities = attrs.evolve(before, parts={**parts, **before.parts}, within={**before.within, **within})
    return attrs.evolve(own, capabilities=capabilities)


DONE: Final[Mapping[str, str]] = {
    "follow": "media of tool results are in a user message after them",
    "merge": "neighbours of one role are one message",
    "fill": "user messages were put in",
    "set": "keys were set",
}
"""What each record stands for."""


def undo(messages: Messages, records: Mapping[str, Record]) -> Messages:
    """Return the messages as they were before :meth:`Adaptation.apply`."""
    for name in ("fill", "merge", "follow"):
        if name in records:
            messages = _UNDO[name](messages, records[name])
    return messages


def follow(messages: Messages, target: Capabilities) -> tuple[Messages, Record]:
    """Move media of tool results into a user message after the results, where only users may have them."""
    wanted = {kind for kind in target.parts_of(Role.USER) if kind not in target.parts_of(Role.TOOL)}
    new: list[Message] = []
    media: list[Any] = []
    moved: list[Any] = []
    record: Record = []
    for message in (*messages, None):
        is_result = message is not None and message.role in _RESULTS
        if media and not is_result:
            record.append({"at": len(new), "from": moved})
            new.append(Message(Author(Role.USER), tuple(media)))
            media, moved = [], []
        if message is None:
            break
        places = [i for i, part in enumerate(_parts(message)) if is_result and part.type in wanted]
        if places:
            parts = _parts(message)
            rest = tuple(part for i, part in enumerate(parts) if i not in places)
            moved.append({"at": len(new), "places": places, "rest": bool(rest)})
            media += [parts[i] for i in places]
        new.append(changed(message, content=rest or MOVED) if places else message)
    return new, record


def _parts(message: Message) -> tuple[Any, ...]:
    return message.content if isinstance(message.content, tuple) else ()


def _unfollow(messages: Messages, record: Record) -> Messages:
    new = list(messages)
    for entry in reversed(record):
        if entry["at"] >= len(new) or new[entry["at"]].role != Role.USER:
            return messages
        media = list(new.pop(entry["at"]).parts)
        if len(media) != sum(len(result["places"]) for result in entry["from"]):
            return messages
        for result in entry["from"]:
            parts = list(new[result["at"]].parts) if result["rest"] else []
            for place in result["places"]:
                parts.insert(place, media.pop(0))
            new[result["at"]] = changed(new[result["at"]], content=tuple(parts))
    return new


def fill(messages: Messages, text: str) -> tuple[Messages, Record]:
    """Put a user message where the assistant would speak first, or twice without a user or a result between."""
    new: list[Message] = []
    record: Record = []
    before = Role.ASSISTANT
    for message in messages:
        if message.role == before == Role.ASSISTANT:
            record.append(len(new))
            new.append(Message(Author(Role.USER), text))
        new.append(message)
        before = message.role if message.role not in (Role.SYSTEM, Role.DEVELOPER) else before
    return new, record


def _unfill(messages: Messages, record: Record) -> Messages:
    if any(place >= len(messages) or messages[place].role != Role.USER for place in record):
        return messages
    return [message for i, message in enumerate(messages) if i not in record]


_UNDO = {"follow": _unfollow, "merge": split, "fill": _unfill}


def set_keys(body: Mapping[str, Any], keys: Mapping[str, Any]) -> tuple[dict[str, Any], Record]:
    """Return a body with *keys* set, and the record: for each the path, and what was there, if anything."""
    new = dict(body)
    record: Record = []
    for name, value in keys.items():
        path = name.split(".")
        inner = new
        for i, key in enumerate(path[:-1], start=1):
            if not isinstance(inner.get(key), Mapping):
                record.append([path[:i], [inner[key]] if key in inner else []])
                inner[key] = {}
            inner[key] = dict(inner[key])
            inner = inner[key]
        if not record or record[-1][0] != path[: len(record[-1][0])]:
            record.append([path, [inner[path[-1]]] if path[-1] in inner else []])
        inner[path[-1]] = value
    return new, record


def unset_keys(body: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """Return a body as it was before :func:`set_keys`."""
    new = dict(body)
    for path, before in reversed(record):
        inner: Any = new
        for key in path[:-1]:
            inner[key] = dict(inner[key])
            inner = inner[key]
        inner.pop(path[-1], None)
        inner.update({path[-1]: before[0]} if before else {})
    return new
