"""Reasoning goes back only to those who gave it: Anthropic and OpenAI's Responses refuse what they did not sign."""

import pytest

import msgkit
from msgkit.jsontext.values import same

HELLO = {"role": "user", "content": "Hello"}
SIGNED = {"type": "thinking", "thinking": "Greet.", "signature": "c2lnbmVk"}
HIDDEN = {"type": "redacted_thinking", "data": "aGlkZGVu"}
SAY = {"type": "text", "text": "Hi."}
ITEM = {"type": "reasoning", "id": "rs_68", "summary": [{"type": "summary_text", "text": "Greet."}]}


def chat(**more):
    return {"messages": [HELLO, {"role": "assistant", "content": "Hi.", **more}], "model": "m", "max_tokens": 9}


def test_anthropic_refuses_what_another_model_thought():
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(chat(reasoning="Greet."), "anthropic")
    (loss,) = caught.value.losses
    assert str(loss) == "messages[1].reasoning: anthropic takes no reasoning that it did not sign itself: 'Greet.'"


@pytest.mark.parametrize("target", ["anthropic", "responses"])
def test_it_is_dropped_and_never_shown_as_text_or_signed_by_us(target):
    row = chat(reasoning="Greet.")
    result = msgkit.convert(row, target, on_loss="drop")
    assert "Greet." not in str(result.payload)
    assert "signature" not in str(result.payload)
    assert [loss.value for loss in result.losses if not loss.form] == ["Greet."]
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("target", ["anthropic", "responses"])
def test_a_message_of_nothing_but_foreign_reasoning_goes_whole(target):
    row = {"messages": [HELLO, {"role": "assistant", "content": None, "reasoning": "Greet."}, HELLO], "model": "m"}
    result = msgkit.convert(row, target, on_loss="drop")
    assert {message.role for message in msgkit.load(result.payload, target)} == {"user"}
    assert msgkit.restore(result.payload, result.losses) == row


def test_signed_blocks_that_chat_completions_carry_go_to_anthropic_unchanged():
    row = chat(reasoning="Greet.", thinking_blocks=[SIGNED, HIDDEN])
    result = msgkit.convert(row, "anthropic")
    assert result.payload["messages"][1]["content"] == [SIGNED, HIDDEN, SAY]


@pytest.mark.parametrize("signature", [{}, {"signature": ""}, {"signature": None}])
def test_blocks_without_a_signature_do_not(signature):
    row = chat(reasoning="Greet.", thinking_blocks=[{"type": "thinking", "thinking": "Greet.", **signature}])
    result = msgkit.convert(row, "anthropic", on_loss="drop")
    assert result.payload["messages"][1]["content"] == "Hi."
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("target", ["gemini", "harmony", "harmony-text", "mistral", "chatml"])
def test_what_another_format_takes_of_signed_reasoning_is_its_text_and_the_signature_is_the_loss(target):
    row = {"messages": [HELLO, {"role": "assistant", "content": [SIGNED, SAY]}]}
    result = msgkit.convert(row, target, format="anthropic", on_loss="drop")
    assert "Greet." in str(result.payload)
    lost = {loss.path: loss.value for loss in result.losses if not loss.form}
    assert lost == {("messages", 1, "content", 0, "signature"): "c2lnbmVk"}
    assert msgkit.restore(result.payload, result.losses) == row


def test_the_id_of_a_reasoning_item_is_form_and_its_encrypted_content_a_setting():
    answer = {"role": "assistant", "content": "Hi."}
    row = {"input": [HELLO, ITEM, answer], "model": "m"}
    assert all(loss.form for loss in msgkit.convert(row, "openai").losses)
    row["input"][1] = {**ITEM, "encrypted_content": "x"}
    losses = msgkit.convert(row, "openai").losses
    assert [loss.path for loss in losses if loss.kind == "setting"] == [("input", 1, "encrypted_content")]
    with pytest.raises(msgkit.LossError, match=r"input\[1\].encrypted_content"):
        msgkit.convert(row, "openai", on_loss="strict")


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ("responses", {"input": [HELLO, {**ITEM, "id": "rs_1"}, {"role": "assistant", "content": "Hi."}]}),
        ("anthropic", {"messages": [HELLO, {"role": "assistant", "content": [{**SIGNED, "signature": ""}, SAY]}]}),
    ],
)
def test_a_conversion_whose_reasoning_only_restore_can_bring_back_says_so(source, row):
    result = msgkit.convert(row, "gemini", format=source)
    assert [(loss.path, loss.form) for loss in result.losses] == [((), True)]
    assert same(msgkit.restore(result.payload, result.losses), row)


@pytest.mark.parametrize("signature", [None, 5, ["x"]])
def test_a_signature_of_bedrock_that_is_no_text_comes_back(signature):
    block = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": signature}}}
    said = [{"role": "user", "content": [{"text": "Q"}]}, {"role": "assistant", "content": [block]}]
    assert msgkit.dump(msgkit.load({"messages": said})) == {"messages": said}
