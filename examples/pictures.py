"""
The other pictures of the examples, drawn with Pillow: every one is made here, none was taken.

Each function returns a finished picture; ``make.py`` says under which name and type it is saved.
"""

import random

from brush import Colour, Point, blot, glow, grain, ramp
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont


def sea(size: tuple[int, int], horizon: int) -> Image.Image:
    """Return an evening sky over water that glitters."""
    width, height = size
    picture = Image.new("RGB", size)
    picture.paste(ramp((width, horizon), (64, 84, 140), (250, 176, 120)))
    picture.paste(ramp((width, height - horizon), (228, 158, 122), (30, 54, 92)), (0, horizon))
    chance = random.Random(11)
    for _ in range(26):
        x, y = chance.uniform(0, width), chance.uniform(0, horizon * 0.75)
        glow(picture, (255, 214, 190), [(x + k * 34, y + chance.uniform(-5, 5), 60, 8) for k in range(4)], 9, 0.28)
    glow(picture, (255, 236, 180), [(width * 0.66, horizon - 46, 40, 40)], 4, 1)
    glow(picture, (255, 206, 130), [(width * 0.66, horizon - 46, 150, 110)], 60, 0.55)
    pen = ImageDraw.Draw(picture)
    for _ in range(1_600):
        y = horizon + (height - horizon) * chance.random() ** 1.7
        near = (y - horizon) / (height - horizon)
        x, reach = chance.gauss(width * 0.66, 60 + 320 * near), 4 + 26 * near
        tone = (255, 222, 160) if abs(x - width * 0.66) < 40 + 90 * near else (120, 120, 150)
        pen.line((x, y, x + reach, y), fill=tone, width=1 + round(2 * near))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def boat(picture: Image.Image, x: float, y: float, scale: float, sail: Colour) -> None:
    """Paint a sailing boat whose water line is at (x, y)."""

    def at(*points: Point) -> list[Point]:
        return [(x + scale * a, y + scale * b) for a, b in points]

    pen = ImageDraw.Draw(picture)
    pen.polygon(at((-62, -20), (70, -24), (48, 8), (-44, 8)), fill=(52, 34, 40))
    pen.line(at((0, -20), (2, -190)), fill=(60, 42, 40), width=max(2, round(4 * scale)))
    pen.polygon(at((8, -180), (66, -42), (8, -36)), fill=sail)
    pen.polygon(at((-6, -168), (-52, -40), (-6, -36)), fill=tuple(round(value * 0.86) for value in sail))
    glow(picture, (20, 26, 50), [(x, y + 20 * scale, 60 * scale, 9 * scale)], 5, 0.6)


def harbour() -> Image.Image:
    """Return three boats on the evening sea, 960 x 640."""
    picture = sea((1440, 960), 470)
    for x, y, scale, sail in (
        (400, 545, 0.7, (244, 232, 214)),
        (960, 520, 0.45, (214, 92, 74)),
        (610, 720, 1.6, (250, 240, 226)),
    ):
        boat(picture, x, y, scale, sail)
    return grain(picture.resize((960, 640), Image.Resampling.LANCZOS), 1.6, 3)


def lighthouse() -> Image.Image:
    """Return a lighthouse, 600 x 800: upright, as its viewer must see it."""
    picture = sea((900, 1200), 760)
    pen = ImageDraw.Draw(picture)
    glow(picture, (24, 26, 40), [(420, 1010, 420, 120), (300, 960, 200, 90)], 6, 1)
    for k in range(6):
        high, low = 330 + k * 100, 430 + k * 100
        a, b = 62 + 9 * k, 71 + 9 * k
        tone = (206, 58, 50) if k % 2 else (246, 240, 230)
        pen.polygon([(420 - a, high), (420 + a, high), (420 + b, low), (420 - b, low)], fill=tone)
    glow(picture, (20, 16, 40), [(350, 640, 26, 330)], 24, 0.45)
    pen.rectangle((334, 306, 506, 334), fill=(40, 40, 52))
    pen.rectangle((376, 226, 464, 306), fill=(255, 240, 176), outline=(40, 40, 52), width=7)
    pen.polygon([(360, 228), (480, 228), (420, 164)], fill=(150, 40, 38))
    beam = Image.new("L", picture.size)
    ImageDraw.Draw(beam).polygon([(464, 262), (900, 120), (900, 300)], fill=120)
    picture.paste(Image.new("RGB", picture.size, (255, 240, 190)), mask=beam.filter(ImageFilter.GaussianBlur(16)))
    return grain(picture.resize((600, 800), Image.Resampling.LANCZOS), 1.6, 4)


def paw() -> Image.Image:
    """Return a sticker of a paw with a clear ground and a soft shadow, 400 x 400, RGBA."""
    size = (800, 800)
    pads = [
        (400, 520, 170, 140),
        (290, 560, 100, 90),
        (510, 560, 100, 90),
        (190, 370, 74, 98),
        (330, 250, 78, 108),
        (480, 250, 78, 108),
        (614, 370, 74, 98),
    ]
    shape = blot(size, pads, 2)
    edge = shape.filter(ImageFilter.MaxFilter(31)).filter(ImageFilter.GaussianBlur(2))
    shadow = ImageChops.offset(edge, 14, 20).filter(ImageFilter.GaussianBlur(18)).point(lambda value: value // 2)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    picture.putalpha(shadow)
    picture.paste(Image.new("RGBA", size, (255, 252, 246, 255)), mask=edge)
    picture.paste(ramp(size, (240, 146, 96), (196, 84, 62)).convert("RGBA"), mask=shape)
    return picture.resize((400, 400), Image.Resampling.LANCZOS)


def receipt() -> Image.Image:
    """Return a scanned receipt in grey, 480 x 640."""
    picture = Image.new("L", (480, 640), 246)
    pen = ImageDraw.Draw(picture)
    large, text = ImageFont.load_default(34), ImageFont.load_default(22)
    pen.text((240, 54), "The Harbour Cafe", font=large, fill=30, anchor="mm")
    pen.text((240, 94), "Pier 4 - 21 November", font=text, fill=60, anchor="mm")
    lines = [("2 coffee", "5.80"), ("1 apple cake", "4.20"), ("1 cream, for the cat", "0.90")]
    for k, (what, price) in enumerate(lines):
        pen.text((40, 170 + 48 * k), what, font=text, fill=40, anchor="lm")
        pen.text((440, 170 + 48 * k), price, font=text, fill=40, anchor="rm")
    pen.line((40, 330, 440, 330), fill=90, width=2)
    pen.text((40, 366), "Total", font=large, fill=20, anchor="lm")
    pen.text((440, 366), "10.90", font=large, fill=20, anchor="rm")
    pen.text((240, 470), "Thank you. Mind the gulls.", font=text, fill=70, anchor="mm")
    for k in range(60):
        pen.rectangle((90 + 5 * k, 530, 90 + 5 * k + (k * 7 % 4), 590), fill=40)
    return picture.rotate(-1.2, resample=Image.Resampling.BICUBIC, fillcolor=214)
