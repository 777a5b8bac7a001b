"""What rows of Python have and JSON has not: bytes, Pillow images, arrays, ``{bytes, path}``; times, decimals."""

import os
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgkit import data_url, headers
from msgkit.errors import InvalidMessageError, Issue, MediaError, MissingExtraError, Path, join_path
from msgkit.formats.common.columns import KINDS, names
from msgkit.media import audio as audio_media
from msgkit.media import image as images
from msgkit.model.media import Media

_KIND_OF: Mapping[str, str] = {
    **{f"{kind}_url": kind for kind in KINDS},
    "input_audio": "audio",
}
_SOURCES = frozenset(("path", "url", "base64", "bytes", "data", "array"))
_MODULES = {"PIL": "pillow", "numpy": "array", "torch": "array", "jax": "array", "jaxlib": "array", "pydub": "pydub"}
_MODULES |= {"tensorflow": "array", "torchcodec": "samples"}
_BYTES = (bytes, bytearray, memoryview)
_TEXTS = (date, time, Decimal, UUID)  # what is written as its text, as from Parquet


def as_json(row: Any) -> Any:
    """Return *row* with what holds media as a data URL, and times as text; the rest stays as it is."""
    issues: list[Issue] = []
    new = _convert(row, None, (), issues)
    if issues:
        raise InvalidMessageError(issues)
    return new


def _convert(value: Any, kind: str | None, path: Path, issues: list[Issue]) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, os.PathLike) and kind is not None:
        return os.fspath(value)
    if isinstance(value, Mapping) and value.get("type") in KINDS:
        return _object(value, kind, path, issues)
    try:
        media = _media(value, kind)
    except Exception as error:  # noqa: BLE001 (objects of others may raise anything)
        issues.append(_issue(error, kind, path))
        return None
    if media is not None:
        return data_url.join(media.media_type, media.data)
    if isinstance(value, Mapping):
        return _object(value, kind, path, issues)
    if isinstance(value, list | tuple):
        items = [_convert(item, kind, (*path, i), issues) for i, item in enumerate(value)]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """Return a number of NumPy as one of Python, a time or a decimal number as text."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    return str(value) if isinstance(value, _TEXTS) else value


def _issue(error: Exception, kind: str | None, path: Path) -> Issue:
    if isinstance(error, MissingExtraError):
        return Issue(join_path(path), "extra-missing", "error", str(error))
    if not isinstance(error, MediaError):
        error = MediaError(f"cannot be read as {kind or 'media'}: {type(error).__name__}", code="media-invalid")
    return error.at(path)


def _object(value: Mapping[Any, Any], kind: str | None, path: Path, issues: list[Issue]) -> Any:
    part = value.get("type")
    own = part if isinstance(part, str) and part in KINDS else None
    if own is not None and not isinstance(value.get(own), Mapping) and (media := _part_media(value, own)):
        name, source = media
        rest = {key: item for key, item in value.items() if key not in ("bytes", "array", "sampling_rate", "path")}
        return {**rest, own: _convert(source, own, (*path, name), issues)}
    new = {}
    kinds = {**_KIND_OF, **names()}
    for key, item in value.items():
        inner = kinds.get(key, own if key in _SOURCES else kind if path == () else None)
        new[key] = _convert(item, inner, (*path, key), issues)
    changed = not isinstance(value, dict) or any(new[key] is not value[key] for key in new)
    return new if changed else value


def _part_media(part: Mapping[Any, Any], kind: str) -> tuple[str, Any] | None:
    """Return the key and the media of a part that holds them in its own keys."""
    if isinstance(part.get("bytes"), _BYTES):
        return "bytes", part["bytes"]
    is_samples = kind == "audio" and part.get("array") is not None
    return ("array", {key: part.get(key) for key in ("array", "sampling_rate")}) if is_samples else None


def _media(value: Any, kind: str | None) -> Media | None:
    """Return the media that *value* holds; None if it is another value."""
    if isinstance(value, _BYTES):
        return _of_bytes(bytes(value), kind)
    if isinstance(value, Mapping):
        data = value.get("bytes")
        if isinstance(data, _BYTES):
            return _of_bytes(bytes(data), kind)
        samples = value.get("array")
        has_rate = samples is not None and "sampling_rate" in value
        return audio_media.from_array(samples, value["sampling_rate"]) if has_rate else None
    if isinstance(value, list | tuple):
        return None
    sort = next((_MODULES[name] for name in packages(value) if name in _MODULES), None)
    if sort == "pillow":
        return images.from_pillow(value)
    if sort == "pydub":
        return audio_media.from_pydub(value)
    if sort == "samples":
        samples = value.get_all_samples()
        return audio_media.from_array(samples.data, samples.sample_rate)
    return _of_array(value, kind) if sort == "array" and getattr(value, "ndim", None) else None


def packages(value: object) -> Iterator[str]:
    """Yield the packages of the classes of a value, without importing any."""
    return (cls.__module__.partition(".")[0] for cls in type(value).__mro__)


def _of_bytes(data: bytes, kind: str | None) -> Media:
    if not data:
        raise MediaError("expected media, got no bytes", code="media-empty")
    media_type = headers.sniff(data)
    if media_type is None:
        raise MediaError(f"expected {kind or 'media'} data, got bytes of no known type", code="media-invalid")
    return Media(data, media_type)


def _of_array(array: Any, kind: str | None) -> Media | None:
    if kind == "audio":
        message = "expected the sampling rate beside the samples: {'array': ..., 'sampling_rate': ...}"
        raise MediaError(message, code="media-invalid")
    return images.from_numpy(channels_last(array)) if kind == "image" else None


def channels_last(array: Any) -> Any:
    """Return an image of a tensor with its channels last, as Pillow has them."""
    array = array.detach().cpu().numpy() if hasattr(array, "detach") else array
    shape: tuple[int, ...] = getattr(array, "shape", ())
    is_first = len(shape) == 3 and shape[0] in (1, 3, 4) and shape[2] > 4  # noqa: PLR2004 (dimensions, channels)
    return array.transpose(1, 2, 0) if is_first else array
