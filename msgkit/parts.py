"""
The content parts, tool calls, and Media: the bytes behind a part.

Each class mirrors its JSON object 1:1, so that a path into the value is a path into the user's file.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, NoReturn, Self

import attrs

from msgkit import data_url, headers
from msgkit.errors import MediaError, quote


class _Nothing(Mapping[str, Any]):
    """The empty mapping that every value without unknown keys shares."""

    __slots__ = ()

    def __getitem__(self, key: str) -> NoReturn:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and not other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "{}"

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Mapping[str, Any] = _Nothing()
PLAIN: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True, repr=False)
class Value:
    """
    What all values share.

    Args:
        extra: Keys of the JSON object that the class does not know; they are written back.

        form: How the object was written where that has no meaning: the keys that were an explicit null,
            and spellings. Not part of equality; msgkit's own note.
    """

    extra: Mapping[str, Any] = attrs.field(default=NOTHING, hash=False)
    form: frozenset[str] = attrs.field(default=PLAIN, eq=False)

    def __repr__(self) -> str:
        shown = []
        for field in sorted(attrs.fields(type(self)), key=lambda field: field.name == "extra"):
            value = getattr(self, field.name)
            if value is None or field.name == "form" or (field.default is not attrs.NOTHING and value == field.default):
                continue
            text = quote(value) if isinstance(value, str | dict) else repr(value)
            plain = field.default is attrs.NOTHING or field.name == "content"
            shown.append(text if plain else f"{field.name}={text}")
        return f"{type(self).__name__}({', '.join(shown)})"


@attrs.frozen(repr=False)
class Media:
    """
    Bytes and their media type.

    Args:
        data: The encoded file: a JPEG, a WAV, a PDF.

        media_type: RFC 6838 type told from the bytes: ``image/png``.

        changes: What was done to make the media fit, in order; empty when the bytes are the source's own.

    >>> Media(b"%PDF-1.7", "application/pdf").base64_size
    12
    """

    data: bytes
    media_type: str
    changes: tuple[str, ...] = attrs.field(default=(), eq=False)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def header(self) -> headers.ImageHeader | headers.SoundHeader | None:
        """What the bytes say about themselves; None for a type without a header reader."""
        return headers.read(headers.bytes_window(self.data))

    @property
    def base64_size(self) -> int:
        """Characters of the bytes as base64."""
        return (len(self.data) + 2) // 3 * 4

    @property
    def width(self) -> int | None:
        """Pixels from left to right as stored; None unless an image."""
        return getattr(self.header, "width", None)

    @property
    def height(self) -> int | None:
        """Pixels from top to bottom as stored; None unless an image."""
        return getattr(self.header, "height", None)

    @property
    def duration(self) -> float | None:
        """Seconds; None unless sound."""
        return getattr(self.header, "duration", None)

    @property
    def sample_rate(self) -> int | None:
        """Hertz; None unless sound."""
        return getattr(self.header, "sample_rate", None)

    @property
    def channels(self) -> int | None:
        """Channels of sound; None unless sound."""
        return getattr(self.header, "channels", None)

    def __repr__(self) -> str:
        return f"Media({describe_media(self)})"


def describe_media(media: Media) -> str:
    """
    Say in a few words what *media* is, without its bytes.

    >>> describe_media(Media(b"%PDF-1.7", "application/pdf"))
    'application/pdf, 8 bytes'
    """
    size = len(media.data)
    words = [media.media_type]
    try:
        if media.width is not None:
            words.append(f"{media.width}x{media.height}")
        if media.duration is not None:
            words.append(f"{media.duration:.1f} s")
    except MediaError as error:
        words.append(error.code)
    words.append(f"{size:,} bytes" if size < 1000 else f"{size / 1e3:,.0f} kB")  # noqa: PLR2004 (a kilobyte)
    return ", ".join(words)


def _media_of(text: str, changes: tuple[str, ...] = (), *, bare_base64: bool = False) -> Media:
    kind = data_url.classify(text, bare_base64=bare_base64)
    if kind is data_url.Kind.DATA:
        declared = data_url.split(text)
        data = data_url.decode(declared.payload)
        return Media(data, headers.sniff(data) or headers.canonical(declared.media_type), changes)
    if kind is data_url.Kind.BASE64:
        data = data_url.decode(text)
        return Media(data, headers.sniff(data) or "application/octet-stream", changes)
    raise MediaError("the part names its media and does not hold them", code="reference-unresolved", source=text, hint="inline it first")


class _MediaPart:
    """What the parts that hold media share."""

    __slots__ = ()

    @property
    def media(self) -> Media:
        """
        The bytes that the part holds, decoded anew at each call.

        Raises:
            MediaError: If the part names a file or a URL, or holds no valid base64.
        """
        raise NotImplementedError

    def _describe(self, source: str | None) -> str:
        try:
            return describe_media(self.media)
        except MediaError:
            return quote(source) if source else "no media"


@attrs.frozen(repr=False)
class TextPart(Value):
    """``{"type": "text", "text": ...}``."""

    type: ClassVar[str] = "text"
    text: str


@attrs.frozen(repr=False)
class RefusalPart(Value):
    """``{"type": "refusal", "refusal": ...}``: what the assistant said instead of an answer."""

    type: ClassVar[str] = "refusal"
    refusal: str


@attrs.frozen(repr=False)
class ThinkingPart(Value):
    """``{"type": "thinking", "thinking": ..., "closed": ...}``, as vLLM takes it."""

    type: ClassVar[str] = "thinking"
    thinking: str
    closed: bool | None = None


@attrs.frozen(repr=False)
class ImageUrl(Value):
    """
    The object inside an image part.

    Args:
        url: A data URL, a remote URL, or a reference to a local file.

        detail: How closely the model should look: ``auto``, ``low``, ``high``; None when not said.
    """

    url: str
    detail: str | None = None


@attrs.frozen(repr=False)
class ImagePart(Value, _MediaPart):
    """``{"type": "image_url", "image_url": {"url": ..., "detail": ...}}``."""

    type: ClassVar[str] = "image_url"
    image_url: ImageUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)

    @property
    def media(self) -> Media:
        """The picture's bytes; see :class:`Media`."""
        return _media_of(self.image_url.url, self.changes)

    def __repr__(self) -> str:
        return f"ImagePart({self._describe(self.image_url.url)})"


@attrs.frozen(repr=False)
class InputAudio(Value):
    """
    The object inside an audio part.

    Args:
        data: Bare base64, or a reference to a local file.

        format: ``wav`` or ``mp3``; None only while *data* is a reference.
    """

    data: str
    format: str | None = None


@attrs.frozen(repr=False)
class AudioPart(Value, _MediaPart):
    """``{"type": "input_audio", "input_audio": {"data": ..., "format": ...}}``."""

    type: ClassVar[str] = "input_audio"
    input_audio: InputAudio
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)

    @property
    def media(self) -> Media:
        """The sound's bytes; see :class:`Media`."""
        return _media_of(self.input_audio.data, self.changes, bare_base64=True)

    def __repr__(self) -> str:
        return f"AudioPart({self._describe(self.input_audio.data)})"


@attrs.frozen(repr=False)
class MediaUrl(Value):
    """The object inside an ``audio_url`` or ``video_url`` part: a data URL, a remote URL, or a reference."""

    url: str


@attrs.frozen(repr=False)
class AudioUrlPart(Value, _MediaPart):
    """``{"type": "audio_url", "audio_url": {"url": ...}}``, as vLLM takes it."""

    type: ClassVar[str] = "audio_url"
    audio_url: MediaUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)

    @property
    def media(self) -> Media:
        """The sound's bytes; see :class:`Media`."""
        return _media_of(self.audio_url.url, self.changes)

    def __repr__(self) -> str:
        return f"AudioUrlPart({self._describe(self.audio_url.url)})"


@attrs.frozen(repr=False)
class VideoUrlPart(Value, _MediaPart):
    """``{"type": "video_url", "video_url": {"url": ...}}``, as vLLM takes it."""

    type: ClassVar[str] = "video_url"
    video_url: MediaUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)

    @property
    def media(self) -> Media:
        """The video's bytes; see :class:`Media`."""
        return _media_of(self.video_url.url, self.changes)

    def __repr__(self) -> str:
        return f"VideoUrlPart({self._describe(self.video_url.url)})"


@attrs.frozen(repr=False)
class FileData(Value):
    """
    The object inside a file part.

    Args:
        file_data: A data URL, bare base64, or a reference to a local file.

        file_id: The id of a file that the provider holds.

        filename: The name to show; goes with *file_data*.
    """

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


@attrs.frozen(repr=False)
class FilePart(Value, _MediaPart):
    """``{"type": "file", "file": {"file_data": ..., "filename": ...}}``."""

    type: ClassVar[str] = "file"
    file: FileData
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)

    @property
    def media(self) -> Media:
        """The file's bytes; see :class:`Media`."""
        if self.file.file_data is None:
            raise MediaError("the part holds no file_data", code="file-source", source=self.file.file_id)
        return _media_of(self.file.file_data, self.changes, bare_base64=True)

    def __repr__(self) -> str:
        return f"FilePart({self._describe(self.file.file_data or self.file.file_id)})"


@attrs.frozen(repr=False)
class ToolDescription(Value):
    """One tool of a Harmony namespace; *parameters* is a JSON schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class ToolNamespace(Value):
    """A Harmony namespace of tools: ``functions``, ``browser``, ``python``."""

    name: str
    description: str | None = None
    tools: tuple[ToolDescription, ...] = ()


@attrs.frozen(repr=False)
class ChannelConfig(Value):
    """The channels that a Harmony system message declares, and whether each message must name one."""

    valid_channels: tuple[str, ...]
    channel_required: bool | None = None


@attrs.frozen(repr=False)
class SystemContentPart(Value):
    """``{"type": "system_content", ...}``: what a Harmony system message holds."""

    type: ClassVar[str] = "system_content"
    model_identity: str | None = None
    reasoning_effort: str | None = None
    conversation_start_date: str | None = None
    knowledge_cutoff: str | None = None
    channel_config: ChannelConfig | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class DeveloperContentPart(Value):
    """``{"type": "developer_content", ...}``: what a Harmony developer message holds."""

    type: ClassVar[str] = "developer_content"
    instructions: str | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class UnknownPart:
    """
    A part of a type that no class knows; it goes back out unchanged.

    Args:
        type: The type named.

        data: The whole JSON object.
    """

    type: str
    data: Mapping[str, Any] = attrs.field(hash=False)

    def __repr__(self) -> str:
        return f"UnknownPart({quote(self.type)}, {quote(self.data)})"


ContentPart = (
    TextPart
    | ImagePart
    | AudioPart
    | AudioUrlPart
    | VideoUrlPart
    | FilePart
    | RefusalPart
    | ThinkingPart
    | SystemContentPart
    | DeveloperContentPart
    | UnknownPart
)

PARTS: Mapping[str, type[Value]] = {
    "text": TextPart,
    "image_url": ImagePart,
    "input_audio": AudioPart,
    "audio_url": AudioUrlPart,
    "video_url": VideoUrlPart,
    "file": FilePart,
    "refusal": RefusalPart,
    "thinking": ThinkingPart,
    "system_content": SystemContentPart,
    "developer_content": DeveloperContentPart,
}


@attrs.frozen(repr=False)
class FunctionCall(Value):
    """A function's name and its arguments as the string that the model wrote, valid JSON or not."""

    name: str
    arguments: str


@attrs.frozen(repr=False)
class ToolCall(Value):
    """``{"id": ..., "type": "function", "function": {"name": ..., "arguments": ...}}``."""

    type: ClassVar[str] = "function"
    id: str | None
    function: FunctionCall

    @classmethod
    def new(cls, id: str, name: str, arguments: str = "{}") -> Self:  # noqa: A002 (the wire's word)
        """Return a call of function *name*."""
        return cls(id, FunctionCall(name, arguments))


@attrs.frozen(repr=False)
class CustomCall(Value):
    """A custom tool's name and its input, any text."""

    name: str
    input: str


@attrs.frozen(repr=False)
class CustomToolCall(Value):
    """``{"id": ..., "type": "custom", "custom": {"name": ..., "input": ...}}``."""

    type: ClassVar[str] = "custom"
    id: str | None
    custom: CustomCall


AnyToolCall = ToolCall | CustomToolCall | UnknownPart
TOOL_CALLS: Mapping[str, type[Value]] = {"function": ToolCall, "custom": CustomToolCall}
