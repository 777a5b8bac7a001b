"""JSON Lines: one row a line; only a line feed ends a line."""

import codecs
import re
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Final

from msgkit.rows.row import Reader, Row, read_row
from msgkit.rows.streams import BLOCK


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
    held = stream.peek() if isinstance(stream, BufferedReader) else b""
    return len(stream.read(len(held) - len(held.lstrip(b"\n"))))


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
    b"\x1f\x8b": "gzip data: name it .jsonl.gz",
    b"\x28\xb5\x2f\xfd": "Zstandard data: name it .jsonl.zst",
    b"PAR1": "Parquet: name it .parquet",
    b"PK\x03\x04": "a zip archive: unpack it",
}
_UTF16: Final = "UTF-16 text: convert it to UTF-8, as by iconv -f UTF-16 -t UTF-8"
_DOCUMENT: Final = re.compile(rb'\s*[\[{][ \t]*\r?\n[ \t]+["\[{]')
_ZEROS: Final = 8  # of the first bytes, so that one stray NUL stays the fault of its row


def remedy(head: bytes) -> str | None:
    r"""Return what a file is and what to do, if its first bytes are no JSON Lines; None if they may be."""
    for magic, words in _MAGIC.items():
        if head.startswith(magic):
            return words
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in head:
        return _UTF16
    if head[:512].count(b"\0") >= _ZEROS:
        halves = (head[:512:2].count(b"\0"), head[1:512:2].count(b"\0"))
        if min(halves) == 0 and max(halves) > len(head[:512]) // 3:  # every second byte, as in English UTF-16
            return _UTF16
        return "binary data, not JSON Lines: `msgkit make` makes rows from a folder of media"
    if _DOCUMENT.match(head):
        return "one JSON document over several lines: name it .json"
    return None
