"""``msgkit convert``: another format, with every loss listed, and exactly back."""

import jsonschema
import pydantic
import pytest
from anthropic.types import MessageParam

PLAIN = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]}
NAMED = {"messages": [{"role": "user", "content": "Hello", "name": "ada"}], "note": None}


def test_a_row_that_loses_nothing_is_converted(cli, rows):
    result = cli("convert", rows.write("a.jsonl", PLAIN), "-o", "b.jsonl", "--to", "anthropic")
    assert (result.code, result.summary) == (
        0,
        "1 row read: 1 written, 0 refused; 1 without max_tokens (--set adds it)",
    )
    validator = jsonschema.Draft202012Validator(pydantic.TypeAdapter(list[MessageParam]).json_schema())
    validator.validate(rows.read("b.jsonl")[0]["messages"])


def test_a_row_that_would_lose_something_is_refused_with_the_path(cli, rows):
    result = cli("convert", rows.write("a.jsonl", PLAIN, NAMED), "-o", "b.jsonl", "--to", "anthropic")
    assert result.code == 1
    assert "a.jsonl:2: messages[0].name: conversion-loss: " in result.err
    assert len(rows.read("b.jsonl")) == 1
    assert result.summary.startswith("2 rows read: 1 written, 1 refused")


def test_drop_converts_and_the_ledger_keeps_what_was_lost(cli, rows):
    argv = ["--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl"]
    result = cli("convert", rows.write("a.jsonl", PLAIN, NAMED), "-o", "b.jsonl", *argv)
    assert result.code == 0
    lost = [line for line in rows.read("l.jsonl") if line["path"] == "messages[0].name"]
    assert [(line["row"], line["value"]) for line in lost] == [(2, "ada")]


def test_restore_gives_the_source_back_exactly(cli, rows, examples, tmp_path):
    history = examples / "history.jsonl"
    cli("convert", history, "-o", "b.jsonl", "--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl")
    result = cli("convert", "b.jsonl", "-o", "c.jsonl", "--restore", "l.jsonl")
    assert (result.code, result.summary) == (0, "9 rows read: 9 written, 0 refused")
    (tmp_path / "a.jsonl").write_bytes(history.read_bytes())
    assert rows.read("c.jsonl") == rows.read("a.jsonl")


def test_restore_holds_when_rows_were_refused_and_workers_share_the_work(cli, rows):
    bad = {"messages": [{"role": "usr", "content": "x"}]}
    values = [NAMED, bad, PLAIN, "{", NAMED, PLAIN] * 40
    rows.write("a.jsonl", *values)
    argv = ["--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl", "--workers", 2]
    assert cli("convert", "a.jsonl", "-o", "b.jsonl", *argv).code == 1
    assert cli("convert", "b.jsonl", "-o", "c.jsonl", "--restore", "l.jsonl").code == 0
    assert rows.read("c.jsonl") == [value for value in values if value not in (bad, "{")]


def test_a_ledger_of_another_file_refuses_the_rows_that_it_does_not_name(cli, rows):
    argv = ["--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl"]
    cli("convert", rows.write("a.jsonl", PLAIN), "-o", "b.jsonl", *argv)
    more = rows.write("more.jsonl", *rows.read("b.jsonl") * 2)
    result = cli("convert", more, "-o", "c.jsonl", "--restore", "l.jsonl")
    assert result.code == 1
    assert "more.jsonl:2: (row): ledger-missing" in result.err
    assert rows.read("c.jsonl") == [PLAIN]


@pytest.mark.parametrize("line", ["{}", "[]", "{", '{"row": 1}', '{"row": 1, "change": "set", "value": 1}'])
def test_what_is_no_ledger_is_wrong_usage(cli, rows, line, tmp_path):
    rows.write("l.jsonl", line)
    result = cli("convert", rows.write("a.jsonl", PLAIN), "-o", "b.jsonl", "--restore", "l.jsonl")
    assert result.code == 2
    assert "ledger" in result.err
    assert not (tmp_path / "b.jsonl").exists()


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--to", "antropic"],
        ["--to", "openai", "--restore", "l.jsonl"],
        ["--restore", "missing.jsonl"],
        ["--restore", "l.jsonl", "--ledger", "m.jsonl"],
        ["--to", "openai", "--ledger", "nowhere/l.jsonl"],
        ["--to", "openai", "--ledger", "b.jsonl"],
        ["--to", "openai", "--on-loss", "keep"],
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(cli, rows, argv, tmp_path):
    rows.write("l.jsonl")
    result = cli("convert", rows.write("a.jsonl", PLAIN), "-o", "b.jsonl", *argv)
    assert (result.code, result.out) == (2, "")
    assert not (tmp_path / "b.jsonl").exists()


def test_what_is_only_written_otherwise_is_in_the_ledger_and_not_counted_as_lost(cli, rows):
    call = {"id": "a", "type": "function", "function": {"name": "now", "arguments": '{"at":1}'}}
    called = {"role": "assistant", "content": None, "tool_calls": [call]}
    row = {"messages": [{"role": "user", "content": "Hi", "name": "ada"}, called], "max_tokens": 9}
    argv = ["--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl"]
    result = cli("convert", rows.write("a.jsonl", row), "-o", "b.jsonl", *argv)
    assert result.summary == "1 row read: 1 written, 0 refused; 1 lost"
    forms = [line["path"] for line in rows.read("l.jsonl") if line["form"] and line["path"]]
    assert forms == ["messages[1].tool_calls[0].function.arguments"]


SETTINGS = {**PLAIN, "seed": 5, "store": True, "n": 1, "max_tokens": 9}


def test_settings_are_left_out_and_counted_and_strict_refuses_them(cli, rows):
    argv = [rows.write("a.jsonl", SETTINGS), "-o", "b.jsonl", "--to", "anthropic"]
    result = cli("convert", *argv)
    assert (result.code, result.summary) == (0, "1 row read: 1 written, 0 refused; 2 settings left out")
    result = cli("convert", *argv, "--on-loss", "strict")
    assert result.code == 1
    assert "anthropic has no seed on a request" in result.err


def test_a_refusal_names_the_option_that_allows_the_loss_and_it_does(cli, rows):
    argv = [rows.write("a.jsonl", NAMED), "-o", "b.jsonl", "--to", "anthropic"]
    assert "--allow-loss name leaves it out" in cli("convert", *argv).err
    assert cli("convert", *argv, "--allow-loss", "mood,name").code == 0


def test_keys_are_set_neighbours_merged_and_both_restored(cli, rows):
    row = {"messages": [*PLAIN["messages"][:1], *PLAIN["messages"]]}
    argv = ["--to", "openai", "--set", "max_tokens=9", "--set", 'stop=["x"]', "--merge", "--ledger", "l.jsonl"]
    assert cli("convert", rows.write("a.jsonl", row), "-o", "b.jsonl", *argv).code == 0
    (written,) = rows.read("b.jsonl")
    assert (written["max_tokens"], written["stop"]) == (9, ["x"])
    assert [message["content"] for message in written["messages"]] == ["Hello\n\nHello", "Hi."]
    assert cli("convert", "b.jsonl", "-o", "c.jsonl", "--restore", "l.jsonl").code == 0
    assert rows.read("c.jsonl") == [row]


@pytest.mark.parametrize("wrong", ["max_tokens", "max_tokens=many", "=1", "a..b=1", "messages=[]"])
def test_a_setting_that_is_none_is_wrong_usage(cli, rows, wrong):
    argv = [rows.write("a.jsonl", PLAIN), "-o", "b.jsonl", "--to", "anthropic", "--set", wrong]
    assert cli("convert", *argv).code == 2


def test_a_blank_line_that_would_shift_the_ledger_is_refused(cli, rows):
    argv = ["--to", "anthropic", "--on-loss", "drop", "--ledger", "l.jsonl"]
    cli("convert", rows.write("a.jsonl", NAMED, PLAIN), "-o", "b.jsonl", *argv)
    first, second = rows.read("b.jsonl")
    result = cli("convert", rows.write("more.jsonl", first, "", second), "-o", "c.jsonl", "--restore", "l.jsonl")
    assert result.code == 2
    assert "blank line" in result.err
