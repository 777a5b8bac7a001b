"""FLAC: the stream information."""

from msgkit.headers.values import SoundHeader, check_sound, invalid, truncated
from msgkit.headers.windows import Window

_STREAMINFO = 34


def read(window: Window) -> SoundHeader:
    """
    Return the header of a FLAC file.

    Raises:
        MediaError: ``media-truncated`` or ``media-invalid``.
    """
    head = window.at(4, 4 + _STREAMINFO)
    if len(head) < 4 + _STREAMINFO:
        raise truncated("the FLAC stream information")
    if head[0] & 0x7F or int.from_bytes(head[1:4]) != _STREAMINFO:
        raise invalid("expected a FLAC to begin with its stream information")
    sample_rate, channels, bits, samples = stream_info(head[4:])
    check_sound(sample_rate, channels)
    return SoundHeader("audio/flac", "flac", sample_rate, channels, samples / sample_rate, bits)


def stream_info(data: bytes) -> tuple[int, int, int, int]:
    """Return sample rate, channels, bits and number of samples (0 = not known) from the 34 bytes of STREAMINFO."""
    number = int.from_bytes(data[10:18])
    return number >> 44, (number >> 41 & 7) + 1, (number >> 36 & 31) + 1, number & (1 << 36) - 1
