"""Whatever the bytes are: a header, None, or an error of ours, at a bounded cost."""

import random
import struct
import zlib

import pybase64
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from msgkit import headers
from msgkit.errors import MediaError

CODES = {"media-truncated", "media-invalid", "media-empty"}
PICTURES = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]
SOUNDS = [
    ("a.wav", "pcm_s16le"),
    ("a.wav", "adpcm_ms"),
    ("a.mp3", "libmp3lame"),
    ("a.flac", "flac"),
    ("a.ogg", "libvorbis"),
    ("a.ogg", "libopus"),
    ("a.aiff", "pcm_s16be"),
    ("a.m4a", "aac"),
    ("a.webm", "libopus"),
    ("a.aac", "aac"),
]


def read(data: bytes) -> headers.Header | str | None:
    """Return the header, or the error's code; the same from base64."""
    results = []
    for window in (headers.BytesWindow(data), headers.Base64Window(pybase64.b64encode(data).decode())):
        try:
            results.append(headers.read(window))
        except MediaError as error:
            assert error.code in CODES
            results.append(error.code)
    assert results[0] == results[1]
    return results[0]


def rich(picture, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x112] = 6
    exif[0x13B] = "Jane Doe"
    exif.get_ifd(0x8825)[2] = (1.0, 2.0, 3.0)
    return picture(kind, **({"exif": exif} if kind in ("JPEG", "PNG", "WEBP") else {}))


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_cut_at_any_byte_is_whole_truncated_or_invalid(picture, kind):
    data = rich(picture, kind)
    whole = read(data)
    for length in range(len(data)):
        result = read(data[:length])
        if isinstance(result, headers.ImageHeader) and kind not in ("TIFF", "GIF"):
            assert not result.complete, length
            assert (result.width, result.height) == (whole.width, whole.height)


def test_a_gif_cut_inside_a_frame_is_truncated(picture):
    data = picture("GIF", size=(40, 40))
    for length in range(len(data) - 2):  # what is missing of the last two bytes, readers do without
        result = read(data[:length])
        assert result is None or result in CODES or not result.complete, length


@pytest.mark.parametrize(("name", "codec"), SOUNDS)
def test_a_sound_cut_at_any_byte_is_whole_truncated_or_invalid(sound, name, codec):
    data = sound(name, "-c:a", codec, rate=8000 if name != "a.webm" else 48000, seconds=0.1)
    whole = read(data)
    lengths = [*range(min(len(data), 1200)), *range(1200, len(data), 37)]
    for length in lengths:
        result = read(data[:length])
        if isinstance(result, headers.AudioHeader):
            assert result.duration <= whole.duration + 0.12, length  # MP3: the encoder's silence counts when frames do
            assert (result.sample_rate, result.channels) == (whole.sample_rate, whole.channels)


@settings(max_examples=50, deadline=None)
@given(kind=st.sampled_from(PICTURES), seed=st.integers(0, 1 << 30), flips=st.integers(1, 8))
def test_a_picture_with_damage_is_read_or_refused(picture, kind, seed, flips):
    data = bytearray(rich(picture, kind))
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(min(len(data), 400))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    read(bytes(data))
    try:
        headers.strip_metadata(bytes(data))
    except MediaError as error:
        assert error.code in CODES | {"media-format-unsupported"}


@settings(max_examples=50, deadline=None)
@given(which=st.sampled_from(SOUNDS), seed=st.integers(0, 1 << 30), flips=st.integers(1, 8))
def test_a_sound_with_damage_is_read_or_refused(sound, which, seed, flips):
    name, codec = which
    data = bytearray(sound(name, "-c:a", codec, rate=8000 if name != "a.webm" else 48000, seconds=0.1))
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(min(len(data), 700))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    read(bytes(data))


SIGNATURES = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"RIFF\0\0\0\0WAVEfmt ",
    b"FORM\0\0\0\0AIFFCOMM",
    b"fLaC\0\0\0\x22",
    b"OggS\0\2",
    b"ID3\4\0\0\0\0\0\1",
    b"\0\0\0\x10ftypM4A \0\0\0\0",
    b"\0\0\0\x10ftypavif\0\0\0\0",
    b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm",
    b"II*\0\x08\0\0\0",
    b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0",
    b"\xff\xf1\x50\x80",
    b"",
]


@settings(max_examples=100, deadline=None)
@given(signature=st.sampled_from(SIGNATURES), rest=st.binary(max_size=200))
def test_a_signature_and_noise_is_read_or_refused(signature, rest):
    read(signature + rest)


@pytest.mark.parametrize("length", [1, 2, 44])
def test_a_few_bytes_are_nothing(length):
    assert read(bytes(length)) is None
    assert read(b"") == "media-empty"


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def png(width: int, height: int, bits: int = 8, colour: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def jpeg(width: int, height: int, components: int = 3) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, components) + bytes(3 * components)
    picture = b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\xff\xd9"
    return b"\xff\xd8\xff\xc0" + (2 + len(frame)).to_bytes(2) + frame + picture


def test_sizes_beyond_any_limit_are_told_for_the_limit_to_refuse():
    assert read(png(50_000, 50_000, 1, 0)).pixels == 2_500_000_000
    assert read(jpeg(65_500, 65_500)).pixels == 65_500**2
    assert read(png(2**31 - 1, 1)).width == 2**31 - 1
    gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x01\0\0;"
    assert (read(gif).width, read(gif).height) == (65_535, 65_535)


@pytest.mark.parametrize(
    "data",
    [
        png(0, 1),
        png(1, 0),
        png(2**31, 1),
        png(8, 8, 3),
        png(8, 8, 8, 1),
        png(8, 8)[:20] + b"\1" + png(8, 8)[21:],
        jpeg(0, 8),
        jpeg(8, 0),
        jpeg(8, 8, 2),
        b"\xff\xd8\xff\xd9\0\0",
        b"\xff\xd8\xff\xe0\0\1",
        b"\xff\xd8\xff\xda\0\x08\1\1\0\0\x3f\0\xff\xd9" + bytes(30),
    ],
)
def test_headers_that_contradict_themselves_are_invalid(data):
    assert read(data) == "media-invalid"


def test_every_frame_of_a_gif_counts():
    frame = b",\0\0\0\0\x40\x1f\x40\x1f\0\x02\x01\0\0"
    gif = b"GIF89a\x40\x1f\x40\x1f\0\0\0" + frame * 500 + b";"
    assert read(gif).pixels == 8000 * 8000 * 500


def test_a_gif_frame_outside_the_canvas_makes_it_larger():
    gif = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\x02\x01\0\0" + b",\x10\0\x20\0\1\0\1\0\0\x02\x01\0\0;"
    assert (read(gif).width, read(gif).height) == (17, 33)


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"MM",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03\0\0\0\x01\0\x09\0\0",
        b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08",
        b"MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_a_broken_exif_is_upright(exif):
    data = jpeg(8, 8)
    body = b"Exif\0\0" + exif
    header = read(data[:2] + b"\xff\xe1" + (2 + len(body)).to_bytes(2) + body + data[2:])
    assert (header.orientation, header.private) == (1, ())


def wav(
    *, tag: int = 1, channels: int = 1, rate: int = 8000, align: int = 2, bits: int = 16, data: bytes = bytes(80)
) -> bytes:
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits)
    return b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", len(data)) + data


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 100_000_000},
        {"channels": 65_535, "align": 65_534},
        {"channels": 0},
        {"bits": 0},
        {"rate": 0},
        {"align": 0},
        {"bits": 5, "align": 1},
        {"align": 3},
        {"tag": 3, "bits": 24, "align": 3},
        {"tag": 6, "bits": 16},
    ],
)
def test_wav_headers_that_no_recording_has_are_invalid(fields):
    assert read(wav()).duration == 0.005
    assert read(wav(**fields)) == "media-invalid"


def test_a_wav_that_claims_more_than_there_is_is_incomplete():
    data = wav()
    header = read(data[:40] + b"\xf0\xff\xff\x3e" + data[44:])
    assert header.duration == 0.005
    assert not header.complete


def test_a_wav_without_samples_is_empty():
    assert read(wav(data=b"")) == "media-empty"
    assert read(wav(data=b"\0")) == "media-empty"
    assert read(wav()[:36]) == "media-truncated"
    assert read(b"RIFF\0\0\0\0WAVE") == "media-truncated"


def test_an_id3_tag_without_sound_is_refused():
    assert read(b"ID3\4\0\0\0\0\0\5hello") == "media-empty"
    assert read(b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(500)) == "media-truncated"
    assert read(b"ID3\4\0\0\0\0\0\5hello" + b"#EXTM3U\nfile:///etc/passwd\n" * 9) == "media-invalid"


def test_a_message_never_holds_more_than_a_few_bytes_of_the_file():
    with pytest.raises(MediaError) as caught:
        headers.read(b"\xff\xd8\xff\xfe\0\2" + b"secret" * 10)
    assert "secret" not in str(caught.value)


MEGABYTE = 1 << 20
FRAME = b"\xff\xfb\x90\x64" + bytes(413)
GIF = b"GIF89a\x08\0\x08\0\0\0\0"
STREAMINFO = (
    b"fLaC\0\0\0\x22\x10\0\x10\0" + bytes(6) + (44100 << 44 | 1 << 41 | 15 << 36 | 9**7).to_bytes(8) + bytes(16)
)
VORBIS = b"OggS\0\2" + bytes(20) + b"\1\x13\1vorbis\0\0\0\0\2\x44\xac\0\0xxx"
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\2\0" + struct.pack(">HHII", 0x8769, 4, 1, 8) * 512
SMALL = {
    "i08-jpeg-fill": (b"\xff\xd8", b"\xff"),
    "i06-jpeg-without-end": (jpeg(8, 8)[:-2], b"\0"),
    "i14-jpeg-exif-loops": (b"\xff\xd8", b"\xff\xe1" + (len(EXIF) + 2).to_bytes(2) + EXIF),
    "i07-png-chunks": (png(8, 8)[:33], chunk(b"abCd", b"")),
    "i07-png-text": (png(8, 8)[:33], chunk(b"zTXt", b"Comment\0\0" + bytes(600))),
    "i05-webp-frames": (b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\2\0\0\0" + bytes(6), b"ANMF\0\0\0\0"),
    "i05-gif-frames": (GIF, b",\0\0\0\0\2\0\3\0\0\2\0"),
    "i05-gif-blocks": (GIF + b",\0\0\0\0\2\0\3\0\0\2", b"\1a"),
    "a07-mp3-frames": (b"", FRAME),
    "a07-mp3-gaps": (FRAME * 2, b"\xff\xfb\x90\x64"),
    "a06-mp3-id3": (b"ID3\4\0\0\0\0\0\0", b"ID3\4\0\0\0\0\0\0"),
    "a13-flac-frames": (STREAMINFO, b"\xff\xf8\xc9\x18"),
    "a16-ogg-captures": (VORBIS, b"OggS"),
    "a16-ogg-pages": (VORBIS, b"OggS\0\0" + bytes(8) + b"zzzz" + bytes(9)),
    "a01-wav-chunks": (b"RIFF\0\0\0\0WAVE", b"LIST\0\0\0\0"),
    "a11-mp4-boxes": (b"\0\0\0\x10ftypisom\0\0\0\0", b"\0\0\0\x08free"),
    "webm-elements": (b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x01" + b"\xff" * 7, b"\xec\x80"),
    "a08-playlist": (b"#EXTM3U\n", b"file:///etc/passwd\n"),
}


class Counted:
    """A window that counts what is asked of it."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.calls = self.read = 0
        self._data = data

    def at(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        self.calls += 1
        data = self._data[offset : offset + length]
        self.read += len(data)
        return data


@pytest.mark.parametrize("name", SMALL)
def test_a_hostile_file_of_20_megabytes_costs_little(name):
    head, piece = SMALL[name]
    window = Counted(head + piece * (20 * MEGABYTE // len(piece)))
    try:
        headers.read(window)
    except MediaError as error:
        assert error.code in CODES
    assert window.calls < 50_000
    assert window.read < 44 * MEGABYTE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_header_of_a_large_picture_is_read_from_few_bytes(kind, picture):
    window = Counted(picture(kind, size=(400, 400), **({"compress_level": 0} if kind == "PNG" else {})))
    assert headers.read(window).width == 400
    assert window.read < 3000
