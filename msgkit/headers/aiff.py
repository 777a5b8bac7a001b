"""AIFF and AIFC."""

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated

MAX_CHUNKS = 1024
_CODECS = {
    b"NONE": "pcm_s{}be",
    b"twos": "pcm_s{}be",
    b"sowt": "pcm_s{}le",
    b"fl32": "pcm_f32be",
    b"FL32": "pcm_f32be",
    b"fl64": "pcm_f64be",
    b"FL64": "pcm_f64be",
    b"alaw": "pcm_alaw",
    b"ALAW": "pcm_alaw",
    b"ulaw": "pcm_mulaw",
    b"ULAW": "pcm_mulaw",
    b"ima4": "adpcm_ima_qt",
}


def read(window: Window) -> AudioHeader:
    """Return the header of an AIFF file."""
    offset, common, end = 12, b"", 0
    for _ in range(MAX_CHUNKS):
        head = window.at(offset, 8)
        if len(head) < 8 or (common and end):
            break
        length = int.from_bytes(head[4:])
        if head[:4] == b"COMM":
            common = window.at(offset + 8, min(length, 22))
        elif head[:4] == b"SSND":
            end = offset + 8 + length
        offset += 8 + length + (length & 1)
    if len(common) < 18:
        raise truncated("the AIFF header")
    return _header(common, complete=0 < end <= window.size)


def _header(common: bytes, *, complete: bool) -> AudioHeader:
    channels, bits = int.from_bytes(common[:2]), int.from_bytes(common[6:8])
    samples, rate = int.from_bytes(common[2:6]), _extended(common[8:18])
    check_audio(rate, channels)
    kind = common[18:22] or b"NONE"
    codec = _CODECS.get(kind, "aifc_" + kind.hex())
    if not 1 <= bits <= 64:
        raise invalid(f"expected 1 to 64 bits a sample, got {bits}")
    if not samples:
        raise empty("an AIFF without samples")
    duration = samples * (64 if codec == "adpcm_ima_qt" else 1) / rate
    codec = codec.format((bits + 7) // 8 * 8)
    return AudioHeader("audio/aiff", codec, rate, channels, duration, bits, complete=complete)


def _extended(data: bytes) -> int:
    """Return the whole part of an 80-bit floating-point number."""
    exponent = (int.from_bytes(data[:2]) & 0x7FFF) - 16383
    return int.from_bytes(data[2:10]) >> 63 - exponent if 0 <= exponent <= 63 else 0


TYPES = (
    MediaType(
        "audio/aiff",
        extensions=(".aiff", ".aif", ".aifc"),
        aliases=("audio/x-aiff",),
        audio_formats=("aiff",),
        forms=((b"FORM", b"AIFF"), (b"FORM", b"AIFC")),
        read=read,
    ),
)
