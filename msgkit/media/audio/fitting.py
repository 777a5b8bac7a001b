"""What must change, is changed, block by block: decode, cut, mix, resample, encode."""

from collections.abc import Iterable, Iterator
from itertools import chain

import attrs

from msgkit.errors import MediaError
from msgkit.headers import AudioHeader
from msgkit.media.audio import mp3, wave
from msgkit.media.audio.decoding import decode
from msgkit.media.audio.requirements import Demands, Plan
from msgkit.media.audio.samples import Audio, blocks_of, mixed, numpy, resampled, sixteen_bits, trimmed
from msgkit.media.options import Limits, own_limit
from msgkit.model.media import Media


def change(data: bytes, header: AudioHeader, demands: Demands, limits: Limits) -> Media:
    """Return the audio as *demands* ask, whatever must be done for that: as WAV, or as MP3 where WAV is too large."""
    size = len(data)
    for plan in demands.plans(header):
        media = _make(data, header, plan, demands, limits)
        size = len(media.data)
        if demands.max_bytes is None or size <= demands.max_bytes:
            return media
    raise demands.too_large(size, header.media_type)


def _make(data: bytes, header: AudioHeader, plan: Plan, demands: Demands, limits: Limits) -> Media:
    seconds = demands.max_seconds if demands.trim else None
    blocks = load_blocks(data, header, limits, seconds)
    first = next(blocks)
    is_mp3 = plan.bitrate is not None
    channels = plan.channels or (min(first.channels, 2) if is_mp3 else first.channels)
    rate = plan.rate or first.rate
    changes = []
    audio: Iterator[Audio] = chain((first,), blocks)
    if seconds is not None and header.duration > seconds:
        changes.append(f"first {seconds:g} of {header.duration:.1f} seconds")
        audio = trimmed(audio, seconds)
    if plan.channels not in (None, first.channels):
        changes.append(f"{first.channels} channels to {channels}")
    if plan.rate not in (None, first.rate):
        changes.append(f"{first.rate} to {rate} hertz")
    rate = mp3.rate_for(rate) if is_mp3 else rate
    audio = (sixteen_bits(block) for block in resampled((mixed(block, channels) for block in audio), rate))
    if plan.bitrate is not None:
        encoded, what = mp3.encode(audio, rate, channels, plan.bitrate), f"MP3 of {plan.bitrate} kbit/s"
    else:
        samples = b"".join(block.pcm().samples for block in audio)
        encoded, what = wave.write(wave.Pcm(samples, 2, rate, channels)), "16-bit WAV"
    return Media(encoded, plan.media_type, (*changes, f"{header.media_type} ({header.codec}) to {what}"))


def load_blocks(data: bytes, header: AudioHeader, limits: Limits, seconds: float | None = None) -> Iterator[Audio]:
    """Return the samples of an audio file, block by block: of plain WAV as they are there, else decoded; never none."""
    pcm = wave.read_pcm(data, header) if header.media_type == "audio/wav" else None
    if pcm is not None:
        return _some(blocks_of(pcm))
    if seconds is None and header.duration > limits.audio_seconds:
        most = f"{limits.audio_seconds:,.0f} seconds of compressed audio"
        raise own_limit(most, f"{header.duration:,.0f}", "--max-seconds", "audio-too-long")
    size = header.duration * header.sample_rate * header.channels * 2
    if seconds is None and size > limits.sample_bytes:
        most = f"{limits.sample_bytes:,} bytes of samples"
        raise own_limit(most, f"{size:,.0f} at least", "--max-seconds", "audio-too-long")
    return _some(decode(data, header.media_type, limits, seconds))


def _some(blocks: Iterable[Audio]) -> Iterator[Audio]:
    blocks = (block for block in blocks if len(block.samples))
    first = next(blocks, None)
    if first is None:
        raise MediaError("no samples", code="media-empty")
    return chain((first,), blocks)


def load(data: bytes, header: AudioHeader, limits: Limits) -> Audio:
    """Return the samples of an audio file in one piece."""
    blocks = list(load_blocks(data, header, limits))
    return attrs.evolve(blocks[0], samples=numpy().concatenate([block.samples for block in blocks]))
