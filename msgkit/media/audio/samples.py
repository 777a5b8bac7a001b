"""Samples, from and to arrays and pydub, and what is done to them: widths, channels, rate, length. No files."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from msgkit.errors import MediaError, describe, needing
from msgkit.media.audio.wave import Pcm
from msgkit.media.cache import ForkLock

BLOCK = 1 << 18  # frames that are worked on at a time


@attrs.frozen(eq=False)
class Audio:
    """Decoded audio."""

    samples: Any  # numpy array of frames x channels; 16-bit or 32-bit integers
    rate: int  # hertz

    @property
    def channels(self) -> int:
        """Channels: 1 = mono, 2 = stereo."""
        return int(self.samples.shape[1])

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    def part(self, start: int, count: int) -> "Audio":
        """Return up to *count* frames from *start* on; nothing is copied."""
        return Audio(self.samples[start : start + count], self.rate)

    def pcm(self) -> Pcm:
        """Return the samples as bytes: a view of them, for two copies of a long audio are many."""
        width = int(self.samples.dtype.itemsize)
        samples = numpy().ascontiguousarray(self.samples, f"<i{width}")
        return Pcm(memoryview(samples.reshape(-1)).cast("B"), width, self.rate, self.channels)


def from_pcm(pcm: Pcm) -> Audio:
    """Return *pcm* as an array: 8 bits become 16, 24 bits become 32, exactly."""
    np = numpy()
    if pcm.width == 3:  # noqa: PLR2004 (24 bits)
        raw = np.frombuffer(pcm.samples, np.uint8).reshape(-1, 3)
        values = np.zeros((len(raw), 4), np.uint8)
        values[:, 1:] = raw
        samples = values.view("<i4").ravel()
    else:
        samples = np.frombuffer(pcm.samples, f"<i{pcm.width}")
    if pcm.width == 1:
        samples = samples.astype(np.int16) << 8
    return Audio(samples.reshape(-1, pcm.channels), pcm.rate)


def sixteen_bits(audio: Audio) -> Audio:
    """Return the audio with 16-bit samples, rounded."""
    np = numpy()
    if audio.samples.dtype == np.int16:
        return audio
    rounded = (audio.samples.astype(np.int64) + 0x8000) >> 16
    return Audio(np.minimum(rounded, 0x7FFF).astype(np.int16), audio.rate)


def mixed(audio: Audio, channels: int) -> Audio:
    """Return the audio in 1 or 2 channels: mono is their mean, and goes to both sides of stereo."""
    np = numpy()
    if audio.channels == channels:
        return audio
    if channels == 1:
        return Audio(_mean(audio.samples), audio.rate)
    if audio.channels == 1:
        return Audio(np.repeat(audio.samples, channels, axis=1), audio.rate)
    left, right = _mean(audio.samples[:, 0::2]), _mean(audio.samples[:, 1::2])
    return Audio(np.concatenate((left, right), axis=1), audio.rate)


def _mean(samples: Any) -> Any:
    np = numpy()
    total = samples[:, 0].astype(_floating(samples))
    for channel in range(1, samples.shape[1]):  # a mean over the short axis of an array is ten times slower
        total += samples[:, channel]
    total /= samples.shape[1]
    return np.rint(total, out=total).astype(samples.dtype)[:, None]


def blocks_of(pcm: Pcm) -> Iterator[Audio]:
    """Yield *pcm* block by block."""
    size = pcm.width * pcm.channels * BLOCK
    for at in range(0, len(pcm.samples), size):
        yield from_pcm(attrs.evolve(pcm, samples=pcm.samples[at : at + size]))


def resampled(blocks: Iterable[Audio], rate: int) -> Iterator[Audio]:
    """Yield the audio at *rate* hertz; what the new rate cannot hold is filtered out before, so nothing aliases."""
    stream = before = None
    for block in blocks:
        if block.rate == rate:
            yield block
            continue
        stream = stream or _stream(block, rate)
        if before is not None:
            yield _resample(stream, before, rate, last=False)
        before = block
    if before is not None:
        yield _resample(stream, before, rate, last=True)


def _stream(block: Audio, rate: int) -> Any:
    with needing("soxr", "audio", "to change a sample rate"):
        import soxr
    return soxr.ResampleStream(block.rate, rate, block.channels, dtype=_floating(block.samples), quality="HQ")


def _floating(samples: Any) -> str:
    return "float32" if samples.dtype == numpy().int16 else "float64"  # each holds every sample exactly


def _resample(stream: Any, block: Audio, rate: int, *, last: bool) -> Audio:
    np = numpy()
    kind = block.samples.dtype
    top = np.iinfo(kind).max
    # soxr takes shape and strides from the array, and gives back as many frames as it wrote
    values = stream.resample_chunk(np.ascontiguousarray(block.samples, _floating(block.samples)), last=last)
    np.rint(values, out=values)
    return Audio(np.clip(values, -top - 1, top, out=values).astype(kind), rate)


def trimmed(blocks: Iterable[Audio], seconds: float) -> Iterator[Audio]:
    """Yield the first *seconds* of the audio."""
    count = 0
    for block in blocks:
        rest = int(seconds * block.rate) - count
        yield block.part(0, rest)
        count += len(block.samples)
        if len(block.samples) >= rest:
            return


def numpy() -> Any:
    """Return the module numpy."""
    with needing("numpy", "audio", "to work on samples"):
        import numpy as np
    return np


_MOST_RATE = 768_000  # Hz; the highest of PCM in use


def from_array(array: Any, rate: int) -> Pcm:
    """Return the samples of an array as PCM of 16 bits, or of 32 where the array has them."""
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
