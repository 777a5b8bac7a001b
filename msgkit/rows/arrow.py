"""
Rows as columns: one closed schema for every conversation, and the way back.

What the schema has no column for, explicit nulls among it, is as JSON text in the ``extra`` column of its object,
so that a row comes back equal, with no null keys added.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final

import attrs

from msgkit import data_url
from msgkit.errors import MediaError, needing
from msgkit.jsontext.fast import dumps, loads
from msgkit.jsontext.values import LIST, OBJECT

MARK: Final = MappingProxyType({b"msgkit": b"1"})
"""The metadata of a file with this schema."""

_Columns = Mapping[str, Any]  # a name -> TEXT, a ListOf, or the columns of an object
TEXT: Final = "text"
ENTRY: Final = "entry"  # {bytes, path}, as Hugging Face datasets hold an image or audio
EXTRA: Final = "extra"
STRING: Final = "string_content"


@attrs.frozen
class ListOf:
    """A column of lists; *items* is what they hold."""

    items: Any


_URL: _Columns = {"url": TEXT}
_PART: _Columns = {
    "type": TEXT,
    "text": TEXT,
    "image_url": {"url": TEXT, "detail": TEXT},
    "input_audio": {"data": TEXT, "format": TEXT},
    "audio_url": _URL,
    "video_url": _URL,
    "file": {"file_data": TEXT, "file_id": TEXT, "filename": TEXT},
    "refusal": TEXT,
    "thinking": TEXT,
}
_CALL: _Columns = {
    "id": TEXT,
    "type": TEXT,
    "function": {"name": TEXT, "arguments": TEXT},
    "custom": {"name": TEXT, "input": TEXT},
}
_MESSAGE: _Columns = {
    "role": TEXT,
    "name": TEXT,
    "author": {"role": TEXT, "name": TEXT},
    "content": ListOf(_PART),
    "channel": TEXT,
    "recipient": TEXT,
    "content_type": TEXT,
    "tool_calls": ListOf(_CALL),
    "tool_call_id": TEXT,
    "refusal": TEXT,
    "reasoning": TEXT,
    "reasoning_content": TEXT,
}
_FEATURES: Final = {"images": "Image", "audios": "Audio", "videos": "Video"}
_BODY: _Columns = {"messages": ListOf(_MESSAGE), **dict.fromkeys(_FEATURES, ListOf(TEXT))}
_BARE_PART: _Columns = {"type": TEXT, "text": TEXT}  # without null keys that chat templates take for media
_BARE_MESSAGE: _Columns = {**_MESSAGE, "content": ListOf(_BARE_PART)}
_MEDIA_BODY: _Columns = {"messages": ListOf(_BARE_MESSAGE), **dict.fromkeys(_FEATURES, ListOf(ENTRY))}
NAMES: Final = ("form", *_BODY, EXTRA, "row")
"""
The columns.

``form`` says what the row was: ``body``, ``list``, ``batch`` or ``json``; ``row`` is what was around the body.
"""


def to_arrow_row(row: Any, *, media: bool = False) -> dict[str, Any]:
    """
    Return *row* as a row of :data:`SCHEMA`.

    Args:
        row: A row.

        media: The schema has its columns of media as Hugging Face datasets have Image and Audio.

    Raises:
        InvalidMessageError: If it is not JSON.

    >>> columns = to_arrow_row({"messages": [{"role": "user", "content": "Hello"}], "model": "m"})
    >>> columns["messages"][0]["content"][0]["text"], columns["messages"][0]["string_content"], columns["extra"]
    ('Hello', True, '{"model":"m"}')
    """
    rest: Any = None
    body: Mapping[str, Any]
    if isinstance(row, LIST) and all(isinstance(message, OBJECT) for message in row):
        form, body = "list", {"messages": row}
    elif not isinstance(row, OBJECT):
        return {**dict.fromkeys(NAMES), "form": "json", "row": dumps(row).decode()}
    elif isinstance(row.get("body"), OBJECT) and "messages" not in row:
        form, body = "batch", row["body"]
        rest = {key: value for key, value in row.items() if key != "body"}
    else:
        form, body = "body", row
    columns = _to_columns(body, _MEDIA_BODY if media else _BODY)
    return {"form": form, **columns, "row": None if rest is None else dumps(rest).decode()}


def from_arrow_row(row: Mapping[str, Any]) -> Any:
    """
    Return the row that :func:`to_arrow_row` was given.

    >>> from_arrow_row(to_arrow_row([{"role": "user", "content": None}]))
    [{'role': 'user', 'content': None}]
    """
    if row["form"] == "json":
        return loads(row["row"].encode())
    entries = (entry for name in _FEATURES for entry in row.get(name) or ())
    body = _from_columns(row, _MEDIA_BODY if isinstance(next(entries, None), Mapping) else _BODY)
    if row["form"] == "list":
        return body["messages"]
    return {**loads(row["row"].encode()), "body": body} if row["form"] == "batch" else body


def schema(*, media: bool = False) -> Any:
    """Return the Arrow schema; that with columns of media says so as Hugging Face datasets do."""
    arrow = pyarrow("for Arrow schemas")
    fields = [(name, _type(column, arrow)) for name, column in (_MEDIA_BODY if media else _BODY).items()]
    text = arrow.string()
    features = {name: {"feature": {"_type": feature}, "_type": "List"} for name, feature in _FEATURES.items()}
    more = {b"huggingface": dumps({"info": {"features": features}})} if media else {}
    return arrow.schema([("form", text), *fields, (EXTRA, text), ("row", text)], metadata={**MARK, **more})


def has_entries(row: Any) -> bool:
    """Return whether a row has a media column whose entries are ``{bytes, path}``."""
    columns = [row.get(name) for name in _FEATURES] if isinstance(row, OBJECT) else []
    return any(isinstance(column, list) and any(map(_is_entry, column)) for column in columns)


def pyarrow(purpose: str) -> ModuleType:
    """Return the package pyarrow."""
    with needing("pyarrow", "arrow", purpose):
        return import_module("pyarrow")


def _type(column: Any, arrow: ModuleType) -> Any:
    if isinstance(column, ListOf):
        return arrow.list_(_type(column.items, arrow))
    if not isinstance(column, dict):
        entry = [("bytes", arrow.binary()), ("path", arrow.string())]
        return arrow.struct(entry) if column is ENTRY else arrow.string()
    fields = [(name, _type(inner, arrow)) for name, inner in column.items()]
    if _has_text(column):
        fields.append((STRING, arrow.bool_()))
    return arrow.struct([*fields, (EXTRA, arrow.string())])


def _has_text(columns: _Columns) -> bool:
    """Return whether they are those of a message, whose content may have been a string."""
    return columns is _MESSAGE or columns is _BARE_MESSAGE


def _to_columns(value: Mapping[str, Any], columns: _Columns) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(columns)
    if _has_text(columns):
        values[STRING] = None
    extra = {}
    for key, inner in value.items():
        column = columns.get(key)
        if _has_text(columns) and key == "content" and isinstance(inner, str):
            values["content"], values[STRING] = [_to_columns({"type": "text", "text": inner}, _PART)], True
        elif _fits(inner, column):
            values[key] = _to_column(inner, column)
        else:
            extra[key] = inner
    values[EXTRA] = dumps(extra).decode() if extra else None
    return values


def _fits(value: Any, column: Any) -> bool:
    if isinstance(column, ListOf):
        return isinstance(value, LIST) and all(_fits(item, column.items) for item in value)
    if column is ENTRY:
        return _is_entry(value)
    return isinstance(value, str) if column is TEXT else isinstance(column, dict) and isinstance(value, OBJECT)


def _is_entry(value: Any) -> bool:
    if not isinstance(value, OBJECT) or value.keys() != {"bytes", "path"}:
        return False
    try:
        is_held = value["bytes"] is None or bool(data_url.decode(value["bytes"]))
        return is_held and isinstance(value["path"], str | None)
    except (MediaError, TypeError):
        return False


def _to_column(value: Any, column: Any) -> Any:
    if column is ENTRY:
        return value if value["bytes"] is None else {**value, "bytes": data_url.decode(value["bytes"])}
    if isinstance(column, ListOf):
        return [_to_column(item, column.items) for item in value]
    return _to_columns(value, column) if isinstance(column, dict) else value


def _from_columns(row: Mapping[str, Any], columns: _Columns) -> dict[str, Any]:
    value = {
        name: _from_column(inner, columns[name]) for name, inner in row.items() if inner is not None and name in columns
    }
    if _has_text(columns) and row.get(STRING):
        value["content"] = value["content"][0]["text"]
    if row.get(EXTRA):
        value.update(loads(row[EXTRA].encode()))
    return value


def _from_column(inner: Any, column: Any) -> Any:
    if column is ENTRY:
        data = inner.get("bytes")
        return {"bytes": data if data is None else data_url.encode(data), "path": inner.get("path")}
    if isinstance(column, ListOf):
        return [_from_column(item, column.items) for item in inner]
    return _from_columns(inner, column) if isinstance(column, dict) else inner
