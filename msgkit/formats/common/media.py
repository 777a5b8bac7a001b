"""
Media in parts: as a data URL, and as an object of media type and base64.

And media that Chat Completions do not define: items of Responses, blocks of MCP, frames, a spoken answer.
"""

import base64
import re
from collections.abc import Collection, Iterator, Mapping
from mimetypes import guess_extension
from typing import Any

import attrs

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, Path
from msgkit.formats.common.capabilities import MEDIA_PARTS
from msgkit.headers import AUDIO_FORMATS, AUDIO_TYPES, canonical
from msgkit.jsontext.edit import find
from msgkit.jsontext.values import LIST, type_of
from msgkit.model.base import Mark, UnknownPart
from msgkit.model.parts import AudioPart, AudioUrlPart, ContentPart, InputAudio
from msgkit.structuring import load_value

_INPUT_AUDIO = ("wav", "mp3")  # what Chat Completions takes under this name
_URL_SAFE = Mark("media", "urlsafe")  # form: base64 in the URL-safe alphabet, as google-genai and pydantic write bytes
_UNPADDED = Mark("media", "unpadded")  # form: base64 without the padding at its end
_URL_SAFE_TABLE = str.maketrans("-_", "+/")
_STANDARD_TABLE = str.maketrans("+/", "-_")
_TEXTS = ("application/json", "application/xml", "application/x-yaml", "application/yaml")
_HEAD = 4096  # characters of base64 that the media type is detected from


def join(media_type: str, data: str) -> str:
    """Return a data URL of base64 *data*."""
    return f"data:{media_type};base64,{data}"


_USUAL = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def comes_back(media_type: Any, data: Any) -> bool:
    """Fast check: True only if :func:`split` certainly gives both back from :func:`join`."""
    return type(media_type) is str and type(data) is str and _USUAL.fullmatch(media_type) is not None


def split(text: Any) -> tuple[str, str] | None:
    """Return media type and base64 of a data URL; None for anything else."""
    if not isinstance(text, str) or data_url.classify(text) is not Kind.DATA:
        return None
    head, comma, data = text.partition(",")
    media_type, marker, rest = head[5:].partition(";base64")
    if comma and marker and not rest and head.startswith("data:"):
        return media_type, data
    try:
        url = data_url.split(text)
    except MediaError:
        return None
    return canonical(url.media_type), url.payload


def encode_text(text: str) -> str:
    """Return text as base64 of its UTF-8 bytes."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def decode_text(data: str) -> str | None:
    """Return the text that base64 *data* holds; None where it is no UTF-8."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        return None


def text_of(url: str) -> tuple[str, str | None]:
    """Return the media type of a file in a data URL, and its text where it is one."""
    media_type, data = split(url) or ("", "")
    media_type = canonical(media_type)
    is_text = media_type.startswith("text/") or media_type in _TEXTS
    return media_type, decode_text(standard(data)[0]) if is_text else None


def sniff(data: str) -> str | None:
    """Return the media type that base64 *data* begins with; None when unknown."""
    try:
        return headers.sniff(data_url.decode(data[: min(_HEAD, len(data) // 4 * 4)]))
    except MediaError:
        return None


def extension_of(data: str) -> str:
    """Return the extension for a file by its data URL or base64: that of a PDF when its type is not known."""
    inline = split(data)
    media_type = canonical((inline[0] if inline else sniff(data)) or "application/pdf")
    return headers.EXTENSIONS.get(media_type) or guess_extension(media_type) or ".bin"


def url_part(kind: str, url: Any) -> dict[str, Any]:
    """Return the part of an image, audio or a video by its URL."""
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url}}


def audio_part(media_type: str, data: str) -> dict[str, Any]:
    """Return audio as a part: ``input_audio`` for the formats that it takes, else ``audio_url``."""
    name = AUDIO_FORMATS.get(canonical(media_type))
    if name in _INPUT_AUDIO:
        return {"type": "input_audio", "input_audio": {"data": data, "format": name}}
    return url_part("audio", join(media_type, data))


def as_input_audio(part: AudioUrlPart) -> ContentPart:
    """Return audio in a data URL by its format."""
    media_type, data = split(part.audio_url.url) or ("", "")
    name = AUDIO_FORMATS.get(canonical(media_type))
    return part if name is None else AudioPart(InputAudio(data, name), extra=part.extra)


def of_part(part: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return media type and base64 of a part that holds media; None when it names them."""
    kind, inner = part.get("type"), inner_of(part)
    if inner is None:
        return None
    if kind == "input_audio":
        data, name = inner.get("data"), inner.get("format") or "wav"
        is_base64 = isinstance(data, str) and data_url.classify(data, bare_base64=True) is Kind.BASE64
        media_type = AUDIO_TYPES.get(name) if isinstance(name, str) else None
        return (media_type, data) if is_base64 and media_type and data else None
    return split(inner.get("file_data" if kind == "file" else "url"))


def inner_of(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object of a media part, a URL alone as one; None where there is none."""
    part_type = type_of(part)
    inner = part.get(part_type) if part_type != "text" else None
    return inner if isinstance(inner, Mapping) else {"url": inner} if isinstance(inner, str) else None


_STRINGS = ("url", "data", "file_data", "file_url", "file_id")  # keys of the objects of media parts


def string_of(inner: Mapping[str, Any]) -> Any:
    """Return the URL, reference or base64 in the object of a media part; None where there is only an id, or nothing."""
    return next((inner[key] for key in _STRINGS[:-1] if inner.get(key) is not None), None)


def sort_of(part_type: str) -> str:
    """Return whether parts of a type are for images, audio, video or files."""
    return "audio" if part_type == "input_audio" else part_type.removesuffix("_url")


def inner_places(part: Any, key: str, *steps: str) -> dict[Path, Path]:
    """Say where the string of a media part stands: under *key* in a block that is itself *steps* below."""
    part_type = type_of(part)
    inner = part.get(part_type) if part_type in MEDIA_PARTS else None
    if not isinstance(inner, Mapping):
        return {(): ()}
    return {(): (), (part_type,): steps, **{(part_type, own): (*steps, key) for own in inner if own in _STRINGS}}


def part_of(media_type: str, url: str, data: str | None = None) -> dict[str, Any]:
    """Return the part for media of this type: an image, audio, a video, or a file."""
    kind = headers.kind(media_type)
    if kind == "file":
        return {"type": "file", "file": {"file_data": url}}
    if kind == "audio" and data is not None:
        return audio_part(media_type, data)
    return url_part(kind, url)


def usual_key(kind: str, url: str) -> str:
    """Return the key of Transformers for a reference, for base64 that tells its own type, and for other URLs."""
    if data_url.classify(url) is Kind.REFERENCE:
        return "path"
    inline = split(url) if kind == "image" else None
    return "base64" if inline and sniff(inline[1]) == inline[0] else "url"


def standard(data: str) -> tuple[str, list[Mark]]:
    """Return base64 in the standard alphabet, padded, and the marks of what it was: some readers take both."""
    form: list[Mark] = []
    if ":" in data[:64]:  # a URL
        return data, form
    if ("-" in data or "_" in data) and "+" not in data and "/" not in data:
        data, form = data.translate(_URL_SAFE_TABLE), [_URL_SAFE]
    if len(data) % 4 in (2, 3) and not data.endswith("="):
        data, form = data + "=" * (-len(data) % 4), [*form, _UNPADDED]
    return data, form


def as_it_was(data: str, form: frozenset[Mark]) -> str:
    """Return base64 as it was before: the inverse of :func:`standard`."""
    data = data.rstrip("=") if _UNPADDED in form else data
    return data.translate(_STANDARD_TABLE) if _URL_SAFE in form else data


_ITEMS: Mapping[str, tuple[str, Path]] = {
    "image_generation_call": ("image", ("result",)),
    "computer_call_output": ("image", ("output", "image_url")),
    "image": ("image", ("data",)),
    "audio": ("audio", ("data",)),
    "video": ("video", ("data",)),
    "document_url": ("file", ("document_url",)),
}
"""Type of an item or block -> kind of media, and where the string stands."""

_BARE = ("result", "data", "base64")  # keys under which base64 stands without a data URL
_DATA, _BASE64 = ("data",), ("base64",)  # of blocks of MCP, and of the parts of chat templates
ITEM = Mark("media", "item")  # form of a message that is an item, with the item as its part


@attrs.frozen
class MediaString:
    """A string of a part that holds media, or names a file that an extraction wrote."""

    kind: str
    keys: Path
    text: str = attrs.field(repr=False)


def kept_strings(part: Any) -> Iterator[MediaString]:
    """Yield what a part of another API holds; formats keep an item under their own name."""
    part_type = type_of(part)
    inner = part.get(part_type)
    above, item = ((part_type,), inner) if isinstance(inner, Mapping) else ((), part)
    item_type = type_of(item)
    if item_type in _ITEMS:
        kind, keys = _ITEMS[item_type]
        keys = _BASE64 if keys == _DATA and isinstance(item.get("base64"), str) else keys
        yield from _media_string(kind, (*above, *keys), find(item, keys))


def answer_strings(audio: Mapping[str, Any]) -> Iterator[MediaString]:
    """Yield what the ``audio`` of an answer holds."""
    return _media_string("audio", ("data",), audio.get("data"))


def _media_string(kind: str, keys: Path, text: Any) -> Iterator[MediaString]:
    if isinstance(text, str):
        grammar = data_url.classify(text, bare_base64=is_bare(keys))
        media_type = headers.by_extension(text) if grammar is Kind.REFERENCE else None
        if (media_type is not None and headers.kind(media_type) == kind) or grammar in (Kind.DATA, Kind.BASE64):
            yield MediaString(kind, keys, text)


def is_bare(keys: Path) -> bool:
    """Return whether base64 is there without a data URL."""
    return keys[-1] in _BARE


def video_frames(part: Any) -> list[str]:
    """Return the frames of a video that is a list of images."""
    items = part.get("video") if part.get("type") == "video" else None
    is_frames = isinstance(items, LIST) and all(isinstance(frame, str) for frame in items)
    return list(items) if items and is_frames else []


def place_in_row(at: Path, keys: Path, form: Collection[Mark], name: str) -> Path:
    """Return where in a row stands what a part holds; the *name* of a format above an item is not one of its keys."""
    return (*(at[:-2] if ITEM in form else at), *keys[1:]) if keys[0] == name else (*at, *keys)


def is_block(part: Mapping[str, Any]) -> bool:
    """Return whether a part is a block that only the protocol has."""
    load = _BLOCKS.get(type_of(part))
    return load is not None and load(part) is not None


def part_of_block(part: UnknownPart) -> ContentPart | None:
    """Return a block as the content part that it means; None when it is no block."""
    load = _BLOCKS.get(type_of(part.data))
    value = load(part.data) if load is not None else None
    return None if value is None else load_value([value], tuple[ContentPart, ...])[0]


def _media_block(block: Mapping[str, Any]) -> dict[str, Any] | None:
    data, media_type = block.get("data", block.get("blob")), block.get("mimeType")
    if not isinstance(data, str) or not isinstance(media_type, str):
        return None
    return part_of(media_type, join(media_type, data), data)


def _resource(block: Mapping[str, Any]) -> dict[str, Any] | None:
    inner = block.get("resource")
    if not isinstance(inner, Mapping) or not isinstance(inner.get("uri"), str):
        return None
    return {"type": "text", "text": inner["text"]} if isinstance(inner.get("text"), str) else _media_block(inner)


def _link(block: Mapping[str, Any]) -> dict[str, Any] | None:
    uri, media_type = block.get("uri"), block.get("mimeType", "")
    if not isinstance(uri, str) or not isinstance(media_type, str) or data_url.classify(uri) is not Kind.REMOTE:
        return None
    return url_part("image", uri) if media_type.startswith("image/") else {"type": "file", "file": {"file_url": uri}}


_BLOCKS = {"image": _media_block, "audio": _media_block, "resource": _resource, "resource_link": _link}
