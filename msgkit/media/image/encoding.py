"""From pixels to a file: without metadata, the same for the same pixels, of the best quality that is small enough."""

from collections.abc import Callable, Sequence
from io import BytesIO
from math import log

from PIL import Image

from msgkit.errors import MediaError
from msgkit.media.faults import border
from msgkit.media.image.requirements import scaled
from msgkit.media.image.strips import resize

_PNG_EFFORT = 3  # of 9; on scaled images as small as Pillow's 6, in half the time
_WEBP_EFFORT = 2  # of 6; 1 % larger than Pillow's 4, in half the time


def encode(image: Image.Image, media_type: str, quality: int, *, whole: bool = False) -> bytes:
    """Return the file of a plain image."""
    options: dict[str, object] = {}
    if media_type == "image/jpeg":
        options = {"quality": quality, "subsampling": "4:4:4" if whole else "4:2:0"}
    elif media_type == "image/webp":
        options = {"quality": quality, "method": _WEBP_EFFORT}
    else:
        options = {"compress_level": _PNG_EFFORT}
    return _save(image, media_type, options)


def encode_frames(frames: Sequence[Image.Image], times: Sequence[int], scale: float, quality: int) -> bytes:
    """Return an animated WebP."""
    size = scaled(frames[0].size, scale)
    first, *rest = [resize(frame, size) for frame in frames]
    options = {"save_all": True, "append_images": rest, "duration": list(times), "loop": 0}
    alike = {"minimize_size": False, "kmin": 0, "kmax": 0}  # no key frames but the first: each would be tried both ways
    return _save(first, "image/webp", {**options, **alike, "quality": quality, "method": 0})


def _save(image: Image.Image, media_type: str, options: dict[str, object]) -> bytes:
    image.info = {}  # Pillow writes profile, comment and transparency from here
    file = BytesIO()
    with border(media_type):
        image.save(file, _ENCODERS[media_type], **options)
    return file.getvalue()


_ENCODERS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


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
