"""What a target takes, and how much of it: limits and rules as values with their sources."""

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

    @property
    def severity(self) -> Literal["error", "warning"]:
        """How grave it is to go beyond it: a warning where nobody confirmed it."""
        return "error" if self.verified else "warning"


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
    part: Fact[str] | None = None  # the type of the part that has a file in the target's format, where it is no file


def value_of(fact: Fact[T] | None) -> T | None:
    """Return what a fact says; None where there is none."""
    return None if fact is None else fact.value


def raw_bytes(limits: MediaLimits | AudioLimits | FileLimits) -> int | None:
    """Return the most bytes of one medium as they are, also where a target counts its base64."""
    most = value_of(limits.max_bytes)
    return most // 4 * 3 if most is not None and limits.bytes_as == "base64" else most


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
    least: Fact[int] | None = None  # fewest entries of an array or an object
    most: Fact[int] | None = None  # most entries of an array or an object, characters of a string
    values: Fact[tuple[str, ...]] | None = None  # the strings taken, of an array in each entry
    pattern: Fact[str] | None = None  # regular expression that a string matches as a whole
    keys: Fact[str] | None = None  # regular expression that each key of an object matches as a whole
    required: Fact[tuple[str, ...]] | None = None  # keys that an object must have
    first: Fact[tuple[str, ...]] | None = None  # types of the entries of an array that come before the others
    never_last: Fact[tuple[str, ...]] | None = None  # types of entries of which none may be the last
    among: Fact[str] | None = None  # a path that has the strings that are taken, where there is any
    unique: Fact[str] | None = None  # a path whose values all differ
    needs: Fact[str] | None = None  # a path at which something must be, too
    below: Fact[str] | None = None  # a path whose number must be greater
    word: Fact[str] | None = None  # what the messages must say somewhere, in whatever case
    refused_by: Fact[tuple[str, ...]] | None = None  # models that refuse the key, as shell patterns
    refused_with: Fact[tuple[str, ...]] | None = None  # paths at which something is, beside which the key is refused
    unless: Fact[str] | None = None  # a path at which something makes anything go
    taken: Fact[tuple[str, ...]] | None = None  # values that are taken nevertheless, as JSON
    instead: Fact[str] | None = None  # the key that is taken instead


class BatchLimits(NamedTuple):
    """Limits of a Batch file. None means that no limit is known."""

    max_bytes: Fact[int] | None = None  # most bytes of the file
    max_requests: Fact[int] | None = None  # most requests in it
    urls: Fact[tuple[str, ...]] | None = None  # endpoints that a line may name


class Roles(NamedTuple):
    """Which roles there are, and in which order."""

    allowed: Fact[tuple[str, ...]]  # roles that the target takes, after conversion to its format
    start: Fact[tuple[str, ...]] | None = None  # roles that may come first after the system prompt, None for any
    alone: Fact[tuple[str, ...]] | None = None  # roles that a conversation of one message may have, None for any
    # for each role, those that may follow it; None for no order
    after: Fact[Mapping[str, tuple[str, ...]]] | None = None
    # True when user and assistant take turns, so that the API merges two of one role
    alternates: Fact[bool] | None = None
    # even, odd: roles at even and at odd places, counted from 0 after the system prompt; None for any
    even: Fact[tuple[str, ...]] | None = None
    odd: Fact[tuple[str, ...]] | None = None
    pairs: Fact[bool] | None = None  # True when the number of messages after the system prompt must be even
    # roles of which a conversation needs at least one message, None for any
    required: Fact[tuple[str, ...]] | None = None
    prefill: Fact[bool] | None = None  # False when the last message must not be the assistant's
    system_in_middle: Fact[bool] | None = None  # False when a system message may be only before the others
    # roles, in the format's own words, that are in its list of messages; None for any
    listed: Fact[tuple[str, ...]] | None = None
    # who refuses two messages of one role in a row, as a sentence; None where nobody is known to
    refuse_neighbours: Fact[str] | None = None
    doubtful: Fact[tuple[str, ...]] | None = None  # roles that some of the models do not know
    # True when the answer in progress must begin with thinking where the request asks for it
    thinking_first: Fact[bool] | None = None


class Parts(NamedTuple):
    """The part types that each role's content may hold, by their names in Chat Completions and Harmony."""

    # system, developer, user, assistant, tool: part types, such as ``text`` and ``image_url``
    system: Fact[tuple[str, ...]]
    developer: Fact[tuple[str, ...]]
    user: Fact[tuple[str, ...]]
    assistant: Fact[tuple[str, ...]]
    tool: Fact[tuple[str, ...]]
    single_refusal: Fact[bool] | None = None  # True when a list with a refusal may hold nothing else
    # types, or keys where parts have none, in the format's own words, that are refused where the format does not
    # define them: in another role's message, or in another shape
    refused: Fact[tuple[str, ...]] | None = None

    def of(self, role: str) -> Fact[tuple[str, ...]] | None:
        """Return the part types of *role*, None for a role without a row here."""
        fact: Fact[tuple[str, ...]] | None = getattr(self, role, None) if role in _ROLE_ROWS else None
        return fact


_ROLE_ROWS = frozenset({"system", "developer", "user", "assistant", "tool"})


class Names(NamedTuple):
    """What names must look like."""

    author: Fact[str] | None = None  # regular expression that an author's name matches as a whole, None for any
    tool: Fact[str] | None = None  # the same for the author's name of a tool message in Chat Completions
    function: Fact[str] | None = None  # regular expression that a function's name matches as a whole, None for any


class Keys(NamedTuple):
    """Keys beyond those of the values that are no news: the target defines or ignores them."""

    # message, part, call: of a message, a content part, a tool call
    message: Fact[tuple[str, ...]] | None = None
    part: Fact[tuple[str, ...]] | None = None
    call: Fact[tuple[str, ...]] | None = None
    reasoning: Fact[bool] | None = None  # False where a message has no reasoning, under whatever name
    answers: Fact[tuple[str, ...]] | None = None  # keys of a message that stand for its content
    # values of the key ``weight`` of an assistant message, as JSON; None where it may be anything
    weights: Fact[tuple[str, ...]] | None = None


class Tools(NamedTuple):
    """Rules for tool calls and their results."""

    id_pattern: Fact[str] | None = None  # regular expression that a call id matches as a whole, None for any
    id_max: Fact[int] | None = None  # longest call id, in characters
    author_name: Fact[bool] | None = None  # True when a tool message needs an author name
    types: Fact[tuple[str, ...]] | None = None  # the types of calls taken
    max_calls: Fact[int] | None = None  # most calls in one message
    max_tools: Fact[int] | None = None  # most tools that a request declares
    unique_names: Fact[bool] | None = None  # True when two tools of one name are refused
    taken: Fact[bool] | None = None  # False when the model takes no tools
    one_result: Fact[bool] | None = None  # True when one result answers all calls of the message before it
    results_anywhere: Fact[bool] | None = None  # True when messages may stand between a call and its result
    results_together: Fact[bool] | None = None  # True when the results of one message's calls come in one message
    empty_result: Fact[bool] | None = None  # True when a result needs no content
    # key that the first call of each answer of a turn in progress must have beside it
    signature: Fact[str] | None = None
    schema_keys: Fact[tuple[str, ...]] | None = None  # keys that a schema in ``parameters`` has nowhere
    one_type: Fact[bool] | None = None  # True when a schema in ``parameters`` has one type, and strings as its enum
    object_schema: Fact[bool] | None = None  # True when that schema must be of the type object
    array_items: Fact[bool] | None = None  # True when an array in it must say what its items are
    # what a strict schema must say of each object: ``additionalProperties``, ``required``
    strict: Fact[tuple[str, ...]] | None = None
    strict_without: Fact[tuple[str, ...]] | None = None  # keys that a strict schema has nowhere
    strict_formats: Fact[tuple[str, ...]] | None = None  # formats of strings in a strict schema


class Items(NamedTuple):
    """Rules for the items of a list that holds messages, calls and results each by itself."""

    id_prefix: Fact[Mapping[str, tuple[str, ...]]] | None = None  # type of an item -> what its id begins with
    required: Fact[Mapping[str, tuple[str, ...]]] | None = None  # type of an item -> keys that it must have
    followed: Fact[tuple[str, ...]] | None = None  # types of items that the model made together with the next item


class Channels(NamedTuple):
    """Rules for channels."""

    required: Fact[tuple[str, ...]] | None = None  # roles whose messages need a channel


class Text(NamedTuple):
    """Rules for text."""

    special_tokens: Fact[tuple[str, ...]] | None = None  # control tokens that text must not spell
    empty_refused: Fact[bool] | None = None  # True when the API refuses empty text
    empty_last: Fact[bool] | None = None  # True when a last message of the assistant may be empty
    blank_beside: Fact[bool] | None = None  # True when white space alone is taken in an answer that has more
    trailing_space_refused: Fact[bool] | None = None  # True when the last assistant text must not end in white space
    # True when each entry of a media column needs a placeholder; else those of a column without any belong before the
    # first question
    placeholders: Fact[bool] | None = None
