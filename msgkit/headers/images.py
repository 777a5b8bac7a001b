"""Readers of image headers, by media type."""

from collections.abc import Callable
from functools import partial

from msgkit.headers import bitmaps, gif, heif, jpeg, png, webp
from msgkit.headers.values import ImageHeader
from msgkit.headers.windows import Window

READERS: dict[str, Callable[[Window], ImageHeader]] = {
    "image/jpeg": jpeg.read,
    "image/png": png.read,
    "image/webp": webp.read,
    "image/gif": gif.read,
    "image/bmp": bitmaps.read_bmp,
    "image/tiff": bitmaps.read_tiff,
    "image/avif": partial(heif.read, "image/avif"),
    "image/heic": partial(heif.read, "image/heic"),
    "image/heif": partial(heif.read, "image/heif"),
}
