"""Image headers say what Pillow says."""

import io
import struct

import pi_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from msgkit import headers
from msgkit.errors import MediaError

SIZES = st.tuples(st.integers(1, 70), st.integers(1, 70))
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp"}
KINDS |= {"TIFF": "image/tiff", "AVIF": "image/avif"}


def pillow(data: bytes) -> tuple[tuple[int, int], int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size, getattr(image, "n_frames", 1), image.getexif().get(0x112, 1)


def ours(data: bytes) -> tuple[tuple[int, int], int, int]:
    header = headers.read(data)
    assert isinstance(header, headers.ImageHeader)
    assert header.complete
    return (header.width, header.height), header.frames, header.orientation


@settings(max_examples=15, deadline=None)
@given(size=SIZES, kind=st.sampled_from(sorted(KINDS)))
def test_size_is_pillows(picture, size, kind):
    data = picture(kind, size=size)
    assert headers.sniff(data) == KINDS[kind]
    assert ours(data) == pillow(data) == (size, 1, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_pillows_and_the_size_is_the_stored_one(picture, kind, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    data = picture(kind, exif=exif)
    size = (5, 7) if kind == "TIFF" and orientation > 4 else (7, 5)  # Pillow turns TIFF, alone, when it opens it
    assert pillow(data) == (size, 1, orientation)
    assert ours(data) == ((7, 5), 1, orientation)


@pytest.mark.parametrize(
    ("kind", "mode", "expected"),
    [
        ("JPEG", "L", "L"),
        ("JPEG", "RGB", "RGB"),
        ("JPEG", "CMYK", "CMYK"),
        ("PNG", "1", "1"),
        ("PNG", "L", "L"),
        ("PNG", "P", "P"),
        ("PNG", "LA", "LA"),
        ("PNG", "RGB", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("PNG", "I;16", "I;16"),
        ("WEBP", "RGB", "RGB"),
        ("WEBP", "RGBA", "RGBA"),
        ("GIF", "P", "P"),
        ("TIFF", "L", "L"),
        ("TIFF", "1", "1"),
        ("TIFF", "I;16", "I;16"),
        ("TIFF", "CMYK", "CMYK"),
        ("TIFF", "RGBA", "RGBA"),
    ],
)
def test_mode_is_pillows(kind, mode, expected):
    stream = io.BytesIO()
    image = Image.linear_gradient("L").resize((9, 9))
    image = image.convert("I;16") if mode == "I;16" else image.convert("RGB").convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((9, 9)))
    image.save(stream, kind)
    header = headers.read(stream.getvalue())
    with Image.open(stream) as judge:
        assert header.mode == judge.mode == expected
    assert header.alpha is (mode in ("LA", "RGBA"))
    assert header.bits == {"1": 1, "I;16": 16}.get(mode, 8)


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}])
def test_jpegs_of_every_coding_have_a_size(picture, options):
    assert ours(picture("JPEG", size=(70, 33), **options)) == ((70, 33), 1, 1)


@pytest.mark.parametrize(
    ("kind", "options"), [("WEBP", {"lossless": True}), ("WEBP", {"quality": 1}), ("PNG", {"interlace": 1})]
)
def test_other_codings_have_a_size(picture, kind, options):
    assert ours(picture(kind, size=(69, 2), **options)) == ((69, 2), 1, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_colour_profile_is_seen(picture, kind):
    profile = b"\0" * 36 + b"acsp" + b"\0" * 88
    assert headers.read(picture(kind, icc_profile=profile)).icc
    assert not headers.read(picture(kind)).icc


def test_transparency_of_a_palette_is_alpha():
    stream = io.BytesIO()
    Image.new("P", (4, 4)).save(stream, "PNG", transparency=0)
    assert headers.read(stream.getvalue()).alpha
    stream = io.BytesIO()
    Image.new("P", (4, 4)).save(stream, "GIF", transparency=0)
    assert headers.read(stream.getvalue()).alpha


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_every_frame_of_an_animation_is_counted(kind):
    stream = io.BytesIO()
    first, *others = (Image.new("RGB", (6, 4), colour) for colour in ("red", "green", "blue"))
    first.save(stream, kind, save_all=True, append_images=others, duration=100)
    assert ours(stream.getvalue()) == pillow(stream.getvalue()) == ((6, 4), 3, 1)
    assert headers.read(stream.getvalue()).pixels == 6 * 4 * 3


def test_an_mpo_is_its_first_picture():
    stream = io.BytesIO()
    Image.new("RGB", (6, 4)).save(stream, "MPO", save_all=True, append_images=[Image.new("RGB", (6, 4))])
    with Image.open(stream) as judge:
        assert judge.n_frames == 2
    assert ours(stream.getvalue()) == ((6, 4), 1, 1)


def box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


def test_the_pictures_of_an_avif_sequence_are_counted(picture):
    table = box(b"stsz", bytes(8) + (3).to_bytes(4) + bytes(12))
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        table = box(name, table)
    assert headers.read(picture("AVIF") + table).frames == 3
    assert headers.read(picture("AVIF")).frames == 1


def test_a_heic_has_the_size_that_it_is_shown_in():
    # pi-heif writes nothing; the boxes of a picture of 20 x 10 that is to be turned by 90 degrees
    size = (b"\0" * 4 + (20).to_bytes(4) + (10).to_bytes(4)), (b"\0" * 4 + (5).to_bytes(4) + (5).to_bytes(4))
    properties = box(b"ispe", size[1]) + box(b"ispe", size[0]) + box(b"irot", b"\1")
    assigned = b"\0\0\0\0\0\0\0\2" + b"\0\1\1\1" + b"\0\2\2\2\x83"
    meta = b"\0\0\0\0" + box(b"pitm", b"\0\0\0\0\0\2") + box(b"iprp", box(b"ipco", properties) + box(b"ipma", assigned))
    data = box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", meta)
    assert pi_heif.is_supported(data)
    header = headers.read(data)
    assert (header.media_type, header.width, header.height) == ("image/heic", 10, 20)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_odd_shapes_have_their_size(picture, size):
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        assert ours(picture(kind, size=size)) == (size, 1, 1)


@settings(max_examples=15, deadline=None)
@given(size=SIZES, kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), junk=st.binary(max_size=40))
def test_bytes_behind_the_end_change_nothing(picture, size, kind, junk):
    data = picture(kind, size=size)
    assert headers.read(data + junk) == headers.read(data)


def test_a_heic_without_a_size_is_invalid_and_one_cut_off_is_truncated():
    start = box(b"ftyp", b"heic\0\0\0\0")
    with pytest.raises(MediaError) as caught:
        headers.read(start + box(b"meta", b"\0\0\0\0" + box(b"iprp", box(b"ipco", b""))) + box(b"mdat", b""))
    assert caught.value.code == "media-invalid"
    with pytest.raises(MediaError) as caught:
        headers.read(start)
    assert caught.value.code == "media-truncated"


def test_a_heif_is_told_by_the_brands_behind_the_first():
    for brand, media_type in ((b"avif", "image/avif"), (b"heic", "image/heic"), (b"miaf", "image/heif")):
        assert headers.sniff(box(b"ftyp", b"mif1\0\0\0\0mif1" + brand)) == media_type


def test_a_bmp_of_the_first_kind_has_a_size():
    data = b"BM" + struct.pack("<IHHI", 30, 0, 0, 26) + struct.pack("<IHHHH", 12, 1, 1, 1, 24) + bytes(4)
    with Image.open(io.BytesIO(data)) as judge:
        assert judge.size == (1, 1)
    assert ours(data) == ((1, 1), 1, 1)


def test_the_end_of_a_jpeg_is_found_before_any_amount_of_padding(picture):
    data = picture("JPEG", size=(70, 70))
    assert headers.read(data + bytes(1 << 17)).complete
    assert not headers.read(data[:-2] + bytes(1 << 17)).complete


def heic(coded: tuple[int, int], shown: tuple[int, int]) -> bytes:
    size = box(b"ispe", bytes(4) + coded[0].to_bytes(4) + coded[1].to_bytes(4))
    part = box(b"clap", b"".join(number.to_bytes(4) for number in (shown[0], 1, shown[1], 1, 0, 1, 0, 1)))
    meta = bytes(4) + box(b"iprp", box(b"ipco", size + part))
    return box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", meta) + box(b"mdat", b"")


def test_a_heic_is_as_large_as_the_part_that_it_shows():
    assert ours(heic((64, 64), (50, 40))) == ((50, 40), 1, 1)
    with pytest.raises(MediaError) as caught:
        headers.read(heic((16_000, 16_000), (8, 8)))
    assert caught.value.code == "media-invalid"


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}),
        ("RGB", {"quality": 100, "subsampling": 0, "optimize": True}),
        ("L", {}),
        ("CMYK", {}),
        ("RGB", {"progressive": True}),
        ("RGB", {"comment": b"by me"}),
        ("RGB", {"dpi": (300, 300)}),
        ("RGB", {"restart_marker_rows": 1}),
    ],
)
def test_a_glance_at_a_jpeg_tells_what_reading_it_tells(picture, mode, options):
    data = picture("JPEG", mode=mode, size=(70, 50), **options)
    told = headers.glance(data)
    assert (told is None) == bool({"progressive", "comment"} & set(options))
    for changed in (data, data[:-1], data[: len(data) // 2], data + b"\0"):
        told = headers.glance(changed)
        assert told is None or told == headers.read(changed)


def test_a_glance_at_a_jpeg_with_any_byte_of_its_header_changed_tells_what_reading_it_tells(picture):
    data = picture("JPEG", mode="RGB", size=(70, 50))
    for at in range(data.index(b"\xff\xda") + 14):
        for value in (0, 1, 2, 0xFF, data[at] ^ 0x55):
            changed = data[:at] + bytes([value]) + data[at + 1 :]
            told = headers.glance(changed)
            assert told is None or told == headers.read(changed), (at, value)


def test_a_glance_is_short_at_a_jpeg_of_segments_only():
    assert headers.glance(b"\xff\xd8\xff" + b"\xff\xe0\0\2" * 100_000 + b"\xff\xd9") is None


@pytest.mark.parametrize(
    ("kind", "options", "least", "most"),
    [
        ("JPEG", {}, 0, 0),
        ("JPEG", {"progressive": True, "subsampling": 0}, 6, 6),
        ("JPEG", {"progressive": True, "subsampling": 2}, 3, 3),
        ("AVIF", {"subsampling": "4:2:0"}, 1.5, 1.5),
        ("AVIF", {"subsampling": "4:4:4"}, 3, 3),
    ],
)
def test_what_a_decoder_keeps_beside_the_picture_follows_from_scans_and_subsampling(
    picture, kind, options, least, most
):
    assert least <= headers.read(picture(kind, mode="RGB", size=(64, 64), **options)).buffered <= most


XMP = '<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


def with_xmp(picture, kind: str) -> bytes:
    if kind != "PNG":
        return picture(kind, xmp=XMP.encode())
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP)
    return picture(kind, pnginfo=info)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_orientation_that_xmp_alone_says_is_pillows_and_survives_stripping(picture, kind):
    data = with_xmp(picture, kind)
    stripped = headers.strip_metadata(data)
    assert b"tiff:" not in stripped
    assert ours(data)[2] == ours(stripped)[2] == pillow(data)[2] == pillow(stripped)[2] == 6


@pytest.mark.parametrize("order", ["II", "MM"])
def test_a_bigtiff_has_the_size_and_pages_of_pillow(order):
    file = io.BytesIO()
    pages = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    ifd = TiffImagePlugin.ImageFileDirectory_v2(prefix=order.encode())
    ifd[0x112] = 3
    pages[0].save(file, "TIFF", big_tiff=True, save_all=True, append_images=pages[1:], tiffinfo=ifd)
    assert ours(file.getvalue()) == pillow(file.getvalue()) == ((30, 20), 2, 3)


def test_bytes_between_the_segments_of_a_jpeg_are_passed_over(picture):
    data = picture("JPEG", size=(30, 20))
    at = data.index(b"\xff\xdb")
    assert ours(data[:at] + b"\x00\x12\x34" + data[at:])[0] == (30, 20)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[14:],
        lambda data: data[:6] + b"\1\2\3\4" + data[10:],
        lambda data: data[:2] + struct.pack("<I", len(data) + 1000) + data[6:],
        lambda data: data[:22] + struct.pack("<i", -20) + data[26:],
    ],
    ids=["DIB", "reserved bytes", "a size beyond the file", "top down"],
)
def test_kinds_of_bmp_that_pillow_opens_have_its_size(picture, change):
    data = change(picture("BMP", size=(30, 20)))
    assert headers.sniff(data) == "image/bmp"
    assert ours(data)[0] == pillow(data)[0] == (30, 20)


def test_a_bmp_without_its_last_row_is_truncated(picture):
    assert not headers.read(picture("BMP", size=(30, 20))[:-92]).complete


def test_an_avif_whose_items_stand_in_its_index_is_whole():
    size = b"ispe" + struct.pack(">III", 0, 30, 20)
    properties = box(b"iprp", box(b"ipco", struct.pack(">I", len(size) + 4) + size))
    meta = box(b"meta", bytes(4) + properties + box(b"idat", bytes(9)))
    data = box(b"ftyp", b"avif" + bytes(4)) + meta
    assert ours(data)[0] == (30, 20)
    assert not headers.read(data[:-1]).complete
