"""Neighbours of one role as one message, and taken apart again."""

from collections.abc import Sequence
from typing import Any, Final

from msgkit.model.messages import Message, Role
from msgkit.model.parts import PLAIN, TextPart
from msgkit.structuring import changed

Messages = Sequence[Message]
Record = list[Any]
BETWEEN: Final = "\n\n"
"""What is between the texts of messages that are merged."""

_MERGED = (Role.SYSTEM, Role.DEVELOPER, Role.USER, Role.ASSISTANT)


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
