"""
What a conversion changes only when asked, because a receiver needs it, and how that is undone.

Each change returns the new messages and a record in JSON; with the record the inverse gives the messages back. Where a
record does not fit any more, the messages stay as they are: the comparison with the source lists what differs.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import attrs

from msgkit import formats, targets
from msgkit.conversion import HarmonySystem, ToolMedia
from msgkit.formats import Format
from msgkit.formats.common.capabilities import Capabilities
from msgkit.model.base import NOTHING, PLAIN
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import PARTS, TextPart
from msgkit.structuring.wire import changed

Messages = Sequence[Message]
Record = list[Any]
BETWEEN: Final = "\n\n"
"""What is between the texts of messages that are merged."""

_MERGED = (Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT)

MOVED: Final = "(in the next message)"
"""The text of a result whose media are in the message that follows."""

_RESULTS = (Role.TOOL, Role.FUNCTION)


@attrs.frozen(eq=False, repr=False)
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
    """Return a format with the parts and files that a target takes, which may be more than its own target does."""
    own = formats.get(name)
    target = targets.get(receiver or own.target)
    blank = target.text.empty_refused is None or not target.text.empty_refused.value
    before = attrs.evolve(own.capabilities, file_types=target.files.media_types.value, blank_text=blank)
    if receiver is None:
        return attrs.evolve(own, capabilities=before)
    if name != target.format and name not in target.also:
        raise ValueError(f"{target.title} takes {target.format}, not {name}")
    if target.keys.reasoning is not None and not target.keys.reasoning.value:
        before = attrs.evolve(before, message=before.message - {"reasoning"})
    within = {role: fact.value for role in before.roles if (fact := target.parts.of(role)) is not None}
    parts = {kind: () for kinds in within.values() for kind in kinds if kind in PARTS}
    capabilities = attrs.evolve(before, parts={**parts, **before.parts}, within={**before.within, **within})
    return attrs.evolve(own, capabilities=capabilities)


DONE: Final[Mapping[str, str]] = {
    "results": "results follow their calls",
    "follow": "asked for: media of tool results are in a user message after them",
    "merge": "asked for: neighbours of one role are one message",
    "fill": "asked for: user messages were put in",
    "set": "asked for: keys were set",
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


def merge(messages: Messages) -> tuple[Messages, Record]:
    r"""Join neighbours of one role: texts with an empty line between, parts one after the other."""
    new: list[Message] = []
    record: Record = []
    for run in _runs(messages):
        if len(run) == 1:
            new.append(run[0])
            continue
        record.append({"at": len(new), "of": [_size(message) for message in run]})
        new.append(changed(run[-1], content=_joined(run), reasoning=run[0].reasoning, form=PLAIN))
    return new, record


def _runs(messages: Messages) -> list[list[Message]]:
    runs: list[list[Message]] = []
    for message in messages:
        if runs and _joins(runs[-1][-1], message):
            runs[-1].append(message)
        else:
            runs.append([message])
    return runs


def _joins(before: Message, after: Message) -> bool:
    """Return whether two messages have only content, calls after it, and reasoning before it."""
    bare = changed(before, content=None, reasoning=None, form=PLAIN)
    last = changed(after, content=None, tool_calls=None, form=PLAIN)
    return before.role in _MERGED and bare == last == Message(before.author, None)


def _size(message: Message) -> Any:
    """Return the length of a text, the number of parts as ``[n]``, None for nothing."""
    content = message.content
    return [len(content)] if isinstance(content, tuple) else content if content is None else len(content)


def _joined(run: Sequence[Message]) -> Any:
    contents = [message.content for message in run if message.content is not None]
    texts = [content for content in contents if isinstance(content, str)]
    if len(texts) == len(contents):
        return BETWEEN.join(texts) if texts else None
    return tuple(part for message in run for part in message.parts)


def split(messages: Messages, record: Record) -> Messages:
    """Return the messages as they were before :func:`merge`; unchanged when the record does not fit."""
    new = list(messages)
    for entry in reversed(record):
        contents = _contents(new[entry["at"]], entry["of"]) if entry["at"] < len(new) else None
        if contents is None:
            return messages
        whole = new[entry["at"]]
        bare = Message(whole.author, None)
        run = [changed(bare, content=content) for content in contents]
        run[-1] = changed(run[-1], tool_calls=whole.tool_calls)
        run[0] = changed(run[0], reasoning=whole.reasoning)
        new[entry["at"] : entry["at"] + 1] = run
    return new


def _contents(message: Message, sizes: Sequence[Any]) -> list[Any] | None:
    """Return the contents that were joined; None when they were not those of these *sizes*."""
    if any(isinstance(size, list) for size in sizes):
        return _shares(list(message.parts), sizes)
    text = message.content if message.content is not None else ""
    if isinstance(text, tuple):
        text = message.text
    lengths = [size for size in sizes if size is not None]
    if len(text) != sum(lengths) + len(BETWEEN) * max(0, len(lengths) - 1):
        return None
    contents: list[Any] = []
    start = 0
    for size in sizes:
        contents.append(None if size is None else text[start : start + size])
        start += 0 if size is None else size + len(BETWEEN)
    return contents


def _shares(parts: list[Any], sizes: Sequence[Any]) -> list[Any] | None:
    numbers = [0 if size is None else size[0] if isinstance(size, list) else 1 for size in sizes]
    if len(parts) != sum(numbers):
        return None
    contents: list[Any] = []
    for size, number in zip(sizes, numbers, strict=True):
        share, parts = parts[:number], parts[number:]
        is_text = isinstance(size, int) and isinstance(share[0], TextPart)
        contents.append(None if size is None else share[0].text if is_text else tuple(share))
    return contents


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
