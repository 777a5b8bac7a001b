"""Tool calls: arguments as text and as an object, ids where a format has none."""

import json
import math
from collections.abc import Mapping
from typing import Any

RAW_ARGUMENTS = "raw_arguments"


def _refused(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def parse_object(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that *text* is; None for anything else: numbers that are not finite, lone surrogates."""
    try:
        found = json.loads(text, parse_constant=_refused, parse_float=_finite) if isinstance(text, str) else None
        if found and "\\u" in text:
            to_text(found).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def parse(text: str) -> Any:
    """Return what a JSON text says; the text itself where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def to_text(value: Any) -> str:
    """Return a JSON value as models write it."""
    return json.dumps(value, ensure_ascii=False)


def to_object(arguments: str) -> dict[str, Any]:
    """Return arguments as an object, empty text as an empty one; text that is none is kept under ``raw_arguments``."""
    found = parse_object(arguments) if arguments.strip() else {}
    return found if found is not None else {RAW_ARGUMENTS: arguments}


def from_object(value: Any) -> str | None:
    """Return an object as arguments: the inverse of :func:`to_object`; None when *value* is no object."""
    if not isinstance(value, Mapping):
        return None
    text = value.get(RAW_ARGUMENTS)
    if len(value) == 1 and isinstance(text, str) and parse_object(text) is None:
        return text
    try:
        return to_text(value)
    except (TypeError, ValueError, RecursionError):
        return None


def minted(number: int) -> str:
    """Return the id of the *number*-th call of a conversation, where its format has none; every target takes it."""
    return f"call{number:05d}"
