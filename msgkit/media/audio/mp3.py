"""MP3 out, by LAME, with a frame in front that tells players where the audio begins and ends, to the sample."""

import struct
from collections.abc import Iterable
from typing import Any

from msgkit.errors import needing
from msgkit.media.audio.samples import Audio
from msgkit.media.options import MP3_KILOBITS

_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_FULL = 32_000  # hertz: rates from here on are MPEG-1, with frames of 1,152 samples; lower ones have 576
_HALF = 16_000  # hertz: rates from here on are MPEG-2; lower ones are MPEG-2.5, with the same bit rates up to 64
_LOW_KILOBITS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_LOWEST_KILOBITS = _LOW_KILOBITS[:8]
_QUALITY = 5  # LAME's own scale, 0 (slow) to 9; 7 takes 0.4 of the time, but no longer shapes its noise: on some music
# 43 % of the bands then have noise above what the audio masks, where 5 has 12 %
_PIECE = 1 << 17  # frames that are encoded at a time: fewer bytes are copied at once, and they stay in the cache
_DELAY = 576  # samples of silence that LAME puts before the audio
_MONO = 3  # the channel mode


def rate_for(rate: int) -> int:
    """Return the nearest sample rate that MP3 has, the next higher one where there is one."""
    return next((one for one in _RATES if one >= rate), _RATES[-1])


def encode(blocks: Iterable[Audio], rate: int, channels: int, bitrate: int) -> bytes:
    """Return 16-bit audio as MP3."""
    encoder = _encoder()
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_channels(channels)
    encoder.set_bit_rate(nearest(bitrate, rate))
    encoder.set_quality(_QUALITY)
    pieces, count = [], 0
    for block in blocks:
        count += len(block.samples)
        # LAME is told channels and rate of this very array, and goes by the number of bytes: whole frames always
        pieces += [
            encoder.encode(bytes(block.part(at, _PIECE).pcm().samples)) for at in range(0, len(block.samples), _PIECE)
        ]
    frames = b"".join((*pieces, encoder.flush()))
    return _information(frames, count, rate) + frames


def nearest(bitrate: int, rate: int) -> int:
    """Return the highest bit rate that MP3 has at *rate*, not above *bitrate*; the lowest where all are."""
    choices = MP3_KILOBITS if rate >= _FULL else _LOW_KILOBITS if rate >= _HALF else _LOWEST_KILOBITS
    return max((choice for choice in choices if choice <= bitrate), default=choices[0])


def _encoder() -> Any:
    with needing("lameenc", "audio", "to encode MP3"):
        import lameenc
    encoder = lameenc.Encoder()
    encoder.silence()
    return encoder


def _information(frames: bytes, samples: int, rate: int) -> bytes:
    """Return the Info frame for *frames*: how many they are, and the silence before and behind the *samples*."""
    full = rate >= _FULL
    length = 1152 if full else 576
    count = _count(frames, rate, full=full)
    padding = max(0, min(4095, count * length - _DELAY - samples))
    bits, kilobits = (9, 128) if full else (8, 64)
    head = bytes((0xFF, frames[1] | 1, bits << 4 | frames[2] & 0x0C, frames[3]))
    size = (144 if full else 72) * kilobits * 1000 // rate
    mono = frames[3] >> 6 == _MONO
    side = (17 if mono else 32) if full else (9 if mono else 17)
    table = bytes(step * 256 // 100 for step in range(100))
    tag = struct.pack(">4sIII100sI", b"Info", 15, count, len(frames) + size, table, 0)
    delays = (_DELAY << 12 | padding).to_bytes(3, "big")
    lame = struct.pack(">9sB10xB3s4xIH", b"LAME3.100", 1, min(255, kilobits), delays, len(frames) + size, 0)
    frame = head + bytes(side) + tag + lame
    return (frame + _checksum(frame[:190]).to_bytes(2, "big")).ljust(size, b"\0")


def _count(frames: bytes, rate: int, *, full: bool) -> int:
    kilobits = MP3_KILOBITS if full else _LOW_KILOBITS
    at = count = 0
    while at + 4 <= len(frames):
        size = (144 if full else 72) * kilobits[(frames[at + 2] >> 4) - 1] * 1000 // rate
        at += size + (frames[at + 2] >> 1 & 1)
        count += 1
    return count


def _checksum(data: bytes) -> int:
    """Return the CRC-16 (ARC) that closes the tag."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
