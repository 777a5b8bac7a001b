"""Converse's blocks <-> content parts. A block is told by its sole key."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import calls, media
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.headers import canonical
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import type_of, without_keys
from msgkit.model.base import Mark

NAME = "bedrock"
JSON_TEXT = Mark(NAME, "json")  # form of a text: an object in the result
_OWNER = Mark(NAME, "owner")  # form of media: whose bucket they are in
_TEXT = Mark(NAME, "text")  # form of a file: plain text, not base64
_MEDIA: Mapping[str, Mapping[str, str]] = {
    "image": {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    "video": {
        "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "mkv": "video/x-matroska",
        "mpeg": "video/mpeg", "flv": "video/x-flv", "wmv": "video/x-ms-wmv", "three_gp": "video/3gpp",
    },
    "audio": {
        "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "aac": "audio/aac",
        "m4a": "audio/mp4", "webm": "audio/webm",
    },
    "document": {
        "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "html": "text/html", "csv": "text/csv",
        "doc": "application/msword", "xls": "application/vnd.ms-excel",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    },
}  # fmt: skip
"""Kind of block -> the formats that it may have -> their media types."""

_LOCATION = ("source", "s3Location")  # where the place of media is in a block
_TEXTS = ("md", "html", "csv")  # formats of documents that are texts, beside plain ones
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9\s\-()\[\]]|\s(?=\s)")
_OWN = {"image_url": "image", "video_url": "video", "audio_url": "audio", "input_audio": "audio", "file": "document"}
"""Type of content part -> its block."""


def inner_places(part: Any) -> dict[Path, Path]:
    """Say where what a part holds is in its block."""
    part_type = type_of(part)
    if part_type == "text":
        inner = ("json",) if JSON_TEXT in marks(part) else ("text",)
        return {(): inner if JSON_TEXT in marks(part) else (), ("text",): inner}
    own = _OWN.get(part_type)
    if own is None:
        return {(): ()}
    data = ("source", "bytes") if media.of_part(part) else ("source", "s3Location", "uri")
    if part_type == "file":
        data = ("source", "text") if _TEXT in marks(part) else data
        return {(): (own,), ("file", "file_data"): (own, *data), ("file", "filename"): (own, "name")}
    if part_type == "input_audio":
        return {(): (own,), ("input_audio", "data"): (own, *data), ("input_audio", "format"): (own, "format")}
    return {(): (own,), (part_type, "url"): (own, *data)}


def load_part(block: Any) -> Any:
    """Return a block as a content part; one that would not come back the same keeps its own, as of type ``bedrock``."""
    if not isinstance(block, Mapping):
        return block
    key, value = next(iter(block.items())) if len(block) == 1 else (None, None)
    load = _LOAD.get(key) if isinstance(key, str) else None
    part = load(value) if load is not None else None
    owner = find(value, (*_LOCATION, "bucketOwner"))
    part = part if part is None or not isinstance(owner, str) else mark(part, _OWNER.of(owner))
    return part if part is not None and checked(block, part, dump_part(part)) else {"type": NAME, NAME: block}


def _load_json(value: Any) -> dict[str, Any] | None:
    text = calls.from_object(value)
    return None if text is None else mark({"type": "text", "text": text}, JSON_TEXT)


def _url(kind: str, value: Any) -> str | None:
    """Return the data URL or the S3 URI of media."""
    name, data, uri = find(value, ("format",)), find(value, ("source", "bytes")), find(value, (*_LOCATION, "uri"))
    media_type = _MEDIA[kind].get(name) if isinstance(name, str) else None
    if isinstance(data, str) and media_type is not None:
        return media.join(media_type, data)
    return uri if isinstance(uri, str) else None


def _load_media(kind: str, value: Any) -> dict[str, Any] | None:
    url = _url(kind, value)
    inline = media.split(url) if kind == "audio" else None
    return media.audio_part(*inline) if inline else None if url is None else media.url_part(kind, url)


def _load_document(value: Any) -> dict[str, Any] | None:
    text = find(value, ("source", "text"))
    data = _url("document", value) if not isinstance(text, str) else media.join("text/plain", media.encode_text(text))
    if data is None:
        return None
    file: dict[str, Any] = {"file_data": data}
    if isinstance(value.get("name"), str):
        suffix = value.get("format")
        file["filename"] = f"{value['name']}.{suffix}" if isinstance(suffix, str) else value["name"]
    extra = without_keys(value, "format", "name", "source")
    return mark({**extra, "type": "file", "file": file}, *[_TEXT] * isinstance(text, str))


_LOAD: Mapping[str, Callable[[Any], dict[str, Any] | None]] = {
    "text": lambda text: {"type": "text", "text": text} if isinstance(text, str) else None,
    "json": _load_json,
    **{kind: partial(_load_media, kind) for kind in ("image", "video", "audio")},
    "document": _load_document,
}


def dump_part(part: Any) -> Any:
    """Return a noted content part as a block: the inverse of :func:`load_part`."""
    part_type = type_of(part)
    if part_type == NAME:
        return bare(part[NAME])
    dump = _DUMP.get(part_type)
    return bare(dump(part) if dump else part)


def _dump_text(part: Mapping[str, Any]) -> dict[str, Any]:
    value = calls.parse_object(part["text"]) if JSON_TEXT in marks(part) else None
    return {"text": part["text"]} if value is None else {"json": value}


def _is_elsewhere(url: Any) -> bool:
    """Return whether media are named by what Converse does not fetch."""
    return not isinstance(url, str) or classify(url) is Kind.REMOTE


def _dump_media(part: Mapping[str, Any]) -> Any:
    kind, own = part["type"], _OWN[part["type"]]
    inline = media.of_part(part)
    if inline is None:
        url = part[kind].get("url", part[kind].get("data"))
        if _is_elsewhere(url):
            return None
        return {own: {"format": _suffix(own, url), "source": {"s3Location": _location(url, part)}}}
    return {own: {"format": _format(own, inline[0]), "source": {"bytes": inline[1]}}}


def _location(uri: Any, part: Mapping[str, Any]) -> dict[str, Any]:
    owner = _OWNER.find(marks(part))
    return {"uri": uri} if owner is None else {"uri": uri, "bucketOwner": owner}


def _dump_document(part: Mapping[str, Any]) -> dict[str, Any] | None:
    file, inline = part["file"], media.of_part(part)
    data, name = file.get("file_data"), file.get("filename")
    if inline is None and _is_elsewhere(data):
        return None
    suffix = _format("document", inline[0]) if inline else _suffix("document", data)
    extension = str(name).rpartition(".")[2]
    suffix = extension if suffix == "txt" and extension in _TEXTS else suffix
    value: dict[str, Any] = {"format": suffix}
    if isinstance(name, str):
        value["name"] = _NOT_IN_NAMES.sub("-", name.removesuffix(f".{suffix}"))
    value["source"] = {"bytes": inline[1]} if inline else {"s3Location": _location(data, part)}
    text = media.decode_text(inline[1]) if inline and _TEXT in marks(part) else None
    if text is not None:
        value["source"] = {"text": text}
        if not (isinstance(name, str) and name.endswith(".txt")):
            del value["format"]
    return {"document": value | without_keys(part, "type", "file")}


_DUMP: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "text": _dump_text,
    **dict.fromkeys(("image_url", "video_url", "audio_url", "input_audio"), _dump_media),
    "file": _dump_document,
}


def _format(kind: str, media_type: str) -> str:
    """Return the name of a media type, or what is behind its slash."""
    names = {own: name for name, own in _MEDIA[kind].items()}
    media_type = canonical(media_type)
    return names.get(media_type, media_type.rpartition("/")[2])


def _suffix(kind: str, name: Any) -> str:
    """Return the format that the end of a file's name says; the usual one where it says none."""
    suffix = str(name).rpartition(".")[2].lower()
    suffix = {"jpg": "jpeg", "htm": "html"}.get(suffix, suffix)
    return suffix if suffix in _MEDIA[kind] else next(iter(_MEDIA[kind]))
