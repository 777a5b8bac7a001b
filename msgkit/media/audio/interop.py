"""Audio from arrays of samples, and from and to pydub, whose import is silent: its warning of ffmpeg is idle."""

import warnings
from typing import Any

from msgkit.errors import MediaError, describe
from msgkit.media.audio.wave import Pcm
from msgkit.media.cache import ForkLock

_MOST_RATE = 768_000  # Hz; the highest of PCM in use


def from_array(array: Any, rate: int) -> Pcm:
    """Return the samples of an array as PCM of 16 bits, or of 32 where the array has them."""
    from msgkit.media.audio.samples import numpy

    if isinstance(rate, bool) or not hasattr(rate, "__index__") or not 0 < int(rate) <= _MOST_RATE:
        raise MediaError(f"expected a sampling rate in hertz, got {describe(rate)}", code="media-invalid")
    np = numpy()
    samples = np.asarray(array.detach().cpu() if hasattr(array, "detach") else array)
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:  # noqa: PLR2004 (dimensions)
        samples = samples.T
    channels = samples.shape[1] if samples.ndim == 2 else 1  # noqa: PLR2004
    if samples.ndim not in (1, 2) or not samples.size:
        message = f"expected samples, or samples x channels, got {describe(array)} of shape {samples.shape}"
        raise MediaError(message, code="media-invalid" if samples.size else "media-empty")
    if samples.dtype.kind == "f":
        samples = np.rint(np.clip(np.nan_to_num(samples), -1, 1) * 32767).astype("<i2")
    elif samples.dtype not in (np.int16, np.int32):
        message = f"expected floating point, or integers of 16 or 32 bits, got {samples.dtype}"
        raise MediaError(message, code="media-invalid")
    little = np.ascontiguousarray(samples.astype(samples.dtype.newbyteorder("<"), copy=False))
    return Pcm(little.tobytes(), little.dtype.itemsize, int(rate), channels)


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
