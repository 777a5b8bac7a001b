"""WebM and Matroska: the audio in it."""

from collections.abc import Iterator
from functools import partial
from struct import unpack
from typing import NamedTuple

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated

MAX_ELEMENTS = 10_000  # of the last cluster
_TAIL = 1 << 20
_EBML, _SEGMENT, _INFO, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
_DOCTYPE, _SCALE, _DURATION = 0x4282, 0x2AD7B1, 0x4489
_TRACK, _KIND, _CODEC, _AUDIO, _RATE, _CHANNELS, _BITS = 0xAE, 0x83, 0x86, 0xE1, 0xB5, 0x9F, 0x6264
_TIME, _SIMPLE, _GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1
_AUDIO_TRACK, _VIDEO_TRACK = 2, 1
_CODECS = {
    b"A_OPUS": "opus",
    b"A_VORBIS": "vorbis",
    b"A_FLAC": "flac",
    b"A_AAC": "aac",
    b"A_MPEG/L3": "mp3",
    b"A_PCM/INT/LIT": "pcm_s{}le",
    b"A_PCM/FLOAT/IEEE": "pcm_f{}le",
}


class Element(NamedTuple):
    """One element: where its body stands; *end* is the file's for an element of unknown size."""

    name: int
    start: int
    end: int
    open: bool = False


def elements(window: Window, start: int, end: int, most: int = 1024) -> Iterator[Element]:
    """Iterate over the elements between two offsets, the last perhaps longer than the file; stop at what is none."""
    offset = start
    for _ in range(most):
        head = window.at(offset, 12) if offset < end else b""
        wide = 9 - head[0].bit_length() if head else 0
        if not 1 <= wide <= 4 or len(head) <= wide:
            return
        digits = 9 - head[wide].bit_length()
        number = int.from_bytes(head[wide : wide + digits]) & ~(1 << 7 * digits)
        if digits > 8 or len(head) < wide + digits:
            return
        begin = offset + wide + digits
        unknown = number == (1 << 7 * digits) - 1
        offset = window.size if unknown else begin + number
        yield Element(int.from_bytes(head[:wide]), begin, offset, unknown)


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type of an EBML file: WebM or Matroska, with or without images; None for another one."""
    if head[:4] != b"\x1aE\xdf\xa3":
        return None
    first = next(elements(window, 0, window.size), None)
    doctype = b"" if first is None else _first(window, first, _DOCTYPE)
    if doctype not in (b"webm", b"matroska"):
        return None
    kinds = {_number(track.get(_KIND, b"")) for track in _tracks(window)}
    if _AUDIO_TRACK in kinds and _VIDEO_TRACK not in kinds:
        return "audio/webm" if doctype == b"webm" else "audio/x-matroska"
    return "video/webm" if doctype == b"webm" else "video/x-matroska"


def read(window: Window, media_type: str = "audio/webm") -> AudioHeader:
    """Return the header of the first audio track of a WebM file; without a stated duration, its blocks tell it."""
    segment = _segment(window)
    if segment is None:
        raise truncated("the WebM header")
    track = next((track for track in _tracks(window) if _number(track.get(_KIND, b"")) == _AUDIO_TRACK), None)
    if track is None:
        raise truncated("the WebM tracks") if window.size <= segment.end else invalid("a WebM without audio")
    rate, channels = int(_float(track.get(_RATE, b"")) or 8000), _number(track.get(_CHANNELS, b"\x01"))
    check_audio(rate, channels)
    codec = _CODECS.get(track.get(_CODEC, b"").rstrip(b"\0"), "unknown")
    bits = _number(track.get(_BITS, b"")) if codec.startswith(("pcm_", "flac")) else None
    rate = 48000 if codec == "opus" else rate  # the rate stated is that of the recording
    info = next((element for element in _top(window) if element.name == _INFO), None)
    scale = _number(_first(window, info, _SCALE)) if info else 0
    ticks = _float(_first(window, info, _DURATION)) if info else 0.0
    seconds = (ticks or _last_time(window)) * (scale or 1_000_000) / 1e9
    if seconds <= 0:
        raise empty("a WebM without samples")
    return AudioHeader(
        media_type,
        codec.format(bits),
        rate,
        channels,
        seconds,
        bits,
        estimated=not ticks,
        complete=segment.end <= window.size,
    )


def _segment(window: Window) -> Element | None:
    return next((element for element in elements(window, 0, window.size, 4) if element.name == _SEGMENT), None)


def _top(window: Window) -> Iterator[Element]:
    """Iterate over the segment's elements before the first cluster."""
    segment = _segment(window)
    if segment is not None:
        for element in elements(window, segment.start, segment.end):
            if element.name == _CLUSTER:
                return
            yield element


def _tracks(window: Window) -> list[dict[int, bytes]]:
    """Return each track's values, those about its audio among them."""
    box = next((element for element in _top(window) if element.name == _TRACKS), None)
    if box is None:
        return []
    tracks = []
    for entry in elements(window, box.start, box.end, 64):
        inner = list(elements(window, entry.start, entry.end, 64))
        audio = next((element for element in inner if element.name == _AUDIO), None)
        if audio is not None:
            inner += elements(window, audio.start, audio.end, 64)
        tracks.append({item.name: _value(window, item) for item in inner})
    return tracks


def _last_time(window: Window) -> int:
    """Return the time of the last block, in ticks."""
    base = last = 0
    end = window.size
    start = max(0, end - _TAIL)
    offset = start + window.at(start, _TAIL).rfind(_CLUSTER.to_bytes(4))
    for _ in range(MAX_ELEMENTS):
        element = next(elements(window, offset, end, 1), None)
        if element is None:
            break
        if element.name == _TIME:
            base = _number(_value(window, element))
        elif element.name in (_SIMPLE, _BLOCK):
            last = max(last, base + int.from_bytes(window.at(element.start + 1, 2), signed=True))
        offset = element.start if element.name in (_CLUSTER, _GROUP) else element.end
    return last


def _first(window: Window, parent: Element, name: int) -> bytes:
    return next((_value(window, item) for item in elements(window, parent.start, parent.end) if item.name == name), b"")


def _value(window: Window, element: Element) -> bytes:
    return window.at(element.start, min(element.end - element.start, 64))


def _number(data: bytes) -> int:
    return int.from_bytes(data[:8])


def _float(data: bytes) -> float:
    return float(unpack({4: ">f", 8: ">d"}[len(data)], data)[0]) if len(data) in (4, 8) else 0.0


TYPES = (
    MediaType("audio/webm", extensions=(".weba",), audio_formats=("webm",), sniff=sniff, read=read),
    MediaType(
        "audio/x-matroska",
        extensions=(".mka",),
        aliases=("audio/matroska",),
        read=partial(read, media_type="audio/x-matroska"),
    ),
    MediaType("video/webm", extensions=(".webm",)),
    MediaType("video/x-matroska", extensions=(".mkv",), aliases=("video/matroska",)),
)
