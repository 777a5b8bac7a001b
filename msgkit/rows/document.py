"""
JSON documents: one row, or an array of rows, which is read row by row.

An array whose first element is a message (it has a role, an author or a ``from``) is a bare list of messages: one row.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import IO

from msgkit.errors import Issue
from msgkit.rows.jsonl import BLOCK, Reader, Row, read_row

_MARK = re.compile(rb'["\[\]{},]')
_SPACE = b" \t\r\n"
_MESSAGE_KEYS = frozenset(("role", "author", "from"))


class Document:
    """The rows of a JSON document."""

    def __init__(self, stream: IO[bytes], limit: int, reader: Reader = read_row) -> None:
        self._stream = stream
        self._limit = limit
        self._reader = reader
        self.single = False
        """True once the document turned out to be one row."""

    def __iter__(self) -> Iterator[Row]:
        head = self._stream.read(BLOCK).removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
        while not head and (block := self._stream.read(BLOCK)):
            head = block.lstrip(_SPACE)
        if not head.startswith(b"["):
            yield self._one(head + self._stream.read(max(0, self._limit + 1 - len(head))))
            return
        elements = _Elements(self._stream, head[1:], self._limit)
        elements_left = iter(elements)
        number = 0
        for number, raw in enumerate(elements_left, 1):
            value = read_row(number, raw, self._limit).value if number == 1 else None
            if isinstance(value, dict) and not _MESSAGE_KEYS.isdisjoint(value):  # a message
                yield self._list(chain([raw], elements_left), elements)
                return
            yield self._reader(number, raw, self._limit)
        if elements.fault:
            yield Row(number + 1, issues=(Issue("", "json-invalid", "error", elements.fault),))

    def _one(self, raw: bytes | None) -> Row:
        self.single = True
        return self._reader(1, raw if raw is not None and len(raw) <= self._limit else None, self._limit)

    def _list(self, remaining: Iterator[bytes | None], elements: "_Elements") -> Row:
        raws: list[bytes] = []
        size = 0
        for raw in remaining:
            size += self._limit + 1 if raw is None else len(raw) + 1
            if raw is not None and size <= self._limit:
                raws.append(raw)
        row = self._one(None if size > self._limit else b"[" + b",".join(raws) + b"]")
        if elements.fault:
            return Row(1, issues=(Issue("", "json-invalid", "error", elements.fault),), raw=row.raw)
        return row


class _Elements:
    """The elements of an array as bytes, told apart by brackets and quotes alone; None for one over the limit."""

    def __init__(self, stream: IO[bytes], head: bytes, limit: int) -> None:
        self.fault: str | None = None
        self._stream = stream
        self._block = head
        self._at = 0
        self._start = 0
        self._limit = limit
        self._pieces: list[bytes] = []
        self._held = 0

    def __iter__(self) -> Iterator[bytes | None]:
        depth = 0
        count = 0
        while mark := self._next_mark():
            if mark in b"[{":
                depth += 1
            elif mark == b",":
                if not depth:
                    count += 1
                    yield self._take()
            elif depth:
                depth -= 1
            else:
                break
        last = self._take()
        if count or last != b"":
            yield last
        self._check_rest(mark)

    def _next_mark(self) -> bytes:
        """Return the next bracket or comma outside strings; nothing at the end of the file."""
        while True:
            match = _MARK.search(self._block, self._at)
            if match is None:
                if not self._more():
                    return b""
                continue
            self._at = match.end()
            if match[0] != b'"':
                return match[0]
            self._skip_string()

    def _skip_string(self) -> None:
        escaped = 0
        while True:
            end = self._block.find(b'"', self._at)
            stop = len(self._block) if end < 0 else end
            backslash = self._block.find(b"\\", self._at, stop)
            if backslash >= 0:
                self._at = backslash + 2
                escaped = self._at - len(self._block)
            elif end >= 0:
                self._at = end + 1
                return
            else:
                self._at = stop
                escaped = 0
            if self._at >= len(self._block):
                if not self._more():
                    return
                self._at = max(0, escaped)

    def _more(self) -> bool:
        self._hold(len(self._block))
        self._block = self._stream.read(BLOCK)
        self._at = self._start = 0
        return bool(self._block)

    def _hold(self, stop: int) -> None:
        self._held += stop - self._start
        if self._held > self._limit:
            self._pieces = []
        else:
            self._pieces.append(self._block[self._start : stop])

    def _take(self) -> bytes | None:
        """Return the element that ends before the mark just found."""
        self._hold(max(self._start, self._at - 1) if self._block else 0)
        raw = None if self._held > self._limit else b"".join(self._pieces).strip(_SPACE)
        self._pieces, self._held, self._start = [], 0, self._at
        return raw

    def _check_rest(self, mark: bytes) -> None:
        if mark != b"]":
            self.fault = f"expected ']' at the end of the array, {'got }' if mark else 'but the file ends'}"
            return
        while self._block[self._at :].strip(_SPACE) or self._more():
            if self._block[self._at :].strip(_SPACE):
                self.fault = "expected nothing after the array, got more"
                return
            self._at = len(self._block)
