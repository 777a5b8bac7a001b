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
        "body": {"model": "x", "messages": HELLO},
    }
    name = rows.write("a.jsonl", {"messages": HELLO, "model": "gpt-5"}, HELLO, wrapped, {"input": "Hello"})
    result = cli("batch", "wrap", name, "-o", "b.jsonl", "--model", "gpt-5-mini")
    assert result.code == 0
    assert result.summary == "4 rows read: 4 written, 0 refused"
    found = rows.read("b-00001.jsonl")
    assert [row["custom_id"] for row in found] == ["row-1", "row-2", "mine", "row-4"]
    assert {row["method"] for row in found} == {"POST"}
    assert [row["url"] for row in found] == ["/v1/chat/completions"] * 3 + ["/v1/responses"]
    assert [row["body"]["model"] for row in found] == ["gpt-5", "gpt-5-mini", "x", "gpt-5-mini"]
    validator = jsonschema.Draft202012Validator(pydantic.TypeAdapter(list[ChatCompletionMessageParam]).json_schema())
    for row in found[:3]:
        validator.validate(row["body"]["messages"])
    assert found[2] == wrapped


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
    shown = cli("batch", "--help").out
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
        [answered("row-1", "a"), answered("row-1", "b")],
        ['{"custom_id": "row-1", "response": {"status_code": 200}}'],
    ],
)
def test_a_file_that_holds_no_results_is_wrong_usage(cli, rows, lines, tmp_path):
    rows.write("r.jsonl", *lines)
    result = cli("batch", "join", rows.write("a.jsonl", HELLO), "--results", "r.jsonl", "-o", "b.jsonl")
    assert result.code == 2
    assert "expected a result of the Batch API" in result.err
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
