"""
Sound as a target takes it: the same bytes when they satisfy it, else decoded, changed where it must be, and encoded.

pydub, PyAV, lameenc, soxr and numpy live in this folder only, and are imported when the first sound needs them: WAV and
MP3 that pass through need none. No process is started, and nothing but the bytes at hand is read.
"""

from typing import Any

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.headers import SoundHeader
from msgkit.media.audio import wave
from msgkit.media.audio.requirements import demands_of
from msgkit.media.cache import remembered
from msgkit.media.limits import DEFAULT, Limits
from msgkit.media.options import PLAIN, Options
from msgkit.model.parts import Media
from msgkit.targets import Target

__all__ = ["fit", "from_array", "from_pydub", "look", "to_pydub"]


def fit(data: bytes, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return the sound as *target* takes it; what it does not take becomes WAV, or MP3 where that is too large.

    What is done where it must be, in this order: cut, mixed down, resampled, encoded. Each is named in ``changes``.

    Args:
        data: The file.

        target: Whose limits hold; None for WAV and MP3, and nothing else.

        options: How to change what must change, and what is taken in at all; None for the defaults.

    Raises:
        MediaError: ``media-format-unsupported``, ``media-too-large``, ``media-truncated``, ``media-invalid``,
            ``media-empty``, ``audio-too-long``.
        MissingExtraError: It must be decoded or become MP3, and the extra ``audio`` is not installed.
    """
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


def look(data: bytes) -> SoundHeader:
    """
    Return what the header of a sound says; samples are not decoded.

    Raises:
        MediaError: ``media-format-unsupported``, ``media-truncated``, ``media-invalid``, ``media-empty``.
    """
    header = headers.read(data)
    if not isinstance(header, SoundHeader):
        found = headers.sniff(data) or "an unknown type"
        raise MediaError(f"expected sound, got {found}", code="media-format-unsupported")
    if not header.complete and header.media_type != "audio/mpeg":  # MP3 decodes frame by frame, wherever it ends
        raise MediaError("audio data is truncated", code="media-truncated")
    return header


def _as_it_is(data: bytes, header: SoundHeader) -> Media:
    if header.media_type == "audio/wav" and wave.is_open(data):
        return Media(wave.close(data), "audio/wav", ("sizes filled in that the WAV header left open",))
    return Media(data, header.media_type)


def to_pydub(media: Media, limits: Limits = DEFAULT) -> Any:
    """
    Return the sound as a pydub AudioSegment; of PCM every sample is the same (24 bits stand in 32).

    Raises:
        MediaError: It cannot be decoded, or is over *limits*.
        MissingExtraError: It is not plain WAV, and the extra ``audio`` is not installed.
    """
    from msgkit.media.audio import fitting, interop

    header = look(media.data)
    pcm = wave.read_pcm(media.data, header) if header.media_type == "audio/wav" else None
    return interop.to_segment(pcm or fitting.load(media.data, header, limits).pcm())


def from_pydub(segment: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return a pydub AudioSegment as a file that *target* takes: WAV of the same samples, unless something must change.

    Raises:
        MediaError: ``type-mismatch`` for anything else, ``media-empty``, or what ``fit`` raises.
    """
    from msgkit.media.audio import interop

    return fit(wave.write(interop.from_segment(segment)), target, options)


def from_array(array: Any, rate: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """
    Return samples as a file that *target* takes: WAV, unless something must change.

    Args:
        array: See ``arrays.from_array``.

        rate: Hertz.

        target: Whose limits hold.

        options: How to change what must change.

    Raises:
        MediaError: ``media-invalid`` for another shape, type or rate, or what ``fit`` raises.
    """
    from msgkit.media.audio import arrays

    return fit(wave.write(arrays.from_array(array, rate)), target, options)
