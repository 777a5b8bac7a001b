"""Gemini's parts <-> content parts."""

from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import media
from msgkit.formats.common.builder import bare, checked, mark, marks
from msgkit.formats.gemini.names import NAME, Names
from msgkit.headers import AUDIO_TYPES, by_extension, canonical, kind
from msgkit.jsontext.values import OBJECT, type_of, without_keys
from msgkit.model.base import Mark

_NO_MIME = Mark(NAME, "nomime")  # form: a file is named without its media type
_MIME = Mark(NAME, "mime")  # form: another name of the media type
_OWN_MIME = {"audio/mpeg": "audio/mp3"}  # as Gemini's documentation names it
_DEFAULT_MIME = {"image": "image/jpeg", "audio": "audio/mp3", "video": "video/mp4", "file": "application/pdf"}


def load_part(part: Any, names: Names) -> Any:
    """Return a part in the values' shape."""
    if not isinstance(part, OBJECT):
        return part
    if len(part) == 1 and isinstance(part.get("text"), str) and not names.others:
        return {"type": "text", **part}
    names = names.of(part)
    plain, form = _in_standard_base64(part, names)
    translated = _translate(plain, names)
    if translated is not None and names.others:
        translated = mark(translated, *names.others)
    if translated is None or not (_is_usual(plain, names) or checked(plain, translated, dump_part(translated, names))):
        return {"type": NAME, NAME: part}
    return mark(translated, *form) if form else translated


def _is_usual(part: Mapping[str, Any], names: Names) -> bool:
    """Fast check: True only if a part is only an image or a file in base64, which certainly comes back the same."""
    inner = part.get(names.parts("inlineData")) if len(part) == 1 else None
    if type(inner) is not dict or len(inner) != len(("mimeType", "data")):
        return False
    media_type = inner.get(names.parts("mimeType"))
    is_audio = isinstance(media_type, str) and media_type.startswith("audio/")
    return not is_audio and media.comes_back(media_type, inner.get("data"))


def _in_standard_base64(part: Mapping[str, Any], names: Names) -> tuple[Mapping[str, Any], list[Mark]]:
    """Return a part with its data in the standard alphabet, and the marks of what it was."""
    own = names.parts("inlineData")
    inner = part.get(own)
    if not isinstance(inner, OBJECT) or not isinstance(inner.get("data"), str):
        return part, []
    data, form = media.standard(inner["data"])
    return ({**part, own: {**inner, "data": data}}, form) if form else (part, form)


def _translate(part: Mapping[str, Any], names: Names) -> dict[str, Any] | None:
    inline, uri = names.parts("inlineData"), names.parts("fileData")
    if isinstance(part.get("text"), str):
        return None if "type" in part else {"type": "text", **part}
    own = inline if inline in part else uri
    inner = part.get(own)
    translated = None
    if isinstance(inner, Mapping):
        translated = _load_inline(inner, names) if own == inline else _load_uri(inner, names)
    rest = without_keys(part, own)
    return None if translated is None or rest.keys() & {"type", translated["type"]} else {**translated, **rest}


def _load_inline(inner: Mapping[str, Any], names: Names) -> dict[str, Any] | None:
    media_type, data = inner.get(names.parts("mimeType")), inner.get("data")
    if not isinstance(media_type, str) or not isinstance(data, str):
        return None
    part = media.part_of(media_type, media.join(media_type, data), data)
    name = inner.get(names.parts("displayName"))
    if part["type"] == "file" and isinstance(name, str):
        part["file"]["filename"] = name
    return mark(part, _MIME.of(media_type)) if part["type"] == "input_audio" and media_type != _own_type(part) else part


def _own_type(part: Mapping[str, Any]) -> str | None:
    media_type = AUDIO_TYPES.get(part["input_audio"].get("format") or "")
    return _OWN_MIME.get(media_type or "", media_type)


def _load_uri(inner: Mapping[str, Any], names: Names) -> dict[str, Any] | None:
    uri, media_type = inner.get(names.parts("fileUri")), inner.get(names.parts("mimeType"))
    if not isinstance(uri, str) or not isinstance(media_type, str | None):
        return None
    form = [_NO_MIME] if names.parts("mimeType") not in inner else []
    if media_type is None and not form:
        return None
    media_type = media_type or _type_of(uri)
    part = media.part_of(media_type, uri)
    if part["type"] == "file":
        name = inner.get(names.parts("displayName"))
        part = {"type": "file", "file": {"file_url": uri} | ({"filename": name} if isinstance(name, str) else {})}
    noted = {} if media_type == _guess(uri, part["type"]) else {NAME: {"mimeType": media_type}}
    return mark({**part, part["type"]: {**part[part["type"]], **noted}}, *form)


def _type_of(uri: str) -> str:
    """Return the media type of a file that is named without it: by its extension, or a video at YouTube."""
    host = uri.partition("://")[2].partition("/")[0].removeprefix("www.").removeprefix("m.")
    if host in ("youtube.com", "youtu.be"):
        return "video/mp4"
    return by_extension(uri.partition("?")[0]) or _DEFAULT_MIME["file"]


def _guess(uri: str, part_type: str) -> str:
    """Return the media type to declare for a URL: by its extension, else the usual one for this kind of part."""
    sort = media.sort_of(part_type)
    media_type = by_extension(uri.partition("?")[0])
    return media_type if media_type is not None and (kind(media_type) == sort) else _DEFAULT_MIME[sort]


def inner_places(part: Any, names: Names) -> dict[Path, Path]:
    """Say where the media of a translated part are in Gemini's."""
    part_type = type_of(part)
    inner = part.get(part_type) if part_type not in ("", "text", NAME) else None
    if not isinstance(inner, OBJECT):
        return {(): ()}
    names = names.marked(marks(part))
    is_inline = media.of_part(part) is not None
    own = names.parts("inlineData" if is_inline else "fileData")
    end = "data" if is_inline else names.parts("fileUri")
    keys = {"file": ("file_data", "file_url"), "input_audio": ("data",)}.get(part_type, ("url",))
    return {(): (), (part_type,): (own,), **{(part_type, key): (own, end) for key in keys}}


def dump_part(part: Any, names: Names) -> Any:
    """Return a noted content part as Gemini has it: the inverse of :func:`load_part`."""
    if part.get("type") == NAME:
        return part[NAME]
    if part.get("type") == "text":
        if len(part) == 2:  # noqa: PLR2004 (the type and the text)
            return {"text": part["text"]}
        return bare(without_keys(part, "type"))
    inner = part.get(part["type"])
    if not isinstance(inner, Mapping):
        return bare(part)
    rest = without_keys(part, "type", part["type"])
    names = names.marked(marks(part))
    return bare({**_dump_media(part, inner, names), **rest})


def _dump_media(part: Mapping[str, Any], inner: Mapping[str, Any], names: Names) -> dict[str, Any]:
    inline, data = media.of_part(part), inner.get("file_data") or ""
    if inline is None and part["type"] == "file" and classify(data, bare_base64=True) is Kind.BASE64:
        inline = (media.sniff(data) or "application/pdf", data)
    if inline is None:
        return {names.parts("fileData"): _dump_uri(part, inner, names)}
    media_type = _MIME.find(marks(part))
    if media_type is None or canonical(media_type) != canonical(inline[0]):
        media_type = _OWN_MIME.get(inline[0], inline[0]) if part["type"] == "input_audio" else inline[0]
    blob = {names.parts("mimeType"): media_type, "data": media.as_it_was(inline[1], marks(part))}
    filename = inner.get("filename") if part["type"] == "file" else None
    blob |= {names.parts("displayName"): filename} if filename is not None else {}
    return {names.parts("inlineData"): blob}


def _dump_uri(part: Mapping[str, Any], inner: Mapping[str, Any], names: Names) -> dict[str, Any]:
    uri = media.string_of(inner) or inner.get("file_id") or ""
    told = inner.get(NAME, {}).get("mimeType")
    sort = "audio_url" if part["type"] == "input_audio" else part["type"]
    told_type = {} if _NO_MIME in marks(part) else {names.parts("mimeType"): told or _guess(uri, sort)}
    name = inner.get("filename") if part["type"] == "file" else None
    named = {names.parts("displayName"): name} if name is not None else {}
    return {names.parts("fileUri"): uri, **told_type, **named}
