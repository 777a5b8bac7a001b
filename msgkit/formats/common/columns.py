"""Placeholders in text, and the columns of media that they stand for: ``<image>`` and ``images``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.formats.common import media

COLUMNS: Mapping[str, str] = {"image": "images", "audio": "audios", "video": "videos"}
_PLACEHOLDER = re.compile(r"<(image|audio|video)>")


def entry_name(entry: Any) -> str | None:
    """
    Return what an entry of a column names: a string, or the path or URL of an object.

    >>> entry_name("a.png"), entry_name({"path": "a.png", "bytes": None}), entry_name(5)
    ('a.png', 'a.png', None)
    """
    if isinstance(entry, str):
        return entry
    if isinstance(entry, Mapping) and not entry.get("bytes"):
        return next((entry[key] for key in ("path", "url") if isinstance(entry.get(key), str)), None)
    return None


def count(text: Any, kind: str) -> int:
    """
    Count the placeholders of one kind.

    >>> count("<image> and <image>", "image")
    2
    """
    return text.count(f"<{kind}>") if isinstance(text, str) else 0


def fill(text: str, entries: Mapping[str, Iterator[Any]], name: str) -> Any:
    """
    Return *text* with the next entry of each placeholder's column in its place: a list of parts, or the text itself.

    Args:
        text: Any text.

        entries: Kind of media -> the entries not used yet; other kinds' placeholders are text.

        name: The format's name: what of an entry has no place in a part stands under it.

    >>> fill("<image>Who?", {"image": iter(["a.png"])}, "sharegpt")
    [{'type': 'image_url', 'image_url': {'url': 'a.png'}}, {'type': 'text', 'text': 'Who?'}]
    """
    parts: list[Any] = []
    start = 0
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in entries:
            continue
        if match.start() > start:
            parts.append({"type": "text", "text": text[start : match.start()]})
        parts.append(_part(match[1], next(entries[match[1]]), name))
        start = match.end()
    if not parts:
        return text
    return [*parts, {"type": "text", "text": text[start:]}] if start < len(text) else parts


def _part(kind: str, entry: Any, name: str) -> dict[str, Any]:
    url = str(entry_name(entry))
    found = media.split(url) if kind == "audio" else None
    if found is not None:
        part = media.audio_part(*found)
        if part["type"] == "input_audio" and media.of_part(part) == found:
            return part
    note = {} if isinstance(entry, str) else {name: {"entry": entry}}
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url, **note}}


def empty(parts: Any, columns: dict[str, list[Any]], name: str) -> Any:
    """
    Return parts as text with placeholders, their media appended to *columns*; what is no list stays as it is.

    >>> columns = {}
    >>> picture = {"type": "image_url", "image_url": {"url": "a.png"}}
    >>> empty([picture, {"type": "text", "text": "Who?"}], columns, "sharegpt")
    '<image>Who?'
    >>> columns
    {'images': ['a.png']}
    """
    if not isinstance(parts, list):
        return parts
    text = ""
    for part in parts:
        kind = str(part.get("type"))
        if kind == "text":
            text += part["text"]
            continue
        kind = "audio" if kind == "input_audio" else kind.removesuffix("_url")
        if kind in COLUMNS:
            text += f"<{kind}>"
            columns.setdefault(COLUMNS[kind], []).append(_entry(part, name))
    return text


def _entry(part: Mapping[str, Any], name: str) -> Any:
    inner = part[part["type"]]
    if part["type"] == "input_audio":
        data = inner["data"]
        found = media.of_part(part) if data_url.classify(data, bare_base64=True) is Kind.BASE64 else None
        return media.join(*found) if found else data
    kept = inner.get(name, {}).get("entry")
    return kept if kept is not None and entry_name(kept) == inner["url"] else inner["url"]
