"""Messages of pydantic-ai are held against its own adapter."""

import json
import warnings
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    judge = pytest.importorskip("pydantic_ai.messages", reason="pydantic-ai-slim comes with the extra log-judges")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "pydantic-ai.json").read_text())
STANDARD = str.maketrans("-_", "+/")  # the adapter writes base64 in the URL-safe alphabet


def read(body):
    return judge.ModelMessagesTypeAdapter.validate_json(json.dumps(body["messages"]))


def unread(body):
    """The parts of a body that pydantic-ai does not write back as they were, its defaults aside."""
    written = json.loads(judge.ModelMessagesTypeAdapter.dump_json(read(body)))
    return [
        part
        for message, other in zip(body["messages"], written, strict=True)
        for part, again in zip(message["parts"], other["parts"], strict=True)
        if not is_in(part, again)
    ]


def is_in(value, other):
    if isinstance(value, dict) and isinstance(other, dict):
        return all(key in other and is_in(item, other[key]) for key, item in value.items())
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        return all(map(is_in, value, other))
    return value == other or (isinstance(value, str) and value == str(other).translate(STANDARD))


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_read_whole(row):
    assert unread(row) == []


@pytest.mark.parametrize("source", ["openai", "anthropic", "gemini"])
def test_what_is_converted_is_read_whole(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    assert unread(msgkit.convert(row, "pydantic-ai", format=source, on_loss="drop").payload) == []


def test_what_pydantic_ai_writes_loads_and_keeps_its_instructions():
    request = judge.ModelRequest(parts=[judge.UserPromptPart("Who?")], instructions="Be kind.")
    messages = [request, judge.ModelResponse(parts=[judge.TextPart("Me.")])]
    row = json.loads(judge.ModelMessagesTypeAdapter.dump_json(messages))
    found = msgkit.convert(row, "openai").payload
    assert [(one["role"], one["content"]) for one in found] == [
        ("system", "Be kind."),
        ("user", "Who?"),
        ("assistant", "Me."),
    ]
