"""
What bytes say about themselves, without decoding a pixel or a sample.

    sniff(source)     the media type by signature
    read(source)      an ImageHeader, an AudioHeader or a DocumentHeader
    glance(data)      the same ImageHeader, at once, for the most usual JPEG
    strip_metadata()  the same file without private metadata

Every reader goes through a Window: it reads a bounded number of small slices, wherever the bytes lie.
"""

from msgkit.errors import EXPECTED, MediaError, internal_error
from msgkit.headers import (
    aac,
    aiff,
    au,
    bmp,
    flac,
    gif,
    heif,
    jpeg,
    mp3,
    mp4,
    office,
    ogg,
    pdf,
    png,
    text,
    tiff,
    wav,
    webm,
    webp,
)
from msgkit.headers.base import (
    AudioHeader,
    Base64Window,
    BytesWindow,
    DocumentHeader,
    Header,
    ImageHeader,
    MediaType,
    Window,
    empty,
)
from msgkit.headers.jpeg import glance
from msgkit.headers.strip import STRIPPED, strip_metadata
from msgkit.headers.tables import (
    ALIASES,
    AUDIO_FORMATS,
    AUDIO_TYPES,
    EXTENSIONS,
    READERS,
    Kind,
    by_extension,
    canonical,
    has_signature,
    kind,
    register,
    sniff,
)

__all__ = [
    "ALIASES",
    "AUDIO_FORMATS",
    "AUDIO_TYPES",
    "EXTENSIONS",
    "READERS",
    "STRIPPED",
    "AudioHeader",
    "Base64Window",
    "BytesWindow",
    "DocumentHeader",
    "Header",
    "ImageHeader",
    "Kind",
    "MediaType",
    "Window",
    "by_extension",
    "canonical",
    "glance",
    "has_signature",
    "kind",
    "read",
    "register",
    "sniff",
    "strip_metadata",
]


def read(source: Window | bytes, media_type: str | None = None) -> Header | None:
    r"""Return what the header of *source* says; None when its signature is unknown or of a type without a reader."""
    window = BytesWindow(source) if isinstance(source, bytes) else source
    if window.size == 0:
        raise empty("no data")
    asked = media_type or "of an unknown type"
    try:
        media_type = media_type or sniff(window)
        asked = media_type or asked
        reader = READERS.get(media_type or "")
        return None if reader is None else reader(window)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a reader raises costs its row alone)
        failed = internal_error(f"the header reader {asked}", error)
        raise MediaError(failed.message, code=failed.code) from None


_NAMED = (
    MediaType("image/vnd.adobe.photoshop", extensions=(".psd",), prefixes=(b"8BPS\0\x01",)),
    MediaType("image/x-icon", extensions=(".ico",), aliases=("image/vnd.microsoft.icon",), prefixes=(b"\0\0\x01\0",)),
    MediaType("image/jp2", extensions=(".jp2",), prefixes=(b"\0\0\0\x0cjP  \r\n\x87\n",)),
    MediaType("image/jxl", extensions=(".jxl",), prefixes=(b"\0\0\0\x0cJXL \r\n\x87\n",)),
)
"""Told by their signature and not read."""

register(
    *jpeg.TYPES,
    *png.TYPES,
    *webp.TYPES,
    *gif.TYPES,
    *wav.TYPES,
    *flac.TYPES,
    *tiff.TYPES,
    *aiff.TYPES,
    *pdf.TYPES,
    *_NAMED,
    *office.TYPES,
    *au.TYPES,
    *heif.TYPES,
    *mp4.TYPES,
    *ogg.TYPES,
    *webm.TYPES,
    *aac.TYPES,
    *mp3.TYPES,
    *bmp.TYPES,
    *text.TYPES,
)
