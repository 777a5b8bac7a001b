"""Converse's bodies are held against the service model of botocore."""

import base64
import json
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

session = pytest.importorskip("botocore.session", reason="botocore comes with the extra judges")
validate = pytest.importorskip("botocore.validate")
SAMPLES = json.loads((Path(__file__).parent.parent / "samples" / "bedrock.json").read_text())


def decoded(value):
    """A body as the SDK takes it: with bytes where the wire has base64."""
    if isinstance(value, dict):
        return {
            key: base64.b64decode(item, validate=True)
            if key in ("bytes", "redactedContent") and isinstance(item, str)
            else decoded(item)
            for key, item in value.items()
        }
    return [decoded(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def faults():
    shape = session.get_session().get_service_model("bedrock-runtime").operation_model("Converse").input_shape

    def judge(body):
        return validate.ParamValidator().validate(decoded({"modelId": "m", **body}), shape).generate_report()

    return judge


@pytest.mark.parametrize("row", SAMPLES)
def test_the_samples_are_bodies_that_the_sdk_takes(faults, row):
    assert faults(row) == ""


def test_the_judge_refuses_what_is_no_body(faults):
    assert "Unknown parameter" in faults({"messages": [{"role": "user", "content": [{"texts": "Hello"}]}]})


@pytest.mark.parametrize("source", ["openai", "anthropic", "responses", "gemini"])
def test_what_is_converted_is_taken_by_the_sdk(faults, source):
    row = msgkit.convert(RICH, source, on_loss="drop").payload if source != "openai" else RICH
    assert faults(msgkit.convert(row, "bedrock", format=source, on_loss="drop").payload) == ""


def test_how_strictly_a_tool_is_held_is_carried(faults):
    spec = {"name": "look", "strict": True, "inputSchema": {"json": {"type": "object", "additionalProperties": False}}}
    body = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "toolConfig": {"tools": [{"toolSpec": spec}]}}
    assert faults(body) == ""
    assert msgkit.convert(msgkit.convert(body, "openai").payload, "bedrock").payload == body
