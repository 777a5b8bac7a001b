"""
Strict JSON, both ways: what the standard library and most fast readers let through without a word is refused here.

A row is read by msgspec, and then proved: msgspec takes the last of two equal keys and drops the other, so the
quotes of the text are counted against the strings of the value. What cannot be proved so, and whatever msgspec
refuses, goes to :mod:`msgkit.jsontext.explain`, which is slower and reports each fault with its path.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from msgkit.errors import InvalidMessageError
from msgkit.jsontext import explain
from msgkit.jsontext.duplicate_keys import count_marks, count_strings, holds
from msgkit.jsontext.limits import MAX_DEPTH, check_value

MAX_ROW: Final = 64 << 20
"""Bytes that a row may have unless another limit is given: 64 MiB."""

_SAFE_OPENINGS = 400  # msgspec takes about 360 bytes of stack a level: 400 levels fit in the smallest thread, 256 KB
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)

_decode = msgspec.json.Decoder().decode


def _plain(value: object) -> Any:
    """Give msgspec what it knows: it refuses subclasses of the JSON types, and mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, str) else list(value)  # type: ignore[call-overload]


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def loads(raw: bytes) -> Any:
    """Return the JSON value that *raw* is."""
    return proved(raw, *read(raw))


def read(raw: bytes) -> tuple[Any, int]:
    """Return the value of *raw*, which may lack duplicate keys, and how many quotes *raw* has; None: not readable."""
    quotes, openings = count_marks(raw)
    is_deep = openings > _SAFE_OPENINGS and explain.text_depth(raw) > MAX_DEPTH
    if is_deep or explain.too_many(raw):
        return None, quotes
    try:
        return _decode(raw), quotes
    except _UNREADABLE:
        return None, quotes


def proved(raw: bytes, value: Any, quotes: int) -> Any:
    """Return *value*, which :func:`read` gave, if no key was dropped; else what ``explain`` says."""
    try:
        if value is not None and holds(raw, value, count_strings(value, MAX_DEPTH), quotes):
            return value
    except ValueError:
        pass
    return explain.loads(raw)


def dumps(value: object) -> bytes:
    """Return *value* as one line of JSON in UTF-8, without its newline."""
    issues = check_value(value)
    if issues:
        raise InvalidMessageError(issues)
    return _encode(value)
