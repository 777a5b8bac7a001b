"""
From a file to samples, by PyAV, in this process.

The container's format is the one that the signature names, never guessed; no name is given and no protocol is allowed,
so that nothing but the bytes at hand can be read; what is decoded is counted as it comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NoReturn

from msgkit.errors import MediaError, MissingExtraError, MsgkitError
from msgkit.media.audio.sound import Sound, numpy
from msgkit.media.limits import Limits

_BLOCK = 64  # frames turned into integers at a time: enough to be fast, little to hold
_ONLY_BYTES = {"protocol_whitelist": "none"}


def decode(data: bytes, media_type: str, limits: Limits, seconds: float | None = None) -> Sound:
    """
    Return the samples of the first sound in *data*: 16-bit, or 32-bit where the source has more.

    Args:
        data: The file.

        media_type: As sniffed; it chooses the container's reader.

        limits: The seconds and the bytes of samples beyond which decoding stops with an error.

        seconds: Decode no more than this; None for all.

    Raises:
        MediaError: ``media-invalid``, ``media-empty``, ``audio-too-long``.
        MissingExtraError: PyAV or numpy is not installed.
    """
    np = numpy()
    av = _import_av(media_type)
    file = BytesIO(data)
    name = CONTAINERS[media_type]
    with (
        _border(media_type),
        av.open(file, format=name, options=_ONLY_BYTES, io_open=_refuse, **_tolerant(av)) as container,
    ):
        if not container.streams.audio:
            raise MediaError(f"{media_type} without sound", code="media-format-unsupported")
        stream = container.streams.audio[0]
        blocks = list(_blocks(container.decode(stream), stream, limits, seconds))
        if not blocks:
            raise MediaError("no samples", code="media-empty")
        return Sound(np.concatenate(blocks), stream.rate)


def _tolerant(av: Any) -> dict[str, str]:
    """Before version 19, PyAV refuses tags that are not UTF-8 unless told otherwise."""
    return {"metadata_errors": "ignore"} if int(av.__version__.partition(".")[0]) < 19 else {}  # noqa: PLR2004 (said)


def _blocks(frames: Any, stream: Any, limits: Limits, seconds: float | None) -> Iterator[Any]:
    """Yield integer samples, frames x channels, counting them."""
    wide = stream.codec_context.name.startswith("pcm_f") or stream.codec_context.format.name in ("s32", "s32p")
    width = 4 if wide else 2
    held: list[Any] = []
    count = 0
    for frame in frames:
        count += frame.samples
        _check_length(count, stream.rate, count * stream.channels * width, limits, seconds)
        held.append(_as_array(frame))
        if len(held) == _BLOCK or held[0].dtype.itemsize == width:
            yield _integers(held, wide=wide)
            held = []
        if seconds is not None and count >= seconds * stream.rate:
            break
    if held:
        yield _integers(held, wide=wide)


def _check_length(count: int, rate: int, size: int, limits: Limits, seconds: float | None) -> None:
    if size > limits.sample_bytes:
        message = f"expected at most {limits.sample_bytes:,} bytes of samples, and there are more"
    elif seconds is None and count > limits.audio_seconds * rate:
        message = f"expected at most {limits.audio_seconds:,.0f} seconds, and there are more"
    else:
        return
    raise MediaError(message, code="audio-too-long")


def _as_array(frame: Any) -> Any:
    """Return a frame as frames x channels; planes lie one after the other, packed samples in turn."""
    array = frame.to_ndarray()
    return array.T if frame.format.is_planar else array.reshape(-1, len(frame.layout.channels))


def _integers(arrays: list[Any], *, wide: bool) -> Any:
    np = numpy()
    values = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    kind = values.dtype.kind
    target = np.int32 if wide else np.int16
    if values.dtype == target:
        return values
    if kind == "f":
        top = np.iinfo(target).max
        scaled = np.multiply(values, top + 1.0, dtype=np.float64 if wide else np.float32)
        np.nan_to_num(scaled, copy=False)
        return np.clip(np.rint(scaled), -top - 1, top).astype(target)
    if kind == "u":
        values = values.astype(np.int16) - 128
        return (values << 8).astype(target)
    return values.astype(target) << (8 * (np.dtype(target).itemsize - values.dtype.itemsize))


def _import_av(media_type: str) -> Any:
    try:
        import av
    except ImportError:
        raise MissingExtraError("av", "audio", f"to decode {media_type}") from None
    return av


def _refuse(*_arguments: object) -> NoReturn:
    raise PermissionError("a sound may not name another file")


@contextmanager
def _border(media_type: str) -> Iterator[None]:
    """Turn whatever the decoder raises into our error."""
    try:
        yield
    except MsgkitError:
        raise
    except MemoryError as error:
        raise MediaError(f"not enough memory to decode {media_type}", code="audio-too-long") from error
    except Exception as error:
        raise MediaError(f"cannot be decoded as {media_type}", code="media-invalid") from error


CONTAINERS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
    "audio/aiff": "aiff",
    "audio/aac": "aac",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/ogg": "ogg",
}
"""Media type -> ffmpeg's name of the container's reader; nothing else is ever handed to it."""
