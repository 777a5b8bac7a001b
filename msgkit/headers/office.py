"""Office documents: the members of a ZIP archive, or of a compound file, tell which they are."""

from msgkit.headers.base import MediaType, Window

_ZIP, _COMPOUND = b"PK\3\4", bytes.fromhex("d0cf11e0a1b11ae1")
_TAIL = (1 << 16) + 22  # bytes in which the end of the archive's index stands
_MOST = 1 << 20  # bytes of the index that are looked at
_MEMBERS = {b"word/document.xml": "docx", b"xl/workbook.xml": "xlsx", b"ppt/presentation.xml": "pptx"}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_TYPES = {
    "docx": f"{_OPEN_XML}.wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "pptx": f"{_OPEN_XML}.presentationml.presentation",
    "odt": f"{_ODF}.text",
    "ods": f"{_ODF}.spreadsheet",
    "odp": f"{_ODF}.presentation",
    "epub": "application/epub+zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type of an office document; None for other archives."""
    if head.startswith(_COMPOUND):
        return _of_streams(window)
    return _of_members(window) if head.startswith(_ZIP) else None


def _of_members(window: Window) -> str | None:
    start = window.at(0, 128)
    if start[30:38] == b"mimetype":  # ODF and EPUB say it in their first member, which is not compressed
        said = start[38:].decode("latin-1")
        return max((name for name in _TYPES.values() if said.startswith(name)), key=len, default=None)
    tail = window.at(max(0, window.size - _TAIL), _TAIL)
    end = tail.rfind(b"PK\5\6")
    size, offset = (int.from_bytes(tail[end + at : end + at + 4], "little") for at in (12, 16))
    index = window.at(offset, min(size, _MOST)) if end >= 0 else b""
    return next((_TYPES[name] for member, name in _MEMBERS.items() if member in index), None)


def _of_streams(window: Window) -> str | None:
    head = window.at(0, 64)
    sector = 1 << min(int.from_bytes(head[30:32], "little"), 12)
    directory = window.at((int.from_bytes(head[48:52], "little") + 1) * sector, 4096)
    names = {directory[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0] for at in range(0, 4096, 128)}
    return next((_TYPES[kind] for name, kind in _STREAMS.items() if name in names), None)


TYPES = tuple(MediaType(name, extensions=(f".{kind}",), sniff=sniff) for kind, name in _TYPES.items())
