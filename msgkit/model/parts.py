"""
The content parts of Chat Completions, of compatible servers, and of Harmony's system and developer messages.

Each class mirrors its JSON object 1:1, so that a path into the value is a path into the user's file. To add a part: its
class here, its line in PARTS and in ContentPart.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from msgkit.model.base import UnknownPart, Value
from msgkit.model.media import MediaPart


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
class ImagePart(MediaPart, Value):
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
class AudioPart(MediaPart, Value):
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
class AudioUrlPart(MediaPart, Value):
    """
    ``{"type": "audio_url", "audio_url": {"url": ...}}``, as vLLM takes it.

    >>> AudioUrlPart(MediaUrl("sounds/purr.ogg"))
    AudioUrlPart('sounds/purr.ogg')
    """

    type: ClassVar[str] = "audio_url"
    audio_url: MediaUrl
    changes: tuple[str, ...] = attrs.field(default=(), eq=False, kw_only=True)


@attrs.frozen(repr=False)
class VideoUrlPart(MediaPart, Value):
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
class FilePart(MediaPart, Value):
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
    tools: tuple[ToolDescription, ...] | None = None


@attrs.frozen(repr=False)
class ChannelConfig(Value):
    """The channels that a Harmony system message declares, and whether each message must name one."""

    valid_channels: tuple[str, ...]
    channel_required: bool | None = None


@attrs.frozen(repr=False)
class SystemContentPart(Value):
    """
    ``{"type": "system_content", ...}``: what a Harmony system message holds.

    >>> SystemContentPart(reasoning_effort="low")
    SystemContentPart(reasoning_effort='low')
    """

    type: ClassVar[str] = "system_content"
    model_identity: str | None = None
    reasoning_effort: str | None = None
    conversation_start_date: str | None = None
    knowledge_cutoff: str | None = None
    channel_config: ChannelConfig | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class DeveloperContentPart(Value):
    """
    ``{"type": "developer_content", ...}``: what a Harmony developer message holds.

    >>> DeveloperContentPart("Be brief.")
    DeveloperContentPart(instructions='Be brief.')
    """

    type: ClassVar[str] = "developer_content"
    instructions: str | None = None
    tools: Mapping[str, ToolNamespace] | None = attrs.field(default=None, hash=False)


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
