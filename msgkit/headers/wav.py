"""WAV: RIFF, RIFX, RF64 and BW64."""

from typing import Literal, NamedTuple

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated

MAX_CHUNKS = 1024
_UNKNOWN = 0xFFFFFFFF
_PLACEHOLDER = 1 << 30  # bytes: what programs claim that cannot seek back to the size is at least this
_LIKELY = 1 << 28  # bytes: the same where the size of the whole file is claimed as well
_FAR = 16  # times the bytes that are there: a file that lost so much of its end is rarer than a placeholder
_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_GUID = bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71")  # behind the tag, in the extensible form
_CODECS = {
    0x0002: "adpcm_ms",
    0x0006: "pcm_alaw",
    0x0007: "pcm_mulaw",
    0x0011: "adpcm_ima_wav",
    0x0031: "gsm_ms",
    0x0050: "mp2",
    0x0055: "mp3",
    0x00FF: "aac",
    0x2000: "ac3",
}
_SMALLEST = 8  # bits of a PCM sample
_SIZES = (8, 16, 24, 32, 64)  # bits in which one is stored; no decoder knows 40, 48 or 56
_FLOATS = (16, 32, 64)
_BLOCKS = {"adpcm_ms": (7, 2), "adpcm_ima_wav": (4, 1)}  # bytes of a block's head for each channel, samples in it


class _Form(NamedTuple):
    """What the chunk ``fmt`` says."""

    codec: str
    channels: int
    sample_rate: int
    bytes_a_second: int
    align: int
    bits: int | None


def read(window: Window) -> AudioHeader:
    """Return the header of a WAV file; a data size that the writer left open is taken to reach to the end."""
    magic = window.at(0, 4)
    order: Literal["big", "little"] = "big" if magic == b"RIFX" else "little"
    whole = int.from_bytes(window.at(4, 4), order)
    offset, sizes, form, samples = 12, b"", None, 0
    for _ in range(MAX_CHUNKS):
        head = window.at(offset, 8)
        if len(head) < 8:
            break
        name = head[:4]
        length = int.from_bytes(head[4:], order)
        if name == b"data":
            if form is None:
                raise invalid("a WAV whose samples come before their form")
            if length == _UNKNOWN and len(sizes) >= 16:  # RF64 keeps the true size in ds64
                length = int.from_bytes(sizes[8:16], order)
            there = window.size - offset - 8
            return _header(form, length, there, samples, is_open=is_open(length, there, whole))
        if name == b"ds64" and magic in (b"RF64", b"BW64"):
            sizes = window.at(offset + 8, 28)
        elif name == b"fact":
            samples = int.from_bytes(window.at(offset + 8, 4), order)
        elif name == b"fmt ":
            form = _form(window.at(offset + 8, min(length, 40)), length, order)
        offset += 8 + length + (length & 1)
    raise truncated("the WAV header, before its samples")


def is_open(length: int, there: int, whole: int) -> bool:
    """Return whether the size of samples was left open, with *there* bytes of them in a file said to have *whole*."""
    return length == 0 or (length >= (_LIKELY if whole >= length else _PLACEHOLDER) and length >= _FAR * there)


def _form(data: bytes, length: int, order: Literal["big", "little"]) -> _Form:
    if length < 14:
        raise invalid(f"expected a WAV form of at least 14 bytes, got {length}")
    if len(data) < min(length, 16):
        raise truncated("the WAV form")
    tag, channels, sample_rate, bytes_a_second, align, bits = (
        int.from_bytes(data[first:last], order) for first, last in ((0, 2), (2, 4), (4, 8), (8, 12), (12, 14), (14, 16))
    )
    if tag == _EXTENSIBLE and len(data) >= 40 and data[26:40] == _GUID:
        tag = int.from_bytes(data[24:26], order)
    check_audio(sample_rate, channels)
    if align == 0:
        raise invalid("expected a WAV block of at least 1 byte, got 0")
    codec = _codec(tag, bits, order)
    if codec.startswith("pcm_") and align != channels * ((bits + 7) // 8):
        raise invalid(f"{channels} channels of {bits} bits do not make the WAV block of {align} bytes")
    return _Form(codec, channels, sample_rate, bytes_a_second, align, bits or None)


def _codec(tag: int, bits: int, order: str) -> str:
    end = order[0] + "e"
    if tag == _PCM:
        size = (bits + 7) // 8 * 8
        if bits < _SMALLEST or size not in _SIZES:
            raise invalid(f"expected 8 to 32 bits a sample, or 57 to 64, got {bits}")
        return "pcm_u8" if size == _SMALLEST else f"pcm_s{size}{end}"
    if tag == _FLOAT:
        if bits not in _FLOATS:
            raise invalid(f"expected floating-point samples of 16, 32 or 64 bits, got {bits}")
        return f"pcm_f{bits}{end}"
    codec = _CODECS.get(tag, f"wav_0x{tag:04x}")
    if codec.startswith("pcm_") and bits != _SMALLEST:
        raise invalid(f"expected {codec} samples of 8 bits, got {bits}")
    return codec


def _header(form: _Form, length: int, there: int, samples: int, *, is_open: bool) -> AudioHeader:
    open_ended = is_open and there >= form.align
    used = there if open_ended else min(length, there)
    if used < form.align:
        raise empty("a WAV without samples")
    counted = _samples(form, used)
    return AudioHeader(
        "audio/wav",
        form.codec,
        form.sample_rate,
        form.channels,
        _claimed(form, used, samples) if counted is None else counted / form.sample_rate,
        form.bits,
        estimated=open_ended or counted is None,
        complete=open_ended or length <= there,
    )


def _samples(form: _Form, used: int) -> int | None:
    """Return the samples of each channel in *used* bytes; None where the codec has no fixed number."""
    blocks = used // form.align
    if form.codec.startswith("pcm_"):
        return blocks
    head, first = _BLOCKS.get(form.codec, (0, 0))
    return blocks * ((form.align // form.channels - head) * 2 + first) if head else None


def _claimed(form: _Form, used: int, samples: int) -> float:
    """Return the seconds that the header claims, by its number of samples or by its bytes a second."""
    if samples:
        return samples / form.sample_rate
    if not form.bytes_a_second:
        raise invalid(f"a WAV of {form.codec} with neither a number of samples nor bytes a second")
    return used / form.bytes_a_second


TYPES = (
    MediaType(
        "audio/wav",
        extensions=(".wav", ".wave"),
        aliases=("audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"),
        audio_formats=("wav",),
        forms=tuple((name, b"WAVE") for name in (b"RIFF", b"RIFX", b"RF64", b"BW64")),
        read=read,
    ),
)
