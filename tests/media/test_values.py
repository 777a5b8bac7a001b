"""Rows that hold media as Python and Arrow hold them."""

import base64
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import msgkit
from msgkit.media.values import as_json
from msgkit.steps import Check, Inline
from tests.strategies import png

DATA = base64.b64decode(png())
URL = f"data:image/png;base64,{png()}"


def picture():
    return Image.open(io.BytesIO(DATA))


def row(content, **columns):
    return {"messages": [{"role": "user", "content": content}], **columns}


@pytest.mark.parametrize(
    "entry", [DATA, bytearray(DATA), {"bytes": DATA, "path": None}, {"bytes": DATA, "path": "a.png"}]
)
@pytest.mark.parametrize("content", ["<image>Who?", [{"type": "image"}]])
def test_bytes_of_a_column_go_in_as_they_are(entry, content):
    part = Inline()(row(content, images=[entry]))["messages"][0]["content"][0]
    assert part["image_url"]["url"] == URL


@pytest.mark.parametrize(
    "entry", [picture, lambda: np.asarray(picture()), lambda: np.asarray(picture()).transpose(2, 0, 1).repeat(5, 2)]
)
def test_pillow_images_and_arrays_go_in(entry):
    part = Inline()(row("<image>Who?", images=[entry()]))["messages"][0]["content"][0]
    found = msgkit.to_pillow(msgkit.from_dict(part))
    assert found.getpixel((0, 0)) == picture().getpixel((0, 0))


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "image": DATA},
        {"type": "image", "bytes": DATA},
        {"type": "image_url", "image_url": {"url": DATA}},
    ],
)
def test_bytes_of_a_part_go_in(part):
    assert Inline()(row([part]))["messages"][0]["content"][0]["image_url"]["url"] == URL


SAMPLES = {"array": np.array([0, 0.5, -1, 1], "float32"), "sampling_rate": 8000}


@pytest.mark.parametrize(
    "made",
    [
        lambda: row("<audio>", audios=[SAMPLES]),
        lambda: row([{"type": "audio", "audio": SAMPLES}]),
        lambda: row([{"type": "audio", **SAMPLES}]),
    ],
)
def test_samples_with_a_rate_become_wav(made):
    part = Inline()(made())["messages"][0]["content"][0]
    media = msgkit.from_dict(part).media
    assert (media.media_type, media.sample_rate) == ("audio/wav", 8000)
    assert msgkit.to_pydub(media).get_array_of_samples().tolist() == [0, 16384, -32767, 32767]


def test_audio_takes_samples_and_their_rate():
    part = msgkit.audio(np.zeros((800, 2), "int16"), sample_rate=8000)
    assert (part.media.duration, part.media.channels) == (0.1, 2)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (row([{"type": "audio", "audio": np.zeros(5)}]), "messages[0].content[0].audio"),
        (row("<audio>", audios=[{"array": np.zeros(5), "sampling_rate": "8k"}]), "audios[0]"),
        (row("<image>", images=[b"nothing"]), "images[0]"),
        (row("<image>", images=[object()]), "images[0]"),
        (row("<image>", images=[np.zeros((2, 2, 2, 9))]), "images[0]"),
    ],
)
def test_what_is_no_media_is_told_at_its_place_and_nothing_foreign_is_raised(value, path):
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        Inline()(value)
    assert [issue.path for issue in caught.value.issues] == [path]
    assert path in [issue.path for issue in msgkit.check(value)]


def test_numbers_of_numpy_are_numbers():
    assert Check()({"messages": [{"role": "user", "content": "Hello"}], "seed": np.int64(5)})["seed"] == 5


def test_parquet_of_hugging_face_comes_in(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [row("<image>Who?", images=[{"bytes": DATA, "path": None}])]
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    (read,) = msgkit.read(tmp_path / "a.parquet")
    assert read == row("<image>Who?", images=[URL])
    assert msgkit.check(read) == []


def test_a_path_in_a_media_column_names_its_file():
    assert as_json({"images": [Path("a/cat.png")]}) == {"images": ["a/cat.png"]}


@pytest.mark.parametrize("value", [date(2024, 1, 2), datetime(2024, 1, 2, 3, tzinfo=UTC), Decimal("1.50")])
def test_times_and_decimals_are_written_as_text(value):
    told = row("Hello", value=[value])
    assert (msgkit.check(told), msgkit.inline(told)["value"]) == ([], [str(value)])
