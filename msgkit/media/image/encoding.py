"""From pixels to a file: without metadata, and the same file for the same pixels."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

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
