"""Pictures that attack: families I of bad input, by function."""

import io
import os
import re
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFile

import msgkit
from msgkit import targets
from msgkit.errors import MediaError
from msgkit.headers import ImageHeader
from msgkit.media import Limits, Options, image
from msgkit.media.image import decoding
from msgkit.model.media import Media
from tests.makers import png_chunk

OPENAI = targets.get("openai")
WAYS = [
    image.fit,
    lambda data: image.fit(data, OPENAI),
    lambda data: image.fit(data, OPENAI, Options(max_side=10)),
    lambda data: image.to_pillow(Media(data, "image/png")),
]
"""Every way by which bytes reach a decoder."""


def code(data, ways=WAYS):
    codes = set()
    for way in ways:
        with pytest.raises(MediaError) as caught:
            way(data)
        assert not re.search(r"0x[0-9a-f]{6,}", str(caught.value))
        codes.add(caught.value.code)
    assert len(codes) == 1, codes
    return codes.pop()


def png(width, height, bits=8, kind=2, body=b"\0", extra=()):
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(extra)
        + png_chunk(b"IDAT", zlib.compress(body))
        + png_chunk(b"IEND", b"")
    )


def webp(width, height):
    bits = width - 1 | (height - 1) << 14
    body = b"\x2f" + struct.pack("<I", bits) + bytes(11)
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body


def gif(width, height, frames=1, side=1):
    frame = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x84Q\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame * frames + b";"


def jpeg(width, height, save):
    data = bytearray(save(Image.new("RGB", (8, 8)), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


SMALLER = [lambda data: image.fit(data, None, Options(max_side=5))]
BOMBS = {
    "one bit a pixel": png(50_000, 50_000, 1, 0, bytes(6_251 * 100)),
    "gray": png(15_000, 15_000, body=bytes(1 << 20)),
    "16 bits": png(9_000, 9_000, 16, 6, bytes(1 << 20)),
    "webp": webp(16_000, 10_000),
    "size": gif(65_535, 65_535),
    "sum": gif(1_000, 1_000, 100),
    "frames": gif(10, 10, 2_000),
    "side": png(70_000, 100),
}


@pytest.fixture
def undecoded(monkeypatch):
    """Let nothing decode pixels."""
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
@pytest.mark.usefixtures("undecoded")
def test_too_many_pixels_are_refused_before_decoding(data):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(data, SMALLER) == "media-too-large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
@pytest.mark.usefixtures("undecoded")
def test_what_passes_through_is_not_decoded_whatever_its_size(data):
    assert image.fit(data).data is data


def test_a_broken_image_that_is_decoded_in_strips_costs_little():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(png(14_000, 14_000, body=bytes(1 << 20)), SMALLER) in ("media-truncated", "media-invalid")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_limits_are_the_callers_to_raise(save):
    data = save(Image.new("L", (300, 300), 77), "PNG")
    small, larger = Limits(image_pixels=20_000), Limits(image_pixels=90_000)
    with pytest.raises(MediaError, match="80,000 pixels, got 300 x 300") as caught:
        image.fit(data, OPENAI, Options(limits=small, max_side=200))
    assert caught.value.hint == "msgkit's own limit: --max-pixels raises it"
    assert image.fit(data, OPENAI, Options(limits=small)).data == data
    assert image.fit(data, OPENAI, Options(limits=larger, max_side=200)).width == 200


def test_pillows_globals_stay_as_they_were(save, tmp_path):
    for form in ("PNG", "TIFF", "AVIF", "WEBP"):
        (tmp_path / form).write_bytes(save(Image.new("RGB", (64, 64)), form))
    program = """
        import pathlib
        from PIL import Image, ImageFile
        before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
        from msgkit import targets
        from msgkit.media import Options, image
        for form in ("PNG", "TIFF", "AVIF", "WEBP"):
            image.fit(pathlib.Path(form).read_bytes(), targets.get("openai"), Options(max_side=8))
        print(before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES), *Image.OPEN)
    """
    lines = "\n".join(line[8:] for line in program.splitlines())
    command = [sys.executable, "-W", "error", "-c", lines]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=_environment())
    assert run.stderr == ""
    same, *decoders = run.stdout.split()
    assert same == "True"
    assert set(decoders) <= {
        "BMP",
        "DIB",
        "GIF",
        "JPEG",
        "PPM",
        "PNG",
        "TIFF",
        "AVIF",
        "WEBP",
    }  # all but Pillow's own start


def _environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(msgkit.__path__[0]).parent), *sys.path[1:]])}


def test_a_jpeg_of_very_many_scans_is_not_decoded(save, request):
    data = save(Image.new("RGB", (6_000, 4_000)), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    many = data[:at] + data[at:-2] * 60 + data[-2:]
    assert image.fit(data, OPENAI, Options(max_side=100)).width == 100
    request.getfixturevalue("undecoded")
    with pytest.raises(MediaError) as caught:
        image.fit(many, OPENAI, Options(max_side=100))
    assert caught.value.code == "media-too-large"


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param([png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(64 << 20)))], id="zTXt-64MB"),
        pytest.param([png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20)))] * 100, id="zTXt-100x1MB"),
        pytest.param([png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100 << 20)))], id="iCCP-100MB"),
    ],
)
def test_compressed_metadata_do_not_unfold(extra):
    data = png(2, 2, body=bytes(14), extra=extra)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        media = image.fit(data, OPENAI, Options(max_side=1))
    except MediaError as error:
        assert error.code == "media-invalid"
    else:
        assert len(media.data) < 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_impossible_sizes(save):
    assert code(jpeg(65_500, 65_500, save), SMALLER) == "media-too-large"
    assert code(png(0, 10)) == "media-invalid"
    assert code(png(2**31 - 1, 2**31 - 1), SMALLER) == "media-too-large"
    assert code(jpeg(0, 10, save)) == "media-invalid"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_cut_at_any_byte_is_ours_to_refuse(quarters, save, form):
    data = save(quarters((24, 16)), form)
    for length in range(0, len(data), max(1, len(data) // 100)):
        for way in (WAYS[2], WAYS[3]):
            try:
                way(data[:length])
            except MediaError as error:
                assert error.code in {"media-truncated", "media-invalid", "media-empty", "media-format-unsupported"}
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_with_any_byte_changed_is_fit_or_refused(quarters, save, form):
    data = save(quarters((24, 16)), form)
    for at in range(0, len(data), max(1, len(data) // 100)):
        changed = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        for way in (WAYS[2], WAYS[3]):
            try:
                way(changed)
            except MediaError as error:
                assert error.code.startswith("media-")


def test_a_picture_that_is_also_an_archive_passes_as_the_picture(quarters, save, check_quarters):
    data = save(quarters(), "PNG") + b"PK\x03\x04" + bytes(100)
    assert image.fit(data, OPENAI).data == data
    made = image.fit(data, OPENAI, Options(max_side=32)).data
    check_quarters(made, (32, 24), tolerance=16)
    assert b"PK\x03\x04" not in made


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="svg"),
        pytest.param(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><svg>&a;</svg>', id="xxe"),
        pytest.param(b"<html><img src=x></html>", id="html"),
        pytest.param(b"%PDF-1.7\n", id="pdf"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", id="eps"),
        pytest.param(b"8BPS\0\x01" + bytes(20), id="psd"),
        pytest.param(b"SIMPLE  =                    T" + bytes(50), id="fits"),
        pytest.param(b"\0\0\x01\0\x01\0" + png(100, 100), id="ico"),
        pytest.param(b"icns" + bytes(20), id="icns"),
        pytest.param(b"DDS " + bytes(124), id="dds"),
        pytest.param(b"\xd7\xcd\xc6\x9a" + bytes(40), id="wmf"),
        pytest.param(b"\x0a\x05\x01\x08" + bytes(124), id="pcx"),
        pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), id="jp2"),
        pytest.param(b"\x93NUMPY\x01\0" + bytes(20), id="npy"),
        pytest.param(b"P6 1 1 255 abc", id="ppm"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt " + bytes(24), id="sound"),
        pytest.param(b"just text", id="text"),
        pytest.param(b"x", id="one-byte"),
        pytest.param(bytes(44), id="44-bytes"),
    ],
)
def test_other_types_meet_no_decoder(data):
    assert code(data) == "media-format-unsupported"


def test_no_bytes_are_empty():
    assert code(b"") == "media-empty"


def test_only_the_decoder_of_the_signature_is_loaded():
    program = (
        "import sys; from msgkit.media import image; from msgkit.errors import MediaError\n"
        "for data in (b'8BPS\\0\\x01' + bytes(30), b'%!PS-Adobe-3.0 EPSF-3.0', b'<svg/>'):\n"
        "    try: image.fit(data)\n"
        "    except MediaError: pass\n"
        "print([name for name in sys.modules if name.startswith('PIL') or name.startswith('xml')])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_header_that_says_less_than_the_decoder_finds_is_refused(save):
    """The limit was checked against the header: a decoder that would make more pixels must not start."""

    data = save(Image.new("RGB", (500, 500)), "PNG")
    with pytest.raises(MediaError, match="larger than its header"):
        decoding.decode(data, ImageHeader("image/png", 10, 10))


def test_warnings_of_decoders_do_not_reach_users(save, recwarn):
    """An MPO index that is broken, and a TIFF directory with a lie: Pillow warns of both."""
    data = save(Image.new("RGB", (16, 16)), "MPO", save_all=True, append_images=[Image.new("RGB", (16, 16))])
    broken = data.replace(b"MPF\0II", b"MPF\0XX").replace(b"MPF\0MM", b"MPF\0XX")
    assert broken != data
    image.fit(broken, OPENAI, Options(max_side=8))
    assert not recwarn.list


def test_faults_found_while_decoding_keep_their_cause(save):
    data = bytearray(save(Image.new("RGB", (64, 64), "red"), "PNG"))
    at = data.index(b"IDAT") + 6
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(MediaError, match="cannot be decoded as image/png") as caught:
        image.fit(bytes(data), OPENAI, Options(max_side=8))
    assert caught.value.__cause__ is not None
    assert io.BytesIO.__name__ not in str(caught.value)
