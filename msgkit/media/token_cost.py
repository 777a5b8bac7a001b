"""What messages, and the media and texts in them, cost in tokens."""

from collections.abc import Iterator, Mapping

from msgkit.headers import AudioHeader, Header, ImageHeader
from msgkit.model.messages import Message
from msgkit.model.parts import CustomToolCall, ImagePart, TextPart, ToolCall
from msgkit.targets import Tokens

RULE = "rule of thumb: a token is 4 ASCII characters, or 1 other character"

_RESOLUTIONS = ("mediaResolution", "media_resolution")  # of a part, in Gemini


def text_tokens(text: str) -> float:
    """Return about how many tokens a text has, by the rule of thumb."""
    if text.isascii():
        return len(text) / 4
    plain = len(text.encode("ascii", "ignore"))
    return plain / 4 + len(text) - plain


def media_tokens(tokens: Tokens, header: Header | None, part: object) -> int | None:
    """Return the tokens of media by their header; None where there is no formula for them."""
    if isinstance(header, ImageHeader):
        return tokens.image(header.width, header.height, detail_of(part))
    return tokens.audio(header.duration) if isinstance(header, AudioHeader) else None


def detail_of(part: object) -> str | None:
    """Return how closely an image is looked at, in the words of the targets' formulas."""
    if not isinstance(part, ImagePart):
        return None
    if isinstance(part.image_url.detail, str):
        return part.image_url.detail
    level = next((part.extra[key] for key in _RESOLUTIONS if key in part.extra), None)
    if isinstance(level, Mapping):
        level = level.get("level")
    return level.lower().removeprefix("media_resolution_") if isinstance(level, str) else None


def texts(message: Message) -> Iterator[str]:
    """Yield every text of a message that a model reads: parts, reasoning, calls."""
    for part in message.parts:
        text = part.text if isinstance(part, TextPart) else getattr(part, "refusal", getattr(part, "thinking", None))
        if isinstance(text, str):
            yield text
    calls = [call.function for call in message.tool_calls or () if isinstance(call, ToolCall) and call.function]
    custom = [call.custom for call in message.tool_calls or () if isinstance(call, CustomToolCall) and call.custom]
    parts = [message.reasoning, message.refusal]
    parts += [text for call in calls for text in (call.name, call.arguments)]
    parts += [text for call in custom for text in (call.name, call.input)]
    yield from (text for text in parts if isinstance(text, str))
