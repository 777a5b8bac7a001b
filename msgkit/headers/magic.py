"""The media type by the first bytes: a signature is evidence, an extension is none."""

from msgkit.headers import mpeg
from msgkit.headers.windows import BytesWindow, Window

_PREFIXES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"OggS\0", "audio/ogg"),
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
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}


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
    if form is not None:
        return form
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:3] == b"ID3":
        return _tagged(window)
    if head[:1] == b"\xff" and mpeg.frame_size(window.at(0, 2 * mpeg.LARGEST), 0, window.size):
        return "audio/mpeg"
    return None


def _tagged(window: Window) -> str:
    behind = window.at(mpeg.after_tags(window), 4)
    return "audio/flac" if behind == b"fLaC" else "audio/mpeg"
