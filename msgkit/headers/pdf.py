"""PDF: how many pages it says that it has, and whether it is encrypted, as far as that is there in clear."""

import re
from itertools import islice

from msgkit.headers.base import DocumentHeader, MediaType, Window

_PIECE = 1 << 20
_MOST = 8 * _PIECE  # bytes that are looked through for the page tree
_REACH = 1 << 16  # bytes of one node of the page tree
_NODES = 256  # of it that are looked at in a piece
_LINEAR = re.compile(rb"/Linearized\b[^>]{0,400}?/N\s+(\d{1,7})\b")
_TREE = re.compile(rb"/Type\s*/Pages\b")
_COUNT = re.compile(rb"/Count\s+(\d{1,7})\b")
_START = re.compile(rb"startxref\s+(\d{1,12})\s")
_ENCRYPT = re.compile(rb"/Encrypt\b")


def read(window: Window) -> DocumentHeader:
    """Return what a PDF says of itself; the pages are None where its objects are compressed."""
    tail = window.at(max(0, window.size - 2048), 2048)
    starts = _START.findall(tail)
    linear = _LINEAR.search(window.at(0, 1024))
    pages = int(linear[1]) if linear else _counted(window)
    at = int(starts[-1]) if starts else 0
    index = window.at(at, 4096) if 0 < at < window.size else b""
    dictionary = tail.rpartition(b"trailer")[2] if index.startswith(b"xref") else index.partition(b"stream")[0]
    return DocumentHeader("application/pdf", pages, encrypted=bool(_ENCRYPT.search(dictionary)))


def _counted(window: Window) -> int | None:
    """Return the greatest number of pages that any node of the page tree counts."""
    most = None
    for start in range(0, min(window.size, _MOST), _PIECE):
        piece = window.at(start, _PIECE + _REACH)
        for match in islice(_TREE.finditer(piece), _NODES):
            before = max(piece.rfind(b" obj", max(0, match.start() - _REACH), match.start()), 0)
            end = piece.find(b"endobj", match.end(), match.end() + _REACH)
            count = _COUNT.search(piece, before, end) if end > 0 else None
            most = max(most or 0, int(count[1])) if count else most
    return most


TYPES = (
    MediaType("application/pdf", extensions=(".pdf",), aliases=("application/x-pdf",), prefixes=(b"%PDF-",), read=read),
)
