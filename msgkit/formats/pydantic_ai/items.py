"""Items of a prompt or a result <-> content parts; what else a part has."""

from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.errors import Path
from msgkit.formats.common import media
from msgkit.formats.common.builder import bare, mark, marks
from msgkit.jsontext.diff import same
from msgkit.jsontext.values import type_of, without_keys
from msgkit.model.base import Mark

NAME = "pydantic-ai"
OBJECT = Mark(NAME, "object")  # form of arguments and results: a JSON value, not a text
_URLS = ("image-url", "audio-url", "video-url")
USED = {
    "system-prompt": ("content",),
    "user-prompt": ("content",),
    "tool-return": ("content", "tool_name", "tool_call_id"),
    "text": ("content",),
    "thinking": ("content", "signature"),
    "file": ("content",),
    "tool-call": ("tool_name", "args", "tool_call_id"),
}
"""Kind of part -> the keys that are translated; the others are kept beside."""


def untranslated(part: Any) -> dict[str, Any]:
    """Return the keys of a part that are not translated."""
    used = USED.get(str(part.get("part_kind")), ()) if isinstance(part, Mapping) else ()
    return without_keys(part, *used, "part_kind") if used else {}


def is_media(item: Any) -> bool:
    """Return whether an item holds or names media."""
    return isinstance(item, Mapping) and item.get("kind") in (*_URLS, "document-url", "binary")


def load_item(item: Any) -> dict[str, Any]:
    """Return one item of a prompt as a content part; one that would not come back the same keeps its own."""
    if isinstance(item, str):
        return {"type": "text", "text": item}
    part = _translate(item, item.get("kind")) if isinstance(item, Mapping) else None
    return part if part is not None and same(item, dump_item(part)) else {"type": NAME, NAME: item}


def _translate(item: Mapping[str, Any], kind: Any) -> dict[str, Any] | None:
    if kind == "text-content" and isinstance(item.get("content"), str):
        kept = without_keys(item, "content")
        return {"type": "text", "text": item["content"], NAME: kept}
    url, data, media_type = item.get("url"), item.get("data"), item.get("media_type")
    rest = without_keys(item, "url", "kind", "data", "file_id")
    if kind == "binary" and isinstance(data, str) and isinstance(media_type, str) and classify(data) is not Kind.DATA:
        del rest["media_type"]
        data, form = media.standard(data)
        part = mark(media.part_of(media_type, media.join(media_type, data), data), *form)
    elif kind == "uploaded-file":
        part = {"type": "file", "file": {"file_id": item.get("file_id")}}
    elif isinstance(url, str) and kind == "document-url":
        part = {"type": "file", "file": {"file_url" if classify(url) is Kind.REMOTE else "file_data": url}}
    elif isinstance(url, str) and kind in _URLS:
        part = media.url_part(kind.removesuffix("-url"), url)
    else:
        return None
    more = rest.get("vendor_metadata")
    if part["type"] == "image_url" and isinstance(more, Mapping) and more.keys() == {"detail"}:
        part["image_url"]["detail"] = more["detail"]
        del rest["vendor_metadata"]
    return {**part, NAME: rest} if rest else part


def item_places(part: Any, *steps: str) -> dict[Path, Path]:
    """Say where what a part holds is in its item, which itself stands *steps* below."""
    part_type = type_of(part)
    inner = part.get(part_type) if part_type not in ("", NAME) else None
    if not isinstance(inner, Mapping):
        return {(): ()}
    own = "data" if media.of_part(part) else "file_id" if "file_id" in inner else "url"
    return media.inner_places(part, own, *steps)


def dump_item(part: Mapping[str, Any]) -> Any:
    """Return a content part as one item of a prompt: the inverse of what load does."""
    kind = part.get("type")
    if kind == NAME:
        return bare(part[NAME])
    if kind == "text":
        return {"content": part["text"], **bare(part[NAME])} if NAME in part else part["text"]
    inner = media.inner_of(part)
    if inner is None:
        return bare(part)
    rest = dict(part.get(NAME, {}))
    if kind == "image_url" and inner.get("detail") is not None:
        rest["vendor_metadata"] = {"detail": inner["detail"]}
    inline = media.of_part(part)
    if inline is not None:
        data = media.as_it_was(inline[1], marks(part))
        return {"data": data, "media_type": inline[0], "kind": "binary", **bare(rest)}
    if kind == "file" and inner.get("file_id") is not None:
        return {"file_id": inner["file_id"], "provider_name": "openai", "kind": "uploaded-file", **bare(rest)}
    own = {"file": "document-url", "input_audio": "audio-url"}.get(str(kind), str(kind).replace("_", "-"))
    return {"url": media.string_of(inner) or "", "kind": own, **bare(rest)}
