"""Parts from media, and media from parts: what people write in Python."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Unpack, cast

from msgkit import data_url, headers, targets
from msgkit.errors import MediaError, quote
from msgkit.escaping import built
from msgkit.headers import AUDIO_FORMATS
from msgkit.media import audio as audio_media
from msgkit.media import image as images
from msgkit.media.options import PLAIN, FitOptions, Options
from msgkit.media.sources import Source, name_of, read_source
from msgkit.media.values import channels_last, packages
from msgkit.model.media import Media
from msgkit.model.parts import AudioPart, AudioUrlPart, FileData, FilePart, ImagePart, ImageUrl, InputAudio

_ARRAYS = frozenset(("numpy", "torch"))
_UPRIGHT = Options(upright=True)


def image(
    source: Any,
    *,
    detail: str | None = None,
    target: str | None = None,
    upright: bool = True,
    **options: Unpack[FitOptions],
) -> ImagePart:
    """
    Read *source* and return it as an inline image part.

    The file's own bytes are kept unless *target* forces a change, or no target takes its type (BMP, TIFF, AVIF, HEIC);
    what was changed is in ``part.media.changes``.

    Args:
        source: A path, bytes, an open binary file, a data URL, ``{"bytes", "path"}``, a Pillow image (any mode), or a
            numpy array or torch tensor (height x width, height x width x 1 to 4, or boolean, 8 or 16 bits). Of an
            ``http(s)`` URL the part names it: nothing is fetched.

        detail: How closely the model should look; left out of the payload when None.

        target: Make the result fit this target's limits (pixels, and bytes counted as it counts them).

        upright: Turn a photograph as its EXIF data say, as every viewer shows it; False keeps its bytes.

        options: How to fit; see ``msgkit.media.Options``.

    Raises:
        MediaError: If *source* is no image, or cannot be made to fit.

    >>> image("examples/photos/cat.jpg").media.media_type
    'image/jpeg'
    """
    if isinstance(source, str) and data_url.classify(source) is data_url.Kind.REMOTE:
        return ImagePart(ImageUrl(source, detail))
    settings = built(Options, "image", options, upright=upright) if options or not upright else _UPRIGHT
    if type(source) is not str and "PIL" in packages(source):
        data = images.from_pillow(source).data
    elif type(source) is not str and not _ARRAYS.isdisjoint(packages(source)):
        data = images.from_numpy(channels_last(source)).data
    else:
        data = read_source(source, settings.limits)
    media = _fitted(images.fit, data, source, None if target is None else targets.get(target), settings)
    return ImagePart(ImageUrl(data_url.join(media.media_type, media.data), detail), changes=media.changes)


def audio(
    source: Any, *, sample_rate: int | None = None, target: str | None = None, **options: Unpack[FitOptions]
) -> AudioPart:
    """
    Read *source* and return it as an inline audio part.

    WAV and MP3 keep their bytes unless *target* forces a change; other audio is decoded and becomes WAV.

    Args:
        source: A path, bytes, an open binary file, a data URL, ``{"bytes", "path"}``, a pydub AudioSegment,
            ``{"array", "sampling_rate"}``, or an array of samples (floating point from -1 to 1, or integers of 16 or 32
            bits; samples, or samples x channels).

        sample_rate: Hertz, of an array.

        target: Make the result fit this target's limits (bytes, seconds, encodings).

        options: How to fit; see ``msgkit.media.Options``.

    Raises:
        MediaError: If *source* is not audio, or cannot be made to fit.

        MissingExtraError: If it must be decoded and the extra ``audio`` is not installed.

    >>> audio("examples/sounds/question.wav").input_audio.format
    'wav'
    """
    settings = built(Options, "audio", options) if options else PLAIN
    data = _audio(source, sample_rate, settings)
    media = _fitted(audio_media.fit, data, source, None if target is None else targets.get(target), settings)
    return AudioPart(InputAudio(data_url.encode(media.data), AUDIO_FORMATS[media.media_type]), changes=media.changes)


def _audio(source: Any, sample_rate: int | None, settings: Options) -> bytes:
    if isinstance(source, Mapping) and source.get("array") is not None:
        return audio_media.from_array(source["array"], source.get("sampling_rate", sample_rate)).data
    if not _ARRAYS.isdisjoint(packages(source)):
        return audio_media.from_array(source, sample_rate).data
    return audio_media.from_pydub(source).data if "pydub" in packages(source) else read_source(source, settings.limits)


def file(source: Source, *, filename: str | None = None) -> FilePart:
    """
    Read *source* and return it as an inline file part.

    Args:
        source: A path, bytes, an open binary file, a data URL or ``{"bytes", "path"}``.

        filename: The name to show; the path's last name when None, else ``file`` and the extension of its type.

    Raises:
        MediaError: If *source* cannot be read, or is of no known type.

    >>> file(b"%PDF-1.7").file.filename
    'file.pdf'
    """
    data = read_source(source)
    named = filename or name_of(source)
    media_type = headers.sniff(data) or headers.by_extension(named or "")
    if media_type is None:
        raise MediaError("expected a file of a known type", code="media-format-unsupported", source=named)
    shown = named or "file" + headers.EXTENSIONS.get(media_type, ".bin")
    return FilePart(FileData(data_url.join(media_type, data), filename=PurePath(shown).name))


def to_pillow(part: ImagePart | Media) -> Any:
    """
    Return the image that *part* holds as a Pillow image, upright.

    Raises:
        MediaError: If the part holds no image, or a broken one.

    >>> to_pillow(image("examples/photos/cat.jpg")).size
    (1024, 768)
    """
    return images.to_pillow(media_of(part))


def to_pydub(part: AudioPart | AudioUrlPart | Media) -> Any:
    """
    Return the audio that *part* holds as a pydub AudioSegment.

    Raises:
        MediaError: If the part holds no audio, or a broken one.

    >>> to_pydub(audio("examples/sounds/question.wav")).frame_rate
    22050
    """
    return audio_media.to_pydub(media_of(part))


def _fitted(fit: Any, data: bytes, source: Any, target: targets.Target | None, settings: Options) -> Media:
    """Make *data* fit; what is wrong with them is said of their file."""
    try:
        return cast(Media, fit(data, target, settings))
    except MediaError as error:
        name = name_of(source)
        if name is None or error.source is not None:
            raise
        raise error.named(name) from error


def media_of(part: Any) -> Media:
    """Return the media that *part* holds, or *part* if it is Media."""
    if not isinstance(part, Media) and not hasattr(type(part), "media"):
        raise TypeError(f"expected a part that holds media, or Media, got {quote(part)}")
    return part if isinstance(part, Media) else cast(Media, part.media)
