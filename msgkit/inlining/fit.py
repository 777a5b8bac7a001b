"""One medium of any kind, made to fit a target."""

from functools import cache
from importlib import import_module
from typing import Any

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError
from msgkit.headers import text
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.options import Options
from msgkit.model.parts import Media
from msgkit.targets import FileLimits, Target

_CODE = "media-format-unsupported"
_module = cache(import_module)


def fit(ref: MediaRef, data: bytes, target: Target, options: Options) -> tuple[Media | str, ...]:
    """Return what takes the place of *ref* in a row for *target*."""
    if ref.kind == "image":
        images: Any = _module("msgkit.media.image")
        return tuple(images.fit_pages(data, target, options))
    if ref.kind == "audio":
        return (_module("msgkit.media.audio").fit(data, target, options),)
    return (_as_it_is(ref, data, target.video if ref.kind == "video" else target.files, target, options),)


def _as_it_is(ref: MediaRef, data: bytes, limits: FileLimits, target: Target, options: Options) -> Media | str:
    media_type, taken = _type_of(ref, data), limits.media_types.value
    is_text = headers.sniff(data) is None and ref.kind == "file" and text.is_text(data)
    if is_text and media_type not in taken and "text/plain" in taken:
        media_type = "text/plain"
    if media_type is None or (taken and media_type not in taken and _refuses(target)):
        if is_text and options.text_files == "part":
            return data.decode("utf-8")
        hint = "make a text part of it (--text-files part)" if is_text else None
        wanted = ", ".join(taken) or f"{ref.kind} data"
        message = f"expected {wanted}, got {media_type or text.describe(data)}"
        raise MediaError(message, code=_CODE, hint=hint)
    media = Media(data, media_type)
    if limits.max_bytes is not None:
        size = media.base64_size if limits.bytes_as == "base64" else len(data)
        if size > limits.max_bytes.value:
            message = f"{target.title} takes at most {limits.max_bytes.value:,} bytes, got {size:,}"
            raise MediaError(message, code="media-too-large")
    return media


def _refuses(target: Target) -> bool:
    own = target.severity.get(_CODE)
    return own is None or own.value != "off"


def _type_of(ref: MediaRef, data: bytes) -> str | None:
    """Return the media type by the signature; of a text file, by its name or as it is declared."""
    media_type = headers.sniff(data)
    if media_type is not None or ref.kind != "file":
        return media_type
    inner = ref.data.get("file")
    names = (ref.text if ref.grammar is Kind.REFERENCE else None, inner.get("filename") if inner else None)
    claimed = next((found for name in names if isinstance(name, str) and (found := headers.by_extension(name))), None)
    if claimed is None and ref.grammar is Kind.DATA:
        claimed = headers.canonical(data_url.split(ref.text).media_type) or None
    return claimed if claimed is None or not _is_claim_of_text(claimed) or text.is_text(data) else None


def _is_claim_of_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in [entry.name for entry in text.TYPES]
