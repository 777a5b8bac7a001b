"""
Strict JSON, both ways: what the standard library and most fast readers let through without a word is refused here.

A row is read by msgspec, and then proved: msgspec takes the last of two equal keys and drops the other, so the
quotes of the text are counted against the strings of the value, which are fewer then. What cannot be proved so, and
whatever msgspec refuses, goes to :mod:`msgkit.jsontext.explain`, which is slower and reports each fault with its path.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from msgkit.errors import InvalidMessageError
from msgkit.jsontext import explain
from msgkit.jsontext.values import MAX_DEPTH, check_value

_SHORT: Final = 1 << 16  # bytes; a longer text is mostly one string, in which the search for a byte is faster
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in b'"[{')


def count_strings(value: Any, depth: int = 64) -> int:
    """Count the strings and keys in a JSON value; objects and lists may stand *depth* deep."""
    kind = type(value)
    if kind is str:
        return 1
    if kind is dict:
        count, inner = len(value), value.values()
    elif kind is list:
        count, inner = 0, value
    else:
        return 0
    if not depth:
        raise ValueError("too deep")
    for item in inner:
        kind = type(item)
        if kind is str:
            count += 1
        elif kind is dict or kind is list:
            count += count_strings(item, depth - 1)
    return count


def count_marks(raw: bytes) -> tuple[int, int]:
    """Count the quotes of a JSON text, and the brackets that open, those in strings among them."""
    if len(raw) >= _SHORT:
        return raw.count(b'"'), raw.count(b"[") + raw.count(b"{")
    marks = raw.translate(None, _OTHERS)
    quotes = marks.count(b'"')
    return quotes, len(marks) - quotes


def holds(raw: bytes, value: Any, strings: int, quotes: int) -> bool:
    """Return whether the JSON text *raw*, with so many *quotes*, has no string or key that its *value* lacks."""
    if quotes == 2 * strings:
        return True
    # some quotes are escaped: then the text that the value gives has as many, unless raw writes one as a number
    return _encode(value).count(b'"') == quotes and b"\\u0022" not in raw


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
    is_deep = openings > _SAFE_OPENINGS and explain.is_too_deep(raw)
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
