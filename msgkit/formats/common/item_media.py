"""Media in parts that Chat Completions do not define: items of Responses, blocks of MCP, frames, a spoken answer."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from msgkit import data_url, headers
from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import media
from msgkit.jsontext.edit import find
from msgkit.model.base import Mark
from msgkit.model.parts import ContentPart, UnknownPart
from msgkit.structuring import load_value

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


def of_part(part: Any) -> Iterator[MediaString]:
    """Yield what a part of another API holds; formats keep an item under their own name."""
    kind = part.get("type")
    inner = part.get(kind) if isinstance(kind, str) else None
    above: Path = (str(kind),) if isinstance(inner, Mapping) else ()
    item = inner if isinstance(inner, Mapping) else part
    item_type = item.get("type")
    if isinstance(item_type, str) and item_type in _ITEMS:
        media, keys = _ITEMS[item_type]
        keys = _BASE64 if keys == _DATA and isinstance(item.get("base64"), str) else keys
        yield from _media_string(media, (*above, *keys), find(item, keys))


def of_answer(audio: Mapping[str, Any]) -> Iterator[MediaString]:
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


def frames(part: Any) -> list[str]:
    """Return the frames of a video that is a list of images."""
    items = part.get("video") if part.get("type") == "video" else None
    is_frames = isinstance(items, list | tuple) and all(isinstance(frame, str) for frame in items)
    return list(items) if items and is_frames else []


def place(at: Path, keys: Path, form: Collection[Mark], name: str) -> Path:
    """Return where in a row stands what a part holds; the *name* of a format above an item is not one of its keys."""
    return (*(at[:-2] if ITEM in form else at), *keys[1:]) if keys[0] == name else (*at, *keys)


def is_block(part: Mapping[str, Any]) -> bool:
    """Return whether a part is a block that only the protocol has."""
    kind = part.get("type")
    return isinstance(kind, str) and kind in _LOAD and _LOAD[kind](part) is not None


def meant(part: UnknownPart) -> ContentPart | None:
    """Return a block as the content part that it means; None when it is no block."""
    kind = part.data.get("type")
    value = _LOAD[kind](part.data) if isinstance(kind, str) and kind in _LOAD else None
    return None if value is None else load_value([value], tuple[ContentPart, ...])[0]


def _media_block(block: Mapping[str, Any]) -> dict[str, Any] | None:
    data, media_type = block.get("data", block.get("blob")), block.get("mimeType")
    if not isinstance(data, str) or not isinstance(media_type, str):
        return None
    return media.part_of(media_type, media.join(media_type, data), data)


def _resource(block: Mapping[str, Any]) -> dict[str, Any] | None:
    inner = block.get("resource")
    if not isinstance(inner, Mapping) or not isinstance(inner.get("uri"), str):
        return None
    return {"type": "text", "text": inner["text"]} if isinstance(inner.get("text"), str) else _media_block(inner)


def _link(block: Mapping[str, Any]) -> dict[str, Any] | None:
    uri, media_type = block.get("uri"), block.get("mimeType", "")
    if not isinstance(uri, str) or not isinstance(media_type, str) or classify(uri) is not Kind.REMOTE:
        return None
    is_image = media_type.startswith("image/")
    return {"type": "image_url", "image_url": {"url": uri}} if is_image else {"type": "file", "file": {"file_url": uri}}


_LOAD = {"image": _media_block, "audio": _media_block, "resource": _resource, "resource_link": _link}
