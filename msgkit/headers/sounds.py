"""Readers of sound headers, by media type."""

from collections.abc import Callable

from msgkit.headers import flac, mp3, ogg, wav
from msgkit.headers.values import SoundHeader
from msgkit.headers.windows import Window

READERS: dict[str, Callable[[Window], SoundHeader]] = {
    "audio/wav": wav.read,
    "audio/mpeg": mp3.read,
    "audio/flac": flac.read,
    "audio/ogg": ogg.read,
}
