"""
What stands around the messages in a row: where they are, how they go back.

A request body, a bare list of messages, an OpenAI Batch line; and the media columns (``images``, ``audios``,
``videos``) whose entries ``<image>``, ``<audio>``, ``<video>`` stand for in the text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path, quote
from msgkit.model.messages import Envelope

BODIES = ("body", "params", "request")  # of Batch lines: OpenAI's, Anthropic's, Gemini's
LISTS = ("messages", "conversations", "contents", "input")  # a row with one of these is itself the body
COLUMNS = {"images": "image", "audios": "audio", "videos": "video"}
_PLACEHOLDER = re.compile(r"<(image|audio|video)>")


def open_row(row: object) -> tuple[Mapping[str, Any], Envelope]:
    """
    Return the body of a row, and the envelope (its format still unnamed); a text is the body ``{"text": ...}``.

    Raises:
        InvalidMessageError: ``messages-missing`` if the row is neither an object nor a list.

    >>> body, envelope = open_row({"custom_id": "a", "body": {"messages": []}})
    >>> body, envelope.path
    ({'messages': []}, ('body',))
    """
    if isinstance(row, list | tuple):
        return {"messages": row}, Envelope("", bare=True)
    if isinstance(row, str):
        return {"text": row}, Envelope("", bare=True)
    if not isinstance(row, Mapping):
        message = f"expected an object with messages or a list of messages, got {describe(row)}"
        raise InvalidMessageError([Issue("messages", "messages-missing", "error", message)])
    for name in BODIES if row.keys().isdisjoint(LISTS) else ():
        if isinstance(row.get(name), Mapping):
            rest = {key: value for key, value in row.items() if key != name}
            return row[name], Envelope("", rest, (name,))
    return row, Envelope("")


def close_row(body: dict[str, Any], envelope: Envelope | None) -> Any:
    """
    Put *body* back into the row that it came from; the inverse of :func:`open_row`.

    >>> close_row({"messages": []}, Envelope("openai", {"custom_id": "a"}, ("body",)))
    {'custom_id': 'a', 'body': {'messages': []}}
    """
    if envelope is None:
        return body
    if envelope.path:
        return {**envelope.row, envelope.path[0]: body}
    if envelope.bare and len(body) == 1:
        return next(iter(body.values()))
    return body


def has_columns(body: Mapping[str, Any]) -> bool:
    """Tell whether *body* has a list under ``images``, ``audios`` or ``videos``."""
    return any(isinstance(body.get(column), list | tuple) for column in COLUMNS)


def fill_placeholders(body: Mapping[str, Any], at: Path = ()) -> dict[str, Any]:
    """
    Replace each placeholder by a part that names the next entry of its column, and remove the columns.

    The text around a placeholder is kept exactly; an empty remainder is dropped.

    Raises:
        InvalidMessageError: ``placeholder-count`` when placeholders and entries differ in number.

    >>> row = {"messages": [{"role": "user", "content": "<image>Who?"}], "images": ["a.png"]}
    >>> fill_placeholders(row)["messages"][0]["content"]
    [{'type': 'image_url', 'image_url': {'url': 'a.png'}}, {'type': 'text', 'text': 'Who?'}]
    """
    columns = {kind: body[name] for name, kind in COLUMNS.items() if isinstance(body.get(name), list | tuple)}
    issues = [*_miscounted(body, columns, at), *_misshaped(columns, at)]
    if issues:
        raise InvalidMessageError(issues)
    entries = {kind: iter(column) for kind, column in columns.items()}
    messages = [_filled(message, entries) for message in body["messages"]]
    filled = {key: value for key, value in body.items() if COLUMNS.get(key) not in columns}
    filled["messages"] = messages
    return filled


def count_placeholders(body: Mapping[str, Any]) -> dict[str, int]:
    """
    Count the placeholders in the text of all messages.

    >>> count_placeholders({"messages": [{"content": "<image><image> and <audio>"}]})
    {'image': 2, 'audio': 1, 'video': 0}
    """
    found = [match[1] for text in _texts(body) for match in _PLACEHOLDER.finditer(text)]
    return {kind: found.count(kind) for kind in COLUMNS.values()}


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    messages = body.get("messages")
    for message in messages if isinstance(messages, list | tuple) else ():
        content = message.get("content") if isinstance(message, Mapping) else None
        for item in content if isinstance(content, list | tuple) else (content,):
            text = item.get("text") if isinstance(item, Mapping) and item.get("type") == "text" else item
            if isinstance(text, str):
                yield text


def _miscounted(body: Mapping[str, Any], columns: Mapping[str, Any], at: Path) -> Iterator[Issue]:
    counts = count_placeholders(body)
    for kind, column in columns.items():
        if counts[kind] != len(column):
            message = (
                f"expected as many <{kind}> placeholders as entries in {kind}s, got {counts[kind]} and {len(column)}"
            )
            yield Issue(join_path((*at, "messages")), "placeholder-count", "error", message)


def _misshaped(columns: Mapping[str, Any], at: Path) -> Iterator[Issue]:
    for kind, column in columns.items():
        for i, entry in enumerate(column):
            if _named(entry) is None:
                message = f"expected a path, a URL or an object with one, got {quote(entry)}"
                yield Issue(join_path((*at, f"{kind}s", i)), "type-mismatch", "error", message)


def _named(entry: object) -> str | None:
    """What a column's entry names: a string, or the path or url of an object."""
    if isinstance(entry, str):
        return entry
    if isinstance(entry, Mapping) and not entry.get("bytes"):
        return next((entry[key] for key in ("path", "url") if isinstance(entry.get(key), str)), None)
    return None


def _filled(message: Mapping[str, Any], entries: Mapping[str, Iterator[Any]]) -> Any:
    content = message.get("content") if isinstance(message, Mapping) else None
    if isinstance(content, str):
        parts = list(_split(content, entries))
        return message if parts == [{"type": "text", "text": content}] or not parts else {**message, "content": parts}
    if not isinstance(content, list | tuple):
        return message
    filled: list[Any] = []
    for part in content:
        if isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str):
            pieces: list[Any] = [
                {**part, **piece} if piece["type"] == "text" else piece for piece in _split(part["text"], entries)
            ]
            filled += pieces or [part]
        else:
            filled.append(part)
    return {**message, "content": filled}


def _split(text: str, entries: Mapping[str, Iterator[Any]]) -> Iterator[dict[str, Any]]:
    start = 0
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in entries:
            continue
        if match.start() > start:
            yield {"type": "text", "text": text[start : match.start()]}
        yield _media_part(match[1], str(_named(next(entries[match[1]]))))
        start = match.end()
    if start < len(text):
        yield {"type": "text", "text": text[start:]}


def _media_part(kind: str, name: str) -> dict[str, Any]:
    return {"type": f"{kind}_url", f"{kind}_url": {"url": name}}
