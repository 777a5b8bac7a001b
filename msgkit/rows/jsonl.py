"""One record of a file; and JSON Lines, where a row is a line, which only a line feed ends."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader
from typing import IO, Any, Final, Protocol

import attrs

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext import fast

BLOCK: Final = 1 << 20  # bytes read or written at a time
_CUT: Final = "the last line has no line feed: the file may have been cut off"


@attrs.frozen(eq=False, repr=False)
class Row:
    """One record of a file: its value, or what is wrong with it."""

    number: int  # the 1-based line of a JSONL file; the 1-based index elsewhere
    value: Any = None  # the JSON value; None when there are issues
    issues: tuple[Issue, ...] = ()  # why the row could not be read
    # the row as it was in the file; None when it was there as columns, or was too long to hold
    raw: bytes | None = attrs.field(default=None, repr=False)
    ended: bool = attrs.field(default=True, repr=False)  # false for a last line without a line feed


def read_row(number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
    """Return the row that *raw* is."""
    if raw is None:
        return Row(
            number, issues=(Issue("", "row-too-long", "error", f"expected at most {limit:,} bytes in a row, got more"),)
        )
    try:
        return Row(number, fast.loads(raw), (), raw, ended)
    except InvalidMessageError as error:
        first, *rest = error.issues
        issues = error.issues if ended else (attrs.evolve(first, hint=_CUT), *rest)
        return Row(number, None, issues, raw, ended)


Columns = Callable[[Sequence[str]], Sequence[str]]
"""Says which columns of a table are to be read: its rows have no others."""


class Reader(Protocol):
    """What makes a row of its bytes, as :func:`read_row` does."""

    def __call__(self, number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
        """Return the row."""


def raw_row(number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
    """Return the row with its bytes alone, not read as JSON."""
    return read_row(number, None, limit) if raw is None else Row(number, raw=raw, ended=ended)


def value_of(row: Row, limit: int) -> Any:
    """Return the value of a row, read now if only its bytes are there."""
    if row.value is None and row.raw is not None and not row.issues:
        row = read_row(row.number, row.raw, limit, ended=row.ended)
    if row.issues:
        raise InvalidMessageError(row.issues)
    return row.value


def lines(
    stream: IO[bytes], limit: int, number: int = 0, offset: int = 0, stop: int | None = None
) -> Iterator[tuple[int, bytes | None, int]]:
    r"""Yield the number, the bytes, and the offset of the end of each line that is not blank."""
    readline = stream.readline
    while (stop is None or offset < stop) and (raw := readline(limit + 2)):
        number += 1
        if raw == b"\n":
            blank = _skip_blank(stream)
            number, offset = number + blank, offset + 1 + blank
            continue
        if number == 1 and not offset and raw.startswith(codecs.BOM_UTF8):
            offset, raw = len(codecs.BOM_UTF8), raw[len(codecs.BOM_UTF8) :]
        offset += len(raw)
        if len(raw) > limit and len(raw.rstrip(b"\r\n")) > limit:
            offset += _skip_line(stream, ended=raw.endswith(b"\n"))
            yield number, None, offset
        elif not raw.isspace() or raw.strip(b" \t\r\n"):
            yield number, raw, offset


def _skip_blank(stream: IO[bytes]) -> int:
    """Skip the line feeds that are in the reader's buffer: millions of them would take a minute one by one."""
    buffered = stream.peek() if isinstance(stream, BufferedReader) else b""
    return len(stream.read(len(buffered) - len(buffered.lstrip(b"\n"))))


def _skip_line(stream: IO[bytes], *, ended: bool) -> int:
    skipped = 0
    while not ended:
        more = stream.readline(BLOCK)
        skipped += len(more)
        ended = not more or more.endswith(b"\n")
    return skipped


def rows(stream: IO[bytes], limit: int, reader: Reader = read_row) -> Iterator[Row]:
    r"""Yield the rows of a JSONL stream."""
    for number, raw, _ in lines(stream, limit):
        yield reader(number, raw, limit, ended=raw is None or raw.endswith(b"\n"))


_MAGIC: Final = {
    b"\x1f\x8b": "gzip data: name it .{}.gz",
    b"\x28\xb5\x2f\xfd": "Zstandard data: name it .{}.zst",
    b"PAR1": "Parquet: name it .parquet",
    b"PK\x03\x04": "a zip archive: unpack it",
}
_WIDE: Final = "{0} text: convert it to UTF-8, as by iconv -f {0} -t UTF-8"
_DOCUMENT: Final = re.compile(
    rb'\s*[\[{][ \t]*\r?\n[ \t]+["\[{]'  # with indents
    rb'|\s*\{[ \t]*\r?\n"'
    rb"|\s*\[[ \t]*\r?\n[\[{](?:[ \t]*|.*,[ \t]*|.*\r?\n[ \t]*\][ \t]*)\r?\n"  # a row a line
)
_LINES: Final = re.compile(rb"\s*\{.*\}[ \t]*\r?\n\s*\{")
_MAC: Final = re.compile(rb"[^\n]*[}\]]\r[\[{][^\n]*")
_ZEROS: Final = 8  # of the first bytes, so that one stray NUL stays the fault of its row


def _wide(head: bytes) -> str | None:
    """Return the encoding of text whose characters have two or four bytes."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in head:
        return "UTF-16"
    columns = [head[i:512:4] for i in range(4)]
    zeros = [(column.count(b"\0"), len(column)) for column in columns]
    marks = "".join("x" if not number else "0" if number * 3 > length * 2 else "?" for number, length in zeros)
    return {"x0x0": "UTF-16", "0x0x": "UTF-16", "x000": "UTF-32", "000x": "UTF-32"}.get(marks)


def remedy(head: bytes, expected: str = "jsonl") -> str | None:
    """Return what a file is and what to do, if its first bytes are not what is *expected*; None if they may be."""
    for magic, words in _MAGIC.items():
        if head.startswith(magic):
            return words.format(expected)
    if (wide := _wide(head)) is not None:
        return _WIDE.format(wide)
    if head[:512].count(b"\0") >= _ZEROS:
        return "binary data, not JSON Lines: `msgkit make` makes rows from a folder of media"
    if expected == "json":
        return "JSON Lines: name it .jsonl" if _LINES.match(head) else None
    if _MAC.fullmatch(head):
        return "text whose lines end in CR alone: convert them, as by tr '\\r' '\\n'"
    if _DOCUMENT.match(head):
        return "one JSON document over several lines: name it .json"
    return None
