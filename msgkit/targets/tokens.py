"""What media cost in tokens, by the formulas that a target publishes."""

import math
from collections.abc import Callable
from typing import TypeVar

from msgkit.targets.limits import Fact, ImageTokens
from msgkit.targets.target import Target

T = TypeVar("T")


def image_tokens(
    target: Target, width: int, height: int, *, detail: str | None = None, model: str | None = None
) -> int | None:
    """
    Return the tokens of an image of *width* x *height* pixels, or None where the target publishes no formula.

    Args:
        target: Whose formula.

        width: Pixels across.

        height: Pixels down.

        detail: ``image_url.detail``; ``low`` costs the base only.

        model: The model's name; the target's default formula when None or not listed.

    >>> from msgkit import targets
    >>> image_tokens(targets.get("openai"), 1024, 1024, detail="high")
    765
    """
    formula = _formula(target, model)
    return None if formula is None else _METHODS[formula.method](formula, width, height, detail)


def audio_tokens(target: Target, seconds: float) -> int | None:
    """
    Return the tokens of *seconds* of audio, or None where the target publishes no formula.

    >>> from msgkit import targets
    >>> audio_tokens(targets.get("gemini"), 60.0)
    1920
    """
    each = target.tokens.audio_per_second
    return None if each is None else math.ceil(each.value * seconds)


def _formula(target: Target, model: str | None) -> ImageTokens | None:
    formulas = target.tokens.images
    named = [name for name in formulas if model is not None and model.startswith(name)]
    return formulas.get(max(named, key=len) if named else "default")


def _of(fact: Fact[T] | None, otherwise: T) -> T:
    return otherwise if fact is None else fact.value


def _tiles(formula: ImageTokens, width: int, height: int, detail: str | None) -> int:
    base = _of(formula.base, 0)
    if detail == "low":
        return base
    scale = min(1.0, _of(formula.fit, max(width, height)) / max(width, height))
    scale = min(scale, _of(formula.short, min(width, height)) / min(width, height))
    side = _of(formula.side, 512)
    across, down = (math.ceil(round(length * scale) / side) for length in (width, height))
    return base + across * down * _of(formula.each, 1)


def _patches(formula: ImageTokens, width: int, height: int, _detail: str | None) -> int:
    side, most = _of(formula.side, 32), _of(formula.most, 1536)
    across, down = math.ceil(width / side), math.ceil(height / side)
    if across * down > most:
        scale = math.sqrt(side * side * most / (width * height))
        wide, high = width * scale / side, height * scale / side
        fit = min(math.floor(wide) / wide, math.floor(high) / high) or 1.0
        across, down = math.ceil(round(wide * fit, 6)), math.ceil(round(high * fit, 6))
    return math.ceil(min(across * down, most) * _of(formula.factor, 1.0))


def _area(formula: ImageTokens, width: int, height: int, _detail: str | None) -> int:
    scale = min(1.0, _of(formula.fit, max(width, height)) / max(width, height))
    return math.ceil(width * scale * height * scale / _of(formula.divisor, 750))


_METHODS: dict[str, Callable[[ImageTokens, int, int, str | None], int]] = {
    "tiles": _tiles,
    "patches": _patches,
    "area": _area,
}
