"""How much of what a target takes, and what media cost: values with their sources."""

from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

import attrs

T = TypeVar("T")

SeverityName = Literal["error", "warning", "off"]


@attrs.frozen
class Fact(Generic[T]):
    """
    One limit or rule of a target, and where it is from.

    Args:
        value: The limit or rule.

        source: The document that says so.

        as_of: The day, month or year of that document or of its reading, ISO 8601: ``2026-11-22``, ``2025``.

        verified: False when nobody confirmed it at the source.
    """

    value: T
    source: str
    as_of: str
    verified: bool = True


@attrs.frozen
class MediaLimits:
    """
    Limits of images. None means that no limit is known.

    Args:
        media_types: The types taken.

        max_bytes: Most bytes of one image, counted as *bytes_as* says.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.

        max_width: Most pixels across.

        max_height: Most pixels down.

        best_side: Long edge in pixels beyond which the API scales down by itself.

        many_count: Number of images in a request above which *many_side* holds.

        many_side: Most pixels a side in a request of many images.

        max_count: Most images in a request.

        animated: ``first`` when only still images are taken, so that a fit keeps the first frame.

        details: The values of ``image_url.detail``.
    """

    media_types: Fact[tuple[str, ...]]
    max_bytes: Fact[int] | None = None
    bytes_as: Literal["raw", "base64"] = "raw"
    max_width: Fact[int] | None = None
    max_height: Fact[int] | None = None
    best_side: Fact[int] | None = None
    many_count: Fact[int] | None = None
    many_side: Fact[int] | None = None
    max_count: Fact[int] | None = None
    animated: Literal["keep", "first"] = "keep"
    details: Fact[tuple[str, ...]] | None = None


@attrs.frozen
class AudioLimits:
    """
    Limits of audio. None means that no limit is known.

    Args:
        media_types: The types taken.

        formats: The values of ``input_audio.format``.

        max_bytes: Most bytes of one clip, counted as *bytes_as* says.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.

        max_seconds: Longest clip.

        codecs: The encodings taken inside WAV, by their names in SoundHeader.codec.

        max_count: Most clips in a request.
    """

    media_types: Fact[tuple[str, ...]]
    formats: Fact[tuple[str, ...]] | None = None
    max_bytes: Fact[int] | None = None
    bytes_as: Literal["raw", "base64"] = "raw"
    max_seconds: Fact[float] | None = None
    codecs: Fact[tuple[str, ...]] | None = None
    max_count: Fact[int] | None = None


@attrs.frozen
class FileLimits:
    """
    Limits of files and of videos. None means that no limit is known.

    Args:
        media_types: The types taken.

        max_bytes: Most bytes of one file.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.
    """

    media_types: Fact[tuple[str, ...]]
    max_bytes: Fact[int] | None = None
    bytes_as: Literal["raw", "base64"] = "raw"


@attrs.frozen
class RequestLimits:
    """
    Limits of a whole request. None means that no limit is known.

    Args:
        max_bytes: Most bytes of the JSON body.

        max_media: Most media parts of all kinds.

        max_messages: Most messages.
    """

    max_bytes: Fact[int] | None = None
    max_media: Fact[int] | None = None
    max_messages: Fact[int] | None = None


@attrs.frozen
class ImageTokens:
    """
    How a model counts an image, see tokens.py.

    Args:
        method: ``tiles``, ``patches`` or ``area``.

        fit: Side in pixels of the square that the image is scaled into first (tiles, area).

        short: Side in pixels that the short edge is scaled down to then (tiles).

        side: Side in pixels of a tile or patch.

        base: Tokens for any image (tiles).

        each: Tokens for a tile.

        most: Most patches of an image.

        factor: What patches are multiplied with.

        divisor: Pixels for one token (area).
    """

    method: Literal["tiles", "patches", "area"]
    fit: Fact[int] | None = None
    short: Fact[int] | None = None
    side: Fact[int] | None = None
    base: Fact[int] | None = None
    each: Fact[int] | None = None
    most: Fact[int] | None = None
    factor: Fact[float] | None = None
    divisor: Fact[int] | None = None


@attrs.frozen
class Tokens:
    """
    Token formulas.

    Args:
        images: Formula by model name; the one called ``default`` holds where no other name begins the model's.

        audio_per_second: Tokens for a second of audio.
    """

    images: Mapping[str, ImageTokens] = attrs.field(factory=dict)
    audio_per_second: Fact[float] | None = None
