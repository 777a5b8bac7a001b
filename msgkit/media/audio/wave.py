"""WAV without a decoder: samples as they are there, and files written around samples. Bytes only."""

import struct
from typing import Literal

import attrs

from msgkit.errors import MediaError
from msgkit.headers import AudioHeader, wav

_WIDTHS = {"pcm_u8": 1, "pcm_s16": 2, "pcm_s24": 3, "pcm_s32": 4}
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"RIFF": "little", b"RIFX": "big"}
_SIGN = bytes(value ^ 0x80 for value in range(256))


@attrs.frozen
class Pcm:
    """Samples of equal rate, channels interleaved."""

    samples: bytes | memoryview  # little-endian signed integers; a view where a copy would be dear
    width: int  # bytes of one sample of one channel, 1 to 4
    rate: int  # hertz
    channels: int  # 1 = mono, 2 = stereo


def read_pcm(data: bytes, header: AudioHeader) -> Pcm | None:
    """Return the samples of a WAV file with *header*; None when they are not plain integers."""
    width = _WIDTHS.get(header.codec.removesuffix("le").removesuffix("be"))
    if data[:4] == b"RIFX" and width is None:
        raise MediaError(f"RIFX with {header.codec} is not taken", code="media-format-unsupported")
    if data[:4] not in _ORDERS or width is None:
        return None
    start, length = _find(data)
    block = width * header.channels
    samples: bytes | memoryview = memoryview(data)[start : start + length // block * block]
    if width == 1:
        samples = bytes(samples).translate(_SIGN)  # 8-bit WAV is unsigned
    elif data[:4] == b"RIFX":
        samples = _swapped(bytes(samples), width)
    return Pcm(samples, width, header.sample_rate, header.channels)


def _swapped(samples: bytes, width: int) -> bytes:
    result = bytearray(len(samples))
    for byte in range(width):
        result[byte::width] = samples[width - 1 - byte :: width]
    return bytes(result)


def write(pcm: Pcm) -> bytes:
    """Return a WAV file of *pcm*."""
    samples = bytes(pcm.samples).translate(_SIGN) if pcm.width == 1 else pcm.samples
    block = pcm.width * pcm.channels
    form = struct.pack("<HHIIHH", 1, pcm.channels, pcm.rate, pcm.rate * block, block, pcm.width * 8)
    end = b"\0" * (len(samples) % 2)
    head = struct.pack(
        "<4sI4s4sI16s4sI", b"RIFF", 36 + len(samples) + len(end), b"WAVE", b"fmt ", 16, form, b"data", len(samples)
    )
    return b"".join((head, samples, end))


def is_open(data: bytes) -> bool:
    """Return whether the writer of a WAV file left its sizes open, as those do that cannot seek back."""
    if data[:4] != b"RIFF":
        return False
    start, length = _find(data)
    claimed, whole = (int.from_bytes(data[at : at + 4], "little") for at in (start - 4, 4))
    return wav.is_open(claimed, length, whole)


def close(data: bytes) -> bytes:
    """Return a WAV file whose sizes were left open with the sizes that it has."""
    start, length = _find(data)
    sizes = struct.pack("<I", len(data) - 8), struct.pack("<I", length)
    return b"".join((data[:4], sizes[0], data[8 : start - 4], sizes[1], data[start:]))


def _find(data: bytes) -> tuple[int, int]:
    """Return where the samples start and how many bytes are there; the header reader has seen that they are."""
    at, order = 12, _ORDERS[data[:4]]
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], order)
        at += 8
        if name == b"data":
            there, whole = len(data) - at, int.from_bytes(data[4:8], order)
            return at, there if wav.is_open(length, there, whole) else min(length, there)
        at += length + length % 2
    return len(data), 0
