"""Texts of a message and their tokens by the rule of thumb."""

import pytest

import msgkit
from msgkit.media.token_cost import text_tokens, texts


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("日本語", 3), ("abcd日", 2)])
def test_the_rule_of_thumb(text, tokens):
    assert text_tokens(text) == tokens


def test_every_text_that_a_model_reads_is_one():
    message = msgkit.load(
        [
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}],
                "reasoning_content": "c",
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "d", "arguments": "{}"}}],
            }
        ]
    ).messages[0]
    assert sorted(texts(message)) == ["a", "b", "c", "d", "{}"]
