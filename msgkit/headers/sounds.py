"""Readers of sound headers, by media type."""

from collections.abc import Callable

from msgkit.headers import adts, aiff, flac, mp3, mp4, ogg, wav, webm
from msgkit.headers.values import SoundHeader
from msgkit.headers.windows import Window

READERS: dict[str, Callable[[Window], SoundHeader]] = {
    "audio/wav": wav.read,
    "audio/mpeg": mp3.read,
    "audio/flac": flac.read,
    "audio/ogg": ogg.read,
    "audio/aiff": aiff.read,
    "audio/aac": adts.read,
    "audio/mp4": mp4.read,
    "audio/webm": webm.read,
}
