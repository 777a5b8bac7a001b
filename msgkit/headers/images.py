"""Readers of image headers, by media type."""

from collections.abc import Callable

from msgkit.headers import gif, jpeg, png, webp
from msgkit.headers.values import ImageHeader
from msgkit.headers.windows import Window

READERS: dict[str, Callable[[Window], ImageHeader]] = {
    "image/jpeg": jpeg.read,
    "image/png": png.read,
    "image/webp": webp.read,
    "image/gif": gif.read,
}
