"""``msgkit batch``: requests within the limits of the Batch API, and results back at their histories."""

import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pydantic
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from msgkit import check

HELLO = [{"role": "user", "content": "Hello"}]


def answered(name, text, status=200, error=None):
    """A line of results as OpenAI writes it; the body is made by the SDK's own type."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    body = ChatCompletion.model_validate(
        {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5", "choices": [choice]}
    ).model_dump(mode="json", exclude_none=True)
    response = {"status_code": status, "request_id": "req-1", "body": body if status == 200 else error}
    return {"id": f"batch_req_{name}", "custom_id": name, "response": response, "error": None}


def test_wrap_makes_a_request_of_every_kind_of_row(cli, rows):
    wrapped = {
        "custom_id": "mine",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-5", "messages": HELLO},
    }
    name = rows.write("a.jsonl", {"messages": HELLO, "model": "gpt-5"}, HELLO, wrapped)
    result = cli("batch", "wrap", name, "-o", "b.jsonl", "--model", "gpt-5")
    assert (result.code, result.summary) == (0, "3 rows read: 3 written, 0 refused")
    found = rows.read("b-00001.jsonl")
    assert [row["custom_id"] for row in found] == ["row-1", "row-2", "mine"]
    assert {(row["method"], row["url"], row["body"]["model"]) for row in found} == {
        ("POST", "/v1/chat/completions", "gpt-5")
    }
    validator = jsonschema.Draft202012Validator(pydantic.TypeAdapter(list[ChatCompletionMessageParam]).json_schema())
    for row in found:
        validator.validate(row["body"]["messages"])
    assert found[2] == wrapped


def test_wrap_says_whose_batch_the_requests_are_for(cli, rows):
    name = rows.write("a.jsonl", {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": HELLO})
    assert "the Batch API of anthropic" in cli("batch", "wrap", name, "-o", "b.jsonl").err


def test_wrap_sends_a_body_with_input_to_responses(cli, rows):
    name = rows.write("a.jsonl", {"model": "gpt-5", "input": "Hello"})
    assert cli("batch", "wrap", name, "-o", "b.jsonl").code == 0
    assert rows.read("b-00001.jsonl")[0]["url"] == "/v1/responses"


BODIES = {
    "anthropic": {"model": "claude", "max_tokens": 9, "system": "Be brief.", "messages": HELLO},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
    "bedrock": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]},
}
LINES = {
    "anthropic": {"custom_id": "row-1", "params": BODIES["anthropic"]},
    "gemini": {"key": "row-1", "request": BODIES["gemini"]},
    "bedrock": {"recordId": "row-1", "modelInput": BODIES["bedrock"]},
}
TEXT = {"anthropic": {"type": "text", "text": "Hi."}, "gemini": {"text": "Hi."}, "bedrock": {"text": "Hi."}}
ANSWERS = {
    "anthropic": {
        "custom_id": "row-1",
        "result": {"type": "succeeded", "message": {"id": "m", "role": "assistant", "content": [TEXT["anthropic"]]}},
    },
    "gemini": {"key": "row-1", "response": {"candidates": [{"content": {"role": "model", "parts": [TEXT["gemini"]]}}]}},
    "bedrock": {
        "recordId": "row-1",
        "modelOutput": {"output": {"message": {"role": "assistant", "content": [TEXT["bedrock"]]}}},
    },
}
FAILURES = {
    "anthropic": {
        "custom_id": "row-1",
        "result": {"type": "errored", "error": {"type": "error", "error": {"type": "x", "message": "too bad"}}},
    },
    "gemini": {"key": "row-1", "error": {"code": 3, "message": "too bad"}},
    "bedrock": {"recordId": "row-1", "error": {"errorCode": 400, "errorMessage": "too bad"}},
}


@pytest.mark.parametrize("provider", BODIES)
def test_each_provider_gets_its_own_lines_and_gives_its_own_answers(cli, rows, provider):
    name = rows.write("a.jsonl", BODIES[provider])
    assert cli("batch", "wrap", name, "-o", "b.jsonl").code == 0
    assert rows.read("b-00001.jsonl") == [LINES[provider]]
    rows.write("r.jsonl", ANSWERS[provider])
    for file in (name, "b-00001.jsonl"):
        assert cli("batch", "join", file, "--results", "r.jsonl", "-o", "c.jsonl").code == 0
        (row,) = rows.read("c.jsonl")
        body = row if file == name else next(value for value in row.values() if isinstance(value, dict))
        messages = body.get("messages", body.get("contents"))
        assert messages[-1].get("content", messages[-1].get("parts")) == [TEXT[provider]]


@pytest.mark.parametrize("provider", BODIES)
def test_a_failure_of_each_provider_is_told_with_its_message(cli, rows, provider):
    rows.write("r.jsonl", FAILURES[provider])
    result = cli("batch", "join", rows.write("a.jsonl", BODIES[provider]), "--results", "r.jsonl", "-o", "b.jsonl")
    assert result.code == 1
    assert "batch-result-failed" in result.err
    assert "too bad" in result.err


def test_plain_rows_go_to_mistral_when_it_is_named(cli, rows):
    name = rows.write("a.jsonl", {"model": "mistral-large", "messages": HELLO})
    assert cli("batch", "wrap", name, "-o", "b.jsonl", "--provider", "mistral").code == 0
    body = {"model": "mistral-large", "messages": HELLO}
    assert rows.read("b-00001.jsonl") == [{"custom_id": "row-1", "body": body}]


@pytest.mark.parametrize("argv", [["--model", "claude-sonnet-4-5"], ["--target", "anthropic", "--model", "new"]])
def test_plain_rows_go_to_the_provider_of_the_model_or_the_target(cli, rows, argv):
    name = rows.write("a.jsonl", {"max_tokens": 9, "messages": HELLO})
    assert cli("batch", "wrap", name, "-o", "b.jsonl", *argv).code == 0
    assert rows.read("b-00001.jsonl") == [
        {"custom_id": "row-1", "params": {"model": argv[-1], "max_tokens": 9, "messages": HELLO}}
    ]


def test_a_target_without_a_batch_is_wrong_usage(cli, rows):
    name = rows.write("a.jsonl", {"model": "m", "messages": HELLO})
    assert cli("batch", "wrap", name, "-o", "b.jsonl", "--target", "ollama").code == 2


@pytest.mark.parametrize(
    ("response", "word"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "blocked"),
        ({"candidates": [{"finishReason": "RECITATION"}]}, "RECITATION"),
    ],
)
def test_an_answer_that_gemini_holds_back_is_told_with_its_reason(cli, rows, response, word):
    rows.write("r.jsonl", {"key": "row-1", "response": response})
    result = cli("batch", "join", rows.write("a.jsonl", BODIES["gemini"]), "--results", "r.jsonl", "-o", "b.jsonl")
    assert word in result.err


PICTURE = {"type": "image_url", "image_url": {"url": "cat.png"}}
REFUSED = [
    (BODIES["anthropic"], ["--provider", "openai"], "batch-format"),
    ({"model": "m", "stream": True, "messages": HELLO}, [], "batch-stream"),
    ({"model": "m", "messages": [{"role": "user", "content": [PICTURE]}]}, [], "reference-unresolved"),
    ({"model": "m", "messages": [{"role": "asistant", "content": "1"}]}, [], "role-unknown"),
    ({"model": "m", "messages": HELLO}, ["--url", "/v1/responses"], "batch-endpoint"),
    ({"model": "other", "messages": HELLO}, [], "batch-mixed"),
    ({"model": "m", "input": "Hello"}, [], "batch-mixed"),
    ({"conversations": [{"from": "human", "value": "Hello"}]}, [], "batch-format"),
    ({"messages": HELLO, "images": ["https://example.com/a.png"], "model": "m"}, [], "batch-format"),
    ({"prompt": HELLO, "completion": [{"role": "assistant", "content": "Hi."}], "model": "m"}, [], "batch-format"),
]


@pytest.mark.parametrize(("row", "argv", "code"), REFUSED)
def test_wrap_refuses_what_the_endpoint_would_and_writes_the_others(cli, rows, row, argv, code):
    fine = {"model": "m", "input": "Hello"} if "--url" in argv else {"model": "m", "messages": HELLO}
    result = cli("batch", "wrap", rows.write("a.jsonl", fine, row), "-o", "b.jsonl", *argv)
    assert result.code == 1
    assert "a.jsonl:2: " in result.err
    assert f": {code}: " in result.err
    assert [line["body"] for line in rows.read("b-00001.jsonl")] == [fine]


def test_join_writes_an_answer_of_responses_into_a_history_of_messages(cli, rows):
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "x", "annotations": []}],
        },
    ]
    line = {"custom_id": "row-1", "response": {"status_code": 200, "body": {"output": output}}, "error": None}
    rows.write("r.jsonl", line)
    name = rows.write("a.jsonl", {"messages": HELLO})
    assert cli("batch", "join", name, "--results", "r.jsonl", "-o", "b.jsonl").code == 0
    (row,) = rows.read("b.jsonl")
    assert row["messages"][1:] == [{"role": "assistant", "content": "x"}]
    assert check(row) == []


def two_choices():
    line = answered("row-1", "One.")
    choices = line["response"]["body"]["choices"]
    choices.append({**choices[0], "index": 1, "message": {"role": "assistant", "content": "Two."}})
    return line


def test_choice_says_which_of_several_to_append(cli, rows):
    rows.write("r.jsonl", two_choices())
    name = rows.write("a.jsonl", HELLO)
    argv = ["batch", "join", name, "--results", "r.jsonl", "-o", "b.jsonl"]
    assert "batch-result-failed" in cli(*argv).err
    assert cli(*argv, "--choice", 1).code == 0
    assert rows.read("b.jsonl")[0][1]["content"] == "Two."


@pytest.mark.parametrize(
    "odd",
    [
        two_choices(),
        {"custom_id": "row-1", "response": {"status_code": 200, "body": {"choices": []}}},
        {"custom_id": "row-1", "response": {"status_code": 200}},
        {"custom_id": "row-1"},
        {"nothing": 5},
        [],
    ],
)
def test_an_odd_result_costs_its_row_alone(cli, rows, odd):
    rows.write("r.jsonl", odd, answered("row-2", "Two."))
    result = cli("batch", "join", rows.write("a.jsonl", HELLO, HELLO), "--results", "r.jsonl", "-o", "b.jsonl")
    assert (result.code, len(rows.read("b.jsonl"))) == (1, 1)
    assert "a.jsonl:1: (row): batch-result-" in result.err


def test_an_answer_that_is_no_message_costs_its_row(cli, rows):
    name = rows.write("a.jsonl", {"messages": HELLO})
    body = {"choices": [{"index": 0, "message": None}]}
    results = rows.write("r.jsonl", {"custom_id": "row-1", "response": {"status_code": 200, "body": body}})
    result = cli("batch", "join", name, "--results", results, "-o", "b.jsonl")
    assert (result.code, "batch-result-failed" in result.err) == (1, True)


def test_two_answers_of_one_id_cost_its_row_alone(cli, rows):
    rows.write("r.jsonl", answered("row-1", "a"), answered("row-2", "Two."), answered("row-1", "b"))
    result = cli("batch", "join", rows.write("a.jsonl", HELLO, HELLO), "--results", "r.jsonl", "-o", "b.jsonl")
    assert "a.jsonl:1: (row): batch-result-failed" in result.err
    assert len(rows.read("b.jsonl")) == 1


def test_wrap_refuses_a_row_without_a_model(cli, rows):
    result = cli("batch", "wrap", rows.write("a.jsonl", HELLO), "-o", "b.jsonl")
    assert result.code == 1
    assert "a.jsonl:1: model: key-missing" in result.err


def test_wrap_refuses_a_custom_id_that_stands_twice(cli, rows):
    line = {"custom_id": "row-2", "body": {"model": "x", "messages": HELLO}}
    result = cli("batch", "wrap", rows.write("a.jsonl", line, {"model": "x", "messages": HELLO}), "-o", "b.jsonl")
    assert "a.jsonl:2: custom_id: batch-id-duplicate" in result.err
    assert len(rows.read("b-00001.jsonl")) == 1


@pytest.mark.parametrize("name", [None, 5, ["row-1"]])
def test_wrap_refuses_a_custom_id_that_is_no_string(cli, rows, name):
    line = {"custom_id": name, "body": {"model": "x", "messages": HELLO}}
    result = cli("batch", "wrap", rows.write("a.jsonl", line), "-o", "b.jsonl")
    assert result.code == 1
    assert "a.jsonl:1: custom_id: type-mismatch: expected a string" in result.err


def test_wrap_splits_at_rows_and_bytes(cli, rows, tmp_path):
    name = rows.write("a.jsonl", *[{"model": "x", "messages": HELLO}] * 7)
    cli("batch", "wrap", name, "-o", "b.jsonl", "--max-rows", 3)
    parts = sorted(path.name for path in tmp_path.glob("b-*"))
    assert [len(rows.read(part)) for part in parts] == [3, 3, 1]
    cli("batch", "wrap", name, "-o", "c.jsonl", "--max-bytes", 300)
    parts = sorted(tmp_path.glob("c-*"))
    assert len(parts) > 1
    assert max(part.stat().st_size for part in parts) <= 300


def test_the_limits_of_the_batch_api_hold_by_default(cli):
    shown = cli("batch", "wrap", "--help").out
    assert "200MB" in shown
    assert "50,000" in shown


def test_join_appends_each_answer_to_its_history(cli, rows):
    name = rows.write("a.jsonl", {"messages": HELLO, "note": None}, HELLO)
    rows.write("r.jsonl", answered("row-2", "Two."), answered("row-1", "One."))
    result = cli("batch", "join", name, "--results", "r.jsonl", "-o", "b.jsonl")
    assert (result.code, result.summary) == (0, "2 rows read: 2 written, 0 refused")
    first, second = rows.read("b.jsonl")
    assert first["messages"][0] == HELLO[0]
    assert (first["messages"][1]["role"], first["messages"][1]["content"], first["note"]) == ("assistant", "One.", None)
    assert second[1]["content"] == "Two."
    assert check(first) == []


def test_join_takes_what_wrap_wrote(cli, rows):
    cli("batch", "wrap", rows.write("a.jsonl", HELLO, HELLO), "-o", "b.jsonl", "--model", "x")
    rows.write("r.jsonl", answered("row-2", "Two."), answered("row-1", "One."))
    assert cli("batch", "join", "b-00001.jsonl", "--results", "r.jsonl", "-o", "c.jsonl").code == 0
    assert [row["body"]["messages"][1]["content"] for row in rows.read("c.jsonl")] == ["One.", "Two."]


def test_join_refuses_what_failed_or_is_missing_and_says_why(cli, rows):
    name = rows.write("a.jsonl", HELLO, HELLO, HELLO)
    failed = answered("row-2", "", 400, {"error": {"message": "bad \x1b[31m image", "code": "invalid"}})
    rows.write("r.jsonl", answered("row-1", "One."))
    rows.write("e.jsonl", failed)
    argv = ["--results", "r.jsonl", "e.jsonl", "-o", "b.jsonl", "--rejects", "x.jsonl"]
    result = cli("batch", "join", name, *argv)
    assert result.code == 1
    assert (
        "a.jsonl:2: (row): batch-result-failed: the request 'row-2' failed: status 400: 'bad \\x1b[31m image'"
        in result.err
    )
    assert "a.jsonl:3: (row): batch-result-missing" in result.err
    assert result.summary == "3 rows read: 1 written, 2 refused"
    assert [row["row"] for row in rows.read("x.jsonl")] == [2, 3]


def test_join_says_how_many_results_belong_to_no_row(cli, rows):
    rows.write("r.jsonl", answered("row-1", "One."), answered("row-9", "?"))
    result = cli("batch", "join", rows.write("a.jsonl", HELLO), "--results", "r.jsonl", "-o", "b.jsonl")
    assert "1 result with a custom_id that no row has" in result.err


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak of memory")
def test_join_holds_no_answers_in_memory(rows, tmp_path):
    name = rows.write("a.jsonl", *[HELLO] * 300)
    peaks = []
    for size in (10, 70_000):
        rows.write("r.jsonl", *(answered(f"row-{n}", f"{n}" * size) for n in range(100, 400)))
        code = f"""if True:
            from pathlib import Path
            from msgkit.cli import main
            code = main(["batch", "join", {name!r}, "--results", "r.jsonl", "-o", "b.jsonl", "--quiet"])
            peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
            print(code, peak.split()[1])"""
        command = [sys.executable, "-c", code]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=environment)
        code, peak = map(int, done.stdout.split())
        assert code == 1
        peaks.append(peak)
    assert (tmp_path / "r.jsonl").stat().st_size > 60_000_000
    assert peaks[1] - peaks[0] < 25_000


def test_join_of_responses_appends_the_output_items(cli, rows):
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}
    response = {"status_code": 200, "body": {"object": "response", "output": [item]}}
    rows.write("r.jsonl", {"custom_id": "row-1", "response": response, "error": None})
    cli("batch", "join", rows.write("a.jsonl", {"input": "Hello"}), "--results", "r.jsonl", "-o", "b.jsonl")
    assert rows.read("b.jsonl") == [{"input": [{"role": "user", "content": "Hello"}, item]}]


@pytest.mark.parametrize(
    "lines",
    [
        ["{}"],
        ["[]"],
        ["{"],
    ],
)
def test_a_file_that_holds_no_results_is_wrong_usage(cli, rows, lines, tmp_path):
    rows.write("r.jsonl", *lines)
    result = cli("batch", "join", rows.write("a.jsonl", HELLO), "--results", "r.jsonl", "-o", "b.jsonl")
    assert result.code == 2
    assert "expected a result of a Batch API" in result.err
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["join", "a.jsonl", "-o", "b.jsonl"],
        ["warp", "a.jsonl", "-o", "b.jsonl"],
        ["wrap", "a.jsonl"],
        ["wrap", "x.jsonl", "-o", "b.jsonl"],
        ["wrap", "a.jsonl", "-o", "b.jsonl", "--rejects", "b.jsonl"],
        ["wrap", "a.jsonl", "-o", "b.jsonl", "--rejects", "./a.jsonl"],
    ],
)
def test_wrong_use_ends_with_2(cli, rows, argv):
    rows.write("a.jsonl", HELLO)
    assert cli("batch", *argv).code == 2


def test_on_error_stop_writes_nothing(cli, rows, tmp_path):
    result = cli(
        "batch",
        "wrap",
        rows.write("a.jsonl", {"model": "x", "messages": HELLO}, HELLO),
        "-o",
        "b.jsonl",
        "--on-error",
        "stop",
    )
    assert result.code == 1
    assert result.summary == "stopped at row 2: no output was written"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
