"""Files that are not the JSON Lines that their names say, told by their first bytes: one line, not one for each row."""

import codecs
import re
from typing import Final

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
