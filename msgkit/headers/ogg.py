"""OGG: Vorbis, Opus, FLAC and Speex."""

import attrs

from msgkit.headers.flac import stream_info
from msgkit.headers.values import SoundHeader, check_sound, invalid, truncated
from msgkit.headers.windows import Window

_MAX_STREAMS = 16
_TAIL = 1 << 17
_NONE = (1 << 64) - 1


@attrs.frozen
class _Stream:
    """One logical stream: *skip* samples at *clock* hertz stand before the first that is heard."""

    serial: bytes
    codec: str
    sample_rate: int
    channels: int
    clock: int
    skip: int = 0
    bits: int | None = None


def read(window: Window) -> SoundHeader:
    """
    Return the header of the first sound stream of an OGG file.

    Raises:
        MediaError: ``media-truncated`` or ``media-invalid``.
    """
    stream = find(window)
    if stream is None:
        raise invalid("expected Vorbis, Opus, FLAC or Speex in the OGG file")
    check_sound(stream.sample_rate, stream.channels)
    granule, complete = _last(window, stream.serial)
    duration = max(0, granule - stream.skip) / stream.clock
    return SoundHeader(
        "audio/ogg", stream.codec, stream.sample_rate, stream.channels, duration, stream.bits, complete=complete
    )


def find(window: Window) -> _Stream | None:
    """Return the first sound stream among the pages that open streams; None when there is none."""
    offset = 0
    for _ in range(_MAX_STREAMS):
        head = window.at(offset, 27)
        if head[:4] != b"OggS" or len(head) < 27 or not head[5] & 2:
            return None
        segments = window.at(offset + 27, head[26])
        body = window.at(offset + 27 + head[26], min(sum(segments), 128))
        stream = _stream(head[14:18], body)
        if stream is not None:
            return stream
        offset += 27 + head[26] + sum(segments)
    return None


def _stream(serial: bytes, body: bytes) -> _Stream | None:
    if body.startswith(b"\x01vorbis") and len(body) >= 16:
        rate = int.from_bytes(body[12:16], "little")
        return _Stream(serial, "vorbis", rate, body[11], rate)
    if body.startswith(b"OpusHead") and len(body) >= 19:
        return _Stream(serial, "opus", 48000, body[9], 48000, int.from_bytes(body[10:12], "little"))
    if body.startswith(b"\x7fFLAC") and len(body) >= 51:
        rate, channels, bits, _ = stream_info(body[17:51])
        return _Stream(serial, "flac", rate, channels, rate, bits=bits)
    if body.startswith(b"Speex   ") and len(body) >= 52:
        rate = int.from_bytes(body[36:40], "little")
        return _Stream(serial, "speex", rate, int.from_bytes(body[48:52], "little"), rate)
    return None


def _last(window: Window, serial: bytes) -> tuple[int, bool]:
    """Return the position of the last page of a stream, and whether the file ends with a whole page."""
    start = max(0, window.size - _TAIL)
    data = window.at(start, _TAIL)
    at = data.rfind(b"OggS")
    complete = at >= 0 and _page_end(data, at) <= len(data)
    while at >= 0:
        granule = int.from_bytes(data[at + 6 : at + 14], "little")
        if data[at + 14 : at + 18] == serial and granule != _NONE and _page_end(data, at) <= len(data):
            return granule, complete
        at = data.rfind(b"OggS", 0, at)
    raise truncated("the OGG pages")


def _page_end(data: bytes, at: int) -> int:
    head = data[at : at + 27]
    if len(head) < 27:
        return len(data) + 1
    table = data[at + 27 : at + 27 + head[26]]
    return at + 27 + head[26] + sum(table) if len(table) == head[26] else len(data) + 1
