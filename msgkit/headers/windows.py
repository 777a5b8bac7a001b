"""Bounded random access to bytes: what every header reader reads through."""

import binascii
from typing import Protocol

import pybase64

from msgkit.errors import MediaError


class Window(Protocol):
    """Bytes that are read a slice at a time, wherever they lie."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on: fewer at the end, none behind it. Neither number is negative."""


class BytesWindow:
    """A window over bytes in memory."""

    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""
        return self._data[offset : offset + length]


class Base64Window:
    """A window over base64 text: only the slices asked for are decoded, and only those are checked."""

    __slots__ = ("_text", "size")

    def __init__(self, text: str) -> None:
        self._text = text
        padding = 2 if text.endswith("==") else int(text.endswith("="))
        self.size = max(0, len(text) * 3 // 4 - padding)

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        first = offset // 3 * 4
        text = self._text[first : (offset + length + 2) // 3 * 4]
        try:
            data = pybase64.b64decode(text, validate=True)
        except (ValueError, binascii.Error) as error:
            message = f"expected base64 between offsets {first} and {first + len(text)}"
            raise MediaError(message, code="base64-invalid") from error
        skip = offset % 3
        return data[skip : skip + length]


def bytes_window(data: bytes) -> BytesWindow:
    """Return a window over *data*."""
    return BytesWindow(data)


def base64_window(text: str) -> Base64Window:
    """Return a window over base64 *text*, without decoding it."""
    return Base64Window(text)
