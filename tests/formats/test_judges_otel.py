"""Messages in spans are held against the conventions' JSON schemas, and the types of opentelemetry-util-genai."""

import json
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

jsonschema = pytest.importorskip("jsonschema")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "otel.json").read_text())
TEXT, OPTIONAL, ANY = {"type": "string"}, {"type": ["string", "null"]}, {}
MEDIA = {"modality": TEXT, "mime_type": OPTIONAL, "transcript": OPTIONAL}
PARTS = {
    "text": ({"content": TEXT}, {}),
    "reasoning": ({"content": TEXT}, {}),
    "tool_call": ({"name": TEXT}, {"id": OPTIONAL, "arguments": ANY}),
    "tool_call_response": ({"response": ANY}, {"id": OPTIONAL}),
    "blob": ({"modality": TEXT, "content": TEXT}, MEDIA),
    "uri": ({"modality": TEXT, "uri": TEXT}, MEDIA),
    "file": ({"modality": TEXT, "file_id": TEXT}, MEDIA),
}
"""The keys that a part needs, and those that it may have: transcribed from gen-ai-input-messages.json of
semantic-conventions-genai, commit 2b902ce of 2026, as no package has it. Parts of other types are left out."""


def an_object(needed, optional=()):
    return {"type": "object", "properties": {**dict(optional), **needed}, "required": list(needed)}


PART = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": list(PARTS)}},
    "allOf": [
        {"if": {"properties": {"type": {"const": name}}}, "then": an_object(*keys)} for name, keys in PARTS.items()
    ],
}
LIST = {"type": "array", "items": PART}
MESSAGE = {"role": TEXT, "parts": LIST}
TOOL = an_object({"type": TEXT, "name": TEXT}, {"description": OPTIONAL, "parameters": {"type": ["object", "null"]}})
SCHEMAS = {
    "gen_ai.system_instructions": LIST,
    "gen_ai.input.messages": {"type": "array", "items": an_object(MESSAGE, {"name": OPTIONAL})},
    "gen_ai.output.messages": {
        "type": "array",
        "items": an_object(MESSAGE, {"name": OPTIONAL, "finish_reason": OPTIONAL}),
    },
    "gen_ai.tool.definitions": {"type": "array", "items": TOOL},
}


def judge(row):
    for key in SCHEMAS.keys() & row.keys():
        jsonschema.validate(row[key], SCHEMAS[key])


def judge_by_types(row):
    """Make the library's own classes, which refuse keys that they do not define and ask for those they need."""
    types = pytest.importorskip("opentelemetry.util.genai.types", reason="opentelemetry comes with the extra judges")
    classes = {"tool_call": types.ToolCallRequest, "tool_call_response": types.ToolCallResponse}
    classes |= {name: getattr(types, name.capitalize()) for name in PARTS.keys() - classes.keys()}

    def made(part):
        fields = {key: value for key, value in part.items() if key != "type"}
        if part["type"] in ("blob", "uri", "file"):
            fields.setdefault("mime_type", None)
        return classes[part["type"]](**fields)

    for key, kind in (("gen_ai.input.messages", types.InputMessage), ("gen_ai.output.messages", types.OutputMessage)):
        for message in row.get(key, ()):
            kind(**{**message, "parts": [made(part) for part in message["parts"]]})
    for part in row.get("gen_ai.system_instructions", ()):
        made(part)


@pytest.mark.parametrize("judged", [judge, judge_by_types])
def test_the_sample_is_made_of_the_conventions_parts(judged):
    judged(SAMPLES[0])


@pytest.mark.parametrize(("judged", "fault"), [(judge, jsonschema.ValidationError), (judge_by_types, TypeError)])
def test_the_judge_refuses_another_part(judged, fault):
    with pytest.raises(fault):
        judged({"gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "text": "Hello"}]}]})


@pytest.mark.parametrize("judged", [judge, judge_by_types])
@pytest.mark.parametrize("source", ["openai", "anthropic", "responses", "gemini", "bedrock", "langchain"])
def test_what_is_converted_is_made_of_the_conventions_parts(source, judged):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    body = msgkit.convert(row, "otel", format=source, on_loss="drop").payload
    judged(body)
    assert len(body["gen_ai.input.messages"]) > 4


@pytest.mark.parametrize("write", [list, json.dumps])
def test_tools_recorded_as_for_chat_completions_are_read(write):
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    said = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    row = {"gen_ai.input.messages": said, "gen_ai.tool.definitions": write(tools)}
    talk = msgkit.load(row)
    assert talk.extra["tools"] == tools
    assert msgkit.dump(talk) == row
    assert {loss.kind for loss in msgkit.convert(row, "openai").losses} <= {"form"}


def test_a_span_without_messages_comes_back_with_its_system_prompt():
    row = {"gen_ai.system_instructions": [{"type": "text", "content": "Hi"}], "gen_ai.output.messages": []}
    assert msgkit.dump(msgkit.load(row)) == row


def test_a_part_that_is_no_object_is_refused_at_its_place():
    row = {"gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hi"}, "Hello"]}]}
    assert [issue.code for issue in msgkit.check(row)] == ["type-mismatch"]
