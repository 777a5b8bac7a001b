"""
What a target is: its limits as values, each with its source and as-of date.

Only data and lookups; reader.py fills these classes from TOML.
"""

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
class Roles:
    """
    Which roles there are, and in which order.

    Args:
        allowed: Roles that the target takes, after conversion to its format.

        start: Roles that may come first, None for any.

        alone: Roles that a conversation of one message may have, None for any.

        after: For each role, those that may follow it; None for no order.

        alternates: True when user and assistant take turns, so that the API merges two of one role.
    """

    allowed: Fact[tuple[str, ...]]
    start: Fact[tuple[str, ...]] | None = None
    alone: Fact[tuple[str, ...]] | None = None
    after: Fact[Mapping[str, tuple[str, ...]]] | None = None
    alternates: Fact[bool] | None = None


@attrs.frozen
class Parts:
    """
    The part types that each role's content may hold, by their names in Chat Completions and Harmony.

    Args:
        system, developer, user, assistant, tool: Part types, such as ``text`` and ``image_url``.

        single_refusal: True when a list with a refusal may hold nothing else.
    """

    system: Fact[tuple[str, ...]]
    developer: Fact[tuple[str, ...]]
    user: Fact[tuple[str, ...]]
    assistant: Fact[tuple[str, ...]]
    tool: Fact[tuple[str, ...]]
    single_refusal: Fact[bool] | None = None

    def of(self, role: str) -> Fact[tuple[str, ...]] | None:
        """Return the part types of *role*, None for a role without a row here."""
        fact: Fact[tuple[str, ...]] | None = getattr(self, role, None) if role in _ROLE_ROWS else None
        return fact


_ROLE_ROWS = frozenset({"system", "developer", "user", "assistant", "tool"})


@attrs.frozen
class Names:
    """
    What names must look like.

    Args:
        author: Regular expression that an author's name matches as a whole, None for any.

        tool: The same for the author's name of a tool message in Chat Completions.

        function: Regular expression that a function's name matches as a whole, None for any.
    """

    author: Fact[str] | None = None
    tool: Fact[str] | None = None
    function: Fact[str] | None = None


@attrs.frozen
class Keys:
    """
    Keys beyond those of the values that are no news: the target defines or ignores them.

    Args:
        message, part, call: Of a message, a content part, a tool call.
    """

    message: Fact[tuple[str, ...]] | None = None
    part: Fact[tuple[str, ...]] | None = None
    call: Fact[tuple[str, ...]] | None = None


@attrs.frozen
class Tools:
    """
    Rules for tool calls and their results.

    Args:
        id_pattern: Regular expression that a call id matches as a whole, None for any.

        id_max: Longest call id, in characters.

        author_name: True when a tool message needs an author name.

        types: The types of calls taken.
    """

    id_pattern: Fact[str] | None = None
    id_max: Fact[int] | None = None
    author_name: Fact[bool] | None = None
    types: Fact[tuple[str, ...]] | None = None


@attrs.frozen
class Channels:
    """
    Rules for channels.

    Args:
        valid: The channels there are.

        required: Roles whose messages need a channel.
    """

    valid: Fact[tuple[str, ...]] | None = None
    required: Fact[tuple[str, ...]] | None = None


@attrs.frozen
class Text:
    """
    Rules for text.

    Args:
        special_tokens: Control tokens that text must not spell.

        empty_refused: True when the API refuses empty text.
    """

    special_tokens: Fact[tuple[str, ...]] | None = None
    empty_refused: Fact[bool] | None = None


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


@attrs.frozen(eq=False)
class Target:
    """
    Where a request goes: its rules and limits.

    Args:
        name: As in ``--target``.

        title: For people.

        format: The format in which requests go there.

        extends: The target that a user's own file is built on.

        severity: Severity by code, where it differs from the code's own; ``off`` where the rule does not hold.
    """

    name: str
    title: str
    format: str
    roles: Roles
    parts: Parts
    images: MediaLimits
    audio: AudioLimits
    video: FileLimits
    files: FileLimits
    extends: str | None = None
    names: Names = Names()
    keys: Keys = Keys()
    tools: Tools = Tools()
    channels: Channels = Channels()
    text: Text = Text()
    request: RequestLimits = RequestLimits()
    tokens: Tokens = Tokens()
    severity: Mapping[str, Fact[SeverityName]] = attrs.field(factory=dict)
