"""What the drawings of the examples share: grounds, light, grain."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Ellipse = tuple[float, float, float, float]
"""Centre and half axes, in pixels."""


def ramp(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """Return a picture that passes from one colour at its top to another at its bottom."""
    width, height = size
    part = np.linspace(0, 1, height)[:, None, None]
    rows = np.array(top) * (1 - part) + np.array(bottom) * part
    return Image.fromarray(np.repeat(rows, width, axis=1).round().astype(np.uint8))


def grain(picture: Image.Image, amount: float, seed: int) -> Image.Image:
    """Add the noise of a sensor."""
    pixels = np.asarray(picture).astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, amount, pixels.shape[:2])[:, :, None]
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))


def vignette(picture: Image.Image, depth: float) -> Image.Image:
    """Darken the corners, as a lens does."""
    height, width = picture.height, picture.width
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1 - depth * np.clip(x * x * 0.6 + y * y * 0.6 - 0.25, 0, 1)
    return Image.fromarray((np.asarray(picture) * light[:, :, None]).clip(0, 255).astype(np.uint8))


def blot(size: tuple[int, int], shapes: list[Ellipse], blur: float = 0) -> Image.Image:
    """Return a mask of ellipses given by centre and half axes, with soft edges when *blur* (pixels) is not 0."""
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for x, y, a, b in shapes:
        pen.ellipse((x - a, y - b, x + a, y + b), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


def glow(picture: Image.Image, colour: Colour, shapes: list[Ellipse], blur: float, opacity: float) -> None:
    """Paint soft ellipses on *picture*."""
    mask = blot(picture.size, shapes, blur).point(lambda value: round(value * opacity))
    picture.paste(Image.new("RGB", picture.size, colour), mask=mask)


def glow_inside(
    picture: Image.Image,
    clip: Image.Image,
    colour: Colour,
    shapes: list[Ellipse],
    blur: float,
    opacity: float,
) -> None:
    """Paint soft ellipses where *clip* lets them through."""
    mask = ImageChops.multiply(blot(picture.size, shapes, blur), clip).point(lambda value: round(value * opacity))
    picture.paste(Image.new("RGB", picture.size, colour), mask=mask)
