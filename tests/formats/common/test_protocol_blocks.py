"""Content blocks of the Model Context Protocol in results of tools."""

import pytest

import msgkit
from tests.strategies import PNGS

CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def row(*blocks):
    return {
        "messages": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "a", "content": list(blocks)},
        ]
    }


BLOCKS = {
    "image": {"type": "image", "data": PNGS[0], "mimeType": "image/png"},
    "text": {"type": "resource", "resource": {"uri": "file:///a.txt", "mimeType": "text/plain", "text": "Hello"}},
    "blob": {"type": "resource", "resource": {"uri": "file:///a.png", "mimeType": "image/png", "blob": PNGS[0]}},
    "link": {"type": "resource_link", "uri": "https://example.com/a.png", "mimeType": "image/png"},
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_is_carried_without_a_loss_and_comes_back(block):
    result = msgkit.convert(row(block), "anthropic")
    (found,) = result.payload["messages"][-1]["content"][0]["content"]
    assert found["type"] in ("image", "text")
    assert msgkit.restore(result.payload, result.losses) == row(block)


def test_an_image_of_the_protocol_is_none_of_transformers():
    assert msgkit.load(row(BLOCKS["image"])).envelope.format == "openai"
