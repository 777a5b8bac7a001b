"""AAC in ADTS frames."""

from msgkit.headers.base import AudioHeader, MediaType, Window, invalid
from msgkit.headers.mp3 import after_tags

MAX_FRAMES = 50_000  # counted one by one: 19 minutes at 44.1 kHz
_BLOCK = 1 << 18
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SAMPLES = 1024


def frame_size(head: bytes) -> int:
    r"""Return the bytes of the frame with this header; 0 when it is none."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 >= len(RATES):
        return 0
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return size if size >= 7 else 0


def starts(data: bytes, end: int) -> bool:
    """Return whether two frames of one kind are in a row at the start of *data* (or one that is all, up to *end*)."""
    size = frame_size(data[:7])
    behind = data[size : size + 7]
    same = data[1] & 0xF9 == behind[1] & 0xF9 and data[2] & 0xFC == behind[2] & 0xFC if frame_size(behind) else False
    return size > 0 and (same or size == end)


def read(window: Window) -> AudioHeader:
    """Return the header of an AAC file; the frames are counted."""
    start = after_tags(window)
    head = window.at(start, 1 << 14)
    if not starts(head, window.size - start):
        raise invalid("expected two AAC frames in a row")
    rate = RATES[head[2] >> 2 & 15]
    channels = (head[2] & 1) << 2 | head[3] >> 6
    offset, frames = _count(window, start)
    estimated = frames == MAX_FRAMES
    samples = frames * _SAMPLES * ((window.size - start) / (offset - start) if estimated else 1)
    return AudioHeader("audio/aac", "aac", rate, {0: 2, 7: 8}.get(channels, channels), samples / rate, None, estimated)


def _count(window: Window, offset: int) -> tuple[int, int]:
    frames = at = 0
    data = window.at(offset, _BLOCK)
    while frames < MAX_FRAMES:
        if at + 7 > len(data):
            offset, at = offset + at, 0
            data = window.at(offset, _BLOCK)
        size = frame_size(data[at : at + 7])
        if size == 0 or offset + at + size > window.size:
            break
        at += size
        frames += 1
    return offset + at, frames


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type when ADTS frames are at the start, or behind an ID3 tag."""
    if head[:1] != b"\xff" and head[:3] != b"ID3":
        return None
    start = after_tags(window)
    return "audio/aac" if starts(window.at(start, 1 << 14), window.size - start) else None


TYPES = (
    MediaType(
        "audio/aac",
        extensions=(".aac",),
        aliases=("audio/aacp", "audio/x-aac"),
        audio_formats=("aac",),
        sniff=sniff,
        read=read,
    ),
)
