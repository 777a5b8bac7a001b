"""Messages for LangChain are held against langchain-core: it reads them, and writes what it read."""

import json
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

lc = pytest.importorskip("langchain_core.messages", reason="langchain-core comes with the extra judges")
load = pytest.importorskip("langchain_core.load")
pytestmark = pytest.mark.filterwarnings("ignore:The function `load` is in beta")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "langchain.json").read_text())


def read(messages):
    return [
        load.load(one, allowed_objects="messages") if "lc" in one else lc.messages_from_dict([one])[0]
        for one in messages
    ]


def meaning(message):
    """What langchain-core itself sees in a message: its standard blocks, calls and names."""
    return message.type, message.content_blocks, message.name, getattr(message, "tool_call_id", None)


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_messages_that_langchain_reads(row):
    assert len(read(row["messages"])) == len(row["messages"])


@pytest.mark.parametrize("row", SAMPLES[:1])
def test_what_comes_back_from_chat_completions_means_the_same_to_langchain(row):
    there = msgkit.convert(row, "openai", on_loss="drop").payload
    back = msgkit.convert(there, "langchain", format="openai", on_loss="drop").payload
    pairs = list(zip(read(row["messages"]), read(back["messages"]), strict=True))
    assert [meaning(one)[0] for one, _ in pairs] == [meaning(two)[0] for _, two in pairs]
    assert [one.text for one, _ in pairs] == [two.text for _, two in pairs]
    assert [getattr(one, "tool_calls", None) for one, _ in pairs] == [
        getattr(two, "tool_calls", None) for _, two in pairs
    ]


@pytest.mark.parametrize("source", ["openai", "anthropic", "gemini", "bedrock"])
def test_what_is_converted_is_read_with_its_media_and_calls(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    messages = read(msgkit.convert(row, "langchain", format=source, on_loss="drop").payload["messages"])
    blocks = [block["type"] for message in messages for block in message.content_blocks]
    assert {"image", "file", "text"} <= set(blocks)
    assert [call["args"] for message in messages for call in getattr(message, "tool_calls", ())] == [
        {"city": "Paris"},
        {"city": "Oslo"},
    ]


def test_the_name_of_a_file_is_carried():
    file = {"file_data": RICH["messages"][2]["content"][4]["file"]["file_data"], "filename": "a.pdf"}
    row = {"messages": [{"role": "user", "content": [{"type": "file", "file": file}]}]}
    written = msgkit.convert(row, "langchain").payload
    assert read(written["messages"])[0].content_blocks[0]["extras"] == {"filename": "a.pdf"}
    assert msgkit.convert(written, "openai").payload == row


@pytest.mark.parametrize("write", [lambda one: one.model_dump(), load.dumpd, lambda one: one])
def test_messages_are_converted_without_a_loss_of_content_however_they_are_written(write):
    call = {"name": "f", "args": {"a": 1}, "id": "c", "type": "tool_call"}
    repeated = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}]
    history = [
        lc.HumanMessage("Hello", id="1"),
        lc.AIMessage(
            "", tool_calls=[call], additional_kwargs={"tool_calls": repeated}, response_metadata={"model": "m"}
        ),
        lc.ToolMessage("r", tool_call_id="c", name="f"),
    ]
    row = {"messages": list(map(write, history))}
    result = msgkit.convert(row, "openai")
    assert [message["role"] for message in result.payload["messages"]] == ["user", "assistant", "tool"]
    again = msgkit.restore(result.payload, result.losses)
    assert isinstance(row["messages"][0], lc.HumanMessage) or again == row
