"""How much of what a target takes, and what media cost: values with their sources."""

from collections.abc import Mapping
from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

SeverityName = Literal["error", "warning", "info", "off"]


class Fact(NamedTuple, Generic[T]):
    """One limit or rule of a target, and where it is from."""

    value: T  # the limit or rule
    source: str  # the document that says so
    as_of: str  # the day, month or year of that document or of its reading, ISO 8601: ``2026-11-22``, ``2025``
    verified: bool = True  # False when nobody confirmed it at the source


class MediaLimits(NamedTuple):
    """Limits of images. None means that no limit is known."""

    media_types: Fact[tuple[str, ...]]  # the types taken
    max_bytes: Fact[int] | None = None  # most bytes of one image, counted as *bytes_as* says
    bytes_as: Literal["raw", "base64"] = "raw"  # whether *max_bytes* counts the bytes themselves or their base64
    max_width: Fact[int] | None = None  # most pixels across
    max_height: Fact[int] | None = None  # most pixels down
    min_side: Fact[int] | None = None  # fewest pixels a side
    max_aspect: Fact[float] | None = None  # greatest ratio of the long edge to the short one
    best_side: Fact[int] | None = None  # long edge in pixels beyond which the API scales down by itself
    many_count: Fact[int] | None = None  # number of images in a request above which *many_side* holds
    many_side: Fact[int] | None = None  # most pixels a side in a request of many images
    max_count: Fact[int] | None = None  # most images in a request
    # ``first`` when only still images are taken, so that a fit keeps the first frame
    animated: Literal["keep", "first"] = "keep"
    details: Fact[tuple[str, ...]] | None = None  # the values of ``image_url.detail``


class AudioLimits(NamedTuple):
    """Limits of audio. None means that no limit is known."""

    media_types: Fact[tuple[str, ...]]  # the types taken
    formats: Fact[tuple[str, ...]] | None = None  # the values of ``input_audio.format``
    max_bytes: Fact[int] | None = None  # most bytes of one clip, counted as *bytes_as* says
    bytes_as: Literal["raw", "base64"] = "raw"  # whether *max_bytes* counts the bytes themselves or their base64
    max_seconds: Fact[float] | None = None  # longest clip
    min_seconds: Fact[float] | None = None  # shortest clip
    codecs: Fact[tuple[str, ...]] | None = None  # the encodings taken inside WAV, by their names in AudioHeader.codec
    max_count: Fact[int] | None = None  # most clips in a request


class FileLimits(NamedTuple):
    """Limits of files and of videos. None means that no limit is known."""

    media_types: Fact[tuple[str, ...]]  # the types taken
    max_bytes: Fact[int] | None = None  # most bytes of one file
    bytes_as: Literal["raw", "base64"] = "raw"  # whether *max_bytes* counts the bytes themselves or their base64
    max_count: Fact[int] | None = None  # most files in a request
    max_pages: Fact[int] | None = None  # most pages of one PDF
    urls: Fact[bool] | None = None  # True when a URL may stand for the data of a file


class RequestLimits(NamedTuple):
    """Limits of a whole request. None means that no limit is known."""

    max_bytes: Fact[int] | None = None  # most bytes of the JSON body
    max_media: Fact[int] | None = None  # most media parts of all kinds
    max_pages: Fact[int] | None = None  # most images and pages of PDFs together
    max_messages: Fact[int] | None = None  # most messages
    max_cache_control: Fact[int] | None = None  # most ``cache_control`` marks, in system, tools and messages together
    # the lifetimes of such marks in the order in which they must come; the last is that of one without
    cache_ttls: Fact[tuple[str, ...]] | None = None
    # False when no block in a result may be marked, only the result itself
    inner_cache_control: Fact[bool] | None = None
    required: Fact[tuple[str, ...]] | None = None  # keys that a body must have
    context: Fact[int] | None = None  # tokens of the context window
    # schemes of the remote URLs that media may have; any of ``http`` and ``https`` where None
    schemes: Fact[tuple[str, ...]] | None = None
    closed: Fact[bool] | None = None  # True when a body with a key that is no setting of the target is refused


class Setting(NamedTuple):
    """What the body may have at a path of ``body_paths``. None means that anything goes; null always does."""

    # JSON types: ``number``, ``integer``, ``boolean``, ``string``, ``array``, ``object``
    type: Fact[tuple[str, ...]] | None = None
    # min, max: least and greatest number
    min: Fact[float] | None = None
    max: Fact[float] | None = None
    max_by: Fact[Mapping[str, float]] | None = None  # the greatest number by model, whose pattern that fits best counts
    least: Fact[int] | None = None  # fewest entries of an array
    most: Fact[int] | None = None  # most entries of an array or an object, characters of a string
    values: Fact[tuple[str, ...]] | None = None  # the strings taken, of an array in each entry
    pattern: Fact[str] | None = None  # regular expression that a string matches as a whole
    keys: Fact[str] | None = None  # regular expression that each key of an object matches as a whole
    required: Fact[tuple[str, ...]] | None = None  # keys that an object must have
    first: Fact[tuple[str, ...]] | None = None  # types of the entries of an array that come before the others
    never_last: Fact[tuple[str, ...]] | None = None  # types of entries of which none may be the last
    among: Fact[str] | None = None  # a path that has the strings that are taken, where there is any
    needs: Fact[str] | None = None  # a path at which something must be, too
    below: Fact[str] | None = None  # a path whose number must be greater
    word: Fact[str] | None = None  # what the messages must say somewhere, in whatever case
    refused_by: Fact[tuple[str, ...]] | None = None  # models that refuse the key, as shell patterns
    refused_with: Fact[tuple[str, ...]] | None = None  # paths at which something is, beside which the key is refused
    taken: Fact[tuple[str, ...]] | None = None  # values that are taken nevertheless, as JSON
    instead: Fact[str] | None = None  # the key that is taken instead


class BatchLimits(NamedTuple):
    """Limits of a Batch file. None means that no limit is known."""

    max_bytes: Fact[int] | None = None  # most bytes of the file
    max_requests: Fact[int] | None = None  # most requests in it
    urls: Fact[tuple[str, ...]] | None = None  # endpoints that a line may name
