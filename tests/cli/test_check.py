"""``msgkit check``: what it says, where, and with which exit code."""

import base64
import io
import json
import sys
from contextlib import closing

import pytest
from PIL import Image

from msgkit.cli import main
from msgkit.cli.check_row import Checker
from msgkit.pipeline.chunks import Chunk
from msgkit.pipeline.row_runner import Job, RowTask
from msgkit.rows import START

GOOD = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]}
BAD = {"messages": [{"role": "usr", "content": "Hello"}]}
WARNED = {"messages": [{"role": "user", "content": "Hello", "channel": "final"}]}
MENDABLE = {"messages": [{"role": "human", "content": "Hello"}], "temperature": 1.50}
MENDED = {"messages": [{"role": "user", "content": "Hello"}], "temperature": 1.5}


def test_clean_rows_are_silent_and_end_with_0(cli, rows):
    result = cli("check", rows.write("a.jsonl", GOOD, GOOD))
    assert (result.code, result.out) == (0, "")
    assert result.summary == "2 rows read: 2 clean, 0 with issues; 0 errors, 0 warnings"


def test_an_issue_is_one_line_with_file_row_path_code_and_message(cli, rows):
    result = cli("check", rows.write("a.jsonl", GOOD, BAD))
    assert result.code == 1
    assert len(result.lines) == 1
    assert result.lines[0].startswith("a.jsonl:2: messages[0].role: role-unknown: expected a role, got 'usr'")


def test_an_issue_that_can_be_mended_says_so(cli, rows):
    assert cli("check", rows.write("a.jsonl", MENDABLE)).lines[0].endswith(" [fixable]")


def test_the_row_is_the_line_of_the_file_blank_lines_counted(cli, rows):
    result = cli("check", rows.write("a.jsonl", GOOD, "", "  ", BAD))
    assert result.lines[0].startswith("a.jsonl:4: ")
    assert result.summary.startswith("2 rows read: 1 clean, 1 with issues")


def test_every_issue_of_every_row_of_every_file_is_listed(cli, rows):
    two = {"messages": [{"role": "usr", "content": "x"}, {"role": "user", "content": 5}]}
    result = cli("check", rows.write("a.jsonl", two, BAD), rows.write("b.jsonl", BAD))
    assert [line.split(": ")[:3] for line in result.lines] == [
        ["a.jsonl:1", "messages[0].role", "role-unknown"],
        ["a.jsonl:1", "messages[1].content", "type-mismatch"],
        ["a.jsonl:2", "messages[0].role", "role-unknown"],
        ["b.jsonl:1", "messages[0].role", "role-unknown"],
    ]
    assert result.summary.startswith("3 rows read: 0 clean, 3 with issues; 4 errors, 0 warnings")


def test_a_row_that_is_no_json_is_an_issue_and_the_others_are_checked(cli, rows):
    result = cli("check", rows.write("a.jsonl", '{"messages": [', BAD))
    assert [line.split(": ")[2] for line in result.lines] == ["json-invalid", "role-unknown"]


def test_warnings_alone_end_with_0(cli, rows):
    result = cli("check", rows.write("a.jsonl", WARNED))
    assert result.code == 0
    assert "channel-not-allowed" in result.out


def test_json_is_one_issue_a_line_with_the_promised_keys(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD), "--output-format", "json")
    assert result.code == 1
    assert list(result.objects[0]) == [
        "file",
        "row",
        "path",
        "code",
        "severity",
        "message",
        "hint",
        "source",
        "fixable",
    ]
    assert {key: result.objects[0][key] for key in ("file", "row", "path", "code", "severity", "fixable")} == {
        "file": "a.jsonl",
        "row": 1,
        "path": "messages[0].role",
        "code": "role-unknown",
        "severity": "error",
        "fixable": False,
    }


def test_an_issue_of_reading_names_its_source(cli, rows):
    result = cli("check", rows.write("a.jsonl", "{"), "--output-format", "json")
    assert "RFC 8259" in result.objects[0]["source"]


def test_a_row_that_is_no_row_is_left_out_like_any_other(cli, rows):
    name = rows.write("a.jsonl", "5", GOOD)
    assert [line.split(": ")[2] for line in cli("check", name).lines] == ["messages-missing"]
    assert cli("check", name, "--ignore", "structure").code == 0
    assert cli("check", name, "--select", "roles").code == 0


@pytest.mark.parametrize("command", [("check", "--fix"), ("inline",), ("convert", "--to", "anthropic")])
def test_rejects_name_the_source_of_each_rule(cli, rows, command):
    name = rows.write("a.jsonl", "{", GOOD)
    cli(*command, name, "-o", "b.jsonl", "--rejects", "r.jsonl")
    assert "RFC 8259" in rows.read("r.jsonl")[0]["issues"][0]["source"]


def test_select_takes_codes_and_families(cli, rows):
    name = rows.write("a.jsonl", BAD, WARNED, "{")
    assert [line.split(": ")[2] for line in cli("check", name, "--select", "channels").lines] == ["channel-not-allowed"]
    assert [line.split(": ")[2] for line in cli("check", name, "--select", "json-invalid,roles").lines] == [
        "role-unknown", "json-invalid"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (["--select", ""], "expected a code or a family"),
        (["--select", "roles,worker-crashed"], "check does not report worker-crashed"),
        (["--select", "rols"], "did you mean 'roles'?"),
        (["--ignore", "nonsense"], "families are reading, structure"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_wrong_usage(cli, rows, chosen, told):
    result = cli("check", rows.write("a.jsonl", BAD), *chosen)
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert len(result.err) < 500


def test_ignore_of_nothing_leaves_nothing_out(cli, rows):
    assert cli("check", rows.write("a.jsonl", BAD), "--ignore", "").code == 1


def test_ignore_leaves_out_and_what_is_left_out_does_not_count(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD), "--ignore", "role-unknown")
    assert (result.code, result.out) == (0, "")
    assert result.summary.startswith("1 row read: 1 clean")


def test_max_issues_lists_less_and_counts_all(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD, BAD, BAD), "--max-issues", 2)
    assert len(result.lines) == 2
    assert result.summary.endswith("3 errors, 0 warnings")


def test_statistics_count_by_code_the_most_frequent_first(cli, rows):
    result = cli("check", rows.write("a.jsonl", WARNED, BAD, BAD), "--statistics")
    assert [line.split()[:3] for line in result.lines] == [
        ["2", "role-unknown", "error"], ["1", "channel-not-allowed", "warning"]
    ]  # fmt: skip


def test_statistics_as_json(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD, MENDABLE), "--statistics", "--output-format", "json")
    assert result.objects == [{"count": 2, "code": "role-unknown", "severity": "error", "fixable": 1}]


def test_ready_refuses_local_references(cli, rows):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}]}
    name = rows.write("a.jsonl", row)
    assert "reference-not-found" in cli("check", name).out
    assert "reference-unresolved" in cli("check", name, "--ready").out


def test_standard_input_has_no_root_so_nothing_is_opened(cli, monkeypatch, tmp_path):
    (tmp_path / "cat.jpg").write_bytes(b"no picture")
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}]}
    (tmp_path / "in").write_text(json.dumps(row) + "\n")
    with (tmp_path / "in").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        result = cli("check", "-")
    assert (result.code, result.out) == (0, "")


def test_standard_input_is_named_so(cli, monkeypatch, tmp_path):
    (tmp_path / "in").write_text(json.dumps(BAD) + "\n")
    with (tmp_path / "in").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert cli("check", "-").out.startswith("<stdin>:1: ")


@pytest.mark.parametrize("name", ["missing.jsonl", "a.txt"])
def test_an_input_that_cannot_be_is_wrong_usage_and_nothing_is_read(cli, rows, name, tmp_path):
    (tmp_path / "a.txt").write_text("{}\n")
    result = cli("check", rows.write("a.jsonl", BAD), name)
    assert (result.code, result.out) == (2, "")


def test_a_reference_outside_the_root_is_refused_and_root_can_be_given(cli, rows, examples):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}]}
    name = rows.write("a.jsonl", row)
    assert cli("check", name, "--root", examples / "photos").code == 0
    row["messages"][0]["content"][0]["image_url"]["url"] = "../../etc/passwd"
    assert "reference-outside-root" in cli("check", rows.write("a.jsonl", row)).out


def test_the_document_that_a_limit_comes_from_is_told_in_text(cli, rows):
    huge = "iVBORw0KGgoAAAANSUhEUgAAIygAACMoAQAAAABFrk8XAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
    url = f"data:image/png;base64,{huge}"
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    name = rows.write("a.jsonl", row, BAD)
    first, second = cli("check", name, "--target", "anthropic").lines
    assert "takes images at most 8,000 pixels wide, got 9,000 x 9,000 pixels" in first
    assert first.endswith("(Anthropic docs: build with Claude, vision)")
    assert not second.endswith(")")


def test_quiet_leaves_only_the_issues(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD), "--quiet")
    assert len(result.lines) == 1
    assert result.err == ""


def test_text_from_input_is_escaped_and_base64_never_shown(cli, rows):
    row = {"messages": [{"role": "\x1b[31m" + "A" * 5000, "content": "x"}]}
    result = cli("check", rows.write("a.jsonl", row))
    assert "\x1b" not in result.out
    assert "A" * 200 not in result.out


def test_fix_mends_what_can_be_mended_and_leaves_the_rest_as_it_was(cli, rows, tmp_path):
    odd = '{"messages":  [{"role": "user", "content": "Hello"}],  "temperature": 1.50}'
    result = cli("check", rows.write("a.jsonl", MENDABLE, odd, BAD), "--fix", "-o", "b.jsonl")
    assert result.code == 1
    assert rows.read("b.jsonl") == [MENDED, MENDED, BAD]
    assert (tmp_path / "b.jsonl").read_text().splitlines()[1] == odd
    assert result.summary == (
        "3 rows read: 2 clean, 1 with issues; 1 error, 0 warnings; 1 issue fixed; 3 written, 0 refused"
    )


def test_what_was_mended_is_clean_of_it_and_mending_again_changes_nothing(cli, rows, tmp_path):
    cli("check", rows.write("a.jsonl", MENDABLE), "--fix", "-o", "b.jsonl")
    assert cli("check", "b.jsonl").code == 0
    cli("check", "b.jsonl", "--fix", "-o", "c.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "c.jsonl").read_bytes()


def test_fix_leaves_out_rows_that_are_no_json_and_rejects_keep_them(cli, rows):
    result = cli("check", rows.write("a.jsonl", "{", GOOD), "--fix", "-o", "b.jsonl", "--rejects", "r.jsonl")
    assert rows.read("b.jsonl") == [GOOD]
    assert [(row["row"], row["input"], row["issues"][0]["code"]) for row in rows.read("r.jsonl")] == [
        (1, "{", "json-invalid")
    ]
    assert result.summary.endswith("1 written, 1 refused")


def test_fix_turns_a_picture_upright_and_the_second_check_is_clean(cli, rows):
    picture = Image.new("RGB", (32, 16), "navy")
    picture.paste("white", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be seen turned clockwise by a quarter: what lies left is on top
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    url = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    assert "image-orientation" in cli("check", rows.write("a.jsonl", row)).out
    cli("check", "a.jsonl", "--fix", "-o", "b.jsonl")
    assert cli("check", "b.jsonl").out == ""
    fixed = rows.read("b.jsonl")[0]["messages"][0]["content"][0]["image_url"]["url"]
    shown = Image.open(io.BytesIO(base64.b64decode(fixed.partition(",")[2]))).convert("L")
    assert shown.size == (16, 32)
    assert shown.getpixel((8, 4)) > 230
    assert shown.getpixel((8, 28)) < 60


def photograph(orientation):
    picture = Image.new("RGB", (32, 16), "navy")
    picture.paste("white", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


@pytest.fixture
def album(tmp_path, rows):
    """Rows that name four photographs, three of which do not lie upright, and a JPEG named .png."""
    (tmp_path / "album").mkdir()
    for orientation in (1, 3, 6, 8):
        (tmp_path / f"album/{orientation}.jpg").write_bytes(photograph(orientation))
    (tmp_path / "misnamed.png").write_bytes(photograph(1))
    named = ["album/1.jpg", "album/3.jpg", "album/6.jpg", "album/8.jpg", "misnamed.png"]
    parts = [{"type": "image_url", "image_url": {"url": name}} for name in named]
    return rows.write("a.jsonl", {"messages": [{"role": "human", "content": parts}]})


PLACE = "messages[0].content[{}].image_url.url"


def test_photographs_that_rows_name_are_told_with_what_helps(cli, album):
    found = cli("check", album, "--output-format", "json").objects
    assert [(issue["path"], issue["code"], issue["fixable"]) for issue in found] == [
        *[(PLACE.format(n), "image-orientation", False) for n in (1, 2, 3)],
        (PLACE.format(4), "media-type-mismatch", False),
        ("messages[0].role", "role-unknown", True),
    ]
    assert all("msgkit inline" in issue["hint"] for issue in found[:4])
    assert "image/png" in found[3]["message"]
    assert "image/jpeg" in found[3]["message"]


def test_fix_never_touches_the_files_that_rows_name(cli, album, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    cli("check", album, "--fix", "-o", "b.jsonl")
    assert {path: path.read_bytes() for path in before} == before
    left = cli("check", "b.jsonl", "--output-format", "json").objects
    assert {issue["code"] for issue in left} == {"image-orientation", "media-type-mismatch"}


def test_fix_with_media_writes_mended_copies_and_the_second_check_is_clean(cli, album, rows, tmp_path):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    result = cli("check", album, "--fix", "-o", "b.jsonl", "--media", "mended")
    assert result.summary.endswith("5 issues fixed; 1 written, 0 refused")
    assert {path: path.read_bytes() for path in before} == before
    assert cli("check", "b.jsonl").out == ""
    urls = [part["image_url"]["url"] for part in rows.read("b.jsonl")[0]["messages"][0]["content"]]
    assert urls[0] == "album/1.jpg"
    assert (tmp_path / urls[4]).read_bytes() == photograph(1)
    assert urls[4].endswith(".jpg")
    turned = Image.open(tmp_path / urls[2]).convert("L")
    assert turned.size == (16, 32)
    assert turned.getpixel((8, 4)) > 230


def test_inline_turns_what_rows_name_and_the_second_check_is_clean(cli, album):
    cli("check", album, "--fix", "-o", "b.jsonl")
    cli("inline", "b.jsonl", "-o", "c.jsonl")
    assert cli("check", "c.jsonl").out == ""


@pytest.mark.parametrize(
    "argv", [["--media", "m"], ["--fix", "-o", "b.jsonl", "--media", ".."], ["--fix", "-o", "b.jsonl", "--media", "."]]
)
def test_media_for_copies_lie_below_the_root_and_go_with_fix(cli, album, argv):
    result = cli("check", album, *argv)
    assert (result.code, result.out) == (2, "")


def test_fix_to_standard_output_reports_on_standard_error(cli, rows):
    result = cli("check", rows.write("a.jsonl", MENDABLE, BAD), "--fix", "-o", "-")
    assert result.objects == [MENDED, BAD]
    assert "a.jsonl:2: messages[0].role: role-unknown" in result.err


def test_fix_of_a_single_json_document_stays_a_single_document(cli, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(MENDABLE, indent=2))
    cli("check", "a.json", "--fix", "-o", "b.json")
    assert json.loads((tmp_path / "b.json").read_text()) == MENDED


def test_fix_of_an_array_stays_an_array(cli, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([MENDABLE, GOOD], indent=2))
    cli("check", "a.json", "--fix", "-o", "b.json")
    assert json.loads((tmp_path / "b.json").read_text()) == [MENDED, GOOD]


def test_fix_of_an_empty_file_writes_an_empty_file(cli, rows, tmp_path):
    cli("check", rows.write("a.jsonl"), "--fix", "-o", "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == b""


def test_fix_unsafe_drops_orphans_only_when_named(cli, rows):
    orphan = {"messages": [GOOD["messages"][0], {"role": "tool", "tool_call_id": "a", "content": "x"}]}
    name = rows.write("a.jsonl", orphan)
    cli("check", name, "--fix", "-o", "b.jsonl")
    assert rows.read("b.jsonl") == [orphan]
    cli("check", name, "--fix", "-o", "b.jsonl", "--fix-unsafe", "tool-pairs")
    assert rows.read("b.jsonl") == [{"messages": orphan["messages"][:1]}]


def test_diff_shows_what_fix_would_change_and_writes_nothing(cli, rows, tmp_path):
    result = cli("check", rows.write("a.jsonl", GOOD, MENDABLE), "--diff")
    assert [line for line in result.lines if line[0] in "+-"] == [
        "--- a.jsonl:2", "+++ a.jsonl:2 (fixed)", '-      "role": "human",', '+      "role": "user",'
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_diff_never_shows_a_payload(cli, rows):
    url = "data:image/jpg;base64," + "A" * 4000
    row = {"messages": [{"role": "human", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    result = cli("check", rows.write("a.jsonl", row), "--diff")
    assert '+      "role": "user"' in result.out
    assert "A" * 200 not in result.out


@pytest.mark.parametrize(
    "argv",
    [
        ["a.jsonl", "--fix"],
        ["a.jsonl", "-o", "b.jsonl"],
        ["a.jsonl", "--fix", "--diff", "-o", "b.jsonl"],
        ["a.jsonl", "--fix-unsafe", "tool-pairs"],
        ["a.jsonl", "--fix", "-o", "b.jsonl", "--fix-unsafe", "tool-pair"],
        ["a.jsonl", "--fix", "-o", "nowhere/b.jsonl"],
        ["a.jsonl", "--fix", "-o", "b.txt"],
        ["a.jsonl", "--fix", "-o", "."],
        ["a.jsonl", "--statistics", "--output-format", "sarif"],
        [],
    ],
)
def test_wrong_use_of_fix_ends_with_2_and_reads_nothing(cli, rows, argv, tmp_path):
    rows.write("a.jsonl", MENDABLE)
    result = cli("check", *argv)
    assert (result.code, result.out) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_terminal(monkeypatch, tmp_path, *argv, **environment):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    main(["check", *argv, "--quiet"])
    return out.getvalue()


def test_on_a_terminal_issues_are_grouped_by_row_and_coloured(rows, monkeypatch, tmp_path):
    two = {"messages": [{"role": "usr", "content": "x"}, {"role": "user", "content": 5}]}
    shown = on_terminal(monkeypatch, tmp_path, rows.write("a.jsonl", two, BAD))
    assert shown.count("a.jsonl") == 1
    assert shown.count("  row 1\n") == 1
    assert "\x1b[31merror" in shown
    assert "openai-python" in shown  # who says so


def test_no_colour_where_NO_COLOR_is_set(rows, monkeypatch, tmp_path):
    shown = on_terminal(monkeypatch, tmp_path, rows.write("a.jsonl", BAD), NO_COLOR="1")
    assert "\x1b" not in shown
    assert "role-unknown" in shown


@pytest.fixture
def wide(tmp_path):
    """A table whose column of scores is no JSON."""
    arrow = pytest.importorskip("pyarrow")
    columns = {"chat": [GOOD["messages"]] * 3, "model": ["gpt-4o"] * 3, "score": [float("nan")] * 3}
    pytest.importorskip("pyarrow.parquet").write_table(arrow.table(columns), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


@pytest.mark.parametrize(("more", "errors"), [([], 0), (["--ready"], 3)])
def test_columns_that_no_format_knows_are_not_read_where_some_are_named(cli, wide, more, errors):
    assert f"; {errors} errors" in cli("check", wide, "--columns", "chat=messages", *more).summary


def test_workers_read_the_same_columns(wide):
    job = Job((RowTask(Checker(columns=("chat=messages",))),))
    chunk = Chunk(str(wide), START, 3, None)
    with closing(job.open(chunk)) as source:
        assert [sorted(row.value) for row, _ in chunk.rows(source)] == [["chat", "model"]] * 3
