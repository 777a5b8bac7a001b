"""
Content blocks of the Model Context Protocol, as tools return them, wherever they stand among content parts.

Source: modelcontextprotocol ``schema.ts`` 2025-06-18, ContentBlock.
"""

from collections.abc import Mapping
from typing import Any

from msgkit.data_url import Kind, classify
from msgkit.formats.common import media
from msgkit.model.parts import ContentPart, UnknownPart
from msgkit.structuring import load_value


def is_block(part: Mapping[str, Any]) -> bool:
    """Return whether a part is a block that only the protocol has."""
    kind = part.get("type")
    return isinstance(kind, str) and kind in _LOAD and _LOAD[kind](part) is not None


def meant(part: UnknownPart) -> ContentPart | None:
    """Return a block as the content part that it means; None when it is no block."""
    kind = part.data.get("type")
    value = _LOAD[kind](part.data) if isinstance(kind, str) and kind in _LOAD else None
    return None if value is None else load_value([value], tuple[ContentPart, ...])[0]


def _held(block: Mapping[str, Any]) -> dict[str, Any] | None:
    data, media_type = block.get("data", block.get("blob")), block.get("mimeType")
    if not isinstance(data, str) or not isinstance(media_type, str):
        return None
    return media.part_of(media_type, media.join(media_type, data), data)


def _resource(block: Mapping[str, Any]) -> dict[str, Any] | None:
    inner = block.get("resource")
    if not isinstance(inner, Mapping) or not isinstance(inner.get("uri"), str):
        return None
    return {"type": "text", "text": inner["text"]} if isinstance(inner.get("text"), str) else _held(inner)


def _link(block: Mapping[str, Any]) -> dict[str, Any] | None:
    uri, media_type = block.get("uri"), block.get("mimeType", "")
    if not isinstance(uri, str) or not isinstance(media_type, str) or classify(uri) is not Kind.REMOTE:
        return None
    is_image = media_type.startswith("image/")
    return {"type": "image_url", "image_url": {"url": uri}} if is_image else {"type": "file", "file": {"file_url": uri}}


_LOAD = {"image": _held, "audio": _held, "resource": _resource, "resource_link": _link}
