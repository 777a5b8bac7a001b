"""
Audio as a target takes it: the same bytes when they satisfy it, else decoded, changed where it must be, and encoded.

pydub, PyAV, lameenc, soxr and numpy live in this folder only, and are imported when the first audio needs them: WAV and
MP3 that pass through need none. No process is started, and only the bytes at hand are read.
"""

from typing import Any

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.headers import AudioHeader, text
from msgkit.media.audio import wave
from msgkit.media.audio.requirements import demands_of
from msgkit.media.cache import remembered
from msgkit.media.options import DEFAULT, PLAIN, Limits, Options
from msgkit.model.media import Media
from msgkit.targets import Target

__all__ = ["fit", "from_array", "from_pydub", "look", "to_pydub"]


def fit(data: bytes, target: Target | None = None, options: Options | None = None) -> Media:
    """Return the audio as *target* takes it; what it does not take becomes WAV, or MP3 where that is too large."""
    options = options or PLAIN
    demands = demands_of(target, options)
    header = look(data)
    demands.check_length(header)
    plain = data[:4] == b"RIFF" or header.media_type != "audio/wav"
    if demands.satisfied(header, len(data), plain=plain):
        media = _as_it_is(data, header)
    else:
        from msgkit.media.audio import fitting

        media = remembered(data, demands, options, lambda: fitting.change(data, header, demands, options.limits))
    demands.check_bytes(media)
    return media


def look(data: bytes) -> AudioHeader:
    """Return what the header of audio says; samples are not decoded."""
    header = headers.read(data)
    if not isinstance(header, AudioHeader):
        media_type = headers.sniff(data) or text.describe(data)
        raise MediaError(f"expected audio, got {media_type}", code="media-format-unsupported")
    if not header.complete and header.media_type != "audio/mpeg":  # MP3 decodes frame by frame, wherever it ends
        raise MediaError("audio data is truncated", code="media-truncated")
    return header


def _as_it_is(data: bytes, header: AudioHeader) -> Media:
    if header.media_type == "audio/wav" and wave.is_open(data):
        return Media(wave.close(data), "audio/wav", ("sizes filled in that the WAV header left open",))
    return Media(data, header.media_type)


def to_pydub(media: Media, limits: Limits = DEFAULT) -> Any:
    """Return the audio as a pydub AudioSegment; of PCM every sample is the same (24 bits are in 32)."""
    from msgkit.media.audio import fitting, samples

    header = look(media.data)
    pcm = wave.read_pcm(media.data, header) if header.media_type == "audio/wav" else None
    return samples.to_segment(pcm or fitting.load(media.data, header, limits).pcm())


def from_pydub(segment: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return a pydub AudioSegment as a file that *target* takes."""
    from msgkit.media.audio import samples

    return fit(wave.write(samples.from_segment(segment)), target, options)


def from_array(array: Any, rate: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return samples as a file that *target* takes: WAV, unless something must change."""
    from msgkit.media.audio import samples

    return fit(wave.write(samples.from_array(array, rate)), target, options)
