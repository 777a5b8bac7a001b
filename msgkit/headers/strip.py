"""Private metadata taken out of an image file, without touching the picture."""

import re
import zlib
from collections.abc import Iterator

from msgkit.errors import MediaError, quote
from msgkit.headers import jpeg
from msgkit.headers.exif import only_orientation, read_exif
from msgkit.headers.jpeg import APP0, APP1, APP2, APP14, COM, EXIF, ICC, SOS
from msgkit.headers.magic import sniff
from msgkit.headers.values import truncated
from msgkit.headers.windows import BytesWindow

_MARKER = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]")  # what ends a scan: neither an escaped 0xff nor a restart
_END = b"\xff\xd9"
_PNG_KEPT = frozenset(b"tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs sPLT acTL fcTL fdAT".split())
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def strip_metadata(data: bytes) -> bytes:
    """
    Return the same JPEG, PNG or WebP without EXIF, XMP, IPTC, comments, text, and anything behind its end.

    The picture's bytes, its colour profile and its animation stay as they are. Of EXIF an orientation other than 1
    stays, alone: without it the picture would lie on its side. Bytes without metadata come back equal.

    Raises:
        MediaError: ``media-format-unsupported`` for another type, ``media-invalid`` or ``media-truncated`` for a
            broken file.

    >>> strip_metadata(b"GIF89a")
    Traceback (most recent call last):
    msgkit.errors.MediaError: expected a JPEG, PNG or WebP to strip metadata from, got 'image/gif'
    """
    media_type = sniff(data)
    stripper = _STRIPPERS.get(media_type or "")
    if stripper is None:
        message = f"expected a JPEG, PNG or WebP to strip metadata from, got {quote(media_type or 'something else')}"
        raise MediaError(message, code="media-format-unsupported")
    return stripper(data)


def _jpeg(data: bytes) -> bytes:
    pieces = [data[:2]]
    turned = False
    copied = 2
    scan = 0
    for marker, offset, length, head in jpeg.segments(BytesWindow(data)):
        scan = offset + length
        if marker == SOS:
            break
        orientation = 1
        if marker == APP1 and head.startswith(EXIF) and not turned:
            orientation = read_exif(data[offset + 6 : scan], set())
        if _is_private(marker, head):
            pieces.append(data[copied : offset - 4])
            copied = scan
        if orientation != 1:
            turned = True
            pieces.append(_segment(EXIF + only_orientation(orientation)))
    pieces.append(data[copied:scan])
    pieces.extend(_scans(data, scan))
    return b"".join(pieces)


def _segment(body: bytes) -> bytes:
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body


def _is_private(marker: int, head: bytes) -> bool:
    """Return whether a decoder can do without this segment; it needs JFIF, the profile and Adobe's colour transform."""
    if marker == APP0:
        return not head.startswith(b"JFIF\0")
    if marker == APP2:
        return not head.startswith(ICC)
    return marker == COM or (APP0 < marker < 0xF0 and marker != APP14)


def _scans(data: bytes, at: int) -> Iterator[bytes]:
    """Iterate over the pieces from the first scan's picture to the end marker, without metadata between the scans."""
    copied = at
    for _ in range(jpeg.MAX_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            raise truncated("the JPEG picture")
        end = found.end()
        marker = data[end - 1]
        if marker == _END[1]:
            yield data[copied:end]
            return
        at = end + int.from_bytes(data[end : end + 2])
        if _is_private(marker, data[end + 2 : end + 16]):
            yield data[copied : found.start()]
            copied = at
    raise truncated("the JPEG scans")


def _png(data: bytes) -> bytes:
    pieces = [data[:8]]
    at = 8
    turned = False
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        at += 12 + length
        if name == b"eXIf" and not turned:
            orientation = read_exif(chunk[8:-4], set())
            turned = True
            if orientation != 1:
                pieces.append(_chunk(name, only_orientation(orientation)))
        elif not name[0] & 0x20 or name in _PNG_KEPT:  # an upper-case letter: decoders need it
            pieces.append(chunk)
        if name == b"IEND":
            return b"".join(pieces)
    raise truncated("the PNG chunks")


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _webp(data: bytes) -> bytes:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise truncated("the WebP chunks")
    pieces, at, kept = [], 12, 0
    while at + 8 <= end:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at : at + 8 + length + (length & 1)]
        at += len(chunk)
        if name == b"EXIF":
            orientation = read_exif(chunk[8:].removeprefix(EXIF), set())
            if orientation == 1 or kept:
                continue
            body = only_orientation(orientation)
            chunk, kept = name + len(body).to_bytes(4, "little") + body, _HAS_EXIF
        elif name not in _WEBP_KEPT and name != b"VP8X":
            continue
        pieces.append(chunk)
    if pieces and pieces[0][:4] == b"VP8X":
        flags = pieces[0][8] & ~(_HAS_EXIF | _HAS_XMP) | kept
        pieces[0] = pieces[0][:8] + bytes([flags]) + pieces[0][9:]
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


_STRIPPERS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
