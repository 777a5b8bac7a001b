"""Media columns into the messages, in the place of what stands for their entries, and back."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Path
from msgkit.formats.common import columns as media_columns
from msgkit.formats.common import media
from msgkit.formats.common.builder import Draft
from msgkit.formats.common.columns import KINDS, Column, contents_of, entry_name, find, issues, stands_for
from msgkit.headers import canonical
from msgkit.jsontext.values import type_of
from msgkit.model.base import Mark
from msgkit.model.messages import Conversation

_PLACEHOLDER = re.compile(r"<(image|audio|video)>")
_MEDIA = ("image_url", "input_audio", "audio_url", "video_url")
_MARK = Mark("columns", "media")  # form of a conversation: a media column that is not the usual one, or no list
_UNPLACED = Mark("columns", "unplaced")  # form of a conversation: nothing in its texts stands for its media
_LEADING = re.compile(r"(?:<(?:image|audio|video)>)*")
_EMPTY = ("None", "[]")  # what a column without entries may be


@attrs.define(eq=False, repr=False)
class Filling:
    """The columns of a row whose messages are texts, while its placeholders are filled one after the other."""

    note: str  # the name of the format, under which a part keeps the entry that it came from
    columns: Mapping[str, Column]  # those whose entries go into the messages
    shown: Mapping[str, Column]  # those and the empty ones, which come back as they were
    before: str = ""  # placeholders before the first question, which are not in the row
    used: dict[str, int] = attrs.field(factory=dict)
    entries: dict[str, Iterator[Any]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.entries = {kind: iter(column.entries) for kind, column in self.columns.items()}

    @classmethod
    def of(
        cls, body: Mapping[str, Any], draft: Draft, texts: Sequence[Any], key: str, note: str, roles: Sequence[str] = ()
    ) -> "Filling":
        """Open the columns of *body*; note what does not fit between them and the *texts*, which are under *key*."""
        columns = find(body)
        free = media_columns.unplaced(zip(roles, texts, strict=False), columns)
        for path, code, told in media_columns.misfits(columns, texts, free, always=True):
            draft.fault(path or (key,), code, told)
        if draft.issues:
            return cls(note, {}, {})
        shown = {kind: column for kind, column in columns.items() if column.entries or not body[column.name]}
        filled = {kind: column for kind, column in columns.items() if column.entries}
        return cls(note, filled, shown, _stand_ins(free))

    @property
    def names(self) -> set[str]:
        """The keys of the columns that are in the messages."""
        return {column.name for column in self.shown.values()}

    def fill(self, text: Any) -> Any:
        """Return *text* with the next entries in the place of its placeholders."""
        return fill(text, self.entries, self.note) if isinstance(text, str) else text

    def places(self, content: Any, text: Path) -> dict[Path, Path]:
        """Say where the *content* made of a text stands: media in their columns."""
        paths: dict[Path, Path] = {("content",): text}
        for j, part in enumerate(content if isinstance(content, list) else ()):
            part_type = type_of(part)
            paths["content", j] = text
            column = self.columns.get(media.sort_of(part_type)) if part_type in _MEDIA else None
            if column is not None:
                number = self.used.get(column.kind, 0)
                self.used[column.kind] = number + 1
                end = "data" if part_type == "input_audio" else "url"
                paths["content", j, part_type, end] = column.path(number)
        return paths

    def marks(self, body: Mapping[str, Any]) -> frozenset[Mark]:
        """Return the marks of columns that are not usual: of another name, one entry by itself, null, or empty."""
        states = {
            name: "one" if one.single else "" if one.entries else str(body[one.name])
            for name, one in self.shown.items()
        }
        return frozenset(
            _MARK.of(f"{kind}={one.name}={states[kind]}")
            for kind, one in self.shown.items()
            if states[kind] or one.name != f"{kind}s"
        ) | ({_UNPLACED} if self.before else frozenset())


def _stand_ins(columns: Mapping[str, Column]) -> str:
    return "".join(f"<{kind}>" * len(column.entries) for kind, column in columns.items())


def is_unplaced(conversation: Conversation) -> bool:
    """Return whether the row has no placeholders for the media of its columns."""
    return _UNPLACED in conversation.form


def question(text: str, form: frozenset[Mark]) -> str:
    """Return the first question as the row has it: without placeholders where it had none."""
    return text[_LEADING.match(text).end() :] if _UNPLACED in form else text  # type: ignore[union-attr]


def in_columns(media: Mapping[str, Sequence[Any]], form: Iterable[Mark]) -> dict[str, Any]:
    """Return entries by kind as media columns, as the marks of a conversation say."""
    made: dict[str, Any] = {}
    parsed = [mark.text.split("=", 2) for mark in form if _MARK.matches(mark)]
    marked = {kind: (name, state) for kind, name, state in parsed}
    for kind, (name, state) in marked.items():
        if kind not in media and state in _EMPTY:
            made[name] = None if state == "None" else []
    for kind, entries in media.items():
        name, state = marked.get(kind, (f"{kind}s", ""))
        made[name] = entries[0] if state == "one" and len(entries) == 1 else entries
    return made


def fill_body(body: Mapping[str, Any], at: Path = ()) -> dict[str, Any]:
    """Put the entries of the columns into the messages, in the place of what stands for them; the columns go."""
    columns = find(body)
    wrong = list(issues(body, columns, at))
    if wrong:
        raise InvalidMessageError(wrong)
    messages = _placed(body["messages"], columns)
    contents = list(contents_of(messages))
    in_parts = {kind: sum(stands_for(item) == kind for item in contents) for kind in columns}
    entries = {kind: iter(column.entries) for kind, column in columns.items()}
    in_text = {kind: entries[kind] for kind in columns if in_parts[kind] != len(columns[kind].entries)}
    filled = {key: value for key, value in body.items() if not any(key == one.name for one in columns.values())}
    filled["messages"] = [_fill_message(message, entries, in_text) for message in messages]
    return filled


def _placed(messages: Any, columns: Mapping[str, Column]) -> Any:
    """Return messages with a placeholder before the first question for each entry that nothing stands for."""
    free = media_columns.unplaced_in(messages, columns)
    if not free:
        return messages
    first = next(i for i, message in enumerate(messages) if isinstance(message, Mapping) and message["role"] == "user")
    asked = {**messages[first], "content": _stand_ins(free) + messages[first]["content"]}
    return [*messages[:first], asked, *messages[first + 1 :]]


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
        name = str(entry_name(next(entries[str(kind)])))
        key = "path" if data_url.classify(name) is Kind.REFERENCE else "url"
        return [{**{key: value for key, value in part.items() if value is not None}, key: name}]
    if not isinstance(part, Mapping) or part.get("type") != "text":
        return [part]
    parts = fill(part["text"], in_text) if isinstance(part.get("text"), str) else None
    if not isinstance(parts, list):
        return [part]
    return [{**part, **new} if new["type"] == "text" else new for new in parts]


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
    inline = media.split(url) if kind == "audio" else None
    if inline is not None and isinstance(entry, str):
        part = media.audio_part(*inline)
        if part["type"] == "input_audio" and media.of_part(part) == _canonical(inline):
            spelling = {} if media.join(*inline) == url or note is None else {note: {"entry": entry}}
            return {**part, "input_audio": part["input_audio"] | spelling}
    noted = {} if isinstance(entry, str) or note is None else {note: {"entry": entry}}
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url, **noted}}


def _canonical(inline: tuple[str, str] | None) -> tuple[str, str] | None:
    return inline and (canonical(inline[0]), inline[1])


def empty(parts: Any, columns: dict[str, list[Any]], note: str) -> Any:
    """Return parts as text with placeholders, their media appended to *columns*; what is no list stays as it is."""
    if not isinstance(parts, list):
        return parts
    text = ""
    for part in parts:
        part_type = type_of(part)
        if part_type == "text":
            text += part["text"]
            continue
        part_type = media.sort_of(part_type)
        if part_type in KINDS:
            text += f"<{part_type}>"
            columns.setdefault(part_type, []).append(_entry(part, note))
    return text


def _entry(part: Mapping[str, Any], note: str) -> Any:
    inner = part[part["type"]]
    if part["type"] == "input_audio":
        data = inner["data"]
        inline = media.of_part(part) if data_url.classify(data, bare_base64=True) is Kind.BASE64 else None
        kept = inner.get(note, {}).get("entry")
        if kept is not None and _canonical(media.split(kept)) == inline:
            return kept  # its scheme or its media type spelled otherwise
        return media.join(*inline) if inline else data
    kept = inner.get(note, {}).get("entry")
    return kept if kept is not None and entry_name(kept) == inner["url"] else inner["url"]
