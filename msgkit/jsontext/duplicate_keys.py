"""
How many strings a JSON value holds: what proves that a reader dropped none.

Fast readers take the last of two equal keys without a word; then there are fewer strings than the text has quotes for.
"""

from typing import Any, Final

import msgspec

_SHORT: Final = 1 << 16  # bytes; a longer text is mostly one string, in which the search for a byte is faster
_encode = msgspec.json.Encoder().encode
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
