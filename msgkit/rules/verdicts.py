"""Verdicts and patterns that are kept: rows of a file often have the same tools and schemas."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
_LONGEST_KEPT = 1 << 18  # bytes of a value whose verdict is kept
_MOST_KEPT = 512
_MOST_BYTES = 4 << 20
_encode = msgspec.json.Encoder().encode


def encoded_json(value: object) -> bytes | None:
    """Return a value as JSON text, by which the verdict on it is kept; None where that is not worth it."""
    try:
        encoded = _encode(value)
    except (TypeError, ValueError, RecursionError):  # tuples are lists in JSON, other types are none
        return None
    return encoded if len(encoded) <= _LONGEST_KEPT else None


class Verdicts(Generic[T]):
    """Verdicts by the exact JSON text of what they are about."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], T] = {}
        self._size = 0

    def of(self, encoded: bytes | None, about: tuple[object, ...], judge: Callable[[], T]) -> T:
        """Return the verdict on *encoded*, and on what else it is *about*; made by *judge* where it is not kept."""
        if encoded is None:
            return judge()
        key = (encoded, *about)
        verdict = self._kept.get(key)
        if verdict is None:
            verdict = judge()
            if len(self._kept) >= _MOST_KEPT or self._size >= _MOST_BYTES:
                self._kept, self._size = {}, 0  # anew, for another thread may read the old one
            self._kept[key] = verdict
            self._size += len(encoded)
        return verdict


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression of a target compiled."""
    return re.compile(pattern)
