"""Private metadata taken out of an image file, without touching the image."""

import re
from collections.abc import Iterator

from msgkit.errors import MediaError, quote
from msgkit.headers import jpeg, png, webp
from msgkit.headers.base import BytesWindow, invalid, truncated
from msgkit.headers.exif import only_orientation, read_exif, read_xmp
from msgkit.headers.jpeg import APP0, APP1, APP2, APP14, COM, EXIF, ICC, XMP
from msgkit.headers.tables import sniff

_OPTIONAL = frozenset({COM, *range(APP0, 0xF0)})
_MARKER = re.compile(rb"\xff[^\xff\x00\xd0-\xd7]")  # what ends a scan: neither an escaped 0xff nor a restart
_EOI = 0xD9
_JFIF_NAME = b"JFIF\0"
_JFIF = 14  # bytes, without a thumbnail
_PNG_KEPT = frozenset(b"tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs sPLT acTL fcTL fdAT".split())
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04
_VP8X = 18  # bytes


def strip_metadata(data: bytes) -> bytes:
    """Return the same JPEG, PNG or WebP without EXIF, XMP, IPTC, comments, text, and anything behind its end."""
    media_type = sniff(data)
    stripper = _STRIPPERS.get(media_type or "")
    if stripper is None:
        message = f"expected a JPEG, PNG or WebP to strip metadata from, got {quote(media_type or 'something else')}"
        raise MediaError(message, code="media-format-unsupported")
    return stripper(data)


def _jpeg(data: bytes) -> bytes:
    pieces = [data[:2]]
    copied = scan = 2
    exif = False
    for marker, offset, length, head in jpeg.segments(BytesWindow(data)):
        scan = offset + length
        if marker not in _OPTIONAL:
            continue
        again = exif and head.startswith((EXIF, XMP))  # readers take the first
        instead = b"" if again else _instead(marker, data[offset:scan])
        if instead is not None:
            pieces += [data[copied : offset - 4], instead]
            copied = scan
            exif = exif or head.startswith(EXIF)
    pieces.append(data[copied:scan])
    pieces.extend(_scans(data, scan))
    return b"".join(pieces)


def _instead(marker: int, body: bytes) -> bytes | None:
    """Return what takes the place of a segment that decoders can do without; None when it stays as it is."""
    if marker == APP0 and body.startswith(_JFIF_NAME):
        return None if len(body) <= _JFIF else _segment(APP0, body[: _JFIF - 2] + b"\0\0")  # no thumbnail
    if (marker == APP2 and body.startswith(ICC)) or (marker == APP14 and body.startswith(b"Adobe")):
        return None
    if marker == APP1 and body.startswith((EXIF, XMP)):
        is_exif = body.startswith(EXIF)
        orientation = read_exif(body[len(EXIF) :], set()) if is_exif else read_xmp(body, set())
        return b"" if orientation == 1 else _segment(APP1, EXIF + only_orientation(orientation))
    return b""


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body


def _scans(data: bytes, at: int) -> Iterator[bytes]:
    """Iterate over the pieces from the first scan's image to the end marker, without metadata between the scans."""
    copied = at
    for _ in range(jpeg.MAX_SEGMENTS):
        match = _MARKER.search(data, at)
        if match is None:
            raise truncated("the JPEG image")
        end = match.end()
        marker = data[end - 1]
        if marker == _EOI:
            yield data[copied:end]
            return
        at = end + int.from_bytes(data[end : end + 2])
        if marker in _OPTIONAL:
            yield data[copied : match.start()]
            copied = at
    raise truncated("the JPEG scans")


def _png(data: bytes) -> bytes:
    pieces = [data[:8]]
    at = 8
    turned, by_xmp = False, 1
    for _ in range(png.MAX_CHUNKS):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length:
            break
        at += len(chunk)
        if name == b"eXIf" and not turned:
            orientation = read_exif(chunk[8:-4], set())
            turned = True
            if orientation != 1:
                pieces.append(png.chunk(name, only_orientation(orientation)))
        elif name == b"iTXt" and chunk[8:].startswith(png.XMP):
            by_xmp = read_xmp(chunk, set())
        elif name == b"IEND" and not turned and by_xmp != 1:
            pieces += [png.chunk(b"eXIf", only_orientation(by_xmp)), chunk]
        elif not name[0] & 0x20 or name in _PNG_KEPT:  # an upper-case letter: decoders need it
            pieces.append(chunk)
        if name == b"IEND":
            return b"".join(pieces)
    raise truncated("the PNG chunks")


def _webp(data: bytes) -> bytes:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise truncated("the WebP chunks")
    pieces: list[bytes] = []
    at, flags, exif, by_xmp = 12, 0, False, 1
    for _ in range(webp.MAX_CHUNKS):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at : min(end, at + 8 + length + (length & 1))]
        at += len(chunk)
        if name == b"EXIF" and not exif:
            exif = True
            orientation = read_exif(chunk[8:].removeprefix(EXIF), set())
            if orientation != 1:
                flags = _HAS_EXIF
                pieces.append(_riff(name, only_orientation(orientation)))
        elif name == b"XMP ":
            by_xmp = read_xmp(chunk, set())
        elif name in _WEBP_KEPT:
            pieces.append(chunk)
        if at >= end:
            if not exif and by_xmp != 1:
                flags = _HAS_EXIF
                pieces.append(_riff(b"EXIF", only_orientation(by_xmp)))
            return _riff(b"RIFF", b"WEBP" + b"".join(_flagged(piece, flags) for piece in pieces))
    raise truncated("the WebP chunks")


def _flagged(chunk: bytes, flags: int) -> bytes:
    """Return *chunk*, with the flags for EXIF and XMP set to *flags* where it is the header."""
    if chunk[:4] != b"VP8X":
        return chunk
    if len(chunk) != _VP8X:
        raise invalid(f"expected a WebP header of {_VP8X} bytes, got {len(chunk)}")
    return chunk[:8] + bytes([chunk[8] & ~(_HAS_EXIF | _HAS_XMP) | flags]) + chunk[9:]


def _riff(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body


_STRIPPERS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
STRIPPED = frozenset(_STRIPPERS)
"""The types that ``strip_metadata`` takes."""
