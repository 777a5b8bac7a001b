"""Audio from and to pydub. The import is silent: pydub warns of a missing ffmpeg, which nothing here calls."""

import warnings
from typing import Any

from msgkit.errors import MediaError, describe
from msgkit.media.audio.wave import Pcm
from msgkit.media.locks import ForkLock

_quiet_lock = ForkLock()


def to_segment(pcm: Pcm) -> Any:
    """Return an AudioSegment of the same samples; pydub holds 24 bits in 32, exactly."""
    return import_pydub()(data=bytes(pcm.samples), sample_width=pcm.width, frame_rate=pcm.rate, channels=pcm.channels)


def from_segment(segment: Any) -> Pcm:
    """Return the samples of an AudioSegment."""
    if not isinstance(segment, import_pydub()):
        raise MediaError(f"expected an AudioSegment, got {describe(segment)}", code="type-mismatch")
    if not segment.raw_data:
        raise MediaError("an AudioSegment without samples", code="media-empty")
    return Pcm(segment.raw_data, segment.sample_width, segment.frame_rate, segment.channels)


def import_pydub() -> Any:
    """Return the class AudioSegment."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment
