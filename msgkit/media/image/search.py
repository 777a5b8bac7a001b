"""The search for the best quality that is small enough; it knows encoders only as functions."""

from collections.abc import Callable

from msgkit.errors import MediaError

Encode = Callable[[float, int], bytes]
"""Writes the picture at a scale (0 to 1) and a quality (1 to 100) and returns the file."""

LOWEST = 60  # below this, JPEG and WebP lose more by quality than by pixels
_MARGIN = 0.97  # of the scale that the number of bytes suggests, since bytes do not fall quite with the area
_ROUNDS = 16


def best_quality(encode: Encode, limit: int | None, highest: int) -> tuple[bytes, float, int]:
    """
    Return the file of the best quality that has at most *limit* bytes, its scale and its quality.

    Pixels are kept as long as a quality of 60 is enough; only then is the picture made smaller.

    Args:
        encode: The encoder.

        limit: Most bytes; None for any number.

        highest: The quality that is not gone beyond.

    Raises:
        MediaError: ``media-too-large`` when nothing is small enough.

    >>> best_quality(lambda scale, quality: bytes(int(scale * quality)), 75, 90)[1:]
    (1.0, 75)
    """
    scale = 1.0
    for _ in range(_ROUNDS):
        data = encode(scale, highest)
        if limit is None or len(data) <= limit:
            return data, scale, highest
        lowest = min(LOWEST, highest)
        if lowest < highest:
            data = encode(scale, lowest)
        if len(data) <= limit:
            quality, data = _bisect(encode, limit, scale, (lowest, highest), data)
            return data, scale, quality
        scale *= min(0.9, (limit / len(data)) ** 0.5 * _MARGIN)
    raise MediaError(
        f"expected at most {limit:,} bytes, but no quality and no size is that small", code="media-too-large"
    )


def _bisect(encode: Encode, limit: int, scale: float, between: tuple[int, int], data: bytes) -> tuple[int, bytes]:
    """Find the highest quality that fits; *data* is the file of the lower bound, which does, the upper does not."""
    low, high = between
    while high - low > 1:
        middle = (low + high) // 2
        other = encode(scale, middle)
        if len(other) <= limit:
            low, data = middle, other
        else:
            high = middle
    return low, data
