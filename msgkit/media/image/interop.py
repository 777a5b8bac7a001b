"""Images from and to Pillow, and from numpy."""

from typing import Any

from PIL import Image

from msgkit.errors import MediaError, describe
from msgkit.headers import ImageHeader
from msgkit.media.faults import border
from msgkit.media.image import colour, decoding
from msgkit.media.image.fitting import Draft, finish
from msgkit.media.image.requirements import demands_of
from msgkit.media.image.strips import resize
from msgkit.media.options import DEFAULT, PLAIN, Limits, Options
from msgkit.model.media import Media
from msgkit.targets import Target

_ORIENTATION = 0x0112  # the EXIF tag


def to_pillow(media: Media, header: ImageHeader, limits: Limits = DEFAULT) -> Image.Image:
    """Return the image decoded and upright, in the mode that it is stored in; of an animation, the first frame."""
    image = decoding.decode(media.data, header, None, limits)
    with border(header.media_type):
        upright = colour.turn(image, decoding.still_to_turn(image, header))
        if upright.mode == "RGBX":  # as the decoder of WebP gives it
            upright = upright.convert("RGB")
    for name in ("exif", "xmp", "XML:com.adobe.xmp"):
        upright.info.pop(name, None)  # they would say again that the image is to be turned
    return upright


def from_pillow(image: Image.Image, target: Target | None = None, options: Options | None = None) -> Media:
    """Return a Pillow image of any mode as a file that *target* takes: PNG, unless the bytes force JPEG or WebP."""
    options = options or PLAIN
    demands = demands_of(target, options)
    with border("a Pillow image"):
        orientation = image.getexif().get(_ORIENTATION, 1)
        upright, _ = colour.plain(colour.turn(image, orientation) if orientation != 1 else image.copy())
        size = demands.fit(upright.size)
        changes = (
            () if size == upright.size else (f"{upright.width} x {upright.height} to {size[0]} x {size[1]} pixels",)
        )
        draft = Draft(resize(upright, size), "", lossless=True, changes=changes)
    return finish(draft, demands, options)


def from_numpy(array: Any, target: Target | None = None, options: Options | None = None) -> Media:
    """Return an array as a file that *target* takes."""
    import numpy as np

    values = np.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:  # noqa: PLR2004 (dimensions)
        values = values[:, :, 0]
    channels = 1 if values.ndim == 2 else values.shape[-1]  # noqa: PLR2004
    if values.ndim not in (2, 3) or channels > 4 or not values.size:  # noqa: PLR2004
        message = f"expected height x width x 1 to 4 channels, got {describe(array)} of shape {values.shape}"
        raise MediaError(message, code="media-invalid")
    kind = values.dtype.kind
    if kind == "f":
        values = np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255)
    elif kind == "b":
        values = values * 255
    elif values.dtype == np.uint16:
        values = np.rint(values / 257)
    elif kind not in "ui" or values.min() < 0 or values.max() > 255:  # noqa: PLR2004
        raise MediaError(f"expected bytes, got {values.dtype}", code="media-invalid")
    return from_pillow(Image.fromarray(np.ascontiguousarray(values, dtype=np.uint8)), target, options)
