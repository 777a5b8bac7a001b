"""statements.py: what comes back spread over other messages, or joined, is no loss; what is gone or moved is one."""

import pytest

import msgkit

IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
QUESTION = {"role": "user", "parts": [{"text": "Q"}]}


def content_losses(row, to, **options):
    result = msgkit.convert(row, to, on_loss="drop", **options)
    assert msgkit.restore(result.payload, result.losses) == row
    return [loss.path for loss in result.losses if loss.kind == "content"]


def called(response, *more):
    call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}
    result = {"functionResponse": {"name": "f", "response": response}}
    return {"contents": [QUESTION, call, {"role": "user", "parts": [result, *more]}]}


@pytest.mark.parametrize("to", ["openai", "anthropic", "harmony"])
@pytest.mark.parametrize(
    "response", [{"result": {"a": [1]}}, {"output": '{"a": 1}'}, {"content": "x"}, {"a": 1, "b": 2}]
)
def test_a_result_of_any_shape_is_the_text_of_the_result(response, to):
    assert content_losses(called(response, {"text": "And now?"}), to, format="gemini") == []


@pytest.mark.parametrize("to", ["openai", "gemini", "mistral", "vercel"])
def test_parts_of_a_summary_that_become_one_reasoning_are_no_loss(to):
    summary = [{"type": "summary_text", "text": text} for text in ("One.", "Two.")]
    items = [
        {"role": "user", "content": "Q"},
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "gA"},
        {"role": "assistant", "content": "A"},
    ]
    assert content_losses({"model": "m", "input": items}, to) == []


@pytest.mark.parametrize("to", ["anthropic", "gemini", "bedrock"])
def test_instructions_and_developers_items_that_become_one_prompt_are_no_loss(to):
    items = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Q"}]
    assert content_losses({"model": "m", "instructions": "Be kind.", "input": items}, to) == []


def test_texts_that_become_one_beside_a_call_are_no_loss():
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    texts = [{"type": "text", "text": text} for text in ("One.", "Two.")]
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": [*texts, call]}]
    assert content_losses({"system": "s", "max_tokens": 9, "messages": messages}, "ollama", format="anthropic") == []


def test_a_text_that_is_said_again_later_is_a_loss_where_it_is_gone():
    said = {"role": "user", "content": [{"type": "text", "text": "Yes."}, IMAGE]}
    row = {"system": "s", "max_tokens": 9, "messages": [said, {"role": "assistant", "content": "A"}, said]}
    paths = [("messages", i, "content", 1) for i in (0, 2)]
    assert content_losses(row, "harmony", format="anthropic") == paths


def test_a_prompt_among_the_messages_is_a_loss_where_prompts_are_first():
    told = {"role": "system", "content": "Be brief."}
    row = {"messages": [{"role": "user", "content": "Q"}, told, {"role": "user", "content": "R"}]}
    assert content_losses(row, "gemini") == [("messages", 1)]


def test_arguments_that_are_no_object_are_form_where_they_are_wrapped():
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "[1]"}}
    result = {"role": "tool", "tool_call_id": "a", "content": "5"}
    messages = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": None, "tool_calls": [call]}, result]
    assert content_losses({"messages": messages}, "sharegpt") == []


@pytest.mark.parametrize("source", ["langchain", "pydantic-ai", "otel", "llamafactory", "cohere", "anthropic"])
@pytest.mark.parametrize("to", ["gemini", "anthropic", "sharegpt"])
def test_texts_of_every_library_that_become_one_message_are_no_loss(source, to):
    texts = [{"type": "text", "text": text} for text in ("One.", "Two.")]
    said = [{"role": "user", "content": texts}, *({"role": "assistant", "content": text} for text in ("A", "B"))]
    row = msgkit.convert({"messages": [*said, {"role": "user", "content": "Q"}]}, source, on_loss="drop").payload
    assert content_losses(row, to, format=source) == []
