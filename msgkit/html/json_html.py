"""JSON set as people read it: indented, base64 cut, nothing else changed."""

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs
import msgspec

MOST = 200_000
"""Characters of one piece of JSON that are set."""

_PAYLOAD = re.compile(r"[A-Za-z0-9+/_-]{400,}={0,2}")
_KEPT = 40  # characters of base64 that stay
_SHORT = 40  # characters of a value that is shown as a word


@attrs.frozen(eq=False, repr=False)
class Json:
    """A piece of JSON, folded under its label."""

    label: str  # what it is
    source: str  # the JSON, indented
    open: bool = False  # show it unfolded


def pretty(text: str) -> str | None:
    """Indent a JSON object or array; every token stays as it was typed. None when *text* is neither."""
    if not text.lstrip()[:1] or text.lstrip()[:1] not in "[{" or len(text) > MOST:
        return None
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def as_json(value: object) -> str:
    """Return a JSON value as indented text, long base64 cut."""
    text = json.dumps(_short(value), ensure_ascii=False, indent=2, default=repr)
    return text if len(text) <= MOST else f"{text[:MOST]}… ({len(text):,} characters)"


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, Mapping):
        return {str(key): _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value


def split(rest: Mapping[str, Any]) -> tuple[tuple[str, ...], Json | None]:
    """Split the keys that a page has no place for: short values become words, the others JSON."""
    short = {key: value for key, value in rest.items() if _is_short(value) and len(key) < _SHORT}
    tags = {key: f"{key} {value if isinstance(value, str) else json.dumps(value)}" for key, value in short.items()}
    other = {key: value for key, value in rest.items() if key not in tags}
    label = ", ".join(other)
    label = label if len(label) <= 2 * _SHORT else "more keys"
    return tuple(tags.values()), Json(label, as_json(other)) if other else None


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= _SHORT
    return value is None or isinstance(value, bool | int | float)


def cut(text: str) -> str:
    """Cut every long run of base64 in *text*."""
    return _PAYLOAD.sub(lambda match: f"{match[0][:_KEPT]}… ({len(match[0]):,} characters)", text)


def as_typed(raw: bytes) -> str:
    r"""Return a row that is no JSON as it is in the file; bytes that are no UTF-8 are shown escaped."""
    text = cut(raw[: MOST * 4].decode("utf-8", "backslashreplace"))
    left = max(0, len(raw) - MOST * 4)
    return text[:MOST] if len(text) <= MOST and not left else f"{text[:MOST]}… ({len(raw):,} bytes)"
