"""How much of what a target takes, and what media cost: values with their sources."""

from collections.abc import Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

SeverityName = Literal["error", "warning", "info", "off"]


class Fact(NamedTuple, Generic[T]):
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


class MediaLimits(NamedTuple):
    """
    Limits of images. None means that no limit is known.

    Args:
        media_types: The types taken.

        max_bytes: Most bytes of one image, counted as *bytes_as* says.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.

        max_width: Most pixels across.

        max_height: Most pixels down.

        min_side: Fewest pixels a side.

        max_aspect: Greatest ratio of the long edge to the short one.

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
    min_side: Fact[int] | None = None
    max_aspect: Fact[float] | None = None
    best_side: Fact[int] | None = None
    many_count: Fact[int] | None = None
    many_side: Fact[int] | None = None
    max_count: Fact[int] | None = None
    animated: Literal["keep", "first"] = "keep"
    details: Fact[tuple[str, ...]] | None = None


class AudioLimits(NamedTuple):
    """
    Limits of audio. None means that no limit is known.

    Args:
        media_types: The types taken.

        formats: The values of ``input_audio.format``.

        max_bytes: Most bytes of one clip, counted as *bytes_as* says.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.

        max_seconds: Longest clip.

        min_seconds: Shortest clip.

        codecs: The encodings taken inside WAV, by their names in AudioHeader.codec.

        max_count: Most clips in a request.
    """

    media_types: Fact[tuple[str, ...]]
    formats: Fact[tuple[str, ...]] | None = None
    max_bytes: Fact[int] | None = None
    bytes_as: Literal["raw", "base64"] = "raw"
    max_seconds: Fact[float] | None = None
    min_seconds: Fact[float] | None = None
    codecs: Fact[tuple[str, ...]] | None = None
    max_count: Fact[int] | None = None


class FileLimits(NamedTuple):
    """
    Limits of files and of videos. None means that no limit is known.

    Args:
        media_types: The types taken.

        max_bytes: Most bytes of one file.

        bytes_as: Whether *max_bytes* counts the bytes themselves or their base64.

        max_count: Most files in a request.

        max_pages: Most pages of one PDF.

        urls: True when a URL may stand for the data of a file.
    """

    media_types: Fact[tuple[str, ...]]
    max_bytes: Fact[int] | None = None
    bytes_as: Literal["raw", "base64"] = "raw"
    max_count: Fact[int] | None = None
    max_pages: Fact[int] | None = None
    urls: Fact[bool] | None = None


class RequestLimits(NamedTuple):
    """
    Limits of a whole request. None means that no limit is known.

    Args:
        max_bytes: Most bytes of the JSON body.

        max_media: Most media parts of all kinds.

        max_pages: Most images and pages of PDFs together.

        max_messages: Most messages.

        max_cache_control: Most ``cache_control`` marks, in system, tools and messages together.

        cache_ttls: The lifetimes of such marks in the order in which they must come; the last is that of one without.

        inner_cache_control: False when no block in a result may be marked, only the result itself.

        required: Keys that a body must have.

        context: Tokens of the context window.

        schemes: Schemes of the remote URLs that media may have; any of ``http`` and ``https`` where None.

        closed: True when a body with a key that is no setting of the target is refused.
    """

    max_bytes: Fact[int] | None = None
    max_media: Fact[int] | None = None
    max_pages: Fact[int] | None = None
    max_messages: Fact[int] | None = None
    max_cache_control: Fact[int] | None = None
    cache_ttls: Fact[tuple[str, ...]] | None = None
    inner_cache_control: Fact[bool] | None = None
    required: Fact[tuple[str, ...]] | None = None
    context: Fact[int] | None = None
    schemes: Fact[tuple[str, ...]] | None = None
    closed: Fact[bool] | None = None


class Setting(NamedTuple):
    """
    What the body may have at a path of ``body_paths``. None means that anything goes; null always does.

    Args:
        type: JSON types: ``number``, ``integer``, ``boolean``, ``string``, ``array``, ``object``.

        min, max: Least and greatest number.

        max_by: The greatest number by model, whose pattern that fits best counts.

        least: Fewest entries of an array.

        most: Most entries of an array or an object, characters of a string.

        values: The strings taken, of an array in each entry.

        pattern: Regular expression that a string matches as a whole.

        keys: Regular expression that each key of an object matches as a whole.

        required: Keys that an object must have.

        first: Types of the entries of an array that come before the others.

        never_last: Types of entries of which none may be the last.

        among: A path that has the strings that are taken, where there is any.

        needs: A path at which something must be, too.

        below: A path whose number must be greater.

        word: What the messages must say somewhere, in whatever case.

        refused_by: Models that refuse the key, as shell patterns.

        refused_with: Paths at which something is, beside which the key is refused.

        taken: Values that are taken nevertheless, as JSON.

        instead: The key that is taken instead.
    """

    type: Fact[tuple[str, ...]] | None = None
    min: Fact[float] | None = None
    max: Fact[float] | None = None
    max_by: Fact[Mapping[str, float]] | None = None
    least: Fact[int] | None = None
    most: Fact[int] | None = None
    values: Fact[tuple[str, ...]] | None = None
    pattern: Fact[str] | None = None
    keys: Fact[str] | None = None
    required: Fact[tuple[str, ...]] | None = None
    first: Fact[tuple[str, ...]] | None = None
    never_last: Fact[tuple[str, ...]] | None = None
    among: Fact[str] | None = None
    needs: Fact[str] | None = None
    below: Fact[str] | None = None
    word: Fact[str] | None = None
    refused_by: Fact[tuple[str, ...]] | None = None
    refused_with: Fact[tuple[str, ...]] | None = None
    taken: Fact[tuple[str, ...]] | None = None
    instead: Fact[str] | None = None


class BatchLimits(NamedTuple):
    """
    Limits of a Batch file. None means that no limit is known.

    Args:
        max_bytes: Most bytes of the file.

        max_requests: Most requests in it.

        urls: Endpoints that a line may name.
    """

    max_bytes: Fact[int] | None = None
    max_requests: Fact[int] | None = None
    urls: Fact[tuple[str, ...]] | None = None
