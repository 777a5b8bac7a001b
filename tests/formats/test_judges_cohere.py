"""Bodies for Cohere are held against the types of its own Python package."""

import inspect
import json
import warnings
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

pydantic = pytest.importorskip("pydantic")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    cohere = pytest.importorskip("cohere", reason="cohere comes with the extra log-judges")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "cohere.json").read_text())
ROLES = {
    "system": cohere.SystemChatMessageV2,
    "user": cohere.UserChatMessageV2,
    "assistant": cohere.AssistantChatMessageV2,
    "tool": cohere.ToolChatMessageV2,
}


def unread(value):
    """Yield the keys in what the package's types have read that none of them defines."""
    if isinstance(value, pydantic.BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from unread(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from unread(item)


def judge(body):
    assert body.keys() <= inspect.signature(cohere.ClientV2.chat).parameters.keys() | {"stream"}
    for message in body["messages"]:
        assert list(unread(ROLES[message["role"]].model_validate(message))) == []
    for tool in body.get("tools", ()):
        assert list(unread(cohere.ToolV2.model_validate(tool))) == []


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_bodies_that_the_package_reads_whole(row):
    judge(row)


def test_the_judge_tells_what_is_not_read():
    with pytest.raises(AssertionError):
        judge({"messages": [{"role": "user", "content": "Hello", "mood": "glad"}]})


@pytest.mark.parametrize("source", ["openai", "anthropic", "gemini"])
def test_what_is_converted_is_read_whole(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    judge(msgkit.convert(row, "cohere", format=source, on_loss="drop").payload)
