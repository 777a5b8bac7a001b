"""
The slow and certain way to read JSON: every fault, each with its path.

Nesting is measured on the text, before anything recurses.
"""

import codecs
import json
import math
import re
from typing import Any, NamedTuple, NoReturn

from msgkit.errors import InvalidMessageError, Issue, Path, join_path, quote, refusal
from msgkit.jsontext.values import MAX_DEPTH, MAX_DIGITS, MAX_ISSUES, MAX_VALUES, surrogates

_BRACKET = re.compile(rb'"(?:[^"\\]+|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)  # a string without end goes to the end
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_MANY_BYTES = 4 << 20  # a shorter text may be all values
_TOKEN = re.compile(rb'"((?:[^"\\]+|\\.)*+)"?\s*(:?)|([\[{])|([\]}])|(,)', re.DOTALL)
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class _Object(NamedTuple):
    """An object as the text has it: its pairs, equal keys and all."""

    pairs: list[tuple[str, Any]]


class _Unfit(NamedTuple):
    """A number that cannot be kept."""

    code: str
    message: str


def loads(raw: bytes) -> Any:
    """Return the JSON value that *raw* is; the same values and faults as :func:`msgkit.jsontext.fast.loads`."""
    if too_many(raw):
        message = f"expected at most {MAX_VALUES:,} values in a row, got more"
        raise refusal("row-too-long", message)
    text = _text(raw)
    if is_too_deep(raw):
        message = f"nested deeper than {MAX_DEPTH} levels"
        raise refusal("json-too-deep", message, join_path(_deep_path(raw)))
    try:
        decoded = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        where = (
            f"at character {error.pos + 1:,} of {len(text):,}" if error.pos < len(text) else "at the end of the text"
        )
        message = f"expected JSON: {what} {where}"
        raise refusal("json-invalid", message) from None
    issues: list[Issue] = []
    value = _settle(decoded, (), issues)
    if issues:
        raise InvalidMessageError(issues[:MAX_ISSUES])
    return value


def is_too_deep(raw: bytes) -> bool:
    """Return whether a JSON text is nested deeper than values may be."""
    depth = 0
    for match in _BRACKET.finditer(raw):
        mark = raw[match.start()]
        if mark in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif mark in b"]}":
            depth -= 1
    return False


def too_many(raw: bytes) -> bool:
    """Return whether a JSON text has more than a million values, which would take many times its size in memory."""
    if len(raw) < _MANY_BYTES or _marks(raw) < MAX_VALUES:
        return False
    strings = (raw.count(b'"') - raw.count(b'\\"')) // 2
    return strings >= MAX_VALUES or _marks(_STRING.sub(b"", raw)) >= MAX_VALUES


def _marks(raw: bytes) -> int:
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


# text to value


def _text(raw: bytes) -> str:
    for mark, name in _WIDE.items():
        if raw.startswith(mark):
            _refuse_encoding(f"expected UTF-8, got {name}")
    if raw.startswith(codecs.BOM_UTF8):
        _refuse_encoding("expected JSON, got a byte order mark, which is allowed at the start of a file only")
    if raw[:1] == b"\0" or raw[1:4:2] == b"\0\0":  # JSON begins with ASCII, and ASCII as two or four bytes has zeros
        _refuse_encoding("expected UTF-8, got UTF-16 or UTF-32, or binary data")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_encoding(
            f"expected UTF-8, got byte 0x{raw[error.start]:02x} at byte {error.start + 1:,}: {error.reason}"
        )


def _refuse_encoding(message: str) -> NoReturn:
    raise refusal("encoding-invalid", message)


def _integer(digits: str) -> Any:
    if len(digits.lstrip("-")) <= MAX_DIGITS:
        return int(digits)
    return _Unfit("json-number-too-long", f"expected at most {MAX_DIGITS:,} digits, got {len(digits):,}")


def _number(text: str) -> Any:
    value = float(text)
    if math.isfinite(value):
        return value
    return _Unfit("json-number-not-finite", f"expected a number that fits in 64-bit floating point, got {text[:40]}")


def _constant(name: str) -> _Unfit:
    return _Unfit("json-number-not-finite", f"expected a finite number, got {name}")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def _settle(item: Any, path: Path, issues: list[Issue]) -> Any:
    """Turn what the decoder made into the value, top down, noting faults in the order of the text."""
    if isinstance(item, str):
        if not item.isascii():
            issues += surrogates(item, path, "text")
        return item
    if isinstance(item, list):
        return [_settle(one, (*path, i), issues) for i, one in enumerate(item)]
    if isinstance(item, _Object):
        return _settle_object(item, path, issues)
    if isinstance(item, _Unfit):
        issues.append(Issue(join_path(path), item.code, "error", item.message))
    return item


def _settle_object(item: _Object, path: Path, issues: list[Issue]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, inner in item.pairs:
        if key in value:
            message = f"duplicate key {quote(key)}"
            issues.append(Issue(join_path((*path, key)), "json-duplicate-key", "error", message))
        elif not key.isascii():
            issues += surrogates(key, (*path, key), "key")
        value[key] = _settle(inner, (*path, key), issues)
    return value


# the path of what is nested too deep


def _deep_path(raw: bytes) -> Path:
    path: list[str | int] = []
    key = ""
    for match in _TOKEN.finditer(raw):
        string, colon, opening, closing, comma = match.groups()
        if colon:
            key = string.decode("utf-8", "replace")
            path[-1:] = [key] if path else []
        elif opening:
            if len(path) == MAX_DEPTH:
                return tuple(path)
            path.append(0 if opening == b"[" else "")
        elif closing:
            path[-1:] = []
        elif comma and path and isinstance(path[-1], int):
            path[-1] += 1
    return tuple(path)
