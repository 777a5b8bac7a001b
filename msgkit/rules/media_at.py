"""Media where a row of any format holds them as base64: read there, and written back as another type or other bytes."""

from collections.abc import Mapping
from typing import Any

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.jsontext.edit import Steps, edit, find

_GEMINI = ("mimeType", "mime_type")
_TYPE_KEYS = (*_GEMINI, "media_type", "mediaType")  # beside the data
_OWN_NAMES = {"audio/mpeg": "audio/mp3"}  # as Gemini's documentation has it


def read(body: Any, at: Steps) -> str | None:
    """Return the base64 of the media at *at*; None if there are none."""
    value = find(body, at)
    if isinstance(value, Mapping):
        data = value.get("data")
        return data if value.get("type") == "base64" and isinstance(data, str) else None
    kind = data_url.classify(value, bare_base64=True) if isinstance(value, str) else Kind.EMPTY
    if kind is Kind.DATA:
        return data_url.split(value).payload
    return str(value) if kind is Kind.BASE64 else None


def write(body: Any, at: Steps, media_type: str, data: str) -> Any:
    """Return *body* with other media at *at*, and their type where the row says it."""
    old, around = find(body, at), find(body, at[:-1])
    if isinstance(old, Mapping):
        return edit(body, at, lambda source: {**source, "media_type": media_type, "data": data})
    if _is_url(around, at):
        return edit(body, at, lambda _: data_url.of(media_type, data))
    key = next((key for key in _TYPE_KEYS if isinstance(around, Mapping) and key in around), None)
    if key is not None:
        named = _OWN_NAMES.get(media_type, media_type) if key in _GEMINI else media_type
        return edit(body, at[:-1], lambda inner: {**inner, key: named, at[-1]: data})
    if old[:5].lower() == "data:":
        return edit(body, at, lambda _: data_url.of(media_type, data))
    return edit(body, at, lambda _: data)


def _is_url(around: Any, at: Steps) -> bool:
    """Return whether a string is one that holds media as a data URL only."""
    return at[-1] in ("url", "image_url", "audio_url", "video_url", "file_data") and isinstance(around, Mapping)


def sniff(data: str) -> str | None:
    """Return the media type that base64 *data* are of; None when unknown."""
    return headers.sniff(headers.base64_window(data))
