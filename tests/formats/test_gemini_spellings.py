"""Gemini's keys in either spelling, mixed, and base64 in either alphabet: what protobuf's JSON takes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit.formats.gemini.names import snake
from tests.strategies import PNGS

PNG = PNGS[0]
URL_SAFE = base64.b64encode(base64.b64decode(PNG) + b"\xff\xef\xbe").decode().translate(str.maketrans("+/", "-_"))
MP3 = base64.urlsafe_b64encode((b"\xff\xfb\x90\x64" + b"\xff\xfe" * 206 + b"\xff") * 3).decode()


def contents(*parts, **more):
    return {"contents": [{"role": "user", "parts": list(parts)}], **more}


ROWS = {
    "URL-safe": contents({"text": "Q"}, {"inlineData": {"mimeType": "image/png", "data": URL_SAFE}}),
    "unpadded": contents({"inline_data": {"mime_type": "image/png", "data": URL_SAFE.rstrip("=")}}),
    "URL-safe sound": contents({"inlineData": {"mimeType": "audio/mpeg", "data": MP3}}),
    "mixed in a part": contents({"fileData": {"file_uri": "gs://b/x.wav", "mime_type": "audio/wav"}}),
    "mixed parts": contents(
        {"inlineData": {"mimeType": "image/png", "data": PNG}}, {"inline_data": {"mimeType": "image/png", "data": PNG}}
    ),
    "without a type": contents({"fileData": {"fileUri": "https://youtu.be/x"}}),
    "mixed in the body": contents({"text": "Q"}, generationConfig={"max_output_tokens": 5, "topP": 1.0}),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_protobuf_takes_is_clean_and_comes_back_the_same(name):
    assert [issue for issue in msgkit.check(ROWS[name]) if issue.severity == "error"] == []
    assert msgkit.dump(msgkit.load(ROWS[name])) == ROWS[name]


@pytest.mark.parametrize("name", ["URL-safe", "unpadded"])
@pytest.mark.parametrize("target", ["openai", "anthropic", "responses"])
def test_other_formats_get_the_standard_alphabet(name, target):
    result = msgkit.convert(ROWS[name], target, on_loss="drop")
    assert URL_SAFE.translate(str.maketrans("-_", "+/")) in str(result.payload)
    assert [issue for issue in msgkit.check(result.payload) if issue.code == "base64-invalid"] == []
    assert msgkit.restore(result.payload, result.losses) == ROWS[name]


def test_sound_in_the_url_safe_alphabet_is_sound():
    (part,) = msgkit.load(ROWS["URL-safe sound"]).messages[0].content
    assert part.type == "input_audio"


@pytest.mark.parametrize("key", ["parametersJsonSchema", "parameters_json_schema"])
@pytest.mark.parametrize("tool", ["functionDeclarations", "function_declarations"])
def test_the_parameters_of_a_function_are_read_in_either_spelling(key, tool):
    schema = {"type": "object", "properties": {"c": {"type": "string"}}}
    row = contents({"text": "Q"}, tools=[{tool: [{"name": "w", key: schema}]}])
    (read,) = msgkit.load(row).extra["tools"]
    assert read == {"type": "function", "function": {"name": "w", "parameters": schema}}
    assert msgkit.dump(msgkit.load(row)) == row


def test_a_body_is_read_in_either_spelling():
    assert msgkit.load(ROWS["mixed in the body"]).extra == {"max_tokens": 5, "top_p": 1.0}


def spelled(value, names):
    """Return a body with keys in snake_case where the next of *names* says so."""
    if isinstance(value, list):
        return [spelled(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {(snake(key) if next(names) else key): spelled(item, names) for key, item in value.items()}


MIXED = contents(
    {"text": "Q"},
    {"inlineData": {"mimeType": "image/png", "data": PNG}},
    {"functionCall": {"name": "now", "args": {}, "id": "a"}, "thoughtSignature": "c2ln"},
    {"functionCall": {"name": "now", "args": {}}},
    {"functionResponse": {"name": "now", "response": {"output": "5"}}},
    generationConfig={"topP": 1, "thinkingConfig": {"thinkingLevel": "LOW"}},
    tools=[{"functionDeclarations": [{"name": "now", "parametersJsonSchema": {"type": "object"}}]}],
)


@given(names=st.lists(st.booleans(), min_size=60, max_size=60), role=st.sampled_from(["user", "model"]))
def test_a_body_comes_back_the_same_however_each_of_its_keys_is_spelled(names, role):
    body = spelled(MIXED, iter(names))
    (content,) = body["contents"]
    content["role"] = role
    assert msgkit.dump(msgkit.load(body)) == body
