"""A short run of benchmarks/fuzz.py: every value at every key, every cut, every changed byte."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest

import msgkit
from msgkit import headers
from msgkit.errors import MediaError

PATH = Path(__file__).parents[1] / "benchmarks" / "fuzz.py"
spec = importlib.util.spec_from_file_location("fuzz", PATH)
fuzz = importlib.util.module_from_spec(spec)
sys.modules["fuzz"] = fuzz
spec.loader.exec_module(fuzz)

ROWS = [(name, row) for name, rows in fuzz.samples().items() for row in rows]
MOST = 20  # of the changes of one row, drawn anew for each


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(ROWS)])
def test_any_value_at_any_key_is_told_or_refused(name, row):
    found = list(fuzz.systematic(row))
    for other in random.Random(0).sample(found, min(MOST, len(found))):
        fuzz.try_row(other, name, "openai")


@pytest.mark.parametrize("name", fuzz.media())
def test_any_cut_and_any_changed_byte_is_read_or_refused(name):
    found = list(fuzz.cut(fuzz.media()[name]))
    for data in random.Random(0).sample(found, min(600, len(found))):
        fuzz.try_media(data)


def test_values_of_no_json_are_told():
    chance = random.Random(0)
    for _ in range(100):
        name, row = chance.choice(ROWS)
        fuzz.try_row(fuzz.changed(row, chance), name, "anthropic")


@pytest.mark.parametrize("messages", [True, 1.5, "x", {}, None])
def test_messages_that_are_no_list_beside_a_column_are_refused(messages):
    with pytest.raises(msgkit.InvalidMessageError):
        msgkit.convert({"messages": messages, "images": ["a.png"]}, "anthropic")


def test_a_type_that_is_no_string_is_told_at_its_place():
    row = {"input": [{"role": "user", "content": "q"}, {"type": ["x"], "name": "f"}]}
    assert "input[1].type" in [issue.path for issue in msgkit.check(row)]


def test_a_frame_of_the_free_format_that_ends_with_its_sync_is_invalid():
    with pytest.raises(MediaError) as caught:
        headers.read(b"\xff\xfb" + bytes(22) + b"\xff\xfb", "audio/mpeg")
    assert caught.value.code == "media-invalid"
