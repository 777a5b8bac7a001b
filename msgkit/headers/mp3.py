"""MP3 (and layers I and II): frames, and seconds by what a Xing, Info or VBRI tag says, or frame by frame."""

import re
from typing import NamedTuple

from msgkit.headers.base import AudioHeader, MediaType, Window, empty, invalid, truncated

MAX_FRAMES = 100_000  # counted one by one: 43 minutes at 44.1 kHz
MAX_GAPS = 8  # pieces of junk between frames that are passed over
_BLOCK = 1 << 18
_SMALLEST_BITRATE = {True: 32, False: 8}
_LARGEST_BITRATE = {True: 320, False: 160}
LARGEST = 2881  # bytes of a frame: layer II at 384 kbit/s and 32 kHz takes 1,729, the free format a little more
HEAD = 4
_MAX_TAGS = 16
_MAX_JUNK = 1 << 14  # bytes between the tags and the first frame, or between two frames
_MAX_TRIES = 512  # of what looks like a frame, among the junk
_BITRATES = {  # kbit/s; 0 = the free format
    (True, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (False, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LAYERS = {3: 1, 2: 2, 1: 3}
_KIND = 0xFFFE0C00  # the bits of a header that stay from frame to frame: sync, version, layer, rate
_SYNC = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x00-\xef]")  # what may begin a frame


class Frame(NamedTuple):
    """What one frame header says."""

    mpeg1: bool  # true for MPEG-1; MPEG-2 and 2.5 halve the sample rates
    layer: int  # 1, 2 or 3 (MP3)
    sample_rate: int  # hertz
    channels: int  # 1 or 2
    size: int  # bytes to the next frame; 0 for the free format, whose size no header tells
    samples: int  # samples of each channel


def frame(head: bytes) -> Frame | None:
    r"""Return what the four bytes of a frame header say; None when they are none."""
    if len(head) < HEAD or head[0] != 0xFF or head[1] < 0xE0:
        return None
    layer, version, rate = _LAYERS.get(head[1] >> 1 & 3), head[1] >> 3 & 3, head[2] >> 2 & 3
    if layer is None or version == 1 or rate == 3 or head[2] >= 0xF0 or head[3] & 3 == 2:  # all reserved
        return None
    mpeg1 = version == 3
    hertz = _RATES[version][rate]
    bits = _BITRATES[mpeg1, 4 - layer if layer != 2 else 2][head[2] >> 4] * 1000
    samples = 384 if layer == 1 else 1152 if layer == 2 or mpeg1 else 576
    slot = 4 if layer == 1 else 1  # bytes; what a frame's size is a multiple of
    size = (samples // 8 // slot * bits // hertz + (head[2] >> 1 & 1)) * slot if bits else 0
    return Frame(mpeg1, layer, hertz, 1 if head[3] >= 0xC0 else 2, size, samples)


def same_kind(one: bytes, other: bytes) -> bool:
    """Return whether two frame headers can belong to one stream."""
    return (int.from_bytes(one[:HEAD]) ^ int.from_bytes(other[:HEAD])) & _KIND == 0


def after_tags(window: Window) -> int:
    """Return where the ID3 tags at the start end: 0 when there is none, behind the file when one claims so."""
    offset = 0
    for _ in range(_MAX_TAGS):
        head = window.at(offset, 10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 0x7F:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        offset += 10 + size + (10 if head[5] & 0x10 else 0)
    return offset


def frame_size(data: bytes, at: int, end: int) -> int:
    """Return the size of the frame at *at*, 0 when there is none."""
    head = data[at : at + HEAD]
    first = frame(head)
    if first is None:
        return 0
    size = first.size or _free_size(data, at)
    behind = data[at + size : at + size + HEAD]
    if at + size == end or (frame(behind) is not None and same_kind(head, behind)):
        return size
    return 0


def _free_size(data: bytes, at: int) -> int:
    """Return the distance to the next header like the one at *at*; the free format has no other size."""
    end = min(at + LARGEST, len(data) - 1)  # so that a third byte follows
    following = data.find(data[at : at + 2], at + 24, end)
    while following >= 0 and (data[following + 2] ^ data[at + 2]) & 0xFC:
        following = data.find(data[at : at + 2], following + 1, end)
    return max(0, following - at)


def find(window: Window, offset: int) -> int | None:
    """Return where the first frame stands, at *offset* or behind a little junk; None when there is none."""
    data = window.at(offset, _MAX_JUNK + 2 * LARGEST)
    end = window.size - offset
    for tries, match in enumerate(_SYNC.finditer(data, 0, _MAX_JUNK)):
        if frame_size(data, match.start(), end):
            return offset + match.start()
        if tries == _MAX_TRIES:
            break
    return None


class _Claim(NamedTuple):
    """What the tag in the first frame says."""

    frames: int  # frames behind this one
    size: int  # bytes from this frame on; 0 = not said
    constant: bool  # true when every frame is said to have the same bit rate
    padding: int = 0  # samples at both ends that a decoder leaves out


class _Stream(NamedTuple):
    """Where frames are counted."""

    window: Window
    end: int  # where the audio ends in the window
    head: bytes  # the first frame's header
    first: Frame
    size: int  # the first frame's size

    def size_of(self, head: bytes) -> int:
        """Return the size of the frame with this header; 0 when it is not one of this stream."""
        first = frame(head)
        return 0 if first is None or not same_kind(head, self.head) else first.size or self.size


class _Count(NamedTuple):
    """Samples of each channel, and whether they were counted to the end."""

    samples: float
    estimated: bool
    complete: bool = True


def read(window: Window) -> AudioHeader:
    """Return the header of an MP3 file (or of layer I or II)."""
    tags = after_tags(window)
    if tags > window.size:
        raise truncated(f"an ID3 tag that claims to end at byte {tags:,}, in a file of {window.size:,}")
    end = window.size - (128 if window.size > 128 and window.at(window.size - 128, 3) == b"TAG" else 0)
    if tags >= end:
        raise empty("tags without audio")
    start = find(window, tags)
    data = window.at(start or 0, 2 * LARGEST)
    first = frame(data[:HEAD])
    if start is None or first is None:
        raise invalid("expected two MPEG audio frames in a row")
    size = frame_size(data, 0, window.size - start)
    count = _count(_Stream(window, end, data[:HEAD], first, size), start, data)
    duration = count.samples / first.sample_rate
    return AudioHeader(
        "audio/mpeg",
        f"mp{first.layer}",
        first.sample_rate,
        first.channels,
        duration,
        estimated=count.estimated,
        complete=count.complete,
    )


def _count(stream: _Stream, start: int, data: bytes) -> _Count:
    claim = _claim(data, stream.first) if stream.first.layer == 3 else None
    if claim is None:
        return _walk(stream, start)
    size, there = stream.size, stream.end - start
    complete = claim.size <= there + size
    if complete and _plausible(claim, stream.first, there - size, frame(data[size : size + HEAD])):
        samples = max(0, claim.frames * stream.first.samples - claim.padding)
        return _Count(samples, estimated=not claim.constant)
    return _walk(stream, start + size)._replace(complete=complete)


def _claim(data: bytes, first: Frame) -> _Claim | None:
    if data[36:40] == b"VBRI":
        return _Claim(int.from_bytes(data[50:54]), int.from_bytes(data[46:50]), constant=False)
    wide = 4 + {(True, 2): 32, (True, 1): 17, (False, 2): 17, (False, 1): 9}[first.mpeg1, first.channels]
    name = data[wide : wide + 4]
    flags = int.from_bytes(data[wide + 4 : wide + 8])
    if name not in (b"Xing", b"Info") or not flags & 1:
        return None
    numbers = [int.from_bytes(data[at : at + 4]) for at in (wide + 8, wide + 12)]
    encoder = wide + 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    delays = data[encoder + 21 : encoder + 24] if data[encoder : encoder + 4] in (b"LAME", b"Lavf", b"Lavc") else b""
    padding = int.from_bytes(delays)
    return _Claim(numbers[0], numbers[1] if flags & 2 else 0, name == b"Info", (padding >> 12) + (padding & 0xFFF))


def _plausible(claim: _Claim, first: Frame, size: int, second: Frame | None) -> bool:
    """Return whether *size* bytes can be that many frames."""
    if not claim.frames:
        return False
    average = size / claim.frames  # bytes of a frame
    if claim.constant and second is not None and second.size:
        return abs(average - second.size) <= 2 + second.size / claim.frames
    kilobit = first.samples * 1000 / 8 / first.sample_rate  # bytes of a frame at 1 kbit/s
    return _SMALLEST_BITRATE[first.mpeg1] * kilobit - 1 <= average <= _LARGEST_BITRATE[first.mpeg1] * kilobit + 1


def _walk(stream: _Stream, start: int) -> _Count:
    """Count the whole frames from *start* on, over a little junk; extrapolate behind `MAX_FRAMES`."""
    offset, frames = start, 0
    for _ in range(MAX_GAPS):
        offset, more = _run(stream, offset, MAX_FRAMES - frames)
        frames += more
        gap = find(stream.window, offset) if frames < MAX_FRAMES and offset < stream.end else None
        if gap is None:
            break
        offset = gap
    samples = frames * stream.first.samples
    if frames < MAX_FRAMES or offset >= stream.end:
        return _Count(samples, estimated=False)
    return _Count(samples * (stream.end - start) / (offset - start), estimated=True)


def _run(stream: _Stream, offset: int, most: int) -> tuple[int, int]:
    """Count whole frames without a gap, at most *most*; return where they end and their number."""
    sizes: dict[bytes, int] = {}
    frames = 0
    while True:
        data = stream.window.at(offset, min(_BLOCK, stream.end - offset))
        at, last = 0, len(data) - HEAD
        while at <= last and frames < most:
            head = data[at : at + 3]
            size = sizes.get(head)
            if size is None:
                size = sizes[head] = stream.size_of(data[at : at + HEAD])
            if size == 0 or at + size > len(data):
                break
            at += size
            frames += 1
        offset += at
        if at == 0:
            return offset, frames


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type for two frames in a row, and for an ID3 tag: what else may follow one was tried before."""
    if head[:3] == b"ID3":
        return "audio/mpeg"
    is_mp3 = head[:1] == b"\xff" and frame_size(window.at(0, 1 << 14), 0, window.size)
    return "audio/mpeg" if is_mp3 else None


TYPES = (
    MediaType(
        "audio/mpeg",
        extensions=(".mp3", ".mpga"),
        aliases=("audio/mp3", "audio/mpga", "audio/mpeg3", "audio/x-mp3", "audio/x-mpeg", "audio/x-mpeg-3"),
        audio_formats=("mp3",),
        sniff=sniff,
        read=read,
    ),
)
