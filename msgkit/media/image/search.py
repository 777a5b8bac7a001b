"""The search for the best quality that is small enough; it knows encoders only as functions."""

from collections.abc import Callable
from math import log

from msgkit.errors import MediaError

Encode = Callable[[float, int], bytes]
"""Writes the image at a scale (0 to 1) and a quality (1 to 100) and returns the file."""

LOWEST = 60  # below this, JPEG and WebP lose more by quality than by pixels
_MARGIN = 0.97  # of the scale that the number of bytes suggests, since bytes do not fall quite with the area
_NEAR = 0.99  # of the limit: one step of quality more would go beyond it
_ROUNDS = 16


def best_quality(encode: Encode, limit: int | None, highest: int) -> tuple[bytes, float, int]:
    """Return the file of the best quality that has at most *limit* bytes, its scale and its quality."""
    data = encode(1.0, highest)
    if limit is None or len(data) <= limit:
        return data, 1.0, highest
    lowest, scale, most = min(LOWEST, highest), 1.0, len(data)
    if lowest < highest:
        data = encode(scale, lowest)
    growth = most / len(data)
    for _ in range(_ROUNDS):
        if len(data) <= limit:
            above = highest if scale == 1 else highest + 1
            quality, data = _climb(encode, limit, scale, (lowest, above), (data, growth))
            return data, scale, quality
        scale *= min(0.9, (limit / len(data)) ** 0.5 * _MARGIN)
        data = encode(scale, lowest)
    raise MediaError(
        f"expected at most {limit:,} bytes, but no quality and no size is that small", code="media-too-large"
    )


def _climb(
    encode: Encode, limit: int, scale: float, between: tuple[int, int], known: tuple[bytes, float]
) -> tuple[int, bytes]:
    """Find the highest quality that fits, between one that does and one that does not."""
    (low, high), (data, growth) = between, known
    above = len(data) * max(growth, 1.001)
    while high - low > 1 and len(data) < _NEAR * limit:
        share = log(limit / len(data)) / log(max(above / len(data), 1.001))
        middle = min(max(low + int((high - low) * share), low + 1), high - 1)
        other = encode(scale, middle)
        if len(other) <= limit:
            low, data = middle, other
        else:
            high, above = middle, len(other)
    return low, data
