"""A ginger cat on a window sill, drawn with Pillow, hair by hair."""

import math
import random

import numpy as np
from brush import Colour, Point, blot, glow, glow_inside, grain, ramp, vignette
from PIL import Image, ImageChops, ImageDraw, ImageFilter


def fur(
    picture: Image.Image, mask: Image.Image, centre: Point, tones: list[Colour], count: int, length: float, seed: int
) -> None:
    """Cover what *mask* shows with hairs that grow away from *centre*."""
    chance = random.Random(seed)
    layer = picture.copy()
    pen = ImageDraw.Draw(layer)
    left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
    for _ in range(count):
        x, y = chance.uniform(left, right), chance.uniform(top, bottom)
        angle = math.atan2(y - centre[1], x - centre[0]) + chance.gauss(0, 0.35)
        reach = length * chance.uniform(0.5, 1.3)
        ground = layer.getpixel((min(int(x), right - 1), min(int(y), bottom - 1)))
        tone = chance.choice(tones)
        mixed = tuple(round(under * 0.62 + over * 0.38) for under, over in zip(ground, tone, strict=True))
        pen.line((x, y, x + reach * math.cos(angle), y + reach * math.sin(angle)), fill=mixed, width=2)
    picture.paste(layer, mask=mask)


def room(size: tuple[int, int]) -> Image.Image:
    """Return what is out of focus behind the cat: a wall, a bright window with a garden, a sill."""
    width, height = size
    picture = ramp(size, (151, 133, 118), (112, 92, 78))
    pane = ramp((int(width * 0.5), int(height * 0.66)), (206, 226, 236), (142, 178, 122))
    chance = random.Random(5)
    for _ in range(70):
        x, y, r = chance.uniform(0, pane.width), chance.uniform(pane.height * 0.4, pane.height), chance.uniform(14, 60)
        green = (chance.randint(70, 150), chance.randint(120, 180), chance.randint(60, 100))
        glow(pane, green, [(x, y, r, r * 0.8)], 8, 0.6)
    picture.paste(pane, (int(width * 0.44), int(height * 0.06)))
    pen = ImageDraw.Draw(picture)
    left, right, low = int(width * 0.44), int(width * 0.94), int(height * 0.72)
    for x in (left, (left + right) // 2, right):
        pen.rectangle((x - 11, int(height * 0.05), x + 11, low), fill=(233, 226, 214))
    for y in (int(height * 0.05), int(height * 0.36), low):
        pen.rectangle((left - 11, y - 11, right + 11, y + 11), fill=(233, 226, 214))
    picture = picture.filter(ImageFilter.GaussianBlur(15))
    sill = ramp((width, height - int(height * 0.8)), (196, 150, 104), (138, 96, 62))
    picture.paste(sill.filter(ImageFilter.GaussianBlur(3)), (0, int(height * 0.8)))
    pen = ImageDraw.Draw(picture)
    for k in range(9):
        y = height * 0.81 + k * height * 0.024
        pen.line([(x, y + 5 * math.sin(x / 190 + k)) for x in range(0, width, 12)], fill=(166, 120, 80), width=2)
    return picture


ORANGE, DARK, CREAM = (214, 138, 66), (150, 82, 34), (248, 232, 206)


def body(picture: Image.Image) -> None:
    """Paint the sitting body, its tail and paws; the picture is 2048 x 1536."""
    size = picture.size
    glow(picture, (60, 38, 24), [(1000, 1400, 520, 70)], 34, 0.65)
    tail = Image.new("L", size)
    ImageDraw.Draw(tail).line(
        [(1180 + 420 * math.sin(t), 1290 + 110 * math.cos(t)) for t in np.linspace(0.2, 2.4, 40)],
        fill=255,
        width=100,
        joint="curve",
    )
    ImageDraw.Draw(tail).ellipse((1414, 1159, 1514, 1259), fill=255)
    shape = blot(size, [(980, 1130, 330, 330), (990, 900, 235, 300), (1270, 1310, 170, 90), (700, 1310, 120, 90)])
    shape = ImageChops.lighter(shape, tail).filter(ImageFilter.GaussianBlur(4))
    picture.paste(ramp(size, (222, 150, 78), (176, 100, 44)), mask=shape)
    for k in range(7):
        y = 860 + k * 78
        glow_inside(picture, shape, DARK, [(700 + 8 * k, y, 120, 15), (1262 - 8 * k, y, 120, 15)], 9, 0.75)
    glow_inside(picture, shape, CREAM, [(980, 930, 135, 260)], 40, 0.95)
    glow_inside(picture, shape, (110, 58, 26), [(720, 1250, 70, 190), (1250, 1230, 70, 200)], 40, 0.55)
    fur(picture, shape, (980, 640), [(238, 178, 108), ORANGE, DARK, (250, 214, 160)], 26_000, 30, 1)
    for x in (850, 1105):
        paw = blot(size, [(x, 1385, 112, 66), (x, 1290, 84, 120)], 3)
        picture.paste(ramp(size, (236, 190, 128), (240, 214, 176)), mask=paw)
        fur(picture, paw, (x, 1200), [CREAM, (240, 200, 150), (222, 160, 96)], 3_000, 20, x)
        pen = ImageDraw.Draw(picture)
        for toe in (-40, 0, 40):
            pen.arc((x + toe - 26, 1376, x + toe + 26, 1444), 200, 340, fill=(150, 96, 56), width=4)


def head(picture: Image.Image) -> None:
    """Paint the head, ears, face and whiskers."""
    size = picture.size
    for side in (-1, 1):
        ear, inner = Image.new("L", size), Image.new("L", size)
        root = 980 + side * 205
        ImageDraw.Draw(ear).polygon(
            [(root - side * 150, 420), (root + side * 66, 178), (root + side * 106, 610)], fill=255
        )
        ImageDraw.Draw(inner).polygon(
            [(root - side * 78, 410), (root + side * 48, 258), (root + side * 66, 520)], fill=255
        )
        ear = ear.filter(ImageFilter.GaussianBlur(7))
        picture.paste(Image.new("RGB", size, ORANGE), mask=ear)
        fur(picture, ear, (980, 640), [DARK, (238, 178, 108)], 2_500, 26, root)
        picture.paste(Image.new("RGB", size, (226, 150, 138)), mask=inner.filter(ImageFilter.GaussianBlur(12)))
        fur(picture, inner, (980, 640), [CREAM, (240, 190, 170)], 500, 40, root + 1)
    face = blot(size, [(980, 590, 312, 262), (830, 660, 180, 160), (1130, 660, 180, 160)], 4)
    glow(picture, (70, 42, 22), [(980, 850, 230, 40)], 26, 0.55)
    picture.paste(ramp(size, (232, 164, 92), (206, 128, 60)), mask=face)
    for x, slant in ((980, 0), (905, -1), (1055, 1)):
        glow_inside(picture, face, DARK, [(x + slant * 6, 400, 17, 78)], 8, 0.85)
    for side in (-1, 1):
        for k in range(3):
            glow_inside(picture, face, DARK, [(980 + side * (262 + 6 * k), 600 + 52 * k, 70, 12)], 8, 0.75)
    glow_inside(picture, face, CREAM, [(905, 745, 108, 82), (1055, 745, 108, 82), (980, 820, 90, 50)], 20, 0.95)
    glow_inside(picture, face, CREAM, [(862, 560, 96, 84), (1098, 560, 96, 84)], 26, 0.45)
    fur(picture, face, (980, 690), [(244, 190, 120), ORANGE, DARK, (252, 226, 182)], 15_000, 24, 3)
    eyes(picture)
    muzzle(picture)


def eyes(picture: Image.Image) -> None:
    """Paint both eyes: iris, slit, the window's light in them."""
    for side in (-1, 1):
        x, y = 980 + side * 122, 585
        glow(picture, (46, 26, 14), [(x, y, 78, 62)], 5, 0.95)
        iris = blot(picture.size, [(x, y, 68, 54)], 2)
        picture.paste(ramp(picture.size, (96, 138, 40), (96, 138, 40)), mask=iris)
        glow_inside(picture, iris, (214, 206, 86), [(x, y + 22, 58, 34)], 12, 0.9)
        glow_inside(picture, iris, (38, 52, 16), [(x, y - 46, 74, 24)], 12, 0.75)
        glow_inside(picture, iris, (12, 9, 7), [(x, y, 22, 50)], 3, 1)
        glow_inside(picture, iris, (255, 255, 255), [(x + 24, y - 22, 15, 12)], 2, 0.95)
        glow_inside(picture, iris, (230, 240, 250), [(x - 26, y + 22, 7, 6)], 2, 0.7)


def muzzle(picture: Image.Image) -> None:
    """Paint nose, mouth, chin and whiskers."""
    nose = Image.new("L", picture.size)
    ImageDraw.Draw(nose).polygon([(930, 678), (1030, 678), (996, 726), (964, 726)], fill=255)
    picture.paste(ramp(picture.size, (222, 138, 126), (206, 112, 104)), mask=nose.filter(ImageFilter.GaussianBlur(6)))
    glow(picture, (246, 196, 188), [(968, 688, 20, 7)], 5, 0.8)
    pen = ImageDraw.Draw(picture)
    pen.line((980, 726, 980, 764), fill=(120, 66, 48), width=6)
    pen.arc((898, 726, 980, 806), 5, 120, fill=(120, 66, 48), width=6)
    pen.arc((980, 726, 1062, 806), 60, 175, fill=(120, 66, 48), width=6)
    for side in (-1, 1):
        for row in range(3):
            for column in range(3):
                x, y = 980 + side * (58 + 26 * column), 744 + 17 * row + 4 * column
                pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(150, 98, 66))
        for k in range(4):
            start = (980 + side * 92, 748 + 14 * k)
            curve = [
                (start[0] + side * 330 * t, start[1] + (k - 1.6) * 62 * t + 46 * t * t - 30 * math.sin(math.pi * t))
                for t in np.linspace(0, 1, 24)
            ]
            pen.line(curve, fill=(253, 250, 244), width=4, joint="curve")


def cat() -> Image.Image:
    """Return a ginger cat that sits on a window sill, 1024 x 768."""
    picture = room((2048, 1536))
    body(picture)
    head(picture)
    small = picture.resize((1024, 768), Image.Resampling.LANCZOS)
    glow(small, (255, 244, 214), [(850, 190, 260, 260)], 140, 0.18)
    return grain(vignette(small, 0.5), 2.2, 7)
