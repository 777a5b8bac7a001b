"""Media types: their aliases, extensions and kinds."""

from typing import Literal

Kind = Literal["image", "audio", "video", "file"]


def canonical(media_type: str) -> str:
    """
    Return the one name that msgkit uses for *media_type*: lower case, no parameters, no alias.

    >>> canonical("image/jpg"), canonical("audio/vnd.wave"), canonical("Audio/WAV; rate=8000")
    ('image/jpeg', 'audio/wav', 'audio/wav')
    """
    name = media_type.partition(";")[0].strip().lower()
    return ALIASES.get(name, name)


def kind(media_type: str) -> Kind:
    """
    Return which sort of part holds this media type.

    >>> kind("image/jpg"), kind("application/pdf")
    ('image', 'file')
    """
    return _KINDS.get(canonical(media_type).partition("/")[0], "file")


def by_extension(name: str) -> str | None:
    """
    Return the media type that a file name claims by its extension; None when the extension is none of ours.

    >>> by_extension("photos/Cat.JPG"), by_extension("README")
    ('image/jpeg', None)
    """
    stem, dot, extension = name.rpartition(".")
    return _BY_EXTENSION.get(extension.lower()) if dot and stem else None


EXTENSIONS: dict[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jp2": ".jp2",
    "image/jxl": ".jxl",
    "image/vnd.adobe.photoshop": ".psd",
    "image/x-icon": ".ico",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
    "audio/aiff": ".aiff",
    "audio/aac": ".aac",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/quicktime": ".mov",
    "video/ogg": ".ogv",
    "application/pdf": ".pdf",
}

ALIASES: dict[str, str] = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/x-bmp": "image/bmp",
    "image/tif": "image/tiff",
    "image/vnd.microsoft.icon": "image/x-icon",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/mpga": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/x-mpeg-3": "audio/mpeg",
    "audio/x-flac": "audio/flac",
    "audio/opus": "audio/ogg",
    "audio/vorbis": "audio/ogg",
    "audio/x-ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-aiff": "audio/aiff",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "video/x-m4v": "video/mp4",
    "application/x-pdf": "application/pdf",
}

AUDIO_FORMATS: dict[str, str] = {"wav": "audio/wav", "mp3": "audio/mpeg"}
"""The values of ``input_audio.format`` and the media types that they mean."""

_KINDS: dict[str, Kind] = {"image": "image", "audio": "audio", "video": "video"}

_BY_EXTENSION: dict[str, str] = {extension[1:]: media_type for media_type, extension in EXTENSIONS.items()} | {
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "apng": "image/png",
    "dib": "image/bmp",
    "tif": "image/tiff",
    "wave": "audio/wav",
    "mpga": "audio/mpeg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "spx": "audio/ogg",
    "m4b": "audio/mp4",
    "aif": "audio/aiff",
    "aifc": "audio/aiff",
    "m4v": "video/mp4",
    "qt": "video/quicktime",
}
