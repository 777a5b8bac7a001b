"""Files in which many lines, or a tree, are one history."""

import gzip
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, suppress

import pytest

import msgkit
from msgkit.rows import iter_rows, sessions
from tests.strategies import PNGS


def jsonl(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def node(name, parent, kind, message=None, **more):
    spoken = {} if message is None else {"message": message}
    return {"parentUuid": parent, "uuid": name, "sessionId": "s1", "type": kind, "isSidechain": False, **spoken, **more}


def said(name, parent, *blocks, answer="m1", **more):
    message = {"id": answer, "role": "assistant", "model": "claude-x", "content": list(blocks)}
    return node(name, parent, "assistant", message, **more)


def asked(name, parent, content, **more):
    return node(name, parent, "user", {"role": "user", "content": content}, **more)


def call(name, tool="look"):
    return {"type": "tool_use", "id": name, "name": tool, "input": {}}


def result(name, content="seen"):
    return {"type": "tool_result", "tool_use_id": name, "content": content}


PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNGS[0]}}
CODE = [
    {"type": "file-history-snapshot", "messageId": "x", "snapshot": {}},
    asked("a", None, "Look at two files."),
    said("b", "a", {"type": "text", "text": "I look."}),
    said("c", "b", call("t1")),
    said("d", "c", call("t2")),
    asked("e", "d", [result("t1", [PICTURE])]),
    asked("f", "e", [result("t2")]),
    asked("side1", None, "Find it.", isSidechain=True),
    said("side2", "side1", {"type": "text", "text": "Found."}, answer="m9", isSidechain=True),
    said("old", "f", {"type": "text", "text": "An answer that was taken back."}, answer="m2"),
    said("g", "f", {"type": "text", "text": "Both are empty."}, answer="m3"),
]


def rows(path):
    return [row.value for row in iter_rows(path)]


def test_claude_code_gives_the_current_branch_and_each_side_chain(tmp_path):
    main, side = rows(jsonl(tmp_path / "s.jsonl", CODE))
    assert [message["role"] for message in main["messages"]] == ["user", "assistant", "user", "assistant"]
    assert [block["type"] for block in main["messages"][1]["content"]] == ["text", "tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in main["messages"][2]["content"]] == ["t1", "t2"]
    assert main["messages"][3]["content"] == [{"type": "text", "text": "Both are empty."}]
    assert (main["id"], main["model"]) == ("s1", "claude-x")
    assert [message["content"] for message in side["messages"]] == ["Find it.", [{"type": "text", "text": "Found."}]]


def test_a_session_is_read_from_standard_input(tmp_path, monkeypatch):
    text = jsonl(tmp_path / "s.jsonl", CODE).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text))))
    assert rows("-") == rows(tmp_path / "s.jsonl")


@pytest.mark.parametrize("parents", ["ccdf", "ccde", "ccee", "cdef"])  # of the second call, the results, what follows
def test_claude_code_gives_calls_made_together_with_every_result(tmp_path, parents):
    of_call, first, second, after = parents
    lines = [
        asked("a", None, "Go."),
        said("c", "a", call("t1")),
        said("d", of_call, call("t2")),
        asked("e", first, [result("t1")]),
        asked("f", second, [result("t2")]),
        said("g", after, {"type": "text", "text": "Done."}, answer="m2"),
    ]
    ((_, calls, results, answer),) = [row["messages"] for row in rows(jsonl(tmp_path / "s.jsonl", lines))]
    assert [block["id"] for block in calls["content"]] == ["t1", "t2"]
    assert [block["tool_use_id"] for block in results["content"]] == ["t1", "t2"]
    assert answer["content"][0]["text"] == "Done."


def test_claude_code_gives_what_was_typed_meanwhile_and_goes_past_a_parent_that_is_missing(tmp_path):
    typed = node(
        "t", "b", "attachment", attachment={"type": "queued_command", "prompt": "And B.", "commandMode": "prompt"}
    )
    error = said("x", "t", {"type": "text", "text": "API Error"}, answer="m8", isApiErrorMessage=True)
    lines = [asked("a", None, "A?"), said("b", "a"), typed, error, asked("c", "gone", "C?"), asked("other", None, "D?")]
    first, other = rows(jsonl(tmp_path / "s.jsonl", lines))
    assert [message["content"] for message in first["messages"]] == ["A?", [], "And B.", "C?"]
    assert other["messages"][0]["content"] == "D?"


def test_claude_code_gives_what_stood_before_a_compaction_as_a_row(tmp_path):
    border = node("h", None, "system", subtype="compact_boundary", logicalParentUuid="g")
    after = [border, asked("i", "h", "In short: both were empty.", isCompactSummary=True), asked("j", "i", "Go on.")]
    before, now, _side = rows(jsonl(tmp_path / "s.jsonl", [*CODE, *after]))
    assert before["messages"][-1]["content"] == [{"type": "text", "text": "Both are empty."}]
    assert [message["content"] for message in now["messages"]] == ["In short: both were empty.", "Go on."]


def item(kind, **payload):
    return {"timestamp": "2026-01-01T00:00:00Z", "type": kind, "payload": payload}


CODEX = [
    item("session_meta", id="c1", base_instructions={"text": "Be brief."}, cwd="/home/ada"),
    item("response_item", type="message", role="user", content=[{"type": "input_text", "text": "List."}]),
    item("event_msg", type="user_message", message="List."),
    item("turn_context", model="gpt-x", cwd="/home/ada"),
    item("response_item", type="function_call", name="shell", arguments="{}", call_id="k1"),
    item("response_item", type="function_call_output", call_id="k1", output="a.txt"),
    item("response_item", type="ghost_snapshot", ghost_commit={}),
    item("response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "a.txt"}]),
]


def test_codex_gives_items_of_responses(tmp_path):
    (row,) = rows(jsonl(tmp_path / "rollout.jsonl", CODEX))
    assert [one["type"] for one in row["input"]] == ["message", "function_call", "function_call_output", "message"]
    assert {key: row[key] for key in ("id", "model", "instructions")} == {
        "id": "c1",
        "model": "gpt-x",
        "instructions": "Be brief.",
    }


def test_codex_begins_anew_after_a_compaction(tmp_path):
    new = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "So far: a.txt."}]}
    before, after = rows(
        jsonl(tmp_path / "r.jsonl", [*CODEX, item("compacted", message="", replacement_history=[new])])
    )
    assert (len(before["input"]), after["input"]) == (4, [new])


def test_codex_leaves_out_what_was_taken_back_and_keeps_the_first_name(tmp_path):
    parent = item("session_meta", id="c0", base_instructions={"text": "Be long."})
    context = [{"type": "input_text", "text": "<environment_context>x</environment_context>"}]
    wrong = [
        item("response_item", type="message", role="user", content=one)
        for one in (CODEX[1]["payload"]["content"], context)
    ]
    back = item("event_msg", type="thread_rolled_back", num_turns=1)
    (row,) = rows(jsonl(tmp_path / "s.jsonl", [CODEX[0], parent, *CODEX[1:], *wrong, CODEX[-1], back]))
    (expected,) = rows(jsonl(tmp_path / "other.jsonl", CODEX))
    assert row == expected


def test_a_compressed_rollout_is_read_as_well(tmp_path):
    path = tmp_path / "rollout.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl(tmp_path / "r.jsonl", CODEX).read_bytes()))
    assert rows(path) == rows(tmp_path / "r.jsonl")


def test_the_agents_sdk_gives_a_row_a_branch_and_what_was_written_last(tmp_path):
    path = tmp_path / "sessions.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, session_id TEXT, message_data TEXT)")
        database.execute(
            "CREATE TABLE message_structure (session_id TEXT, message_id INT, branch_id TEXT, sequence_number INT)"
        )
        for number, branch, sequence in ((1, "main", 1), (2, "main", 2), (3, "other", 2), (1, "other", 1)):
            data = json.dumps({"role": "user", "content": str(number)})
            database.execute("INSERT OR IGNORE INTO agent_messages VALUES (?, 's', ?)", (number, data))
            database.execute("INSERT INTO message_structure VALUES ('s', ?, ?, ?)", (number, branch, sequence))
        database.commit()
        told = {row["id"]: [one["content"] for one in row["input"]] for row in rows(path)}
    assert told == {"s": ["1", "2"], "s/other": ["1", "3"]}


def test_the_agents_sdk_gives_a_row_a_session(tmp_path):
    path = tmp_path / "sessions.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE agent_sessions (session_id TEXT PRIMARY KEY)")
        database.execute(
            "CREATE TABLE agent_messages (id INTEGER PRIMARY KEY, session_id TEXT, message_data TEXT, created_at TEXT)"
        )
        for session, text in (("b", "1"), ("a", "2"), ("b", "3")):
            data = json.dumps({"role": "user", "content": text})
            database.execute("INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)", (session, data))
    database.close()
    assert [(row["id"], [one["content"] for one in row["input"]]) for row in rows(path)] == [
        ("a", ["2"]),
        ("b", ["1", "3"]),
    ]


def tree(*messages):
    names = [f"n{i}" for i in range(len(messages))]
    mapping = {
        name: {"id": name, "message": message, "parent": names[i - 1] if i else None}
        for i, (name, message) in enumerate(zip(names, messages, strict=True))
    }
    return {"title": "t", "conversation_id": "talk", "current_node": names[-1], "mapping": mapping}


def spoken(role, *parts, kind="text", **more):
    return {
        "author": {"role": role},
        "content": {"content_type": kind, "parts": list(parts)},
        "recipient": "all",
        **more,
    }


def test_chatgpt_gives_the_branch_of_the_current_node(tmp_path):
    talk = tree(None, spoken("system", ""), spoken("user", "Draw."), spoken("assistant", "Done."))
    talk["mapping"]["other"] = {"id": "other", "message": spoken("assistant", "Not this."), "parent": "n2"}
    code = {"author": {"role": "assistant"}, "content": {"content_type": "code", "text": "1+1"}, "recipient": "python"}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-abc"}
    told = [{**spoken("tool", text), "author": {"role": "tool", "name": "python"}} for text in ("2", "Over.")]
    second = tree(spoken("user", picture, "And this?", kind="multimodal_text"), code, *told)
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([talk, second]))
    first, other = rows(path)
    assert first["messages"] == [{"role": "user", "content": "Draw."}, {"role": "assistant", "content": "Done."}]
    assert other["messages"][0]["content"][0] == {"type": "image_url", "image_url": {"url": "file-abc"}}
    asked, answer = msgkit.load({"messages": other["messages"][1:]})
    (call,) = asked.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("python", {"code": "1+1"})
    assert (answer.tool_call_id, answer.content) == (call.id, "2\nOver.")


def test_one_conversation_by_itself_ends_with_its_last_message_where_it_names_none(tmp_path):
    talk = {**tree(spoken("user", "Draw."), spoken("assistant", "Done.")), "current_node": None}
    (tmp_path / "talk.json").write_text(json.dumps(talk))
    (row,) = rows(tmp_path / "talk.json")
    assert [message["content"] for message in row["messages"]] == ["Draw.", "Done."]


def test_claude_gives_the_current_branch(tmp_path):
    texts = {"a": None, "b": "a", "c": "a", "d": "c"}
    said = [
        {"uuid": name, "parent_message_uuid": parent or "0", "sender": "human", "text": name}
        for name, parent in texts.items()
    ]
    (tmp_path / "talk.json").write_text(json.dumps([{"uuid": "talk", "chat_messages": said}]))
    (row,) = rows(tmp_path / "talk.json")
    assert [message["content"] for message in row["messages"]] == ["a", "c", "d"]


def test_an_export_of_chatgpt_names_the_files_beside_it(tmp_path):
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_abc"}
    sound = {"content_type": "audio_asset_pointer", "asset_pointer": "file-service://file-x"}
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as box:
        box.writestr("conversations.json", json.dumps([tree(spoken("user", picture, sound, kind="multimodal_text"))]))
        box.writestr("file_abcd-other.png", b"")
        box.writestr("file_abc-cat.png", b"")
        box.writestr("audio/file-x.wav", b"")
    (row,) = rows(tmp_path / "export.zip")
    assert row["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "file_abc-cat.png"}},
        {"type": "input_audio", "input_audio": {"data": "audio/file-x.wav", "format": "wav"}},
    ]


def test_an_older_rollout_has_items_by_themselves(tmp_path):
    about = {"id": "c0", "timestamp": "2025-01-01T00:00:00Z", "instructions": "Be brief.", "git": {}}
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List."}]}
    lines = [about, {"record_type": "state"}, message]
    assert rows(jsonl(tmp_path / "rollout.jsonl", lines)) == [
        {"id": "c0", "instructions": "Be brief.", "input": [message]}
    ]


def span(start, given, *said):
    lists = {"gen_ai.input.messages": given, "gen_ai.output.messages": list(said)}
    attributes = [{"key": key, "value": {"stringValue": json.dumps(value)}} for key, value in lists.items()]
    return {"traceId": "t", "spanId": str(start), "startTimeUnixNano": str(start), "attributes": attributes}


def otel(role, text, **more):
    return {"role": role, "parts": [{"type": "text", "content": text}], **more}


def test_the_spans_of_a_trace_are_one_history_by_time(tmp_path):
    first = span(1, [otel("user", "One")], otel("assistant", "A", finish_reason="stop"))
    second = span(2, [otel("user", "One"), otel("assistant", "A"), otel("user", "Two")], otel("assistant", "B"))
    trace = {"resourceSpans": [{"scopeSpans": [{"spans": [second, first]}]}]}
    (tmp_path / "trace.json").write_text(json.dumps(trace, indent=1))
    (row,) = rows(tmp_path / "trace.json")
    assert [row] == rows(jsonl(tmp_path / "trace.jsonl", [trace]))
    assert [message.text for message in msgkit.load(row)] == ["One", "A", "Two", "B"]


SAMPLE = {"id": 1, "epoch": 1, "target": "x", "messages": [{"role": "user", "content": "Hello", "source": "input"}]}


@pytest.mark.parametrize("suffix", [".eval", ".json"])
def test_a_log_of_inspect_gives_a_row_a_sample(tmp_path, suffix):
    path = tmp_path / f"log{suffix}"
    if suffix == ".json":
        path.write_text(json.dumps({"version": 2, "status": "success", "eval": {}, "samples": [SAMPLE]}))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
            box.writestr("header.json", "{}")
            box.writestr("samples/1_epoch_1.json", json.dumps(SAMPLE))
    (row,) = rows(path)
    assert row == SAMPLE
    assert msgkit.load(row).envelope.format == "inspect"


@pytest.mark.parametrize("zipped", [False, True])
def test_claude_gives_results_after_their_calls(tmp_path, zipped):
    turn = {"sender": "assistant", "text": "", "content": [
        {"type": "text", "text": "I look.", "start_timestamp": "x", "citations": []}, call("t"), result("t"),
        {"type": "text", "text": "Empty.", "citations": []},
    ]}  # fmt: skip
    human = {"sender": "human", "text": "Look.", "content": [{"type": "text", "text": "Look."}]}
    text = json.dumps([{"uuid": "u", "name": "n", "chat_messages": [human, turn]}])
    path = tmp_path / ("export.zip" if zipped else "conversations.json")
    if zipped:
        with zipfile.ZipFile(path, "w") as box:
            box.writestr("data/conversations.json", text)
    else:
        path.write_text(text)
    (row,) = rows(path)
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "user", "assistant"]
    assert row["messages"][1]["content"][0] == {"type": "text", "text": "I look."}
    assert msgkit.check(row) == []


@pytest.mark.parametrize(("lines", "count"), [(CODE, 2), (CODEX, 1)])
def test_convert_writes_rows_and_counts_them(tmp_path, lines, count):
    source, out = jsonl(tmp_path / "session.jsonl", lines), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "msgkit", "convert", source, "-o", out, "--to", "openai", "--on-loss", "drop"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stderr.split(";")[0].strip()) == (
        0,
        f"{count} row{'s' * (count > 1)} read: {count} written, 0 refused",
    )
    assert all("messages" in json.loads(line) for line in out.read_text().splitlines())


@pytest.mark.parametrize(
    "line",
    [
        {"messages": [{"role": "user", "content": '{"type":"user","sessionId":"s"}'}]},
        {"custom_id": "a", "type": "user", "body": {"messages": []}},
        [{"role": "user", "content": "Hello"}],
    ],
)
def test_rows_are_not_taken_for_a_session(tmp_path, line):
    assert rows(jsonl(tmp_path / "rows.jsonl", [line])) == [line]


def test_a_line_that_is_no_json_refuses_the_history_with_its_number(tmp_path):
    path = jsonl(tmp_path / "s.jsonl", CODE)
    path.write_text(path.read_text() + '{"type": "user", ')
    (row,) = iter_rows(path)
    assert row.issues[0].code == "json-invalid"
    assert row.issues[0].message.startswith("line 12 of the session: ")


@pytest.mark.parametrize("name", ["a.db", "a.zip"])
def test_a_file_that_holds_no_session_is_one_fault(tmp_path, name):
    (tmp_path / name).write_bytes(b"neither")
    (row,) = iter_rows(tmp_path / name)
    assert row.issues[0].code == "file-invalid"


def changed(value):
    """Yield a value with each of its parts replaced by what no writer has there."""
    yield from ([], 5, {"type": []})
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        for new in changed(inner):
            whole = value.copy()
            whole[key] = new
            yield whole


@pytest.mark.parametrize(("name", "lines"), [("claude-code", CODE[1:4]), ("codex", CODEX), ("chatgpt-export", [])])
def test_odd_values_in_a_session_are_refused_or_left_out(name, lines):
    for odd in changed(lines or [tree(spoken("user", "Draw."), spoken("tool", {"text": "Done."}))]):
        if isinstance(odd, list):
            text = "\n".join(map(json.dumps, odd)).encode()
            with suppress(msgkit.InvalidMessageError):
                list(sessions.histories(name, io.BytesIO(text)))


def database(path, *statements):
    with closing(sqlite3.connect(path)) as store:
        for statement, *values in statements:
            store.execute(statement, values)
        store.commit()
    return path


def test_the_database_of_goose_gives_a_row_a_session(tmp_path):
    columns = "id INTEGER PRIMARY KEY, message_id TEXT, session_id TEXT, role TEXT, content_json TEXT"
    into = (
        "INSERT INTO messages (session_id, role, content_json, created_timestamp, metadata_json) VALUES (?, ?, ?, ?, ?)"
    )
    made = {
        "type": "toolRequest",
        "id": "c",
        "toolCall": {"status": "success", "value": {"name": "f", "arguments": {}}},
    }
    told = {"type": "toolResponse", "id": "c", "toolResult": {"value": {"content": [{"type": "text", "text": "r"}]}}}
    said = [("user", {"type": "text", "text": "Hello"}), ("assistant", made), ("user", told)]
    hidden = ("s", "user", json.dumps([{"type": "text", "text": "Old"}]), 9, json.dumps({"agentVisible": False}))
    path = database(
        tmp_path / "sessions.db",
        (f"CREATE TABLE messages ({columns}, created_timestamp INTEGER, metadata_json TEXT)",),
        *((into, "s", role, json.dumps([part]), i, None) for i, (role, part) in enumerate(said)),
        (into, *hidden),
    )
    [row] = rows(path)
    assert [message["role"] for message in row["messages"]] == ["user", "assistant", "tool"]
    assert (row["id"], row["messages"][2]["content"]) == ("s", "r")


def test_the_database_of_cursor_gives_a_row_a_chat(tmp_path):
    tool = {"name": "f", "toolCallId": "c", "rawArgs": "{}", "result": "r"}
    bubbles = [{"type": 1, "text": "Hello"}, {"type": 2, "thinking": {"text": "Hm."}, "toolFormerData": tool}]
    bubbles += [{"type": 2, "text": "Hi."}]
    order = [{"bubbleId": str(i)} for i in range(len(bubbles))]
    talk = {"composerId": "t", "fullConversationHeadersOnly": order}
    into = "INSERT INTO cursorDiskKV VALUES (?, ?)"
    path = database(
        tmp_path / "state.vscdb",
        ("CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)",),
        (into, "composerData:t", json.dumps(talk)),
        *((into, f"bubbleId:t:{i}", json.dumps(one).encode()) for i, one in reversed(list(enumerate(bubbles)))),
    )
    [row] = rows(path)
    assert [(one["role"], one["content"]) for one in row["messages"]] == [
        ("user", "Hello"),
        ("assistant", None),
        ("tool", "r"),
        ("assistant", "Hi."),
    ]


def test_a_database_of_something_else_is_refused(tmp_path):
    path = database(tmp_path / "other.db", ("CREATE TABLE messages (id INTEGER, text TEXT)",))
    [row] = iter_rows(path)
    assert [issue.code for issue in row.issues] == ["file-invalid"]
