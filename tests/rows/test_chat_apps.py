"""Sessions of Gemini CLI and the export of LibreChat."""

import json

import pytest

import msgkit
from msgkit.rows import iter_rows

CALLED = {
    "id": "b",
    "type": "gemini",
    "content": "Looking.",
    "model": "gemini-2.5-pro",
    "thoughts": [{"subject": "Plan", "description": "Look at it."}],
    "toolCalls": [
        {
            "id": "c1",
            "name": "read_file",
            "args": {"path": "a.txt"},
            "status": "success",
            "result": [{"functionResponse": {"id": "c1", "name": "read_file", "response": {"output": "A cat."}}}],
        }
    ],
}
ASKED = {"id": "a", "type": "user", "content": [{"text": "What is in a.txt?"}]}
SAID = {"id": "d", "type": "gemini", "content": "A cat."}
HEAD = {"sessionId": "s", "projectHash": "h", "startTime": "2026-01-01T00:00:00Z"}
NOTES = [{"id": "n", "type": "info", "content": "Update available"}, {"id": "m", "type": "user", "content": "/help"}]


def read(path, text):
    path.write_text(text)
    return [row.value for row in iter_rows(path)]


def lines(*records):
    return "\n".join(map(json.dumps, records))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("session.json", json.dumps({**HEAD, "messages": [*NOTES, ASKED, CALLED, SAID]}, indent=2)),
        (
            "session.jsonl",
            lines(HEAD, *NOTES, ASKED, {**CALLED, "toolCalls": []}, CALLED, {"$set": {"summary": "s"}}, SAID),
        ),
        ("session.jsonl", lines(HEAD, ASKED, SAID, {"$rewindTo": "a"}, ASKED, CALLED, SAID)),
        ("session.jsonl", lines(HEAD, NOTES[0], {"$set": {"messages": [ASKED, CALLED, SAID]}})),
    ],
)
def test_a_session_of_gemini_cli_is_what_is_left_after_its_changes(tmp_path, name, text):
    [row] = read(tmp_path / name, text)
    assert msgkit.check(row) == []
    assert (row["id"], row["model"]) == ("s", "gemini-2.5-pro")
    asked, called, result, said = msgkit.load(msgkit.convert(row, "openai").payload)
    assert [asked.content, called.content, result.content, said.content] == [
        "What is in a.txt?",
        "Looking.",
        "A cat.",
        "A cat.",
    ]
    assert called.reasoning == "**Plan** Look at it."
    assert called.tool_calls[0].id == result.tool_call_id


def test_a_result_that_is_a_message_itself_is_there_once(tmp_path):
    answer = {"id": "r", "type": "user", "content": CALLED["toolCalls"][0]["result"]}
    [row] = read(tmp_path / "session.jsonl", lines(HEAD, ASKED, CALLED, answer, SAID))
    assert [content["role"] for content in row["contents"]] == ["user", "model", "user", "model"]


def test_a_checkpoint_is_its_history(tmp_path):
    history = [{"role": "user", "parts": [{"text": "Hello"}]}, {"role": "model", "parts": [{"text": "Hi."}]}]
    assert read(tmp_path / "checkpoint-x.json", json.dumps({"history": history, "authType": "oauth"})) == [
        {"contents": history}
    ]


def test_a_change_that_is_not_known_refuses_the_session(tmp_path):
    path = tmp_path / "session.jsonl"
    path.write_text(lines(HEAD, ASKED, {"$patch": {}}))
    assert [issue.code for row in iter_rows(path) for issue in row.issues] == ["file-invalid"]


def message(name, text, parent, *, user=False, **keys):
    return {"messageId": name, "parentMessageId": parent, "isCreatedByUser": user, "text": text, **keys}


QUESTION = message(
    "a", "What is it?", "0", user=True, files=[{"type": "image/png", "filepath": "/images/u/a.png", "file_id": "f"}]
)
PARTS = [
    {"type": "think", "think": "Look."},
    {"type": "tool_call", "tool_call": {"id": "c1", "name": "look", "args": '{"x": 1}', "output": "A cat."}},
    {"type": "tool_call", "tool_call": {"id": "c2", "name": "look", "args": {}, "output": "A tail."}},
    {"type": "text", "text": "A cat."},
]
ANSWER = message("c", "", "a", content=PARTS)
OTHER, FAILED = message("b", "A dog.", "a"), message("d", "Overloaded", "c", error=True)
EXPORT = {
    "conversationId": "s",
    "endpoint": "openAI",
    "title": "T",
    "exportAt": "now",
    "options": {"model": "gpt-4o", "promptPrefix": "Be brief."},
}


@pytest.mark.parametrize(
    "said",
    [
        {"messages": [QUESTION, ANSWER]},
        {"messages": [QUESTION, OTHER, ANSWER, FAILED]},
        {"messages": [{**QUESTION, "children": [OTHER, {**ANSWER, "children": [FAILED]}]}]},
        {"messagesTree": [{**QUESTION, "children": [OTHER, ANSWER]}]},
    ],
)
def test_librechat_gives_the_branch_of_its_last_message(tmp_path, said):
    [row] = read(tmp_path / "export.json", json.dumps({**EXPORT, **said}))
    assert [issue.code for issue in msgkit.check(row) if issue.severity == "error"] == []
    prompt, asked, called, *results, answered = msgkit.load(row)
    assert (row["id"], row["model"], prompt.content) == ("s", "gpt-4o", "Be brief.")
    assert asked.parts[1].image_url.url == "images/u/a.png"
    assert (called.reasoning, [call.function.arguments for call in called.tool_calls]) == ("Look.", ['{"x": 1}', "{}"])
    assert [(one.tool_call_id, one.content) for one in results] == [("c1", "A cat."), ("c2", "A tail.")]
    assert answered.content == "A cat."


def told(path, text):
    """Return roles and contents of a history that has no error, and the text of its calls and results."""
    [row] = read(path, text)
    assert [issue.code for issue in msgkit.check(row) if issue.severity == "error"] == []
    messages = list(msgkit.load(row))
    calls = [
        (call.id, call.function.name, call.function.arguments) for one in messages for call in one.tool_calls or ()
    ]
    return [(str(one.author.role), one.content, one.reasoning) for one in messages], calls


CALL = {"status": "success", "value": {"name": "look", "arguments": {"x": 1}}}
GOOSE = [
    {"role": "user", "content": [{"type": "text", "text": "Old."}], "metadata": {"agentVisible": False}},
    {"role": "user", "content": [{"type": "text", "text": "What?"}]},
    {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "toolRequest", "id": "c1", "toolCall": CALL}],
    },
    {
        "role": "user",
        "content": [
            {"type": "toolResponse", "id": "c1", "toolResult": {"value": [{"type": "text", "text": "A cat."}]}}
        ],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "It is a cat."}]},
]
HEARD = [
    ("user", "What?", None),
    ("assistant", None, "Hm."),
    ("tool", "A cat.", None),
    ("assistant", "It is a cat.", None),
]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("s.jsonl", [{"working_dir": "/x", "description": "", "message_count": 5}, *GOOSE]),
        ("s.json", [{"id": "s", "working_dir": "/x", "conversation": GOOSE}]),
    ],
)
def test_goose_gives_what_the_model_sees(tmp_path, name, lines):
    assert told(tmp_path / name, "\n".join(map(json.dumps, lines))) == (HEARD, [("c1", "look", '{"x": 1}')])


def test_lm_studio_gives_the_selected_versions(tmp_path):
    text = [{"type": "text", "text": "It is a cat."}]
    steps = [
        {"type": "contentBlock", "style": {"type": "thinking"}, "content": [{"type": "text", "text": "Hm."}]},
        {"content": [{"type": "toolCallRequest", "toolCallRequestId": "c1", "name": "look", "parameters": {"x": 1}}]},
        {"content": [{"type": "toolCallResult", "toolCallRequestId": "c1", "content": "A cat."}]},
        {"type": "contentBlock", "content": text},
        {"type": "debugInfoBlock"},
    ]
    asked = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "What?"}]}
    answers = [{"role": "assistant", "steps": []}, {"type": "multiStep", "role": "assistant", "steps": steps}]
    entries = [{"versions": [asked], "currentlySelected": 0}, {"versions": answers, "currentlySelected": 1}]
    talk = {"name": "A talk", "createdAt": 1, "messages": entries}
    assert told(tmp_path / "1.conversation.json", json.dumps(talk)) == (HEARD, [("c1", "look", '{"x": 1}')])


def test_aider_gives_what_was_said_each_time_it_was_started(tmp_path):
    text = (
        "# aider chat started at 1\n\n> Aider v1\n#### /add a.py\n> Added\n#### Fix\n#### it.\n\nDone.\n\n# T\n> Commit"
    )
    first, second = read(tmp_path / "h.md", f"\n{text}\n# aider chat started at 2\n#### /ask Why?\nSo.")
    assert [one["content"] for one in first["messages"]] == ["Fix\nit.", "Done.\n\n# T"]
    assert [one["content"] for one in second["messages"]] == ["Why?", "So."]


def test_claude_code_is_told_by_a_later_line(tmp_path):
    line = {
        "parentUuid": None,
        "sessionId": "s",
        "uuid": "a",
        "type": "user",
        "message": {"role": "user", "content": "Hi"},
    }
    [row] = read(tmp_path / "s.jsonl", f'{{"type": "permission-mode", "sessionId": "s"}}\n{json.dumps(line)}')
    assert row["messages"] == [{"role": "user", "content": "Hi"}]
