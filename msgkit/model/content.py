"""The content parts of Chat Completions, and those that OpenAI-compatible servers add."""

from collections.abc import Iterator
from typing import Any, ClassVar

import attrs

from msgkit.errors import MediaError, quote
from msgkit.model.base import Value, Words
from msgkit.model.media import Media, describe_media, media_in


class _MediaPart:
    """What the parts with media share: their string is in an object under their type, at the key *_key*."""

    __slots__ = ()
    type: ClassVar[str]
    changes: tuple[str, ...]
    _key: ClassVar[str] = "url"
    _bare: ClassVar[bool] = False  # whether the string may be base64 without a data URL

    @property
    def media(self) -> Media:
        """The bytes in the part, decoded at each call, their type and header; see :class:`Media`."""
        inner = getattr(self, self.type)
        text = getattr(inner, self._key)
        if text is None:
            raise MediaError(f"the part has no {self._key}", code="file-source", source=inner.file_id)
        return media_in(text, self.changes, bare_base64=self._bare)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._describe()})"

    def __rich_repr__(self) -> Iterator[Any]:
        """Yield what the media are, for ``rich``."""
        yield Words(self._describe())

    def _describe(self) -> str:
        try:
            return describe_media(self.media)
        except MediaError:
            inner = getattr(self, self.type)
            text = getattr(inner, self._key) or getattr(inner, "file_id", None)
            return quote(text) if text else "no media"


@attrs.frozen(repr=False)
class TextPart(Value):
    """
    ``{"type": "text", "text": ...}``.

    >>> TextPart("Hello").text
    'Hello'
    """

    type: ClassVar[str] = "text"
    text: str


@attrs.frozen(repr=False)
class RefusalPart(Value):
    """
    ``{"type": "refusal", "refusal": ...}``: what the assistant said instead of an answer.

    >>> RefusalPart("I cannot help with that.")
    RefusalPart('I cannot help with that.')
    """

    type: ClassVar[str] = "refusal"
    refusal: str


@attrs.frozen(repr=False)
class ThinkingPart(Value):
    """
    ``{"type": "thinking", "thinking": ..., "closed": ...}``, as vLLM takes it.

    >>> ThinkingPart("First, 2 + 2.", closed=True)
    ThinkingPart('First, 2 + 2.', closed=True)
    """

    type: ClassVar[str] = "thinking"
    thinking: str
    closed: bool | None = None


@attrs.frozen(repr=False)
class ImageUrl(Value):
    """The object inside an image part."""

    url: str  # a data URL, a remote URL, or a reference to a local file
    detail: str | None = None  # how closely the model should look: ``auto``, ``low``, ``high``; None when not said


@attrs.frozen(repr=False)
class ImagePart(_MediaPart, Value):
    """
    ``{"type": "image_url", "image_url": {"url": ..., "detail": ...}}``.

    >>> ImagePart(ImageUrl("photos/cat.jpg", detail="low"))
    ImagePart('photos/cat.jpg')
    """

    type: ClassVar[str] = "image_url"
    image_url: ImageUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)


@attrs.frozen(repr=False)
class InputAudio(Value):
    """The object inside an audio part."""

    data: str  # bare base64, or a reference to a local file
    format: str | None = None  # ``wav`` or ``mp3``; None only while *data* is a reference


@attrs.frozen(repr=False)
class AudioPart(_MediaPart, Value):
    """
    ``{"type": "input_audio", "input_audio": {"data": ..., "format": ...}}``.

    >>> AudioPart(InputAudio("sounds/question.wav", "wav"))
    AudioPart('sounds/question.wav')
    """

    type: ClassVar[str] = "input_audio"
    _key: ClassVar[str] = "data"
    _bare: ClassVar[bool] = True
    input_audio: InputAudio
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)


@attrs.frozen(repr=False)
class MediaUrl(Value):
    """The object inside an ``audio_url`` or ``video_url`` part: a data URL, a remote URL, or a reference."""

    url: str


@attrs.frozen(repr=False)
class AudioUrlPart(_MediaPart, Value):
    """
    ``{"type": "audio_url", "audio_url": {"url": ...}}``, as vLLM takes it.

    >>> AudioUrlPart(MediaUrl("sounds/purr.ogg"))
    AudioUrlPart('sounds/purr.ogg')
    """

    type: ClassVar[str] = "audio_url"
    audio_url: MediaUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)


@attrs.frozen(repr=False)
class VideoUrlPart(_MediaPart, Value):
    """
    ``{"type": "video_url", "video_url": {"url": ...}}``, as vLLM takes it.

    >>> VideoUrlPart(MediaUrl("https://example.org/cat.mp4"))
    VideoUrlPart('https://example.org/cat.mp4')
    """

    type: ClassVar[str] = "video_url"
    video_url: MediaUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)


@attrs.frozen(repr=False)
class FileData(Value):
    """The object inside a file part."""

    file_data: str | None = None  # a data URL, bare base64, or a reference to a local file
    file_id: str | None = None  # the id of a file that the provider holds
    filename: str | None = None  # the name to show; goes with *file_data*


@attrs.frozen(repr=False)
class FilePart(_MediaPart, Value):
    """
    ``{"type": "file", "file": {"file_data": ..., "filename": ...}}``.

    >>> FilePart(FileData("files/receipt.pdf", filename="receipt.pdf"))
    FilePart('files/receipt.pdf')
    """

    type: ClassVar[str] = "file"
    _key: ClassVar[str] = "file_data"
    _bare: ClassVar[bool] = True
    file: FileData
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)
