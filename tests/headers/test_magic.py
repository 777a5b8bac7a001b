"""The media type is what the signature says, and nothing without a signature is media."""

import io
import zipfile

import pytest
from PIL import Image

from msgkit import headers

FRAME = b"\xff\xfb\x90\x64" + bytes(413)

NO_MEDIA = {
    "i16-svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "i16-svg-bare": b"<svg/>",
    "i16-html": b"<!DOCTYPE html><html></html>",
    "i17-eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "i18-pcx": b"\x0a\x05\x01\x08" + bytes(124),
    "i18-fits": b"SIMPLE  =                    T",
    "i18-dds": b"DDS \x7c\0\0\0",
    "i18-npy": b"\x93NUMPY\x01\0",
    "i18-wmf": b"\xd7\xcd\xc6\x9a\0\0",
    "a08-hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a09-hls": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n",
    "a10-concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a10-sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n",
    "a10-dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
    "a10-smil": b"<smil><body/></smil>",
    "a10-ass": b"[Script Info]\nScriptType: v4.00+\n",
    "text": b"hello",
    "json": b'{"messages": []}',
    "utf16": "hello".encode("utf-16"),
    "elf": b"\x7fELF\2\1\1" + bytes(60),
    "gzip": b"\x1f\x8b\x08" + bytes(60),
    "zeros": bytes(4096),
    "ones": b"\xff" * 4096,
    "riff-avi": b"RIFF\0\0\0\0AVI LIST",
    "mp3-one-frame-and-text": FRAME + b"#EXTM3U\n",
    "mp3-two-kinds": FRAME + b"\xff\xf3\x90\x64" + bytes(500),
    "mp3-reserved-layer": (b"\xff\xf9\x90\x64" + bytes(413)) * 3,
    "bm-text": b"BMW is a make of car, and this is no bitmap",
    "matroska-like": b"\x1a\x45\xdf\xa3\x84\x42\x82\x81x" + bytes(20),
    "bom-html": b"\xef\xbb\xbf<html>",
}


@pytest.mark.parametrize("data", NO_MEDIA.values(), ids=NO_MEDIA)
def test_what_is_no_media_has_no_type(data):
    assert headers.sniff(data) is None
    assert headers.read(data) is None


def test_a_zip_is_none_whatever_stands_in_it(picture):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.png", picture("PNG"))
    assert headers.sniff(stream.getvalue()) is None
    assert headers.sniff(picture("PNG") + stream.getvalue()) == "image/png"


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("ICO", "image/x-icon"), ("JPEG2000", "image/jp2"), ("PDF", "application/pdf"), ("TIFF", "image/tiff")],
)
def test_types_without_use_are_named_so_that_errors_can_say_what_came(kind, media_type):
    stream = io.BytesIO()
    Image.new("RGB", (16, 16)).save(stream, kind)
    assert headers.sniff(stream.getvalue()) == media_type


@pytest.mark.parametrize("kind", ["PCX", "TGA", "EPS", "DDS", "PPM", "SGI", "ICNS", "MSP", "QOI"])
def test_pictures_of_other_programs_have_no_type(kind):
    stream = io.BytesIO()
    Image.new("1" if kind == "MSP" else "RGB", (16, 16)).save(stream, kind)
    assert headers.sniff(stream.getvalue()) is None


@pytest.mark.parametrize("count", [2, 3, 50])
def test_two_mp3_frames_in_a_row_are_sound(count):
    assert headers.sniff(FRAME * count) == "audio/mpeg"
    assert headers.read(FRAME * count).duration == pytest.approx(count * 1152 / 44100)


def test_one_mp3_frame_that_is_the_whole_file_is_sound():
    assert headers.sniff(FRAME) == "audio/mpeg"
    assert headers.sniff(FRAME[:-1]) is None


def test_the_bytes_tell_wav_from_mp3_whatever_they_are_called(sound):
    assert headers.sniff(sound("a.mp3")) == headers.AUDIO_TYPES["mp3"]
    assert headers.sniff(sound("a.wav")) == headers.AUDIO_TYPES["wav"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_a_window_is_sniffed_as_its_bytes_are(picture, kind):
    data = picture(kind)
    assert headers.sniff(headers.BytesWindow(data)) == headers.sniff(data) is not None


def test_nothing_has_no_type():
    assert headers.sniff(b"") is None


def archive(*members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for member in members:
            made.writestr(zipfile.ZipInfo(member), "application/vnd.oasis.opendocument.text")
    return stream.getvalue()


def compound(*streams: str) -> bytes:
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    head = bytes.fromhex("d0cf11e0a1b11ae1").ljust(30, b"\0") + b"\x09\0"
    return head.ljust(48, b"\0") + bytes(4) + bytes(460) + names.ljust(4096, b"\0")


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (archive("[Content_Types].xml", *[f"word/media/{n}.png" for n in range(300)], "word/document.xml"), ".docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), ".xlsx"),
        (archive("ppt/presentation.xml"), ".pptx"),
        (archive("mimetype", "content.xml"), ".odt"),
        (compound("1Table", "WordDocument"), ".doc"),
        (compound("Workbook"), ".xls"),
    ],
)
def test_an_office_document_is_told_by_what_stands_in_it(data, extension):
    assert headers.EXTENSIONS[headers.sniff(data)] == extension


@pytest.mark.parametrize(
    "data", [archive("a.txt"), compound("Other"), b"PK\3\4", compound()[:20], archive("mimetype")[:40]]
)
def test_other_archives_are_none(data):
    assert headers.sniff(data) is None
