"""M4A: the audio in an MP4 file."""

from struct import unpack_from
from typing import NamedTuple

from msgkit.headers.aac import RATES
from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated
from msgkit.headers.boxes import Box, body, boxes, ends, first, inside, top

_CODECS = {b"mp4a": "aac", b"alac": "alac", b"Opus": "opus", b"fLaC": "flac", b".mp3": "mp3", b"ac-3": "ac3"}
_AUDIO, _VIDEO = b"soun", b"vide"
_FEW = 8  # boxes of a fragment
_MAX_FRAGMENTS = 2000
_MAX_SAMPLES = 200_000  # counted one by one in fragments: 77 minutes of AAC at 44.1 kHz


class _Entry(NamedTuple):
    """How the samples are stored."""

    codec: str
    sample_rate: int
    channels: int
    bits: int | None


def handlers(window: Window) -> set[bytes]:
    """Return the kinds of tracks of an MP4 file, such as ``soun`` and ``vide``; none when its index is missing."""
    return {_handler(window, track) for track in _tracks(window, first(top(window), b"moov"))}


def read(window: Window) -> AudioHeader:
    """Return the header of the first audio track of an MP4 file."""
    top_boxes = top(window)
    complete = ends(window, top_boxes)
    moov = first(top_boxes, b"moov")
    if moov is None or moov.end > window.size:
        raise truncated("the MP4 boxes, before the index")
    track = next((track for track in _tracks(window, moov) if _handler(window, track) == _AUDIO), None)
    if track is None:
        raise invalid("an MP4 without audio")
    entry = _entry(window, track)
    check_audio(entry.sample_rate, entry.channels)
    fragments = [box for box in top_boxes if box.name == b"moof"]
    ticks, clock = _times(window, moov, track, fragmented=bool(fragments))
    more, estimated = _fragments(window, moov, fragments)
    ticks += more
    if not clock or not ticks:
        raise empty("an MP4 without samples")
    return AudioHeader(
        "audio/mp4",
        entry.codec,
        entry.sample_rate,
        entry.channels,
        ticks / clock,
        entry.bits,
        estimated=estimated,
        complete=complete,
    )


def _tracks(window: Window, moov: Box | None) -> list[Box]:
    return [] if moov is None else [box for box in boxes(window, moov.start, moov.end) if box.name == b"trak"][:64]


def _handler(window: Window, track: Box) -> bytes:
    return body(window, inside(window, track, b"mdia", b"hdlr"), 12)[8:12]


def _times(window: Window, moov: Box, track: Box, *, fragmented: bool) -> tuple[int, int]:
    """Return the track's duration (0 = left open), without its fragments, and the ticks a second that it is told in."""
    ticks = _field(body(window, inside(window, track, b"tkhd"), 36), 20, 28)  # as it is heard: edited
    if ticks and not fragmented:
        return ticks, _clock(body(window, inside(window, moov, b"mvhd"), 36))
    media = body(window, inside(window, track, b"mdia", b"mdhd"), 36)
    return _field(media, 16, 24), _clock(media)


def _clock(data: bytes) -> int:
    at = 20 if data[:1] == b"\x01" else 12
    return int.from_bytes(data[at : at + 4])


def _field(data: bytes, short: int, long: int) -> int:
    """Return a duration that is at one of two places, by the box's version."""
    at, length = (long, 8) if data[:1] == b"\x01" else (short, 4)
    ticks = int.from_bytes(data[at : at + length])
    return 0 if ticks == (1 << 8 * length) - 1 else ticks


def _entry(window: Window, track: Box) -> _Entry:
    data = body(window, inside(window, track, b"mdia", b"minf", b"stbl", b"stsd"), 512)[8:]
    if len(data) < 36:
        raise truncated("the MP4 sample description")
    name = data[4:8]
    channels, bits = int.from_bytes(data[24:26]), int.from_bytes(data[26:28])
    rate = int.from_bytes(data[32:34])
    codec = _CODECS.get(name, name.decode("latin-1").strip())
    if codec == "aac":
        rate, channels = _aac(data, rate, channels)
        return _Entry(codec, rate, channels, None)
    return _Entry(codec, rate, channels, bits if codec in ("alac", "flac") else None)


def _aac(data: bytes, rate: int, channels: int) -> tuple[int, int]:
    """Return sample rate and channels from the decoder's own configuration, where the box has one."""
    at = data.find(b"esds")
    config = _config(data, at + 8) if at >= 0 else 0
    index, count = config >> 7 & 15, config >> 3 & 15
    if not config >> 11 or index >= len(RATES):
        return rate, channels
    return RATES[index], {0: channels, 7: 8}.get(count, count)


def _config(data: bytes, at: int) -> int:
    """Return the first 16 bits of the decoder's configuration: descriptor 5, in 4, in 3; 0 when it is not there."""
    for tag, fields in ((3, 3), (4, 13), (5, 0)):
        if data[at : at + 1] != bytes([tag]):
            return 0
        length = 1
        while length < 4 and data[at + length : at + length + 1] >= b"\x80":
            length += 1
        at += 1 + length + fields
    return int.from_bytes(data[at : at + 2])


def _fragments(window: Window, moov: Box, fragments: list[Box]) -> tuple[int, bool]:
    """Return the ticks of all fragments together, of a file with one track, and whether that is an estimate."""
    default = int.from_bytes(body(window, inside(window, moov, b"mvex", b"trex"), 24)[12:16])
    ticks = samples = 0
    for fragment in fragments:
        part = inside(window, fragment, b"traf", most=_FEW)
        header = body(window, inside(window, part, b"tfhd", most=_FEW), 32)
        run = body(window, inside(window, part, b"trun", most=_FEW), 1 << 16)
        more, count = _run(run, _default(header) or default)
        ticks += more
        samples += max(count, _MAX_SAMPLES // _MAX_FRAGMENTS)
        if samples > _MAX_SAMPLES:
            return ticks * window.size // fragment.end, True
    return ticks, False


def _default(header: bytes) -> int:
    """Return the ticks of a sample from a box ``tfhd``; 0 when it does not say."""
    flags = int.from_bytes(header[1:4])
    at = 8 + 8 * (flags & 1) + 2 * (flags & 2)
    return int.from_bytes(header[at : at + 4]) if flags & 8 else 0


def _run(data: bytes, default: int) -> tuple[int, int]:
    """Return the ticks of a box ``trun``, and the number of its samples that were looked at one by one."""
    flags, count = int.from_bytes(data[1:4]), int.from_bytes(data[4:8])
    if not flags & 0x100:
        return count * default, 0
    begin = 8 + 4 * (flags & 1) + (flags & 4)
    fields = (flags >> 8 & 15).bit_count()
    words = min(count * fields, max(0, len(data) - begin) // 4)
    times = unpack_from(f">{words}I", data, begin)[::fields]
    return sum(times), len(times)


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type of an MP4 file: audio when its tracks hold no video frames."""
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    kinds = handlers(window)
    if _AUDIO in kinds and _VIDEO not in kinds:
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


TYPES = (
    MediaType(
        "audio/mp4",
        extensions=(".m4a", ".m4b"),
        aliases=("audio/m4a", "audio/x-m4a"),
        audio_formats=("m4a", "mp4"),
        sniff=sniff,
        read=read,
    ),
    MediaType("video/mp4", extensions=(".mp4", ".m4v"), aliases=("video/x-m4v",)),
    MediaType("video/quicktime", extensions=(".mov", ".qt")),
)
