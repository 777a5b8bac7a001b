"""What metadata tell about persons is found, and taken out without touching the picture."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from msgkit import headers
from msgkit.errors import MediaError

KINDS = ["JPEG", "PNG", "WEBP"]
XMP = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="48,51.5N"><dc:creator>Jane</dc:creator></rdf:Description>'


def exif(orientation: int = 1, *, gps: bool = False, **tags: object) -> Image.Exif:
    made = Image.Exif()
    made[0x112] = orientation
    if gps:
        made.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    for name, value in tags.items():
        inner = {"owner": 0xA430, "serial": 0xA431, "comment": 0x9286}.get(name)
        if inner:
            made.get_ifd(0x8769)[inner] = value
        else:
            made[{"artist": 0x13B, "make": 0x10F}[name]] = value
    return made


def test_a_tiff_tells_its_owner(picture):
    assert headers.read(picture("TIFF", exif=exif(artist="Jane Doe"))).private == ("owner",)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"gps": True}, ("gps",)),
        ({"artist": "Jane Doe"}, ("owner",)),
        ({"artist": "   "}, ()),
        ({"make": "Canon"}, ()),
        ({}, ()),
    ],
)
def test_exif_tells_position_and_owner(picture, kind, tags, expected):
    assert headers.read(picture(kind, exif=exif(6, **tags))).private == expected


@pytest.mark.parametrize("kind", KINDS)
def test_exif_tells_owner_serial_number_and_comment_of_the_inner_directory(picture, kind):
    data = picture(kind, exif=exif(owner="Jane", serial="4711", comment=b"ASCII\0\0\0hi"))
    assert headers.read(data).private == ("comment", "owner", "serial")
    assert headers.read(picture(kind, exif=exif(comment=b"ASCII\0\0\0   "))).private == ()


@pytest.mark.parametrize("kind", KINDS)
def test_xmp_tells_position_and_owner(picture, kind):
    options = {"xmp": XMP}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options = {"pnginfo": info}
    data = picture(kind, **options)
    assert headers.read(data).private == ("gps", "owner")
    assert headers.read(headers.strip_metadata(data)).private == ()


def test_comments_are_found_where_each_type_keeps_them(picture):
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Jane")
    text.add_text("Comment", "hello", zip=True)
    assert headers.read(picture("PNG", pnginfo=text)).private == ("comment", "owner")
    assert headers.read(picture("JPEG", comment=b"hello")).private == ("comment",)
    assert headers.read(picture("GIF", comment=b"hello")).private == ("comment",)


def test_iptc_tells_the_owner(picture):
    data = picture("JPEG")
    record = b"Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x09\x1c\x02\x50\0\x04Jane\0"
    data = data[:2] + b"\xff\xed" + (len(record) + 2).to_bytes(2) + record + data[2:]
    assert headers.read(data).private == ("owner",)
    assert headers.strip_metadata(data) == picture("JPEG")


def pixels(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("RGBA").tobytes())
        return frames


@settings(max_examples=13, deadline=None)
@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    kind=st.sampled_from(KINDS),
    orientation=st.integers(1, 8),
    gps=st.booleans(),
    progressive=st.booleans(),
)
def test_stripping_leaves_the_picture_and_its_orientation_alone(picture, size, kind, orientation, gps, progressive):
    options = {"progressive": progressive} if kind == "JPEG" else {}
    data = picture(kind, size=size, exif=exif(orientation, gps=gps, artist="Jane"), **options)
    bare = headers.strip_metadata(data)
    assert b"Jane" in data
    assert b"Jane" not in bare
    assert pixels(bare) == pixels(data)
    header = headers.read(bare)
    assert header.private == ()
    assert header.orientation == orientation
    assert header.complete
    with Image.open(io.BytesIO(bare)) as judge:
        tags = judge.getexif()
        assert dict(tags) == ({0x112: orientation} if orientation != 1 else {})
        assert not tags.get_ifd(0x8825)
    assert headers.strip_metadata(bare) == bare


@pytest.mark.parametrize("kind", KINDS)
def test_stripping_keeps_the_colour_profile_and_what_has_no_metadata(picture, kind):
    profile = b"\0" * 36 + b"acsp" + b"\1" * 88
    data = picture(kind, icc_profile=profile)
    assert headers.strip_metadata(data) == data
    bare = headers.strip_metadata(picture(kind, icc_profile=profile, exif=exif(artist="Jane")))
    with Image.open(io.BytesIO(bare)) as judge:
        assert judge.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_stripping_keeps_every_frame(kind):
    stream = io.BytesIO()
    first, *others = (Image.new("RGB", (6, 4), colour) for colour in ("red", "green", "blue"))
    first.save(stream, kind, save_all=True, append_images=others, duration=100, exif=exif(artist="Jane"))
    bare = headers.strip_metadata(stream.getvalue())
    assert len(pixels(bare)) == 3
    assert pixels(bare) == pixels(stream.getvalue())
    assert b"Jane" not in bare


@pytest.mark.parametrize("kind", KINDS)
def test_stripping_drops_what_stands_behind_the_end(picture, kind):
    data = picture(kind)
    assert headers.strip_metadata(data + b"PK\3\4 a second picture, with its own EXIF") == data


def test_stripping_drops_the_second_picture_of_an_mpo():
    stream = io.BytesIO()
    Image.new("RGB", (6, 4)).save(stream, "MPO", save_all=True, append_images=[Image.new("RGB", (6, 4), "red")])
    bare = headers.strip_metadata(stream.getvalue())
    with Image.open(io.BytesIO(bare)) as judge:
        assert judge.format == "JPEG"
        assert judge.convert("RGB").getextrema() == ((0, 0), (0, 0), (0, 0))


def test_stripping_drops_the_thumbnail_of_jfif(picture):
    data = picture("JPEG")
    segment = b"JFIF\0\1\1\0\0\1\0\1\1\1\xaa\xbb\xcc"
    with_thumbnail = data[:2] + b"\xff\xe0" + (len(segment) + 2).to_bytes(2) + segment + data[20:]
    assert headers.strip_metadata(with_thumbnail) == data


def test_stripping_takes_comments_between_the_scans_of_a_progressive_jpeg(picture):
    data = picture("JPEG", size=(64, 64), progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    commented = data[:second] + b"\xff\xfe\0\6Jane" + data[second:]
    assert headers.strip_metadata(commented) == data


@pytest.mark.parametrize("kind", KINDS)
def test_stripping_a_file_that_breaks_off_is_an_error_of_ours(picture, kind):
    data = picture(kind, exif=exif(6, artist="Jane"))
    for length in range(len(data)):
        with pytest.raises(MediaError) as caught:
            headers.strip_metadata(data[:length])
        assert caught.value.code in ("media-truncated", "media-invalid", "media-format-unsupported")
