"""``msgkit view`` and ``msgkit stats``: options, exit codes, what is written where."""

import io
import json
import sys

import pytest

from msgkit.cli.options import row_range
from msgkit.html import pages, render

GOOD = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]}
BAD = {"messages": [{"role": "usr", "content": "Hello"}]}


def test_view_writes_a_page_and_says_what_is_in_it(cli, rows, tmp_path):
    result = cli("view", rows.write("a.jsonl", GOOD, BAD), "-o", "page.html")
    assert (result.code, result.out) == (0, "")
    assert result.summary.startswith("2 rows shown: 3 messages, 0 media, 1 error, 0 warnings; page.html (")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_view_writes_to_standard_output_and_nothing_else_there(cli, rows):
    result = cli("view", rows.write("a.jsonl", GOOD), "-o", "-")
    assert result.out.startswith("<!doctype html>")
    assert result.out.endswith("</html>\n")
    assert result.summary.startswith("1 row shown")


def test_view_shows_a_range_of_rows(cli, rows):
    result = cli("view", rows.write("a.jsonl", GOOD, GOOD, BAD, GOOD), "-o", "page.html", "--rows", "2-3")
    assert result.summary.startswith("2 rows shown: 3 messages")


def test_view_goes_on_in_parts(cli, rows, tmp_path):
    result = cli("view", rows.write("a.jsonl", *[GOOD] * 5), "-o", "page.html", "--max-rows", "2")
    assert "page.html and 3 parts" in result.summary
    assert sorted(path.name for path in tmp_path.glob("*.html")) == [
        "page-00001.html",
        "page-00002.html",
        "page-00003.html",
        "page.html",
    ]


def test_view_reads_standard_input(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode())))
    result = cli("view", "-", "-o", "page.html")
    assert result.summary.startswith("1 row shown")
    assert "<title>standard input</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["missing.jsonl", "-o", "page.html"], "no such file"),
        (["a.jsonl", "-o", "missing/page.html"], "no such folder"),
        (["a.jsonl", "-o", "."], "got a folder"),
        (["a.jsonl"], "-o"),
        (["a.jsonl", "-o", "page.html", "--rows", "0-3"], "expected rows such as 1-200"),
        (["a.jsonl", "-o", "page.html", "--rows", "3-1"], "expected rows such as 1-200"),
        (["a.jsonl", "-o", "page.html", "--target", "opnai"], "did you mean 'openai'"),
        (["a.jsonl", "-o", "-", "--open"], "--open needs a file"),
    ],
)
def test_wrong_use_of_view_ends_with_2_and_writes_nothing(cli, rows, tmp_path, argv, said):
    rows.write("a.jsonl", GOOD)
    result = cli("view", *argv)
    assert result.code == 2
    assert said in result.err
    assert list(tmp_path.glob("*.html")) == []


def test_open_opens_the_page_that_was_written(cli, rows, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert cli("view", rows.write("a.jsonl", GOOD), "-o", "page.html", "--open").code == 0
    assert opened == [(tmp_path / "page.html").as_uri()]


def test_rows_are_a_number_or_a_range():
    assert (row_range("7"), row_range("2-5"), row_range("3-")[0]) == ((7, 7), (2, 5), 3)


def test_a_page_that_cannot_be_written_whole_is_not_there(cli, rows, tmp_path, monkeypatch):
    def full(_page, _links):
        raise OSError(28, "No space left on device")

    (tmp_path / "page.html").write_text("old")
    monkeypatch.setattr(pages.Page, "finish", full)
    result = cli("view", rows.write("a.jsonl", GOOD), "-o", "page.html")
    assert result.code == 3
    assert "No space left" in result.err
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl", "page.html"}
    assert (tmp_path / "page.html").read_text() == "old"


def test_stats_are_tables_for_people(cli, rows):
    result = cli("stats", rows.write("a.jsonl", GOOD, GOOD, BAD))
    assert result.code == 0
    assert result.lines[0] == "Rows"
    assert any(line.split() == ["user", "2"] for line in result.lines)
    assert result.summary == "3 rows read: 3 with messages, 0 without"


def test_stats_are_json_for_programs(cli, rows):
    found = json.loads(cli("stats", rows.write("a.jsonl", GOOD, "{"), "--output-format", "json").out)
    assert (found["rows"], found["unreadable"], found["roles"]) == (2, 1, {"assistant": 1, "user": 1})
    assert set(found["tokens"]) >= {"openai", "anthropic", "gemini"}


def test_stats_write_a_page_beside_the_table(cli, rows, tmp_path):
    result = cli("stats", rows.write("a.jsonl", GOOD), "--html", "stats.html")
    assert result.lines[0] == "Rows"
    assert "stats.html (" in result.summary
    assert "<svg" in (tmp_path / "stats.html").read_text(encoding="utf-8")


def test_stats_of_one_target_and_a_range_of_rows(cli, rows):
    path = rows.write("a.jsonl", GOOD, BAD, GOOD)
    found = json.loads(cli("stats", path, "--target", "gemini", "--rows", "1-2", "--output-format", "json").out)
    assert (found["rows"], list(found["tokens"])) == (2, ["gemini"])


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--tokenizer", "o200k_bas"], "did you mean 'o200k_base'"),
        (["--tokenizer", "o200k_base"], "nothing is downloaded"),
        (["--html", "missing/stats.html"], "no such folder"),
        (["--output-format", "xml"], "invalid choice"),
    ],
)
def test_wrong_use_of_stats_says_why(cli, rows, monkeypatch, tmp_path, argv, said):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    result = cli("stats", rows.write("a.jsonl", GOOD), *argv)
    assert result.code == 2
    assert said in result.err
    assert result.out == ""


@pytest.mark.parametrize("command", ["view", "stats"])
def test_a_page_without_its_extra_names_what_to_install_and_leaves_no_file(cli, rows, monkeypatch, tmp_path, command):
    for name in ("jinja2", "markupsafe"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(render, "_environment", render._environment.__wrapped__)
    page = ["-o" if command == "view" else "--html", "page.html"]
    result = cli(command, rows.write("a.jsonl", {"messages": [{"role": "user", "content": "Hello"}]}), *page)
    assert result.code == 1
    assert "pip install 'msgkit-llm[view]'" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
