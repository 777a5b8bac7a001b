"""Pictures that fit: what passes through, what changes, and that the result looks as it must."""

import base64
import io
import sys

import attrs
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from msgkit import headers, targets
from msgkit.errors import MediaError, MissingExtraError
from msgkit.media import Options, cache, image

OPENAI, ANTHROPIC, GEMINI, VLLM = (targets.get(name) for name in ("openai", "anthropic", "gemini", "vllm"))
HEIC = base64.b64decode(  # 64 x 32 pixels in HEVC blocks of 64: the four quarters; made for this test
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABoQABAAAAAAAAAPkAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Wlw"
    "cnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAA"
    "QAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWB"
    "AgMFhAAAAQFtZGF0AAAA9SgBrwngITk0H//yO7//8rB2X7xHqhSKP/vGaK/w87j/2S1c7MUViPulRTicPe1R1WghgR9ztUrFTBZ7VA0OysKS"
    "m+96tw/xXA//nJR3+x0F/8oxDcI2p/+Bup0+AmsXz9V32//A3o0SdLflz7ry2+1/Ke7Lhsv7VmjeKwPiFVY+N9GsZAzvXSyk4w5vrGg2jn+Y"
    "hqQJMFSmgm5ZrZYHdLQ4wA0OdOKL+9D0qdtEqtzdWi56/u3KAYXLAHI4vapHOHBsHDz5L/5w9b0ByMCngjOG9ibbNrSIUYu0bMXSiduyfafZ"
    "2g/6tGgNb4t3RyK5cu/srLPO"
)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("target", [None, OPENAI, ANTHROPIC, VLLM])
def test_a_picture_that_satisfies_the_target_keeps_its_bytes(quarters, save, form, target):
    data = save(quarters(), form)
    media = image.fit(data, target)
    assert media.data == data
    assert media.media_type == f"image/{form.lower()}"
    assert media.changes == ()


@pytest.mark.parametrize(
    ("form", "options", "made"),
    [("BMP", {}, "png"), ("TIFF", {}, "png"), ("TIFF", {"compression": "tiff_lzw"}, "png"), ("AVIF", {}, "jpeg")],
)
def test_other_types_become_what_keeps_them_whole(quarters, save, check_quarters, form, options, made):
    media = image.fit(save(quarters(), form, **options), OPENAI)
    assert media.media_type == f"image/{made}"
    check_quarters(media.data, (64, 48))
    assert media.changes[0] == f"image/{form.lower()} to image/{made}"
    if made == "png":
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(media.data))), np.asarray(quarters()))


def test_heic_becomes_jpeg_where_the_target_does_not_take_it(check_quarters):
    media = image.fit(HEIC, OPENAI)
    assert (media.media_type, media.width, media.height) == ("image/jpeg", 64, 32)
    check_quarters(media.data, (64, 32))
    assert image.fit(HEIC, GEMINI).data == HEIC


def test_without_pi_heif_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(MissingExtraError, match=r"msgkit-llm\[heif\]"):
        image.fit(HEIC, ANTHROPIC)
    assert image.fit(HEIC, GEMINI).data == HEIC


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_comes_out_upright(quarters, save, check_quarters, orientation, form):
    """Stored turned by the inverse of each EXIF orientation, so that a reader of the tag sees the quarters."""
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = quarters()
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(inverse[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    data = save(stored, form, exif=exif, **options)
    media = image.fit(data, OPENAI)
    check_quarters(media.data, (64, 48), tolerance=12)
    assert headers.read(media.data).orientation == 1
    assert (media.data == data) == (orientation == 1 and form != "TIFF")
    check_quarters(save(image.to_pillow(media), "PNG"), (64, 48), tolerance=12)


def test_turning_and_scaling_agree_on_width_and_height(quarters, save, check_quarters):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = save(quarters((400, 300)).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
    media = image.fit(data, OPENAI, Options(max_side=100))
    check_quarters(media.data, (100, 75), tolerance=12)
    assert media.changes == ("turned upright from orientation 6", "400 x 300 to 100 x 75 pixels", "quality 90")


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12"]
)
def test_broken_exif_counts_as_none(quarters, save, check_quarters, exif):
    data = save(quarters(), "JPEG", exif=exif, quality=95)
    assert image.fit(data, OPENAI).data == data
    check_quarters(image.fit(data, OPENAI, Options(max_side=32)).data, (32, 24), tolerance=16)


def test_cmyk_comes_out_in_its_colours(quarters, save, check_quarters):
    data = save(quarters().convert("CMYK"), "JPEG", quality=95, subsampling=0)
    media = image.fit(data, OPENAI)
    check_quarters(media.data, (64, 48), tolerance=12)
    assert headers.read(media.data).mode == "RGB"
    assert "colours to 8-bit sRGB" in media.changes


def test_ycck_comes_out_in_its_colours(quarters, save, check_quarters):
    """A CMYK file whose first three planes hold luminance and colour differences, marked as Photoshop marks it."""
    cyan, magenta, yellow, black = quarters().convert("CMYK").split()
    planes = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    picture = Image.merge("CMYK", (*(ImageOps.invert(plane) for plane in planes), black))
    data = bytearray(save(picture, "JPEG", quality=98, subsampling=0))
    mark = data.index(b"Adobe") + 11
    assert data[mark] == 0
    data[mark] = 2
    check_quarters(image.fit(bytes(data), OPENAI).data, (64, 48), tolerance=16)


def test_cmyk_without_adobes_mark_is_not_inverted(quarters, save, check_quarters):
    picture = Image.merge("CMYK", [ImageOps.invert(plane) for plane in quarters().convert("CMYK").split()])
    data = save(picture, "JPEG", quality=98, subsampling=0)
    start = data.index(b"Adobe") - 4
    plain = data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4]) :]
    check_quarters(image.fit(plain, OPENAI).data, (64, 48), tolerance=16)


def test_colours_follow_the_embedded_profile(quarters, save, check_quarters):
    """In a profile with red and blue exchanged, what is stored as blue is seen as red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    text = "sRGB built-in".encode("utf-16-be")
    at = profile.find(text)
    profile[at : at + len(text)] = "XRGB built-in".encode("utf-16-be")
    for number in range(int.from_bytes(profile[128:132])):
        entry = 132 + 12 * number
        name = bytes(profile[entry : entry + 4])
        profile[entry : entry + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
    red, green, blue = quarters().split()
    data = save(Image.merge("RGB", (blue, green, red)), "PNG", icc_profile=bytes(profile))
    media = image.fit(data, OPENAI, Options(max_side=32))
    check_quarters(media.data, (32, 24), tolerance=16)
    assert "icc_profile" not in Image.open(io.BytesIO(media.data)).info
    assert "colours to 8-bit sRGB" in media.changes


def test_a_broken_profile_is_passed_over(quarters, save, check_quarters):
    media = image.fit(save(quarters(), "PNG", icc_profile=b"no profile" * 20), OPENAI, Options(max_side=32))
    check_quarters(media.data, (32, 24), tolerance=16)


def test_sixteen_bit_grey_keeps_its_shades(save):
    wide = np.tile(np.linspace(0, 65_535, 256).astype(np.uint16), (16, 1))
    media = image.fit(save(Image.fromarray(wide), "PNG"), OPENAI)
    shown = np.asarray(Image.open(io.BytesIO(media.data))).astype(int)
    assert np.abs(shown - np.rint(wide / 257)).max() <= 1
    assert media.changes == ("colours to 8-bit sRGB",)


@pytest.mark.parametrize(
    ("values", "shades"),
    [
        (np.linspace(0, 1, 256, dtype=np.float32), np.arange(256)),
        (np.linspace(0, 255, 256, dtype=np.float32), np.arange(256)),
        (np.linspace(0, 65_535, 256).astype(np.int32), np.arange(256)),
    ],
)
def test_grey_of_32_bits_keeps_its_shades(save, values, shades):
    media = image.fit(save(Image.fromarray(np.tile(values, (16, 1))), "TIFF"), OPENAI)
    assert np.abs(np.asarray(Image.open(io.BytesIO(media.data)))[0].astype(int) - shades).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_every_mode_can_be_encoded(quarters, mode):
    picture = quarters().convert("L").convert(mode) if mode in ("I;16", "I", "F") else quarters().convert(mode)
    media = image.from_pillow(picture)
    assert (media.media_type, media.width, media.height) == ("image/png", 64, 48)


def test_a_transparent_picture_stays_transparent(save):
    picture = Image.new("RGBA", (300, 200), (255, 0, 0, 0))
    picture.paste((0, 255, 0, 255), (0, 0, 150, 200))
    media = image.fit(save(picture, "PNG"), OPENAI, Options(max_side=150))
    with Image.open(io.BytesIO(media.data)) as shown:
        assert shown.size == (150, 100)
        assert shown.getpixel((20, 50)) == (0, 255, 0, 255)
        assert shown.getpixel((130, 50))[3] == 0


def test_transparency_survives_palettes_and_transparent_colours(save):
    grey = Image.new("L", (40, 40), 7)
    grey.paste(200, (0, 0, 20, 40))
    for picture in (grey, grey.convert("P"), grey.convert("RGB")):
        transparent = (7, 7, 7) if picture.mode == "RGB" else picture.getpixel((30, 10))
        media = image.fit(save(picture, "PNG", transparency=transparent), OPENAI, Options(max_side=20))
        shown = Image.open(io.BytesIO(media.data)).convert("RGBA")
        assert shown.getpixel((4, 10)) == (200, 200, 200, 255)
        assert shown.getpixel((16, 10))[3] == 0


def test_alpha_that_says_nothing_is_left_out(quarters, save):
    media = image.fit(save(quarters().convert("RGBA"), "PNG"), OPENAI, Options(max_side=32))
    assert headers.read(media.data).mode == "RGB"


@pytest.mark.parametrize(("background", "colour"), [("white", (255, 255, 255)), ("#102030", (16, 32, 48))])
def test_transparent_pixels_are_laid_on_the_named_colour(save, background, colour):
    """A target that takes JPEG alone; the hidden pixels are red and must not show."""
    data = save(Image.new("RGBA", (32, 32), (255, 0, 0, 0)), "PNG")
    media = image.fit(data, _evolved(OPENAI, media_types=("image/jpeg",)), Options(background=background))
    found = Image.open(io.BytesIO(media.data)).getpixel((16, 16))
    assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) <= 2
    assert f"transparency laid on {background}" in media.changes


def test_a_colour_that_is_none_is_our_error(save):
    data = save(Image.new("RGBA", (32, 32), (255, 0, 0, 0)), "PNG")
    with pytest.raises(MediaError, match="expected a colour"):
        image.fit(data, _evolved(OPENAI, media_types=("image/jpeg",)), Options(background="no such"))


def _evolved(target, **values):
    facts = {name: targets.Fact(value, "test", "2026") for name, value in values.items()}
    return attrs.evolve(target, images=target.images._replace(**facts))


def _animation(save, form, count=3, size=(40, 30)):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    frames = [Image.new("RGB", size, colours[number % 3]) for number in range(count)]
    return save(frames[0], form, save_all=True, append_images=frames[1:], duration=100)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_stays_where_the_target_takes_stills(save, form):
    media = image.fit(_animation(save, form), OPENAI)
    header = headers.read(media.data)
    assert header.frames == 1
    assert "first of 3 frames" in media.changes
    red, green, blue = image.to_pillow(media).convert("RGB").getpixel((5, 5))
    assert red > 247
    assert max(green, blue) < 8


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_keeps_every_frame_where_the_target_keeps_it(save, form):
    data = _animation(save, form)
    assert image.fit(data, ANTHROPIC).data == data
    media = image.fit(data, ANTHROPIC, Options(max_side=20))
    assert (headers.read(media.data).frames, media.width, media.height) == (3, 20, 15)
    with Image.open(io.BytesIO(media.data)) as shown:
        for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
            shown.seek(number)
            found = shown.convert("RGB").getpixel((10, 7))
            assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) < 12
            assert shown.info["duration"] == 100


def test_an_mpo_shows_its_first_picture(quarters, save, check_quarters):
    data = save(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))], quality=95)
    assert image.fit(data, OPENAI).data == data
    check_quarters(image.fit(data, OPENAI, Options(max_side=32)).data, (32, 24), tolerance=16)


def test_pixels_come_down_to_the_targets_limit(quarters, save, check_quarters):
    data = save(quarters((2400, 1200)), "PNG")
    media = image.fit(data, ANTHROPIC, Options(image_count=21))
    check_quarters(media.data, (2000, 1000))
    assert image.fit(data, ANTHROPIC, Options(image_count=20)).data == data


def test_a_picture_is_shrunk_to_the_targets_best_side_only_when_asked_and_when_that_saves_bytes(save):
    noise = save(
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (1000, 2000, 3), np.uint8)), "JPEG", quality=92
    )
    assert image.fit(noise, ANTHROPIC).data == noise
    media = image.fit(noise, ANTHROPIC, Options(shrink=True))
    assert (media.width, media.height) == (1568, 784)
    drawing = save(Image.fromarray(np.random.default_rng(1).integers(0, 2, (1700, 1700)) > 0), "PNG")
    assert image.fit(drawing, ANTHROPIC, Options(shrink=True)).data == drawing


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (1, 5000), (5000, 1)])
def test_tiny_and_narrow_pictures_keep_their_shape(save, size):
    data = save(Image.new("RGB", size, "red"), "PNG")
    assert image.fit(data, OPENAI, Options()).data == data
    media = image.fit(data, OPENAI, Options(max_side=100))
    assert (media.width, media.height) == tuple(min(side, 100) for side in size)


def _photograph(size=(1200, 900), seed=7):
    """Return a picture with detail at every scale, as photographs have it."""
    random = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0]), np.float32)
    for step in (2, 4, 8, 16, 32, 64):
        layer = random.normal(0, 1, (size[1] // step + 1, size[0] // step + 1)).astype(np.float32)
        total += np.asarray(Image.fromarray(layer).resize(size, Image.Resampling.BICUBIC)) * step**0.8
    shades = np.clip(128 + total * 3, 0, 255)
    return Image.fromarray(np.stack([shades, np.roll(shades, 40, 0), np.roll(shades, 40, 1)], -1).astype(np.uint8))


def _similarity(one, other):
    """Return the mean structural similarity of two grey pictures (Wang et al. 2004, windows of 8 x 8)."""
    one, other = (np.asarray(picture.convert("L")).astype(np.float64) for picture in (one, other))

    def mean(values):
        sums = np.cumsum(np.cumsum(np.pad(values, ((1, 0), (1, 0))), 0), 1)
        return (sums[8:, 8:] - sums[:-8, 8:] - sums[8:, :-8] + sums[:-8, :-8]) / 64

    first, second = mean(one), mean(other)
    spread = mean(one * one) - first**2 + mean(other * other) - second**2
    joint = mean(one * other) - first * second
    top = (2 * first * second + 6.5025) * (2 * joint + 58.5225)
    return float((top / ((first**2 + second**2 + 6.5025) * (spread + 58.5225))).mean())


@pytest.mark.parametrize("side", [1000, 560, 250])
def test_scaling_looks_like_a_full_decode_and_lanczos(save, side):
    data = save(_photograph(), "JPEG", quality=95)
    media = image.fit(data, OPENAI, Options(max_side=side, quality=95))
    reference = Image.open(io.BytesIO(data)).resize((media.width, media.height), Image.Resampling.LANCZOS)
    assert _similarity(Image.open(io.BytesIO(media.data)), reference) >= 0.985  # what quality 95 costs counts, too


def test_bytes_are_met_as_base64_at_the_best_quality(save):
    """Anthropic counts base64: here 400,000 characters, so 300,000 bytes."""
    target = _evolved(ANTHROPIC, max_bytes=400_000)
    data = save(_photograph(), "JPEG", quality=95, subsampling=0)
    media = image.fit(data, target)
    assert len(base64.b64encode(media.data)) <= 400_000
    quality = int(media.changes[-1].removeprefix("quality "))
    again = io.BytesIO()
    Image.open(io.BytesIO(data)).save(again, "JPEG", quality=quality + 1, subsampling="4:2:0")
    assert len(again.getvalue()) > 300_000
    assert (media.width, media.height) == (1200, 900)


def test_a_lossless_picture_becomes_jpeg_only_for_its_bytes(save):
    data = save(_photograph(), "PNG")
    assert image.fit(data, OPENAI).data == data
    media = image.fit(data, OPENAI, Options(max_image_bytes=400_000))
    assert (media.media_type, media.width) == ("image/jpeg", 1200)
    assert len(media.data) <= 400_000


def test_with_transparency_it_becomes_webp_instead(save):
    picture = _photograph((480, 360)).convert("RGBA")
    picture.putalpha(picture.getchannel("R"))
    media = image.fit(save(picture, "PNG"), OPENAI, Options(max_image_bytes=60_000))
    assert media.media_type == "image/webp"
    assert headers.read(media.data).alpha
    assert len(media.data) <= 60_000


def test_pixels_go_when_quality_alone_is_not_enough(save):
    media = image.fit(save(_photograph(), "JPEG", quality=90), OPENAI, Options(max_image_bytes=20_000))
    assert len(media.data) <= 20_000
    assert media.width < 1200
    assert abs(media.width / media.height - 4 / 3) < 0.02


def test_what_cannot_be_made_small_enough_is_refused(save):
    with pytest.raises(MediaError) as caught:
        image.fit(save(_photograph((300, 200)), "PNG"), OPENAI, Options(max_image_bytes=50))
    assert caught.value.code == "media-too-large"


def test_equal_input_gives_equal_output(save, monkeypatch):
    data = save(_photograph(), "JPEG", quality=95)
    first = image.fit(data, ANTHROPIC, Options(max_side=500))
    monkeypatch.setattr(cache, "MEMORY", cache.Memory(0))
    second = image.fit(data, ANTHROPIC, Options(max_side=500))
    assert first.data == second.data
    assert first.data is not second.data


def test_no_metadata_leave_in_an_encoded_picture(quarters, save):
    exif = Image.Exif()
    exif[0x0112] = 3
    exif[0xA430] = "Jane Owner"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 0.0)}
    for form in ("JPEG", "PNG", "WEBP"):
        options = {"comment": b"Jane Owner"} if form == "JPEG" else {}
        data = save(quarters(), form, exif=exif, **options)
        media = image.fit(data, OPENAI)
        assert media.data != data
        assert b"Jane" not in media.data
        assert headers.read(media.data).private == ()


def test_strip_metadata_takes_them_out_of_what_passes_through(quarters, save):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 0.0)}
    data = save(quarters(), "JPEG", exif=exif)
    media = image.fit(data, OPENAI, Options(strip_metadata=True))
    assert headers.read(data).private == ("gps",)
    assert headers.read(media.data).private == ()
    assert media.changes == ("metadata left out",)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(media.data))), np.asarray(Image.open(io.BytesIO(data))))
    plain = save(quarters(), "JPEG")
    assert image.fit(plain, OPENAI, Options(strip_metadata=True)).data == plain


def test_a_turned_jpeg_is_made_at_the_quality_it_had(save):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = save(_photograph(), "JPEG", quality=80, exif=exif)
    media = image.fit(data, OPENAI)
    assert media.changes[-1] == "quality 80"
    assert len(media.data) < 1.1 * len(data)


def test_the_media_of_a_target_without_pictures_is_refused(quarters, save):
    with pytest.raises(MediaError) as caught:
        image.fit(save(quarters(), "PNG"), _evolved(OPENAI, media_types=()))
    assert caught.value.code == "media-format-unsupported"
