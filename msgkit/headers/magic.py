"""The media type by the first bytes: a signature is evidence, an extension is none."""

from msgkit.headers import adts, mp4, mpeg, webm
from msgkit.headers.windows import BytesWindow, Window

_PREFIXES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
    (b"\0\0\x01\0", "image/x-icon"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
)
_FORMS = {
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RIFX", b"WAVE"): "audio/wav",
    (b"RF64", b"WAVE"): "audio/wav",
    (b"BW64", b"WAVE"): "audio/wav",
    (b"RIFF", b"WEBP"): "image/webp",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_HEIF = (b"mif1", b"msf1")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)


def sniff(source: Window | bytes) -> str | None:
    """
    Return the media type of *source* by its signature; None for text, HTML, SVG, playlists, archives and the unknown.

    MP3 has no signature: an ID3 tag counts as one, and so do two valid frame headers in a row.

    >>> sniff(b"GIF89a..."), sniff(b"#EXTM3U"), sniff(b"<svg/>")
    ('image/gif', None, None)
    """
    window = BytesWindow(source) if isinstance(source, bytes) else source
    head = window.at(0, 16)
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    form = _FORMS.get((head[:4], head[8:12]))
    return form or _by_structure(window, head)


def _by_structure(window: Window, head: bytes) -> str | None:
    """Return the media type where the first bytes alone do not tell it."""
    if head[4:8] == b"ftyp":
        return _boxed(window, head)
    if head[:5] == b"OggS\0":
        return "video/ogg" if b"\x80theora" in window.at(0, 512) else "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return webm.kind(window)
    if head[:3] == b"ID3":
        return _tagged(window)
    if head[:1] == b"\xff":
        return _framed(window.at(0, 1 << 14), window.size)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and int.from_bytes(window.at(14, 4), "little") in _BMP_HEADERS:
        return "image/bmp"
    return None


def _boxed(window: Window, head: bytes) -> str:
    brand = head[8:12]
    if brand in _HEIF:
        others = window.at(16, min(64, max(0, int.from_bytes(head[:4]) - 16)))
        return next((_BRANDS[name] for name in (b"avif", b"heic", b"heix") if name in others), "image/heif")
    if brand in _BRANDS:
        return _BRANDS[brand]
    kinds = mp4.handlers(window)
    return "audio/mp4" if b"soun" in kinds and b"vide" not in kinds else "video/mp4"


def _tagged(window: Window) -> str:
    """Return what stands behind an ID3 tag; MP3 when nothing tells otherwise."""
    start = mpeg.after_tags(window)
    head = window.at(start, 1 << 14)
    if head.startswith(b"fLaC"):
        return "audio/flac"
    return _framed(head, window.size - start) or "audio/mpeg"


def _framed(data: bytes, end: int) -> str | None:
    if mpeg.frame_size(data, 0, end):
        return "audio/mpeg"
    return "audio/aac" if adts.starts(data, end) else None
