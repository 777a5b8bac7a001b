"""making.py: parts from what people have at hand, and media from parts."""

import io
from base64 import b64decode
from pathlib import Path

import attrs
import pytest
from PIL import Image

import msgkit
from msgkit.media.options import FitOptions, InlineOptions, Options
from tests.strategies import PNGS


@pytest.mark.parametrize("make", [msgkit.image, msgkit.audio])
def test_what_is_wrong_with_a_file_is_said_of_it(make, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no media")
    with pytest.raises(msgkit.MediaError, match=r"^'notes.txt': expected ") as caught:
        make(path)
    assert caught.value.source == "notes.txt"


def test_what_is_wrong_with_bytes_is_said_of_no_file():
    with pytest.raises(msgkit.MediaError, match=r"^expected ") as caught:
        msgkit.image(io.BytesIO(b"no media"))
    assert caught.value.source is None


@pytest.mark.parametrize("take", [msgkit.to_pillow, msgkit.to_pydub])
@pytest.mark.parametrize("wrong", [None, "cat.jpg", msgkit.TextPart("cat"), msgkit.user("cat")])
def test_media_come_from_parts_that_can_hold_them(take, wrong):
    with pytest.raises(TypeError, match="expected a part that holds media, or Media, got "):
        take(wrong)


def test_a_part_that_only_names_its_media_holds_none():
    with pytest.raises(msgkit.MediaError, match="names its media"):
        msgkit.to_pillow(msgkit.from_dict({"type": "image_url", "image_url": {"url": "cat.jpg"}}))


def test_no_program_of_the_working_folder_is_run_nor_needed(monkeypatch, tmp_path):
    source = Path("examples/sounds/purr.ogg").absolute()
    for name in ("ffmpeg", "ffprobe", "avconv", "avprobe"):
        planted = tmp_path / name
        planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
        planted.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    part = msgkit.audio(source, audio_format="mp3")
    assert msgkit.to_pydub(part).duration_seconds == pytest.approx(3.2, abs=0.1)
    assert not (tmp_path / "was-run").exists()


def test_samples_are_worked_on_where_the_standard_library_has_no_audioop():
    louder = msgkit.to_pydub(msgkit.audio("examples/sounds/question.wav")) + 6  # decibels, by audioop
    assert louder.max > msgkit.to_pydub(msgkit.audio("examples/sounds/question.wav")).max


def test_a_photograph_is_upright_unless_told_not(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    Image.new("RGB", (40, 20), "red").save(path, exif=exif)
    part = msgkit.image(path)
    assert (part.media.width, part.media.height) == (20, 40)
    assert part.changes[0] == "turned upright from orientation 6"
    assert msgkit.image(path, upright=False).media.data == path.read_bytes()


def test_a_remote_url_becomes_a_part_that_names_it():
    part = msgkit.image("https://example.com/cat.jpg", detail="low")
    assert msgkit.to_dict(part) == {
        "type": "image_url",
        "image_url": {"url": "https://example.com/cat.jpg", "detail": "low"},
    }


def test_a_file_url_is_read(tmp_path):
    (tmp_path / "my cat.png").write_bytes(b64decode(PNGS[0]))
    assert msgkit.image((tmp_path / "my cat.png").as_uri()).media.data == b64decode(PNGS[0])


def test_every_option_of_fitting_is_a_typed_keyword():
    assert {field.name for field in attrs.fields(Options)} == set(InlineOptions.__annotations__)
    assert set(FitOptions.__annotations__) == set(InlineOptions.__annotations__) - {"upright"}
