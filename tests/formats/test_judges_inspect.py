"""Messages of Inspect's samples are held against its own types."""

import json
import warnings
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    log = pytest.importorskip("inspect_ai.log", reason="inspect-ai comes with the extra log-judges")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "inspect.json").read_text())
SAMPLE = {"id": 1, "epoch": 1, "input": "", "target": ""}


def unread(body):
    """The messages that Inspect does not write back as they were, its defaults aside."""
    written = json.loads(log.EvalSample.model_validate({**SAMPLE, **body}).model_dump_json())["messages"]
    return [one for one, again in zip(body["messages"], written, strict=True) if not is_in(one, again)]


def is_in(value, other):
    if isinstance(value, dict) and isinstance(other, dict):
        return all(key in other and is_in(item, other[key]) for key, item in value.items())
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        return all(map(is_in, value, other))
    return value == other


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_read_whole(row):
    assert unread(row) == []


@pytest.mark.parametrize("source", ["openai", "anthropic", "gemini"])
def test_what_is_converted_is_read_whole(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    assert unread(msgkit.convert(row, "inspect", format=source, on_loss="drop").payload) == []
