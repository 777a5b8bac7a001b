"""OGG: Vorbis, Opus, FLAC and Speex."""

from collections.abc import Iterator
from typing import NamedTuple

from msgkit.headers.base import AudioHeader, MediaType, Window, check_audio, empty, invalid, truncated
from msgkit.headers.flac import stream_info

MAX_PAGES = 10_000  # walked one by one, when streams follow each other
_MAX_STREAMS = 16  # that begin together
_MAX_TRIES = 2048  # of what looks like the start of a page
_TAIL = 1 << 17  # two pages
_HEAD = 27
_FIRST = 0x02
_NO_POSITION = (1 << 64) - 1


class Stream(NamedTuple):
    """One stream of an OGG file."""

    codec: str
    sample_rate: int
    channels: int
    clock: int  # positions a second; Opus counts 48,000 whatever was recorded
    skip: int = 0  # positions before the first sample that is heard
    bits: int | None = None

    def seconds(self, position: int) -> float:
        """Return the seconds up to *position*."""
        return max(0, position - self.skip) / self.clock


class _Page(NamedTuple):
    """One page: where its body stands, and what its head says."""

    flags: int
    position: int
    serial: bytes
    body: int
    end: int


def read(window: Window) -> AudioHeader:
    """Return the header of an OGG file's first audio stream; streams that follow each other count as one."""
    opened = first_streams(window)
    serial, stream = next(((serial, stream) for serial, stream in opened.items() if stream), (b"", None))
    if stream is None:
        raise invalid("expected Vorbis, Opus, FLAC or Speex in the OGG file")
    check_audio(stream.sample_rate, stream.channels)
    last, position, complete = _last(window, serial)
    if position is not None and last in opened:
        duration, estimated = stream.seconds(position), False
    else:
        duration, estimated = _walk(window)
    if not duration and complete:
        raise empty("an OGG without samples")
    return AudioHeader(
        "audio/ogg",
        stream.codec,
        stream.sample_rate,
        stream.channels,
        duration,
        stream.bits,
        estimated=estimated,
        complete=complete,
    )


def first_streams(window: Window) -> dict[bytes, Stream | None]:
    """Return the streams that begin the file, by serial number; None stands for what is not audio."""
    streams: dict[bytes, Stream | None] = {}
    for page in _pages(window, _MAX_STREAMS):
        if not page.flags & _FIRST:
            break
        streams[page.serial] = _stream(window.at(page.body, min(page.end - page.body, 80)))
    if not streams:
        raise truncated("the first OGG page")
    return streams


def _pages(window: Window, most: int) -> Iterator[_Page]:
    """Iterate over whole pages from the start, at most *most*."""
    offset = 0
    for _ in range(most):
        page = _page(window.at(offset, _HEAD + 255), 0, offset)
        if page is None or page.end > window.size:
            return
        yield page
        offset = page.end


def _page(data: bytes, at: int, base: int) -> _Page | None:
    """Return the page at *at* in *data*, which begins at *base* in the file; None when none is there."""
    head = data[at : at + _HEAD]
    if len(head) < _HEAD or head[:5] != b"OggS\0":
        return None
    sizes = data[at + _HEAD : at + _HEAD + head[26]]
    if len(sizes) < head[26]:
        return None
    body = base + at + _HEAD + head[26]
    return _Page(head[5], int.from_bytes(head[6:14], "little"), head[14:18], body, body + sum(sizes))


def _stream(body: bytes) -> Stream | None:
    if body.startswith(b"\x01vorbis") and len(body) >= 16:
        rate = int.from_bytes(body[12:16], "little")
        return Stream("vorbis", rate, body[11], rate)
    if body.startswith(b"OpusHead") and len(body) >= 19:
        return Stream("opus", 48000, body[9], 48000, int.from_bytes(body[10:12], "little"))
    if body.startswith(b"\x7fFLAC") and len(body) >= 51:
        info = stream_info(body[17:51])
        return Stream("flac", info.sample_rate, info.channels, info.sample_rate, bits=info.bits)
    if body.startswith(b"Speex   ") and len(body) >= 52:
        rate = int.from_bytes(body[36:40], "little")
        return Stream("speex", rate, int.from_bytes(body[48:52], "little"), rate)
    return None


def _last(window: Window, serial: bytes) -> tuple[bytes | None, int | None, bool]:
    """Return the last page's serial number, the last position of stream *serial*, and whether the end is whole."""
    base = max(0, window.size - _TAIL)
    data = window.at(base, _TAIL)
    last, complete, at = None, True, len(data)
    for _ in range(_MAX_TRIES):
        at = data.rfind(b"OggS", 0, at)
        if at < 0:
            break
        page = _page(data, at, base)
        if page is None or page.end > window.size:
            complete = complete and last is not None
            continue
        last = last or page.serial
        if page.serial == serial and page.position != _NO_POSITION:
            return last, page.position, complete
    return last, None, complete


def _walk(window: Window) -> tuple[float, bool]:
    """Return the seconds of all audio streams together, and whether that is an estimate; every page is visited."""
    streams: dict[bytes, Stream | None] = {}
    seconds: dict[bytes, float] = {}
    end = pages = 0
    for page in _pages(window, MAX_PAGES):
        if page.flags & _FIRST:
            streams[page.serial] = _stream(window.at(page.body, min(page.end - page.body, 80)))
        stream = streams.get(page.serial)
        if stream is not None and stream.clock and page.position != _NO_POSITION:
            seconds[page.serial] = stream.seconds(page.position)
        end, pages = page.end, pages + 1
    total = sum(seconds.values())
    return (total * window.size / end, True) if pages == MAX_PAGES else (total, False)


def sniff(window: Window, head: bytes) -> str | None:
    """Return the media type of an OGG file: video when Theora is in it."""
    if head[:5] != b"OggS\0":
        return None
    return "video/ogg" if b"\x80theora" in window.at(0, 512) else "audio/ogg"


TYPES = (
    MediaType(
        "audio/ogg",
        extensions=(".ogg", ".oga", ".opus", ".spx"),
        aliases=("audio/opus", "audio/vorbis", "audio/x-ogg", "application/ogg"),
        audio_formats=("ogg", "opus"),
        sniff=sniff,
        read=read,
    ),
    MediaType("video/ogg", extensions=(".ogv",)),
)
