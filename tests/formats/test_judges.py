"""What the SDKs of each format's own people say of what msgkit writes."""

import json
from functools import cache

import jsonschema
import pytest
from pydantic import TypeAdapter

import msgkit
from tests.formats.rich import RICH
from tests.strategies import WAVS


@cache
def validator(kind):
    return jsonschema.Draft202012Validator(TypeAdapter(kind).json_schema())


def faults(kind, value):
    return [error.message[:300] for error in validator(kind).iter_errors(value)]


def converted(target):
    result = msgkit.convert(RICH, target, on_loss="drop")
    assert msgkit.restore(result.payload, result.losses) == RICH
    return result.payload


def test_openai_takes_the_rich_history():
    from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

    assert faults(CompletionCreateParamsNonStreaming, RICH) == []


def test_openai_takes_responses():
    from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
    from openai.types.responses.response_input_param import ResponseInputItemParam

    body = converted("responses")
    assert [faults(ResponseInputItemParam, item) for item in body["input"]] == [[]] * len(body["input"])
    assert faults(ResponseCreateParamsNonStreaming, body) == []


def test_openai_takes_no_sound_in_responses_so_it_is_a_loss():
    from openai.types.responses.response_input_param import ResponseInputItemParam

    item = {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}}]}
    assert faults(ResponseInputItemParam, item) != []  # when it does, the format must write it
    assert WAVS[0] not in json.dumps(converted("responses"))


def test_anthropic_takes_messages():
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    assert faults(MessageCreateParamsNonStreaming, converted("anthropic")) == []


def test_google_genai_takes_contents_tools_and_config():
    from google.genai import types

    body = converted("gemini")
    contents = [types.Content.model_validate(content) for content in body["contents"]]
    names = [part.function_response.name for content in contents for part in content.parts if part.function_response]
    assert names == ["get_weather", "get_weather"]
    config = {key: body[key] for key in ("systemInstruction", "tools", "toolConfig")}
    types.GenerateContentConfig.model_validate({**config, **body["generationConfig"]})


def for_mistral_common(body):
    """The API takes documents, and thinking as a list of texts (mistralai ThinkChunk); mistral-common one text."""
    for message in body["messages"]:
        if isinstance(message["content"], list):
            message["content"] = [part for part in message["content"] if part["type"] != "document_url"]
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "thinking":
                part["thinking"] = "".join(text["text"] for text in part["thinking"])
    return body


def test_mistral_common_takes_and_validates_the_request():
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import ValidationMode, get_validator
    from mistral_common.tokens.tokenizers.base import TokenizerVersion

    request = ChatCompletionRequest.from_openai(**for_mistral_common(converted("mistral")))
    get_validator(TokenizerVersion.v13, ValidationMode.serving).validate_request(request)


def test_openai_harmony_takes_the_conversation():
    from openai_harmony import Conversation

    found = Conversation.from_json(json.dumps(converted("harmony")))
    assert [message.channel for message in found.messages if message.author.role.value == "assistant"] == [
        "analysis",
        "commentary",
        "commentary",
        "commentary",
        "final",
        "final",
    ]


@pytest.mark.parametrize("source", ["anthropic", "gemini", "harmony", "responses", "llamafactory", "sharegpt"])
def test_openai_takes_the_calls_that_other_formats_write_without_ids(source):
    from openai.types.chat import ChatCompletionMessageParam

    asked = [{"role": "user", "content": "How warm is it?"}, *RICH["messages"][3:7]]  # Gemini takes calls after a user
    there = msgkit.convert({"messages": asked}, source, on_loss="drop").payload
    back = msgkit.convert(there, "openai", format=source, on_loss="drop").payload
    assert faults(list[ChatCompletionMessageParam], back["messages"]) == []
    assert [message["role"] for message in back["messages"]] == ["user", "assistant", "tool", "tool", "assistant"]
    ids = [call["id"] for call in back["messages"][1]["tool_calls"]]
    assert [message["tool_call_id"] for message in back["messages"][2:4]] == ids


CHATML = (
    "{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
    "{% endfor %}"
)


def test_chatml_is_what_the_usual_chat_template_renders():
    jinja2 = pytest.importorskip("jinja2")
    messages = [
        {"role": "system", "content": "Answer briefly."},
        {"role": "user", "content": "How warm\nis it?"},
        {"role": "assistant", "content": "12 degrees."},
    ]
    rendered = jinja2.Template(CHATML).render(messages=messages)
    assert msgkit.convert({"messages": messages}, "chatml").payload == {"text": rendered}
    assert msgkit.load({"text": rendered}).messages == msgkit.load({"messages": messages}).messages


SCHEMA = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "enum": ["a", "b"], "description": "Where"},
        "deep": {"$ref": "#/$defs/deep"},
        "opt": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "many": {"type": ["integer", "null"], "default": 3},
    },
    "$defs": {"deep": {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}},
    "required": ["at", "deep", "opt", "many"],
    "additionalProperties": False,
}
LOOK = {"type": "function", "function": {"name": "look", "description": "Look", "parameters": SCHEMA, "strict": True}}


@pytest.mark.parametrize("target", ["responses", "anthropic", "gemini"])
def test_definitions_of_tools_are_taken_with_their_whole_schema(target):
    from anthropic.types import ToolParam
    from google.genai import types
    from openai.types.responses import FunctionToolParam

    choice = {"type": "function", "function": {"name": "look"}}
    row = {"messages": [{"role": "user", "content": "Hi"}], "tools": [LOOK], "tool_choice": choice}
    result = msgkit.convert(row, target, on_loss="drop")
    assert msgkit.restore(result.payload, result.losses) == row
    (tool,) = result.payload["tools"]
    if target == "gemini":
        (tool,) = types.Tool.model_validate(tool).function_declarations
        assert tool.parameters_json_schema == SCHEMA  # its own schemas know neither $ref nor lists of types
        assert [loss.value for loss in result.losses] == [True]  # strict
        return
    assert faults({"responses": FunctionToolParam, "anthropic": ToolParam}[target], tool) == []
    assert SCHEMA in tool.values()
    assert not result.losses
