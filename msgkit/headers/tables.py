"""Media types: their aliases, extensions, kinds and signatures, gathered from the entries."""

from collections.abc import Callable
from typing import Literal

from msgkit.headers.base import BytesWindow, Header, MediaType, Window

Kind = Literal["image", "audio", "video", "file"]

TYPES: dict[str, MediaType] = {}
"""The entries by name; the tables below are built from them."""

EXTENSIONS: dict[str, str] = {}
"""Media type -> the extension that its files get."""

ALIASES: dict[str, str] = {}
"""Another name -> the one that msgkit uses."""

AUDIO_TYPES: dict[str, str] = {}
"""Short name of an audio format, as in ``input_audio.format`` -> media type."""

AUDIO_FORMATS: dict[str, str] = {}
"""Media type -> the short name of its audio format."""

READERS: dict[str, Callable[[Window], Header]] = {}
PREFIXES: list[tuple[bytes, str]] = []
FORMS: dict[tuple[bytes, bytes], str] = {}
SNIFFERS: list[Callable[[Window, bytes], str | None]] = []
_BY_EXTENSION: dict[str, str] = {}
_KINDS: dict[str, Kind] = {"image": "image", "audio": "audio", "video": "video"}


def register(*entries: MediaType) -> None:
    """Add media types, or replace those of the same name."""
    TYPES.update({entry.name: entry for entry in entries})
    build()


def build() -> None:
    """Build the tables from the entries."""
    for table in (EXTENSIONS, ALIASES, AUDIO_TYPES, AUDIO_FORMATS, READERS, PREFIXES, FORMS, SNIFFERS, _BY_EXTENSION):
        table.clear()
    for entry in TYPES.values():
        name = entry.name
        _BY_EXTENSION.update({extension[1:]: name for extension in entry.extensions})
        ALIASES.update(dict.fromkeys(entry.aliases, name))
        AUDIO_TYPES.update(dict.fromkeys(entry.audio_formats, name))
        PREFIXES.extend([(prefix, name) for prefix in entry.prefixes])
        FORMS.update(dict.fromkeys(entry.forms, name))
        if entry.extensions:
            EXTENSIONS[name] = entry.extensions[0]
        if entry.audio_formats:
            AUDIO_FORMATS[name] = entry.audio_formats[0]
        if entry.read is not None:
            READERS[name] = entry.read
        if entry.sniff is not None and entry.sniff not in SNIFFERS:
            SNIFFERS.append(entry.sniff)


def canonical(media_type: str) -> str:
    """Return the one name that msgkit uses for *media_type*: lower case, no parameters, no alias."""
    name = media_type.partition(";")[0].strip().lower()
    return ALIASES.get(name, name)


def kind(media_type: str) -> Kind:
    """Return which sort of part holds this media type."""
    return _KINDS.get(canonical(media_type).partition("/")[0], "file")


def by_extension(name: str) -> str | None:
    """Return the media type that a file name claims by its extension; None when the extension is not one of ours."""
    stem, dot, extension = name.rpartition(".")
    return _BY_EXTENSION.get(extension.lower()) if dot and stem else None


def has_signature(media_type: str) -> bool:
    """Return whether files of the type are told by their bytes, so that bytes without a signature are none."""
    entry = TYPES.get(canonical(media_type))
    return entry is not None and bool(entry.prefixes or entry.forms or entry.sniff)


def sniff(source: Window | bytes) -> str | None:
    """Return the media type of *source* by its signature."""
    window = BytesWindow(source) if isinstance(source, bytes) else source
    head = window.at(0, 16)
    for prefix, media_type in PREFIXES:
        if head.startswith(prefix):
            return media_type
    form = FORMS.get((head[:4], head[8:12]))
    if form is not None:
        return form
    for sniffer in SNIFFERS:
        media_type = sniffer(window, head) or ""
        if media_type:
            return media_type
    return None
