"""MPEG audio, layers I to III: frame headers, and the tags before them."""

import re
from typing import NamedTuple

from msgkit.headers.base import Window

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
