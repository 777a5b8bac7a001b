"""What SDKs hand back, appended to a history as it is: it loads, converts to every format, and comes back."""

import json
from functools import cache

import jsonschema
import pytest
from anthropic.types import Message as AnthropicMessage
from google.genai import types as gemini
from openai.types.chat import ChatCompletion
from openai.types.responses import Response
from pydantic import TypeAdapter

import msgkit
from msgkit import formats
from msgkit.conversion.ledger import Ledger
from msgkit.jsontext.values import same

HELLO = {"role": "user", "content": "Hi"}
LINK = {"url": "https://e.com", "title": "T"}

CHAT = ChatCompletion.model_validate({
    "id": "c", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "tool_calls", "logprobs": None, "message": {
        "role": "assistant", "content": "Look.", "refusal": None,
        "annotations": [{"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 1, **LINK}}],
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}}],
    }}],
}).choices[0].message  # fmt: skip

RESPONSE = Response.model_validate({
    "id": "r", "created_at": 1, "object": "response", "model": "m", "parallel_tool_calls": True,
    "tool_choice": "auto", "tools": [], "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}],
         "encrypted_content": "ENC"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "Look.",
             "annotations": [{"type": "url_citation", "start_index": 0, "end_index": 1, **LINK}]},
            {"type": "refusal", "refusal": "No."},
        ]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "now", "arguments": "{}"},
        {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "code", "input": "x=1"},
    ],
})  # fmt: skip

ANTHROPIC = AnthropicMessage.model_validate({
    "id": "m", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "tool_use",
    "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}, "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "UkVE"},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
            {"type": "web_search_result", **LINK, "encrypted_content": "RQ=="}]},
        {"type": "text", "text": "It is.", "citations": [
            {"type": "web_search_result_location", "cited_text": "c", **LINK, "encrypted_index": "aQ=="}]},
        {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {"a": 1}},
    ],
})  # fmt: skip

GEMINI = gemini.GenerateContentResponse.model_validate({"candidates": [{"finish_reason": "STOP", "content": {
    "role": "model", "parts": [
        {"text": "Hm.", "thought": True},
        {"text": "Look.", "thought_signature": b"\xfb\xff"},
        {"inline_data": {"mime_type": "image/png", "data": b"\x89PNG\r\n\x1a\n\xff\xfe"}},
        {"executable_code": {"language": "PYTHON", "code": "1+1"}},
        {"code_execution_result": {"outcome": "OUTCOME_OK", "output": "2"}},
        {"function_call": {"name": "now", "args": {"a": 1}}, "thought_signature": b"s2"},
    ]}}]}).candidates[0].content  # fmt: skip

RESULT = {
    "type": "tool_result",
    "tool_use_id": "toolu_1",
    "is_error": True,
    "content": [{"type": "search_result", "source": "s", "title": "T", "content": [{"type": "text", "text": "x"}]}],
}
ROWS = {
    "openai": {"messages": [HELLO, CHAT, {"role": "tool", "tool_call_id": "a", "content": "noon"}]},
    "responses": {
        "input": [
            HELLO,
            *RESPONSE.output,
            {"type": "function_call_output", "call_id": "call_1", "output": "x"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "y"},
        ]
    },
    "anthropic": {
        "messages": [
            HELLO,
            {"role": "assistant", "content": ANTHROPIC.content},
            {"role": "user", "content": [RESULT]},
        ]
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, GEMINI]},
}
SECRETS = {  # what no other format has a place for, and must not be lost without a word
    "openai": ["url_citation"],
    "responses": ["ENC", "web_search_call", "url_citation"],
    "anthropic": ["c2ln", "UkVE", "srvtoolu_1", "RQ==", "aQ==", "search_result"],
    "gemini": ["+/8=", "executable_code", "OUTCOME_OK", "czI="],
}


@pytest.mark.parametrize("name", ROWS)
def test_what_an_sdk_hands_back_loads_in_the_format_of_its_history(name):
    talk = msgkit.load(ROWS[name])
    assert talk.envelope.format == name
    plain = msgkit.dump(talk)
    assert same(json.loads(json.dumps(plain)), plain)
    assert same(msgkit.dump(msgkit.load(plain, name)), plain)
    assert any("now" in str(message.tool_calls) for message in talk)


@pytest.mark.parametrize("target", formats.FORMATS)
@pytest.mark.parametrize("name", ROWS)
def test_it_converts_to_every_format_and_comes_back_with_nothing_lost_in_silence(name, target):
    plain = msgkit.dump(msgkit.load(ROWS[name]))
    result = msgkit.convert(ROWS[name], target, on_loss="drop")
    lines = json.loads(json.dumps(list(result.losses.lines(1))))
    assert same(msgkit.restore(result.payload, Ledger.of_lines(lines)), plain)
    lost = json.dumps([loss.value for loss in result.losses if not loss.form])
    for secret in SECRETS[name]:
        assert secret in json.dumps(result.payload) or secret in lost, secret


@cache
def validator(kind):
    return jsonschema.Draft202012Validator(TypeAdapter(kind).json_schema())


def kinds():
    from anthropic.types import MessageParam
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.responses.response_input_param import ResponseInputItemParam

    return {
        "openai": ("messages", ChatCompletionMessageParam),
        "responses": ("input", ResponseInputItemParam),
        "anthropic": ("messages", MessageParam),
    }


@pytest.mark.parametrize(
    ("name", "target"),
    [(name, target) for name in ROWS for target in ("openai", "responses", "anthropic") if name != target],
)
def test_the_sdks_types_take_what_is_made_of_anothers_objects(name, target):
    key, kind = kinds()[target]
    payload = msgkit.convert(ROWS[name], target, on_loss="drop").payload
    assert len(payload[key]) >= len(("question", "answer"))
    for item in payload[key]:
        assert [error.message[:200] for error in validator(kind).iter_errors(item)] == []


@pytest.mark.parametrize("name", ["openai", "responses", "anthropic"])
def test_google_genai_takes_what_is_made_of_anothers_objects(name):
    payload = msgkit.convert(ROWS[name], "gemini", on_loss="drop").payload
    contents = [gemini.Content.model_validate(content) for content in payload["contents"]]
    assert [content.role for content in contents][:2] == ["user", "model"]


def test_media_that_gemini_hands_back_as_bytes_are_the_parts_media():
    (_, answer) = msgkit.load(ROWS["gemini"])
    picture = next(part for part in answer.parts if isinstance(part, msgkit.ImagePart))
    assert picture.media.data == b"\x89PNG\r\n\x1a\n\xff\xfe"
