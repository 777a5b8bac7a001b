"""Where the messages of a session came from, through conversions."""

import json
from contextlib import closing

import pytest

import msgkit
from msgkit.rows import Source


def line(name, parent, role, *blocks):
    message = {"role": role, "content": list(blocks), **({"id": "m"} if role == "assistant" else {})}
    return {"uuid": name, "parentUuid": parent, "sessionId": "s", "type": role, "message": message}


def call(name):
    return {"type": "tool_use", "id": name, "name": "look", "input": {}}


def result(name):
    return {"type": "tool_result", "tool_use_id": name, "content": "seen"}


@pytest.fixture
def row(tmp_path):
    path = tmp_path / "session.jsonl"
    lines = [
        line("a", None, "user", {"type": "text", "text": "Look."}),
        line("b", "a", "assistant", call("t1")),
        line("c", "b", "assistant", call("t2")),
        line("d", "c", "user", result("t1")),
        line("e", "d", "user", result("t2")),
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    with closing(Source(path, provenance=True)) as source:
        (found,) = source
    return found.value


def lines(row):
    return [(one["path"], one["line"], one["id"]) for one in row["provenance"]["messages"]]


def test_a_row_of_a_session_says_where_its_messages_came_from(row):
    assert row["provenance"]["file"] == "session.jsonl"
    assert lines(row)[:2] == [("messages[0]", 1, "a"), ("messages[1].content[0]", 2, "b")]


def test_it_is_kept_in_step_with_the_messages(row):
    found = msgkit.convert(row, "openai", provenance=True).payload
    assert lines(found) == [
        ("messages[0]", 1, "a"),
        ("messages[1]", 2, "b"),
        ("messages[1]", 3, "c"),
        ("messages[2]", 4, "d"),
        ("messages[3]", 5, "e"),
    ]


@pytest.mark.parametrize("target", ["vercel", "gemini", "harmony", "responses"])
def test_each_line_is_kept_through_another_conversion(row, target):
    first = msgkit.convert(row, "openai", provenance=True)
    second = msgkit.convert(first.payload, target, provenance=True, on_loss="drop")
    assert {one["line"] for one in second.payload["provenance"]["messages"]} == {1, 2, 3, 4, 5}
    assert msgkit.restore(second.payload, second.losses) == first.payload


def test_it_is_a_setting_that_is_left_out_otherwise(row):
    result = msgkit.convert(row, "openai")
    assert "provenance" not in result.payload
    assert [loss.kind for loss in result.losses if loss.path == ("provenance",)] == ["setting"]


def told(row, key):
    return {**row, "provenance": {"messages": [{"path": f"{key}[{i}]", "line": i} for i in range(len(row[key]))]}}


@pytest.mark.parametrize("to", ["anthropic", "gemini", "bedrock", "sharegpt", "harmony", "openai"])
def test_messages_that_become_one_or_several_keep_where_they_came_from(to):
    said = [
        {"role": "user", "content": "Q0"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "R1"}]},
        {"role": "assistant", "content": "A2"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": "C3"}'},
        {"type": "function_call_output", "call_id": "c", "output": "O4"},
        {"role": "assistant", "content": "A5"},
        {"role": "assistant", "content": "A6"},
    ]
    payload = msgkit.convert(told({"input": said}, "input"), to, provenance=True, on_loss="drop").payload
    key = next(key for key in ("messages", "contents", "conversations") if key in payload)
    for i, entry in enumerate(payload[key]):
        of_entry = {one["line"] for one in payload["provenance"]["messages"] if one["path"].startswith(f"{key}[{i}]")}
        said_in_it = {
            line for line, text in enumerate(["Q0", "R1", "A2", "C3", "O4", "A5", "A6"]) if text in json.dumps(entry)
        }
        assert said_in_it <= of_entry
