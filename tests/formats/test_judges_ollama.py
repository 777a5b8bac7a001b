"""Bodies for Ollama are held against the types of its own Python package."""

import base64
import json
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

types = pytest.importorskip("ollama._types", reason="ollama comes with the extra judges")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "ollama.json").read_text())


def unread(body):
    """What the package's types do not read of a body: a key that they do not define is dropped."""
    read = types.ChatRequest(**{"model": "m", **body}).model_dump(exclude_none=True, mode="json")
    messages = [{**one, "images": list(map(image, one.get("images", ())))} for one in body["messages"]]
    read["messages"] = [types.Message(**one).model_dump(exclude_none=True, mode="json") for one in messages]
    return [path for path in paths(body) if not leads(read, path)]


def image(text):
    return types.Image(value=base64.b64decode(text, validate=True))


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "parameters":  # a schema, which the package knows in part only
            yield from paths(item, (*path, key))


def leads(value, path):
    for step in path:
        if not (step in value if isinstance(value, dict) else isinstance(value, list) and step < len(value)):
            return False
        value = value[step]
    return True


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_bodies_that_the_package_reads_whole(row):
    assert unread(row) == []


def test_the_judge_tells_what_is_not_read():
    assert unread({"messages": [{"role": "user", "content": "Hello", "mood": "glad"}]}) == [("messages", 0, "mood")]


@pytest.mark.parametrize("source", ["openai", "anthropic", "responses", "gemini", "bedrock"])
def test_what_is_converted_is_read_whole(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    body = msgkit.convert(row, "ollama", format=source, on_loss="drop").payload
    ids = {(*path, "id") for path in paths(body) if path and path[-2:-1] == ("tool_calls",)}
    allowed = ids | {
        path for path in paths(body) if path[-1:] == ("tool_call_id",)
    }  # the server takes them, api/types.go
    assert [path for path in unread(body) if path not in allowed] == []
