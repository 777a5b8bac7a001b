"""
From a file to samples, by PyAV, in this process.

The container's format is the one that the signature names, never guessed; no name is given and no protocol is allowed,
so that only the bytes at hand can be read; what is decoded is counted as it comes.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Any, NoReturn

from msgkit.errors import MediaError, needing
from msgkit.headers.base import check_audio
from msgkit.media.audio.samples import Audio, numpy
from msgkit.media.faults import border
from msgkit.media.options import Limits, own_limit

_BLOCK = 1 << 16  # samples turned into integers at a time: frames of 1,000 each would cost more than to decode them
_ONLY_BYTES = {"protocol_whitelist": "none"}


def decode(data: bytes, media_type: str, limits: Limits, seconds: float | None = None) -> Iterator[Audio]:
    """Yield the samples of the first audio in *data*, block by block: 16-bit, or 32-bit where the source has more."""
    numpy()
    av = _import_av(media_type)
    file = BytesIO(data)
    name = CONTAINERS[media_type]
    with (
        border(media_type, too_much="audio-too-long"),
        av.open(file, format=name, options=_ONLY_BYTES, io_open=_refuse, **_tolerant(av)) as container,
    ):
        if not container.streams.audio:
            raise MediaError(f"{media_type} without audio", code="media-format-unsupported")
        stream = container.streams.audio[0]
        wide = stream.codec_context.name.startswith("pcm_f") or stream.codec_context.format.name in ("s32", "s32p")
        frames = _frames(av, container.demux(stream), skip=media_type == "audio/mpeg")
        first = next(frames, None)
        if first is None:
            raise MediaError("no samples", code="media-empty")
        check_audio(first.sample_rate, first.layout.nb_channels)
        for samples in _blocks(av, _alike(first, frames), wide, limits, seconds):
            yield Audio(samples, first.sample_rate)


def _tolerant(av: Any) -> dict[str, str]:
    """Before version 19, PyAV refuses tags that are not UTF-8 unless told otherwise."""
    return {"metadata_errors": "ignore"} if int(av.__version__.partition(".")[0]) < 19 else {}  # noqa: PLR2004 (said)


def _frames(av: Any, packets: Any, *, skip: bool) -> Iterator[Any]:
    """Yield decoded frames; *skip* what cannot be decoded, as players of MP3 do: the last frame is often cut."""
    for packet in packets:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            if not skip:
                raise
            continue
        yield from frames


def _alike(first: Any, frames: Iterator[Any]) -> Iterator[Any]:
    """Yield the frames; refuse one of another shape than the first."""
    shape = _shape(first)
    for frame in chain((first,), frames):
        if _shape(frame) != shape:
            message = f"the audio changes from {_told(shape)} to {_told(_shape(frame))}"
            raise MediaError(message, code="media-invalid")
        yield frame


def _shape(frame: Any) -> tuple[str, str, int, int]:
    layout = frame.layout
    return frame.format.name, layout.name, layout.nb_channels, frame.sample_rate


def _told(shape: tuple[str, str, int, int]) -> str:
    sample, layout, channels, rate = shape
    return f"{layout} ({channels} channels, {sample}) at {rate} hertz"


def _blocks(av: Any, frames: Any, wide: bool, limits: Limits, seconds: float | None) -> Iterator[Any]:  # noqa: FBT001
    """Yield blocks of integer samples, frames x channels; count them before they are held."""
    fifo, count = av.AudioFifo(), 0
    resampler = av.AudioResampler(format="s32" if wide else "s16")
    for frame in frames:
        count += frame.samples
        size = count * len(frame.layout.channels) * (4 if wide else 2)
        _check_length(count, frame.sample_rate, size, limits, seconds)
        frame.pts = None  # where it stands is told by what came before
        fifo.write(frame)
        if fifo.samples >= _BLOCK:
            yield from _integers(resampler, fifo.read(_BLOCK))
        if seconds is not None and count >= seconds * frame.sample_rate:
            break
    rest = fifo.read(0, partial=True)
    if rest is not None:
        yield from _integers(resampler, rest)


def _integers(resampler: Any, frame: Any) -> Iterator[Any]:
    """Yield a frame as integers; the resampler only rounds and interleaves, for it was given no rate."""
    np = numpy()
    for made in resampler.resample(frame):
        channels = len(made.layout.channels)
        kind = np.int32 if made.format.name == "s32" else np.int16
        # numpy refuses to read beyond the plane, and keeps it alive; its padding is behind what is read
        yield np.frombuffer(made.planes[0], kind, made.samples * channels).reshape(-1, channels)


def _check_length(count: int, rate: int, size: int, limits: Limits, seconds: float | None) -> None:
    if size > limits.sample_bytes:
        most = f"{limits.sample_bytes:,} bytes of samples"
    elif seconds is None and count > limits.audio_seconds * rate:
        most = f"{limits.audio_seconds:,.0f} seconds"
    else:
        return
    raise own_limit(most, "more", "--max-seconds", "audio-too-long")


def _import_av(media_type: str) -> Any:
    with needing("av", "audio", f"to decode {media_type}"):
        import av
    return av


def _refuse(*_arguments: object) -> NoReturn:
    raise PermissionError("an audio file may not name another file")


CONTAINERS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
    "audio/x-matroska": "matroska",
    "audio/aiff": "aiff",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/amr-wb": "amr",
    "audio/basic": "au",
    "audio/x-caf": "caf",
}
"""Media type -> ffmpeg's name of the container's reader; nothing else is ever handed to it."""
