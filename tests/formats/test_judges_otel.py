"""Messages in spans are held against the types of opentelemetry-util-genai."""

import json
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

types = pytest.importorskip("opentelemetry.util.genai.types", reason="opentelemetry comes with the extra judges")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "otel.json").read_text())
PARTS = {
    "text": types.Text,
    "reasoning": types.Reasoning,
    "tool_call": types.ToolCallRequest,
    "tool_call_response": types.ToolCallResponse,
    "blob": types.Blob,
    "uri": types.Uri,
    "file": types.File,
}


def made(part):
    """A part as the library's own class, which refuses keys that it does not define and asks for those it needs."""
    fields = {key: value for key, value in part.items() if key != "type"}
    if part["type"] in ("blob", "uri", "file"):
        fields.setdefault("mime_type", None)
    return PARTS[part["type"]](**fields)


def judge(row):
    for key, kind in (("gen_ai.input.messages", types.InputMessage), ("gen_ai.output.messages", types.OutputMessage)):
        for message in row.get(key, ()):
            kind(**{**message, "parts": [made(part) for part in message["parts"]]})
    for part in row.get("gen_ai.system_instructions", ()):
        made(part)


def test_the_sample_is_made_of_the_conventions_parts():
    judge(SAMPLES[0])


def test_the_judge_refuses_another_part():
    with pytest.raises(TypeError):
        judge({"gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "text": "Hello"}]}]})


@pytest.mark.parametrize("source", ["openai", "anthropic", "responses", "gemini", "bedrock", "langchain"])
def test_what_is_converted_is_made_of_the_conventions_parts(source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    body = msgkit.convert(row, "otel", format=source, on_loss="drop").payload
    judge(body)
    assert len(body["gen_ai.input.messages"]) > 4
