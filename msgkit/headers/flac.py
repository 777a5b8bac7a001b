"""FLAC: the stream information, held against the last frame."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated
from msgkit.headers.mp3 import after_tags

STREAMINFO = 34  # bytes
_MAX_TRIES = 2048  # of what looks like the start of a frame
_TAIL = 1 << 16
_MAX_TAIL = 1 << 20
_SIZES = {1: 192, **{code: 576 << code - 2 for code in range(2, 6)}, **{code: 1 << code for code in range(8, 16)}}
_RATES = dict(enumerate((88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000), 1))
_BITS = {1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}


class StreamInfo(NamedTuple):
    """What the block STREAMINFO says."""

    block: int  # samples of a frame of each channel, when all frames have the same number
    smallest: int  # bytes of the smallest frame; 0 = not known
    largest: int  # bytes of the largest frame; 0 = not known
    sample_rate: int
    channels: int
    bits: int
    samples: int  # of each channel; 0 = not known


def stream_info(data: bytes) -> StreamInfo:
    """Return what the 34 bytes of STREAMINFO say."""
    number = int.from_bytes(data[10:18])
    return StreamInfo(
        block=int.from_bytes(data[2:4]),
        smallest=int.from_bytes(data[4:7]),
        largest=int.from_bytes(data[7:10]),
        sample_rate=number >> 44,
        channels=(number >> 41 & 7) + 1,
        bits=(number >> 36 & 31) + 1,
        samples=number & (1 << 36) - 1,
    )


def read(window: Window) -> AudioHeader:
    """Return the header of a FLAC file; the last frame tells how long it is, whatever the header claims."""
    start = after_tags(window)
    head = window.at(start + 4, 4 + STREAMINFO)
    if len(head) < 4 + STREAMINFO:
        raise truncated("the FLAC stream information")
    if head[0] & 0x7F or int.from_bytes(head[1:4]) != STREAMINFO:
        raise invalid("expected a FLAC to begin with its stream information")
    info = stream_info(head[4:])
    check_audio(info.sample_rate, info.channels)
    if window.size <= start + 46 and not info.samples:
        raise empty("a FLAC without samples")
    last_frame = _last(window, start + 8 + STREAMINFO, info)
    samples = info.samples if last_frame is None else last_frame[0]
    return AudioHeader(
        "audio/flac",
        "flac",
        info.sample_rate,
        info.channels,
        samples / info.sample_rate,
        info.bits,
        estimated=last_frame is None,
        complete=last_frame is None or (samples >= info.samples and last_frame[1] >= info.smallest),
    )


def _last(window: Window, start: int, info: StreamInfo) -> tuple[int, int] | None:
    """Return the number of samples up to the last frame's end, and its bytes; None when it is too far from the end."""
    length = min(max(_TAIL, 2 * info.largest) if info.largest else _MAX_TAIL, _MAX_TAIL, window.size - start)
    data = window.at(window.size - length, length)
    for at in islice(_candidates(data), _MAX_TRIES):
        head = data[at : at + 16]
        samples = frame_end(head, info)
        if samples is not None:
            rate = _RATES.get(head[2] & 15, info.sample_rate)
            if rate != info.sample_rate:
                raise invalid(f"the FLAC header says {info.sample_rate:,} hertz, its last frame {rate:,}")
            return samples, len(data) - at
    if length == window.size - start:
        raise truncated("the FLAC frames")
    return None


def _candidates(data: bytes) -> Iterator[int]:
    """Iterate over the places where a frame may start, from the end on; linear in time."""
    fixed, variable = data.rfind(b"\xff\xf8"), data.rfind(b"\xff\xf9")
    while fixed >= 0 or variable >= 0:
        yield max(fixed, variable)
        if fixed > variable:
            fixed = data.rfind(b"\xff\xf8", 0, fixed)
        else:
            variable = data.rfind(b"\xff\xf9", 0, variable)


def frame_end(head: bytes, info: StreamInfo) -> int | None:
    """Return the number of samples up to the end of the frame with this header; None when it is no frame of *info*."""
    if len(head) < 6 or head[3] & 1 or not _fits(head, info):
        return None
    length = 8 - (head[4] ^ 0xFF).bit_length() or 1  # of the number, coded like UTF-8
    number = head[4] & (0x7F >> length if length > 1 else 0x7F)
    for byte in head[5 : 4 + length]:
        number = number << 6 | byte & 0x3F
    code, at = head[2] >> 4, 4 + length
    size = _SIZES.get(code, 0)
    if code in (6, 7):
        size = int.from_bytes(head[at : at + code - 5]) + 1
        at += code - 5
    at += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if not size or at >= len(head) or _crc(head[:at]) != head[at]:
        return None
    return (number if head[1] & 1 else number * info.block) + size


def _fits(head: bytes, info: StreamInfo) -> bool:
    channels, bits = head[3] >> 4, head[3] >> 1 & 7
    count = channels + 1 if channels < 8 else 2 if channels < 11 else 0
    return count == info.channels and (bits == 0 or _BITS.get(bits) == info.bits)


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = _CRC[crc ^ byte]
    return crc


def _crc_table() -> bytes:
    table = bytearray()
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
        table.append(crc)
    return bytes(table)


_CRC = _crc_table()


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type when FLAC is behind the ID3 tag that *head* begins."""
    return "audio/flac" if head[:3] == b"ID3" and window.at(after_tags(window), 4) == b"fLaC" else None


TYPES = (
    MediaType(
        "audio/flac",
        extensions=(".flac",),
        aliases=("audio/x-flac",),
        audio_formats=("flac",),
        prefixes=(b"fLaC",),
        sniff=sniff,
        read=read,
    ),
)
