"""
What a large picture may hold in memory while it is made to fit: 64 MiB and 4 bytes for each pixel of the limit.

Each is changed in a process of its own, whose most resident memory is told by Linux.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from msgkit.errors import MediaError
from msgkit.headers import ImageHeader
from msgkit.media import Limits, Options, image
from msgkit.media.image import decoders, pieces
from tests.makers import turned

PROMISED = 64 + 4 * 50_000_000 / 2**20  # MiB
LARGE = (8_160, 6_120)  # just within 50 megapixels
PROGRAM = """
import re, sys
from pathlib import Path
from msgkit import targets
from msgkit.media import Options, image

def status(name):
    return int(re.search(name + r":\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

target = targets.get(sys.argv[3])
image.fit(Path(sys.argv[1]).read_bytes(), target, Options(max_side=20))
before = status("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
media = image.fit(Path(sys.argv[2]).read_bytes(), target, Options(max_side=int(sys.argv[4]) or None))
print(status("VmHWM") - before, media.width, media.height, media.changes)
"""


def drawn(mode, size):
    """Return a picture that encodes fast and is nowhere like its neighbour rows."""
    picture = Image.new("RGB", size, (200, 40, 40))
    ImageDraw.Draw(picture).line((0, 0, *size), (0, 200, 0), 60)
    picture = picture.convert(mode)
    if mode == "RGBA":
        picture.putalpha(120)
    return picture


CASES = {
    "JPEG-turned": ("RGB", LARGE, "JPEG", {"exif": turned()}, "openai", 0),
    "JPEG-CMYK": ("CMYK", LARGE, "JPEG", {}, "openai", 0),
    "JPEG-progressive": ("RGB", LARGE, "JPEG", {"progressive": True, "exif": turned()}, "openai", 0),
    "PNG-RGBA": ("RGBA", LARGE, "PNG", {"compress_level": 1}, "openai", 1568),
    "JPEG-in-parts": ("RGB", (10_000, 9_000), "JPEG", {}, "openai", 4_000),
    "PNG-in-strips": ("L", (9_000, 7_000), "PNG", {"compress_level": 1}, "openai", 3_000),
    "WebP": ("RGB", (4_800, 3_600), "WEBP", {"method": 0}, "openai", 1568),
    "AVIF": ("RGB", (5_000, 4_000), "AVIF", {"speed": 10, "quality": 10}, "openai", 0),
}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the most memory that was held")
@pytest.mark.parametrize("case", CASES)
def test_a_large_picture_is_changed_in_the_memory_that_is_promised(case, tmp_path):
    mode, size, form, options, target, side = CASES[case]
    for name, pixels in (("small", (64, 48)), ("large", size)):
        drawn(mode, pixels).save(tmp_path / name, form, **options)
    command = [sys.executable, "-c", PROGRAM, tmp_path / "small", tmp_path / "large", target, str(side)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    most, width, height = run.stdout.split()[:3]
    assert float(most) < PROMISED
    assert max(int(width), int(height)) == 1568 or int(width) * int(height) > 5_000_000


@pytest.mark.parametrize(
    ("media_type", "buffered", "megapixels"),
    [("image/heic", 1.5, 56), ("image/heic", 6, 28), ("image/avif", 1.5, 28)],
)
def test_types_whose_decoders_hold_more_have_a_lower_limit(media_type, buffered, megapixels):
    for side, refused in ((megapixels - 1, False), (megapixels + 2, True)):
        header = ImageHeader(media_type, 1_000, side * 1_000, buffered=buffered)
        if refused:
            with pytest.raises(MediaError, match=f"254 MiB to decode {media_type}") as caught:
                decoders.check(header, 100_000, Limits(), scales=True)
            assert caught.value.code == "media-too-large"
        else:
            decoders.check(header, 100_000, Limits(), scales=True)


def test_a_large_webp_is_scaled_down_while_it_is_decoded(save):
    data = save(Image.new("RGB", (6_000, 4_000), "green"), "WEBP", method=0)
    assert image.fit(data).data == data
    media = image.fit(data, None, Options(max_side=100, limits=Limits(image_pixels=10_000_000)))
    assert image.to_pillow(media).getpixel((50, 30)) == pytest.approx((0, 128, 0), abs=2)


@pytest.mark.parametrize(
    ("media_type", "width", "height", "buffered", "factor"),
    [
        ("image/jpeg", 8_000, 6_000, 0, 1),
        ("image/jpeg", 8_000, 6_000, 3.0, 2),
        ("image/jpeg", 18_000, 9_000, 0, 2),
        ("image/jpeg", 20_000, 10_000, 0, 2),
        ("image/png", 14_000, 10_000, 0, 2),
        ("image/heic", 8_064, 6_048, 1.5, 2),
        ("image/bmp", 7_000, 7_000, 0, 1),
    ],
)
def test_what_is_too_large_is_read_at_a_part_of_its_sides(media_type, width, height, buffered, factor):
    header = ImageHeader(media_type, width, height, buffered=buffered)
    assert decoders.reduction(header, 1_000_000, Limits()) == factor
    decoders.check(header, 1_000_000, Limits(), scales=True)
    wide, high = decoders.room((width, height), header, 1_000_000, Limits())
    assert wide / high == pytest.approx(width / height, rel=0.001)
    assert wide * high >= min(width * height // factor**2, 12_000_000) - wide


def test_a_jpeg_that_is_wanted_whole_is_refused_where_it_does_not_fit():
    with pytest.raises(MediaError):
        decoders.check(ImageHeader("image/jpeg", 8_000, 6_000, buffered=6.0), 0, Limits(), scales=False)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
@pytest.mark.parametrize("factor", [2, 4])
def test_png_in_strips_is_what_the_whole_gives(mode, factor, save, monkeypatch):
    from io import BytesIO

    from msgkit.media.image import pieces

    monkeypatch.setattr(pieces, "_PIXELS", 300 * 24)
    picture = Image.effect_noise((300, 203), 90).convert("RGB" if mode == "P" else mode)
    picture.paste(picture.rotate(40), (20, 30))
    picture = picture.quantize(200) if mode == "P" else picture
    data = save(picture, "PNG", compress_level=6)
    made = pieces.reduced(Image.open(BytesIO(data)), data, factor)
    whole = picture.convert("RGB") if mode == "P" else picture
    assert (made.mode, made.tobytes()) == (whole.mode, whole.reduce(factor).tobytes())


@pytest.mark.parametrize("tags", [{}, {278: 600}], ids=["strips", "one-piece"])
@pytest.mark.parametrize(("orientation", "size", "red"), [(1, (100, 75), (10, 10)), (6, (75, 100), (64, 10))])
def test_a_large_tiff_is_turned_and_scaled_in_strips(monkeypatch, save, tags, orientation, size, red):
    source = Image.new("RGB", (800, 600), "white")
    source.paste("red", (0, 0, 400, 300))
    data = save(source, "TIFF", compression="tiff_adobe_deflate", tiffinfo={**tags, 0x0112: orientation})
    monkeypatch.setattr(decoders, "reduction", lambda *_: 2)
    monkeypatch.setattr(pieces, "_PIXELS", 8192)
    made = image.to_pillow(image.fit(data, None, Options(max_side=100, upright=True)))
    assert (made.size, made.getpixel(red)) == (size, (255, 0, 0))
