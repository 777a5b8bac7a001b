"""
A side table for the media of a row while the row itself goes through the JSON codec.

In the row a short token replaces the base64. It cannot be forged: it begins with 24 random characters that no input
has seen. :class:`Plain` is the codec without a table: base64 in the row itself.
"""

import os
from typing import Final, Protocol

import pybase64

from msgkit import data_url
from msgkit.errors import MediaError

_LONG: Final = 4096  # characters of a string from which a token pays
_HEAD: Final = 256  # characters in which the comma of a data URL must stand
_DIGITS: Final = 8


class Codec(Protocol):
    """How bytes are written in a row: as base64, or as a token for it."""

    def encode(self, data: bytes) -> str:
        """Return *data* as text."""

    def decode(self, text: str) -> bytes:
        """Return the bytes of *text*."""


class Plain:
    """Base64 in the row itself."""

    encode = staticmethod(data_url.encode)
    decode = staticmethod(data_url.decode)


PLAIN: Final = Plain()


class BlobTable:
    """The media of one row."""

    def __init__(self) -> None:
        self._secret = os.urandom(12).hex()
        self._split_at = self._secret.encode()
        self._media: list[bytes] = []

    def encode(self, data: bytes) -> str:
        """Keep *data* and return the token that stands for its base64; its letters are those of base64."""
        self._media.append(data)
        return f"{self._secret}{len(self._media) - 1:0{_DIGITS}d}"

    def decode(self, text: str) -> bytes:
        """Return the bytes of a token; other text is decoded as base64."""
        if text.startswith(self._secret):
            return self._media[int(text[len(self._secret) :])]
        return data_url.decode(text)

    def lift(self, raw: bytes) -> bytes:
        """Return a JSON text with tokens in place of long strings that are canonical base64, bare or in a data URL."""
        pieces: list[bytes] = []
        done = 0
        at = _LONG
        while at < len(raw):
            end = raw.find(b'"', at)
            if end < 0:
                break
            start = raw.rfind(b'"', at - _LONG, at) + 1 or raw.rfind(b'"', done, at) + 1
            if start and end - start >= _LONG and (taken := self._take(raw, start, end)):
                pieces += (raw[done : taken[0]], taken[1])
                done = end
            at = end + _LONG
        return b"".join((*pieces, raw[done:])) if pieces else raw

    def pieces(self, text: bytes) -> list[bytes]:
        """Return a JSON text in pieces, with base64 in place of its tokens."""
        first, *rest = text.split(self._split_at)
        out = [first]
        for piece in rest:
            out += (pybase64.b64encode(self._media[int(piece[:_DIGITS])]), piece[_DIGITS:])
        return out

    def clear(self) -> None:
        """Forget the media."""
        self._media.clear()

    def _take(self, raw: bytes, start: int, end: int) -> tuple[int, bytes] | None:
        """Put the base64 of a string into the table; return where it began and its token."""
        if raw[start : start + 5].lower() == b"data:":
            start = raw.find(b",", start, start + _HEAD) + 1
        if not start or (end - start) % 4:
            return None
        try:
            data_url.check_end(raw[end - 4 : end].decode())
            data = pybase64.b64decode(memoryview(raw)[start:end], validate=True)
        except (ValueError, MediaError):
            return None
        return start, self.encode(data).encode()
