"""Pictures of every kind of coding: each comes out in its colours and its transparency, or is refused by name."""

import io
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from msgkit import headers, targets
from msgkit.errors import MediaError
from msgkit.media import Options, image
from msgkit.media.image import decoders, pieces
from tests.makers import png_chunk

OPENAI = targets.get("openai")
WHITE = (48, 36)
"""A pixel in the white quarter of the pictures here, which are 64 x 48."""


def shown(data, mode="RGBA"):
    """Return what msgkit makes of *data*, decoded by Pillow."""
    return Image.open(io.BytesIO(image.fit(data, OPENAI, Options(max_side=63)).data)).convert(mode)


# --- PNG, written here bit by bit


def png(size, bits, kind, rows, transparent=b"", interlaced=0):
    head = struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, interlaced)
    extra = png_chunk(b"tRNS", transparent) if transparent else b""
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + extra + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def rows(values, bits):
    """Return *values* of 8 bits as rows of PNG, with fewer or more bits."""
    if bits == 16:
        return [(row.astype(np.uint32) * 257).astype(">u2").tobytes() for row in values]
    if bits == 8:
        return [row.tobytes() for row in values]
    return [np.packbits(np.unpackbits((row >> (8 - bits))[:, None], axis=1)[:, 8 - bits :]).tobytes() for row in values]


def passes(values, bits):
    """Return the rows of the seven passes of Adam7."""
    steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return [row for x, y, across, down in steps for row in rows(values[y::down, x::across], bits)]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("order", [rows, passes])
@pytest.mark.parametrize("alpha", [False, True])
def test_colours_of_8_and_16_bits_plain_and_interlaced(quarters, bits, order, alpha):
    values = np.asarray(quarters())
    if alpha:
        values = np.dstack([values, np.full(values.shape[:2], 128, np.uint8)])
    data = png((64, 48), bits, 6 if alpha else 2, order(values, bits), interlaced=int(order is passes))
    found = shown(data)
    for place, colour in (((16, 12), (255, 0, 0)), ((48, 12), (0, 255, 0)), ((16, 36), (0, 0, 255))):
        assert found.getpixel(place) == (*colour, 128 if alpha else 255)
    assert set(found.getchannel("A").get_flattened_data()) == {128 if alpha else 255}


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("transparent", [False, True])
def test_grey_of_every_depth_keeps_its_shades_and_its_transparent_one(quarters, bits, transparent):
    values = np.asarray(quarters().convert("L"))
    hidden = struct.pack(">H", (1 << bits) - 1) if transparent else b""
    found = shown(png((64, 48), bits, 0, rows(values, bits), hidden))
    steps = (1 << min(bits, 8)) - 1
    for place in ((16, 12), (48, 12), (16, 36)):
        shade = int(values[place[1], place[0]]) >> max(0, 8 - bits)
        grey = round(shade * 255 / steps)
        clear = transparent and shade == steps
        assert found.getpixel(place)[3] == (0 if clear else 255)
        assert clear or abs(found.getpixel(place)[0] - grey) <= 1
    assert found.getpixel(WHITE)[3] == (0 if transparent else 255)


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (16, 65_535)])
def test_a_transparent_colour_stays_transparent(quarters, bits, top):
    found = shown(png((64, 48), bits, 2, rows(np.asarray(quarters()), bits), struct.pack(">HHH", top, top, top)))
    assert found.getpixel(WHITE)[3] == 0
    assert found.getpixel((16, 12)) == (255, 0, 0, 255)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
@pytest.mark.parametrize("whole", [False, True])
def test_palettes_keep_colours_and_transparent_entries(quarters, save, form, whole):
    picture = quarters().quantize(8)
    entry = picture.getpixel(WHITE)
    transparent = bytes(128 if at == entry else 255 for at in range(8)) if whole and form == "PNG" else entry
    found = shown(save(picture, form, transparency=transparent))
    assert found.getpixel((16, 12)) == (255, 0, 0, 255)
    assert found.getpixel(WHITE)[3] == (128 if whole and form == "PNG" else 0)


# --- JPEG, by the IJG's own program where it is installed


def jpeg(picture, tmp_path, *arguments):
    program = shutil.which("cjpeg")
    if program is None:
        pytest.skip("cjpeg is not installed")
    picture.save(tmp_path / "picture.ppm")
    command = [program, "-quality", "95", "-sample", "1x1", *arguments, tmp_path / "picture.ppm"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("arguments", [["-progressive"], ["-rgb"], ["-restart", "1"], ["-dct", "float"], ["-baseline"]])
def test_jpeg_of_common_codings_passes_and_changes_in_its_colours(quarters, check_quarters, tmp_path, arguments):
    data = jpeg(quarters(), tmp_path, *arguments)
    assert image.fit(data, OPENAI).data == data
    check_quarters(image.fit(data, OPENAI, Options(max_side=32, quality=95)).data, (32, 24), tolerance=12)


@pytest.mark.parametrize("arguments", [["-arithmetic"], ["-arithmetic", "-progressive"]])
def test_arithmetic_jpeg_becomes_one_that_every_reader_knows(quarters, check_quarters, tmp_path, arguments):
    data = jpeg(quarters(), tmp_path, *arguments)
    assert not headers.read(data).common
    media = image.fit(data, OPENAI)
    check_quarters(media.data, (64, 48), tolerance=12)
    assert headers.read(media.data).common
    assert media.changes[0] == "JPEG of a rare coding to a common one"


def test_a_jpeg_in_one_scan_for_each_colour_changes_in_its_colours(quarters, check_quarters, tmp_path):
    (tmp_path / "scans").write_text("0;\n1;\n2;\n")
    data = jpeg(quarters(), tmp_path, "-scans", tmp_path / "scans")
    assert headers.read(data).buffered == 6
    check_quarters(image.fit(data, OPENAI, Options(max_side=32, quality=95)).data, (32, 24), tolerance=12)


@pytest.mark.parametrize("bits", [2, 12, 16])
def test_jpeg_of_other_depths_is_refused_by_name(quarters, save, bits):
    data = bytearray(save(quarters(), "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = bits
    with pytest.raises(MediaError, match=f"a JPEG of {bits} bits cannot be decoded") as caught:
        image.fit(bytes(data), OPENAI, Options(max_side=32))
    assert caught.value.code == "media-format-unsupported"


def inks():
    """Return a colour profile of four inks whose first and third have changed places: the cyan ink prints yellow."""
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    table = b""
    for corner in range(16):
        cyan, magenta, yellow, black = (corner >> shift & 1 for shift in (3, 2, 1, 0))
        colour = tuple(0 if black else 255 * (1 - ink) for ink in (yellow, magenta, cyan))
        light, *sides = to_lab.apply(Image.new("RGB", (1, 1), colour)).tobytes()
        table += bytes((light, *(side ^ 128 for side in sides)))  # Pillow gives them signed
    one, ramp = struct.pack(">9i", *(65_536 * (at % 4 == 0) for at in range(9))), bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + one + ramp * 4 + table + ramp * 3
    text = b"desc" + bytes(4) + struct.pack(">I", 6) + b"inks!\0" + bytes(78)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63_190, 65_536, 54_061)
    bodies = {b"desc": text, b"wtpt": white, b"cprt": b"text" + bytes(4) + b"none\0", b"A2B0": lut}
    at = 128 + 4 + 12 * len(bodies)
    entries, data = b"", b""
    for name, body in bodies.items():
        entries += name + struct.pack(">II", at + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    size = at + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x0210_0000, b"prtr", b"CMYK", b"Lab ")
    head += struct.pack(">6H4s4sIIIQI3i", 2026, 1, 1, 0, 0, 0, b"acsp", bytes(4), 0, 0, 0, 0, 0, 63_190, 65_536, 54_061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(bodies)) + entries + data


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_inks_are_seen_as_their_profile_says(quarters, save, check_quarters, form):
    cyan, magenta, yellow, black = quarters().convert("CMYK").split()
    picture = Image.merge("CMYK", (yellow, magenta, cyan, black))
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    media = image.fit(save(picture, form, icc_profile=inks(), **options), OPENAI)
    check_quarters(media.data, (64, 48), tolerance=24)
    assert "colours to 8-bit sRGB" in media.changes


# --- TIFF and WebP


TIFFS = [(mode, None) for mode in ("RGB", "P", "CMYK", "LAB", "YCbCr", "RGBA")]
TIFFS += [(mode, kind) for mode in ("RGB", "P", "CMYK", "RGBA") for kind in ("tiff_lzw", "tiff_deflate", "packbits")]
TIFFS += [("RGB", "tiff_jpeg")]


DIFFERENT = {targets.get(name).images.media_types.value: name for name in targets.NAMES}
DIFFERENT = [name for media_types, name in DIFFERENT.items() if media_types]
"""A target for each set of image types that one takes."""


def pages(quarters, save):
    """A TIFF of three pages of different sizes and modes, the last turned by EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 3
    more = [Image.new("L", (40, 30), 90), quarters().rotate(180)]
    more[1].encoderinfo = {"exif": exif}
    return save(quarters(), "TIFF", save_all=True, append_images=more)


def test_a_tiff_of_pages_that_must_change_is_refused_with_both_ways_out(quarters, save):
    with pytest.raises(MediaError, match="a TIFF of 3 pages") as caught:
        image.fit(pages(quarters, save))
    assert "--pages all" in caught.value.hint
    assert "--pages first" in caught.value.hint


def test_of_the_pages_of_a_tiff_the_first_is_taken_when_asked_for(quarters, save, check_quarters):
    media = image.fit(pages(quarters, save), None, Options(pages="first"))
    assert "first of 3 pages" in media.changes
    check_quarters(media.data)


def test_every_page_of_a_tiff_becomes_an_image(quarters, save, check_quarters):
    made = list(image.fit_pages(pages(quarters, save), OPENAI, Options(pages="all")))
    assert [(media.width, media.height) for media in made] == [(64, 48), (40, 30), (64, 48)]
    assert [media.changes[0] for media in made] == ["page 1 of 3", "page 2 of 3", "turned upright from orientation 3"]
    check_quarters(made[0].data)
    check_quarters(made[2].data)


@pytest.mark.parametrize("name", DIFFERENT)
@pytest.mark.parametrize("media_type", sorted(decoders.DECODERS))
@pytest.mark.parametrize("frames", [1, 3])
def test_every_decoded_type_still_or_moving_fits_every_target(name, media_type, frames, quarters, save):
    decoder = decoders.DECODERS[media_type]
    try:
        more = {"save_all": True, "append_images": [Image.new("RGB", (64, 48), "red")] * (frames - 1)}
        data = save(quarters(), decoder.pillow.split()[0], **(more if frames > 1 else {}))
    except (KeyError, OSError):
        pytest.skip(f"Pillow writes no {media_type}")
    target = targets.get(name)
    made = list(image.fit_pages(data, target, Options(pages="all")))
    assert {media.media_type for media in made} <= set(target.images.media_types.value)
    assert all(image.fit(media.data, target, Options(pages="all")).data == media.data for media in made)


@pytest.mark.parametrize(("mode", "compression"), TIFFS)
def test_tiff_of_every_mode_shows_its_colours(quarters, save, check_quarters, mode, compression):
    picture = quarters().convert("RGB").convert(mode)
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        picture = ImageCms.profileToProfile(quarters(), *profiles, outputMode="LAB")
    media = image.fit(save(picture, "TIFF", compression=compression), OPENAI)
    check_quarters(media.data, (64, 48), tolerance=24)


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("alpha", [255, 128])
def test_webp_of_both_codings_keeps_colours_and_alpha(quarters, save, lossless, alpha):
    picture = quarters().convert("RGBA")
    picture.putalpha(alpha)
    found = shown(save(picture, "WEBP", lossless=lossless, quality=95))
    for place, colour in (((16, 12), (255, 0, 0)), ((48, 12), (0, 255, 0)), (WHITE, (255, 255, 255))):
        pixel = found.getpixel(place)
        assert max(abs(a - b) for a, b in zip(pixel, (*colour, alpha), strict=True)) <= 8


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("RGB", "tiff_lzw"),
        ("RGB", "raw"),
        ("RGBA", "tiff_deflate"),
        ("L", "packbits"),
        ("CMYK", "raw"),
        ("RGB", "jpeg"),
    ],
)
def test_a_tiff_in_strips_is_what_it_is_as_a_whole(monkeypatch, save, mode, compression):
    picture = Image.radial_gradient("L").resize((400, 301)).convert("RGB").convert(mode)
    data = save(picture, "TIFF", compression=compression, strip_size=8192)
    monkeypatch.setattr(pieces, "_PIXELS", 8192)
    opened = Image.open(io.BytesIO(data))
    assert not headers.read(data).interlaced
    made, whole = pieces.reduced(opened, data, 4), Image.open(io.BytesIO(data)).reduce(4)
    assert (made.mode, made.tobytes()) == (whole.mode, whole.tobytes())


def test_a_tiff_with_odd_tags_is_silent(save, capfd):
    data = save(Image.new("RGB", (8, 8)), "TIFF", compression="tiff_lzw", tiffinfo={65000: "odd"})
    at = data.index(b"\xe8\xfd\x02\x00")
    image.fit(data[: at + 2] + b"\x63\0" + data[at + 4 :], targets.get("openai"))
    assert capfd.readouterr().err == ""


def test_a_tiff_whose_tag_lies_outside_the_file_is_read_without_a_warning(save):
    data = save(Image.new("RGB", (8, 8)), "TIFF", tiffinfo={315: "an artist"})
    at = data.index(b"\x3b\x01\x02\x00") + 8
    image.fit(data[:at] + b"\xff\xff\0\0" + data[at + 4 :], targets.get("openai"))
