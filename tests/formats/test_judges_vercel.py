"""Messages of the AI SDK are held against the npm package ``ai``, in one run of node."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import msgkit
from tests.formats.rich import RICH

SAMPLES = Path(__file__).parent.parent / "samples"
SOURCES = ("openai", "anthropic", "gemini")
SCRIPT = """
import { convertToModelMessages, modelMessageSchema, validateUIMessages } from 'ai';
const rows = JSON.parse(await new Response(process.stdin).text());
const told = {};
for (const [name, row] of Object.entries(rows)) {
  try {
    if (name.startsWith('ui')) {
      const read = await validateUIMessages({ messages: row.messages });
      told[name] = await convertToModelMessages(read);
    } else {
      told[name] = row.messages.map((message) => modelMessageSchema.parse(message));
    }
  } catch (error) { told[name] = String(error); }
}
console.log(JSON.stringify(told));
"""


def converted(target, source):
    row = RICH if source == "openai" else msgkit.convert(RICH, source, on_loss="drop").payload
    return msgkit.convert(row, target, format=source, on_loss="drop").payload


UI = json.loads((SAMPLES / "vercel.json").read_text())
VERSION4 = [row for row in UI if any("toolInvocations" in message for message in row["messages"])]
ROWS = {
    **{f"ui-{i}": row for i, row in enumerate(UI) if row not in VERSION4},
    **{f"model-{i}": row for i, row in enumerate(json.loads((SAMPLES / "vercel-model.json").read_text()))},
    **{f"ui-of-{source}": converted("vercel", source) for source in SOURCES},
    **{f"model-of-{source}": converted("vercel-model", source) for source in SOURCES},
    "ui-wrong": {"messages": [{"id": "a", "role": "user", "parts": [{"type": "text", "content": "Hello"}]}]},
    "model-wrong": {"messages": [{"role": "tool", "content": "Hello"}]},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the package says of each row: the messages that it read, or why not."""
    node, packages = shutil.which("node"), Path(os.environ.get("NODE_PATH", "node_modules")).absolute()
    if node is None or not (packages / "ai").is_dir():
        pytest.skip("node and its package ai come with the extra judges: npm install ai@7; export NODE_PATH")
    folder = tmp_path_factory.mktemp("ai")
    (folder / "node_modules").symlink_to(packages)
    (folder / "judge.mjs").write_text(SCRIPT)
    command = [node, "judge.mjs"]
    done = subprocess.run(command, cwd=folder, input=json.dumps(ROWS), capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [name for name in ROWS if "wrong" not in name])
def test_the_package_reads_what_is_written(told, name):
    assert isinstance(told[name], list), told[name]


@pytest.mark.parametrize("name", ["ui-wrong", "model-wrong"])
def test_the_judge_tells_what_is_wrong(told, name):
    assert isinstance(told[name], str)


def test_the_package_makes_the_same_steps_of_ui_messages(told):
    """Its own conversion gives the messages that the other format writes."""
    own = msgkit.load({"messages": told["ui-of-openai"]}, "vercel-model")
    assert [(one.role, one.reasoning, one.tool_call_id) for one in own] == [
        (one.role, one.reasoning, one.tool_call_id) for one in msgkit.load(ROWS["model-of-openai"], "vercel-model")
    ]


@pytest.mark.parametrize("row", VERSION4)
def test_messages_of_version_4_are_read(row):
    """What they attach is media, and each result follows its call."""
    calls = [call for message in row["messages"] for call in message.get("toolInvocations", ())]
    talk = msgkit.load(row)
    results = [message for message in talk if message.role == "tool"]
    assert msgkit.dump(talk) == row
    assert [message.tool_call_id for message in results] == [one["toolCallId"] for one in calls if "result" in one]
    attached = [one for message in row["messages"] for one in message.get("experimental_attachments", ())]
    media = [part for message in talk for part in message.parts if part.type in ("image_url", "file")]
    assert len(media) == len(attached)


def test_calls_of_version_4_need_no_parts():
    call = {"state": "result", "toolCallId": "a", "toolName": "look", "args": {}, "result": "A cat."}
    row = {"messages": [{"id": "m", "role": "assistant", "content": "It is a cat.", "toolInvocations": [call]}]}
    written = msgkit.convert(row, "openai", format="vercel")
    assert [message["role"] for message in written.payload["messages"]] == ["assistant", "tool", "assistant"]
    assert msgkit.restore(written.payload, written.losses) == row


def test_messages_for_models_of_version_4_are_read():
    call = {"type": "tool-call", "toolCallId": "a", "toolName": "look", "args": {"at": "it"}}
    result = {"type": "tool-result", "toolCallId": "a", "toolName": "look", "result": {"is": "a cat"}}
    file = {"type": "file", "data": "https://example.com/a.pdf", "mimeType": "application/pdf"}
    pairs = {"user": file, "assistant": call, "tool": result}
    row = {"messages": [{"role": role, "content": [part]} for role, part in pairs.items()]}
    talk = msgkit.load(row)
    assert msgkit.dump(talk) == row
    assert (talk[0].parts[0].type, talk[1].tool_calls[0].function.name) == ("file", "look")
    assert (talk[2].tool_call_id, talk[2].content) == ("a", '{"is": "a cat"}')


def test_a_tool_part_of_version_4_without_a_call_comes_back():
    row = {
        "messages": [
            {"role": "assistant", "content": "a", "toolInvocations": [], "parts": [{"type": "tool-invocation"}]}
        ]
    }
    assert msgkit.dump(msgkit.load(row)) == row


def test_a_message_of_the_role_tool_comes_back():
    said = {"id": "x", "role": "assistant", "parts": [{"type": "step-start"}, {"type": "text", "text": "a"}]}
    row = {"messages": [said, {"id": "z", "role": "tool", "parts": [{"type": "step-start"}]}]}
    assert msgkit.dump(msgkit.load(row)) == row
