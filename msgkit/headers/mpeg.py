"""MPEG audio, layers I to III: frame headers, ID3 tags, and what Xing, Info and VBRI tags claim."""

import attrs

from msgkit.headers.values import SoundHeader, empty, invalid, truncated
from msgkit.headers.windows import Window

MAX_FRAMES = 100_000  # counted one by one: 43 minutes at 44.1 kHz
_MAX_TAGS = 16
_MAX_JUNK = 1 << 16  # bytes between the tags and the first frame
_BLOCK = 1 << 18
_LARGEST = 2881  # bytes of a frame: layer II, 384 kbit/s at 8 kHz would be more, but is not defined
_V1 = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
}
_V2 = {
    1: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_CODECS = {1: "mp3", 2: "mp2", 3: "mp1"}
_SAME = 0xFFFE0C00  # the bits of a header that do not change from frame to frame: sync, version, layer, rate


@attrs.frozen
class Frame:
    """
    What one frame header says.

    Args:
        size: Bytes to the next frame; 0 for the free format, whose size no header tells.

        samples: Samples of each channel.
    """

    version: int
    layer: int
    sample_rate: int
    channels: int
    size: int
    samples: int


def frame(head: bytes) -> Frame | None:
    r"""
    Return what the four bytes of a frame header say; None when they are none.

    >>> frame(b"\xff\xfb\x90\x64").size
    417
    >>> frame(b"#EXT") is None
    True
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 0 or bitrate == 15 or rate == 3 or head[3] & 3 == 2:  # all reserved
        return None
    bits = (_V1 if version == 3 else _V2)[layer][bitrate] * 1000
    hertz = _RATES[version][rate]
    if layer == 3:
        samples = 384
        size = (12 * bits // hertz + padding) * 4
    else:
        samples = 576 if layer == 1 and version != 3 else 1152
        size = samples // 8 * bits // hertz + padding
    channels = 1 if head[3] >> 6 == 3 else 2
    return Frame(version, layer, hertz, channels, size if bits else 0, samples)


def after_tags(window: Window) -> int:
    """Return where the ID3 tags at the start end; behind the file when they claim more than there is."""
    offset = 0
    for _ in range(_MAX_TAGS):
        head = window.at(offset, 10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 0x7F:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        offset += 10 + size + (10 if head[5] & 0x10 else 0)
    return offset


def starts(data: bytes, offset: int, end: int) -> bool:
    """Return whether two valid frames of one kind stand in a row at *offset* (or one that ends at *end* exactly)."""
    first = frame(data[offset : offset + 4])
    if first is None:
        return False
    if first.size == 0:
        return _free_size(data, offset) > 0
    if offset + first.size == end:
        return True
    second = data[offset + first.size : offset + first.size + 4]
    return frame(second) is not None and same(data[offset : offset + 4], second)


def same(one: bytes, other: bytes) -> bool:
    """Return whether two frame headers can belong to one stream."""
    return (int.from_bytes(one) ^ int.from_bytes(other)) & _SAME == 0


def _free_size(data: bytes, offset: int) -> int:
    """Return the bytes of a frame in the free format: to the next header of the same kind; 0 when there is none."""
    head = data[offset : offset + 2]
    following = data.find(head, offset + 24, offset + 2 * _LARGEST)
    while following >= 0:
        if data[following + 2 : following + 3] and (data[following + 2] ^ data[offset + 2]) & 0xFC == 0:
            return following - offset
        following = data.find(head, following + 1, offset + 2 * _LARGEST)
    return 0


def find(window: Window, offset: int) -> int | None:
    """Return where the first frame stands, at *offset* or behind a little junk; None when there is none."""
    data = window.at(offset, _MAX_JUNK + 2 * _LARGEST)
    end = window.size - offset
    at = data.find(b"\xff")
    while 0 <= at < _MAX_JUNK:
        if starts(data, at, end):
            return offset + at
        at = data.find(b"\xff", at + 1)
    return None


def read(window: Window) -> SoundHeader:
    """
    Return the header of an MP3 file (or of layer I or II).

    Raises:
        MediaError: ``media-truncated`` for a tag that breaks off, ``media-empty`` for nothing but tags,
            ``media-invalid`` for no two frames in a row.
    """
    tags = after_tags(window)
    if tags > window.size:
        raise truncated(f"an ID3 tag that claims to end at byte {tags:,}, in a file of {window.size:,}")
    if tags == window.size:
        raise empty("an ID3 tag without sound behind it")
    start = find(window, tags)
    if start is None:
        raise invalid("expected two MPEG audio frames in a row")
    data = window.at(start, 2 * _LARGEST)
    first = frame(data[:4])
    if first is None:  # pragma: no cover (find has seen it)
        raise invalid("expected an MPEG audio frame")
    return _read(window, start, first, data)


def _read(window: Window, start: int, first: Frame, data: bytes) -> SoundHeader:
    end = window.size - (128 if window.at(max(0, window.size - 128), 3) == b"TAG" else 0)
    size = first.size or _free_size(data, 0)
    walk = _walk(window, start, end, size if first.size == 0 else 0)
    duration = walk.samples / first.sample_rate
    return SoundHeader(
        "audio/mpeg",
        _CODECS[first.layer],
        first.sample_rate,
        first.channels,
        duration,
        estimated=walk.estimated,
        complete=walk.complete,
    )


@attrs.frozen
class _Walk:
    samples: float
    estimated: bool
    complete: bool


def _walk(window: Window, start: int, end: int, free: int) -> _Walk:
    offset = start
    samples = frames = 0
    base, data = start, b""
    sizes: dict[bytes, Frame | None] = {}
    while frames < MAX_FRAMES and offset + 4 <= end:
        if offset + 4 > base + len(data):
            base, data = offset, window.at(offset, _BLOCK)
        head = data[offset - base : offset - base + 4]
        found = sizes.get(head)
        if found is None:
            found = sizes[head] = frame(head)
            if found is None:
                break
        size = found.size or free + (head[2] >> 1 & 1)
        if offset + size > end:
            return _Walk(samples, estimated=False, complete=False)
        samples += found.samples
        frames += 1
        offset += size
    if frames == MAX_FRAMES and offset < end:
        return _Walk(samples * (end - start) / (offset - start), estimated=True, complete=True)
    return _Walk(samples, estimated=False, complete=True)
