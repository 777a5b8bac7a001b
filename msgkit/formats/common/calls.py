"""Tool calls: arguments as text and as an object, ids where a format has none."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

RAW_ARGUMENTS = "raw_arguments"


def tools_of_text(text: Any) -> list[Any] | None:
    """Return the list of tools that *text* is the JSON of; None if it is not."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) and all(isinstance(tool, dict) for tool in value) else None


def _refused(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER: Any = json.JSONDecoder(
    parse_constant=_refused, parse_float=_finite
)  # made once: that takes longer than decoding
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def parse_object(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that *text* is; None for anything else: numbers that are not finite, lone surrogates."""
    try:
        value = _decoded(text) if isinstance(text, str) and "{" in text else None
        if value and "\\u" in text:
            to_text(value).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decoded(text: str) -> Any:
    """Decode a JSON text; most begin and end without white space, which is looked for in vain otherwise."""
    if text.startswith("{") and text.endswith("}"):
        try:
            value, end = _DECODER.scan_once(text, 0)
        except StopIteration:
            raise ValueError(text) from None
        if end == len(text):
            return value
    return _DECODER.decode(text)


def parse(text: str) -> Any:
    """Return what a JSON text says; the text itself where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def to_text(value: Any) -> str:
    """Return a JSON value as models write it."""
    return _ENCODER.encode(value)


def to_object(arguments: str) -> dict[str, Any]:
    """Return arguments as an object, empty text as an empty one; text that is none is kept under ``raw_arguments``."""
    value = parse_object(arguments) if arguments.strip() else {}
    return value if value is not None else {RAW_ARGUMENTS: arguments}


def from_object(value: Any) -> str | None:
    """Return an object as arguments: the inverse of :func:`to_object`; None when *value* is no object."""
    if not isinstance(value, Mapping):
        return None
    text = value.get(RAW_ARGUMENTS)
    return text if len(value) == 1 and isinstance(text, str) and parse_object(text) is None else object_text(value)


def object_text(value: Any) -> str | None:
    """Return an object as JSON text; None when *value* is no object of JSON."""
    if not isinstance(value, Mapping):
        return None
    try:
        return to_text(value)
    except (TypeError, ValueError, RecursionError):
        return None


_LARGE = 2**63
_SURROGATES = re.compile("[\ud800-\udfff]")


def comes_back(value: Any) -> bool:
    """Fast check: True only if :func:`to_object` certainly gives *value* back from :func:`from_object`."""
    return type(value) is dict and RAW_ARGUMENTS not in value and _is_exact(value, 16)


def _is_exact(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind is str:
        return value.isascii() or not _SURROGATES.search(value)
    if kind is dict:
        return (
            depth > 0 and all(type(key) is str and key.isascii() for key in value) and _are_exact(value.values(), depth)
        )
    if kind is int:
        return bool(-_LARGE < value < _LARGE)
    return kind is bool or value is None or (kind is list and depth > 0 and _are_exact(value, depth))


def _are_exact(values: Iterable[Any], depth: int) -> bool:
    for value in values:  # noqa: SIM110 (a generator takes twice as long)
        if not _is_exact(value, depth - 1):
            return False
    return True


def minted(number: int) -> str:
    """Return the id of the *number*-th call of a conversation, where its format has none; every target takes it."""
    return f"call{number:05d}"
