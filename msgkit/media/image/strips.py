"""
An image worked on strip by strip: scaled, in plain colours, turned.

Each of these steps by itself would hold the whole image twice, and some three times; so only one strip is.
"""

from collections.abc import Iterator
from math import ceil, floor

from PIL import Image

from msgkit.media.image import colour
from msgkit.media.image.requirements import LYING, Size, turned

_PIXELS = 1 << 21  # of the source in one strip
_RESIZABLE = ("L", "LA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")
_BY_COPY = ("LA", "RGBA")  # modes of which Pillow scales a copy
_MUCH = 0.7  # of the width and less
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""

_REACH = 2  # pixels of the result that BICUBIC looks at on either side
_ROWS = 8  # of the result in one strip at least: its neighbours are read twice


def resize(image: Image.Image, size: Size) -> Image.Image:
    """Return an image of a mode that can be scaled in *size*, with every pixel of the source counted."""
    if image.size == size:
        return image
    result, top = Image.new(image.mode, size, None), 0  # Pillow gives it zeroed
    for part, box, rows in _cut(image, size, copied=image.mode in _BY_COPY):
        result.paste(_resized(part, box, rows, soft=False), (0, top))
        top += rows[1]
    return result


def straighten(image: Image.Image, size: Size, *, soft: bool = False) -> tuple[list[Image.Image], bool]:
    """Return the strips of an image in *size* and in plain colours, and whether its colours were computed anew."""
    plain = colour.Plain.of(image)
    if size == image.size and plain.idle:
        image.info = {}
        return [image], False
    first = image.mode in _RESIZABLE and "transparency" not in image.info
    strips = []
    for part, box, rows in _cut(image, size, copied=not first or image.mode in _BY_COPY):
        if first:
            strips.append(plain(_resized(part, box, rows, soft=soft)))
        else:
            strips.append(_resized(plain(part), box, rows, soft=soft))
    return strips, plain.reckoned


def join(strips: list[Image.Image], orientation: int) -> Image.Image:
    """Return the image of *strips*, turned upright from the EXIF *orientation*; the list is empty afterwards."""
    if len(strips) == 1:
        return colour.turn(strips.pop(), orientation)
    size = strips[0].width, sum(strip.height for strip in strips)
    result = Image.new(strips[0].mode, turned(size, orientation), None)  # zeroed
    top = 0
    while strips:
        strip = strips.pop(0)
        at = size[1] - top - strip.height if orientation in _FROM_THE_END else top
        top += strip.height
        result.paste(colour.turn(strip, orientation), (at, 0) if orientation >= LYING else (0, at))
    return result


_FROM_THE_END = (3, 4, 6, 7)  # orientations whose first stored row is seen as the last row or column


def _cut(image: Image.Image, size: Size, *, copied: bool) -> Iterator[tuple[Image.Image, Box, Size]]:
    """Yield parts of the source, the box in each that is wanted, and its size in the result."""
    most = _PIXELS // 2 if copied else _PIXELS
    count = max(1, min(image.width * image.height // most, size[1] // _ROWS))
    step = ceil(size[1] / count)
    scale = image.height / size[1]
    reach = 0 if size == image.size else _REACH * max(scale, 1) + 1
    for top in range(0, size[1], step):
        bottom = min(size[1], top + step)
        first, last = max(0, floor(top * scale - reach)), min(image.height, ceil(bottom * scale + reach))
        if last - first == image.height or (not copied and size != image.size):
            first, part = 0, image
        else:
            part = image.crop((0, first, image.width, last))
        box = 0.0, top * scale - first, float(image.width), min(bottom * scale - first, float(part.height))
        yield part, box, (size[0], bottom - top)


def _resized(part: Image.Image, box: Box, size: Size, *, soft: bool) -> Image.Image:
    if part.size == size and box[3] - box[1] == size[1]:
        return part
    much = size[0] <= _MUCH * part.width
    return part.resize(size, Image.Resampling.HAMMING if soft and much else Image.Resampling.BICUBIC, box)
