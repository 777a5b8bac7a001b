"""Sounds whose frames change their shape on the way, or break: made here, by PyAV, the same in every run."""

import io
import itertools
import random
import struct

import av
import numpy as np

KINDS = {
    "aac": [("adts", "aac", rate, layout) for rate in (16_000, 44_100) for layout in ("mono", "stereo", "5.1")],
    "flac": [
        ("flac", "flac", rate, layout, form)
        for rate, layout, form in (
            (16_000, "7.1", "s16"),
            (16_000, "mono", "s16"),
            (16_000, "stereo", "s16"),
            (16_000, "stereo", "s32"),
            (44_100, "stereo", "s16"),
            (44_100, "5.1", "s16"),
        )
    ],
    "mp3": [("mp3", "libmp3lame", rate, layout) for rate in (16_000, 44_100) for layout in ("mono", "stereo")],
    "ogg": [("ogg", "libopus", 48_000, layout) for layout in ("mono", "stereo", "5.1")],
    "webm": [("webm", "libopus", 48_000, layout) for layout in ("mono", "stereo", "5.1")],
}
"""Suffix -> what is joined, each with each: container, codec, hertz, layout, and the form of samples."""


def encode(container, codec, rate, layout, form=None, seconds=0.15):
    """Return a sine in the container."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options={"fflags": "+bitexact"}) as result:
        stream = result.add_stream(codec, rate=rate, layout=layout)
        if form:
            stream.format = form
        wave = (np.sin(np.arange(int(rate * seconds)) * 2765 / rate) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, stream.layout.nb_channels)[None, :], "s16", layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.format.name, layout, rate, frame_size=stream.frame_size or 4096)
        for part in itertools.chain(resampler.resample(frame), resampler.resample(None)):
            part.pts = None
            result.mux(stream.encode(part))
        result.mux(stream.encode(None))
    return file.getvalue()


def sounds():
    """Return about 200 of them, as suffix and bytes."""
    found = []
    chance = random.Random(7)
    for suffix, kinds in KINDS.items():
        whole = [encode(*kind) for kind in kinds]
        found += [(suffix, one + other) for one, other in itertools.permutations(whole, 2)]
        if suffix in ("aac", "mp3", "flac"):
            found += [(suffix, _mixed(one, other)) for one, other in itertools.permutations(whole, 2)]
        for data in whole:
            found.append((suffix, data[: len(data) * 2 // 3]))
            found += [(suffix, _flipped(data, chance)) for _ in range(2)]
    return found + [("flac", data) for data in _flacs()]


def _mixed(one, other):
    """Put half of the other sound into the midst of one: behind each seam stands a frame of another shape."""
    return one[: len(one) // 2] + other[len(other) // 3 :] + one[len(one) // 2 :]


def _flipped(data, chance):
    changed = bytearray(data)
    for _ in range(3):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _flacs():
    """Yield FLAC whose header promises one number of channels and whose frames have others."""
    for promised, *channels in itertools.permutations((1, 2, 6, 8), 3):
        frames = b"".join(silent_frame(number, count) for number, count in enumerate(channels, 1))
        yield flac(16_000, promised, 0, 0) + silent_frame(0, promised) + frames


def flac(rate, channels, total, blocks=1):
    """Return a FLAC file of *blocks* constant frames of 65,535 samples, with a header that claims *total*."""
    info = struct.pack(">HH", 65_535, 65_535) + bytes(6)
    info += (rate << 44 | (channels - 1) << 41 | 15 << 36 | total).to_bytes(8, "big") + bytes(16)
    frames = b"".join(silent_frame(number, channels) for number in range(blocks))
    return b"fLaC\x80" + len(info).to_bytes(3, "big") + info + frames


def silent_frame(number, channels):
    """Return a constant frame of 65,535 samples."""
    coded = bytes([number]) if number < 128 else _utf8(number)
    head = b"\xff\xf8" + bytes([0x70, (channels - 1) << 4 | 8]) + coded + struct.pack(">H", 65_534)
    head += bytes([_crc(head, 0x07, 8)])
    frame = head + b"\0\0\0" * channels
    return frame + struct.pack(">H", _crc(frame, 0x8005, 16))


def _utf8(number):
    if number < 1 << 11:
        return bytes((0xC0 | number >> 6, 0x80 | number & 63))
    return bytes((0xE0 | number >> 12, 0x80 | number >> 6 & 63, 0x80 | number & 63))


def _crc(data, polynomial, width):
    crc, top, mask = 0, 1 << (width - 1), (1 << width) - 1
    for byte in data:
        crc ^= byte << (width - 8)
        for _ in range(8):
            crc = (crc << 1 ^ polynomial if crc & top else crc << 1) & mask
    return crc


def patched_wave(bits):
    """Return a WAV of samples of so many bits."""
    size = (bits + 7) // 8
    samples = bytes(range(1, size + 1)) * 2_000
    form = struct.pack("<HHIIHH", 1, 1, 16_000, 16_000 * size, size, bits)
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", len(samples)) + samples
