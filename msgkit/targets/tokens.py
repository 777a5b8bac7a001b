"""What messages and media cost in tokens: media by the formulas that a target publishes for a model."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeVar

from msgkit.headers import AudioHeader, Header, ImageHeader
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Message
from msgkit.model.parts import ImagePart, TextPart
from msgkit.targets.limits import Fact

T = TypeVar("T")


class DetailTokens(NamedTuple):
    """What one level of ``detail`` changes in a formula; see ImageTokens. None changes nothing."""

    # fit, most, each: as in ImageTokens
    fit: Fact[int] | None = None
    most: Fact[int] | None = None
    each: Fact[int] | None = None
    refused: Fact[bool] | None = None  # True when an image of more than *most* patches is refused, not scaled down


class ImageTokens(NamedTuple):
    """How a model counts an image."""

    # ``tiles``: a base, and so much for each tile. ``patches``: the patches that cover it, scaled down until whole
    # patches fit. ``grid``: the same, scaled down no further than needed. ``fixed``: a number by detail
    method: Literal["tiles", "patches", "grid", "fixed"]
    fit: Fact[int] | None = None  # side in pixels of the square that the image is scaled into first
    short: Fact[int] | None = None  # side in pixels that the short edge is scaled down to then (tiles)
    side: Fact[int] | None = None  # side in pixels of a tile or patch
    base: Fact[int] | None = None  # tokens for any image (tiles)
    each: Fact[int] | None = None  # tokens for a tile, or for an image (fixed)
    most: Fact[int] | None = None  # most patches of an image
    factor: Fact[float] | None = None  # what patches are multiplied with
    auto: Fact[str] | None = None  # the level of detail that ``auto`` and none mean
    details: Mapping[str, DetailTokens] = {}  # level of detail -> what it changes

    def of(self, width: int, height: int, detail: str | None = None) -> int:
        """Return the tokens of an image of *width* x *height* pixels."""
        formula = self.at(detail)
        scale = min(1.0, _of(formula.fit, max(width, height)) / max(width, height))
        return _METHODS[self.method](formula, width, height, scale)

    def at(self, detail: str | None) -> "ImageTokens":
        """Return the formula with what a level of detail changes."""
        level = detail if detail is not None and detail in self.details else _of(self.auto, "")
        changes = self.details.get(level)
        if changes is None:
            return self
        told = {name: getattr(changes, name) for name in ("fit", "most", "each")}
        return self._replace(**{name: fact for name, fact in told.items() if fact is not None})

    def patches(self, width: int, height: int) -> int:
        """Return the patches that cover an image as it is."""
        side = _of(self.side, 32)
        return -(-width // side) * -(-height // side)

    def refused_above(self, detail: str | None) -> Fact[int] | None:
        """Return the most patches of an image where more are refused at a level of detail, not scaled down."""
        changes = self.details.get(detail if detail is not None and detail in self.details else _of(self.auto, ""))
        return changes.most if changes is not None and changes.refused is not None and changes.refused.value else None


class Tokens(NamedTuple):
    """Token formulas. None where the target publishes none."""

    images: ImageTokens | None = None  # for images
    audio_per_second: Fact[float] | None = None  # tokens for a second of audio

    def image(self, width: int, height: int, detail: str | None = None) -> int | None:
        """
        Return the tokens of an image, None without a formula.

        >>> from msgkit import targets
        >>> targets.get("openai", "gpt-4o").tokens.image(1024, 1024, "high")
        765
        """
        return None if self.images is None else self.images.of(width, height, detail)

    def audio(self, seconds: float) -> int | None:
        """
        Return the tokens of *seconds* of audio, None without a formula.

        >>> from msgkit import targets
        >>> targets.get("gemini").tokens.audio(60.0)
        1920
        """
        return None if self.audio_per_second is None else math.ceil(self.audio_per_second.value * seconds)


def _of(fact: Fact[T] | None, otherwise: T) -> T:
    return otherwise if fact is None else fact.value


def _tiles(formula: ImageTokens, width: int, height: int, scale: float) -> int:
    base, each = _of(formula.base, 0), _of(formula.each, 1)
    if not each:
        return base
    scale = min(scale, _of(formula.short, min(width, height)) / min(width, height))
    side = _of(formula.side, 512)
    across, down = (max(1, math.ceil(round(length * scale) / side)) for length in (width, height))
    return base + across * down * each


def _patches(formula: ImageTokens, width: int, height: int, scale: float) -> int:
    side = _of(formula.side, 32)
    most = None if formula.most is None else formula.most.value
    wide, high = width * scale / side, height * scale / side
    if most is not None and math.ceil(wide) * math.ceil(high) > most:
        shrink = math.sqrt(most / (wide * high))
        wide, high = wide * shrink, high * shrink
        fit = min(math.floor(wide) / wide, math.floor(high) / high) or 1.0
        wide, high = round(wide * fit, 6), round(high * fit, 6)
    count = math.ceil(wide) * math.ceil(high)
    return math.ceil(min(count, most or count) * _of(formula.factor, 1.0))


def _grid(formula: ImageTokens, width: int, height: int, scale: float) -> int:
    side, (short, long) = _of(formula.side, 28), sorted((width, height))
    edge = min(long, round(long * scale))
    most = None if formula.most is None else formula.most.value
    if most is None or _covering(edge, short, long, side) <= most:
        return _covering(edge, short, long, side)
    least = 1  # the longest edge whose patches are few enough is at least this, and less than *edge*
    while edge - least > 1:
        middle = (least + edge) // 2
        least, edge = (middle, edge) if _covering(middle, short, long, side) <= most else (least, middle)
    return min(most, _covering(least, short, long, side))


def _covering(edge: int, short: int, long: int, side: int) -> int:
    """Patches that cover an image scaled so that its long edge is *edge*."""
    return -(-edge // side) * max(1, -(-edge * short // (long * side)))


def _fixed(formula: ImageTokens, _width: int, _height: int, _scale: float) -> int:
    return _of(formula.each, 0)


_METHODS: dict[str, Callable[[ImageTokens, int, int, float], int]] = {
    "tiles": _tiles,
    "patches": _patches,
    "grid": _grid,
    "fixed": _fixed,
}


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
