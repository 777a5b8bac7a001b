"""Media columns into the messages, in the place of what stands for their entries, and back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Path
from msgkit.formats.common import media
from msgkit.formats.common.columns import KINDS, contents_of, entry_name, find, issues, stands_for

_PLACEHOLDER = re.compile(r"<(image|audio|video)>")


def fill_body(body: Mapping[str, Any], at: Path = ()) -> dict[str, Any]:
    """Put the entries of the columns into the messages, in the place of what stands for them; the columns go."""
    columns = find(body)
    wrong = list(issues(body, columns, at))
    if wrong:
        raise InvalidMessageError(wrong)
    contents = list(contents_of(body["messages"]))
    in_parts = {kind: sum(stands_for(item) == kind for item in contents) for kind in columns}
    entries = {kind: iter(column.entries) for kind, column in columns.items()}
    in_text = {kind: entries[kind] for kind in columns if in_parts[kind] != len(columns[kind].entries)}
    filled = {key: value for key, value in body.items() if not any(key == one.name for one in columns.values())}
    filled["messages"] = [_fill_message(message, entries, in_text) for message in body["messages"]]
    return filled


def _fill_message(message: Any, entries: Mapping[str, Iterator[Any]], in_text: Mapping[str, Iterator[Any]]) -> Any:
    content = message.get("content") if isinstance(message, Mapping) else None
    if isinstance(content, str):
        parts = fill(content, in_text)
        return message if parts is content else {**message, "content": parts}
    if not isinstance(content, list | tuple):
        return message
    return {**message, "content": [new for part in content for new in _fill_part(part, entries, in_text)]}


def _fill_part(part: Any, entries: Mapping[str, Iterator[Any]], in_text: Mapping[str, Iterator[Any]]) -> list[Any]:
    kind = stands_for(part)
    if kind in entries:
        return [fill_stand_in(part, str(entry_name(next(entries[str(kind)]))))]
    if not isinstance(part, Mapping) or part.get("type") != "text":
        return [part]
    parts = fill(part["text"], in_text) if isinstance(part.get("text"), str) else None
    if not isinstance(parts, list):
        return [part]
    return [{**part, **new} if new["type"] == "text" else new for new in parts]


def fill_stand_in(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a part without a source with one; keys that are null go."""
    key = "path" if data_url.classify(name) is Kind.REFERENCE else "url"
    return {**{key: value for key, value in part.items() if value is not None}, key: name}


def fill(text: str, entries: Mapping[str, Iterator[Any]], note: str | None = None) -> Any:
    """Return *text* with the next entry of each placeholder's column in its place."""
    parts: list[Any] = []
    start = 0
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in entries:
            continue
        if match.start() > start:
            parts.append({"type": "text", "text": text[start : match.start()]})
        parts.append(_part(match[1], next(entries[match[1]]), note))
        start = match.end()
    if not parts:
        return text
    return [*parts, {"type": "text", "text": text[start:]}] if start < len(text) else parts


def _part(kind: str, entry: Any, note: str | None) -> dict[str, Any]:
    url = str(entry_name(entry))
    held = media.split(url) if kind == "audio" else None
    if held is not None:
        part = media.audio_part(*held)
        if part["type"] == "input_audio" and media.of_part(part) == held and isinstance(entry, str):
            return part
    noted = {} if isinstance(entry, str) or note is None else {note: {"entry": entry}}
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url, **noted}}


def empty(parts: Any, columns: dict[str, list[Any]], note: str) -> Any:
    """Return parts as text with placeholders, their media appended to *columns*; what is no list stays as it is."""
    if not isinstance(parts, list):
        return parts
    text = ""
    for part in parts:
        kind = str(part.get("type"))
        if kind == "text":
            text += part["text"]
            continue
        kind = "audio" if kind == "input_audio" else kind.removesuffix("_url")
        if kind in KINDS:
            text += f"<{kind}>"
            columns.setdefault(kind, []).append(_entry(part, note))
    return text


def _entry(part: Mapping[str, Any], note: str) -> Any:
    inner = part[part["type"]]
    if part["type"] == "input_audio":
        data = inner["data"]
        held = media.of_part(part) if data_url.classify(data, bare_base64=True) is Kind.BASE64 else None
        return media.join(*held) if held else data
    kept = inner.get(note, {}).get("entry")
    return kept if kept is not None and entry_name(kept) == inner["url"] else inner["url"]
