"""making.py: parts from what people have at hand, and media from parts."""

import io
from pathlib import Path

import pytest

import msgkit


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


def test_A17_A18_no_program_of_the_working_folder_is_run_nor_needed(monkeypatch, tmp_path):
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


def test_A19_samples_are_worked_on_where_the_standard_library_has_no_audioop():
    louder = msgkit.to_pydub(msgkit.audio("examples/sounds/question.wav")) + 6  # decibels, by audioop
    assert louder.max > msgkit.to_pydub(msgkit.audio("examples/sounds/question.wav")).max
