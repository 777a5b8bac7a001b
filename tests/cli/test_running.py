"""What every command that reads rows has: workers, shards, resume, rejects, signals, output in place of the input."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 60  # seconds
GOOD = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]}
BAD = {"messages": [{"role": "usr", "content": "Hello"}]}
FIXABLE = {"messages": [{"role": "human", "content": "Hello"}]}

COMMANDS = {
    "check": ["check", "in.jsonl"],
    "fix": ["check", "in.jsonl", "--fix", "-o", "out.jsonl"],
    "inline": ["inline", "in.jsonl", "-o", "out.jsonl"],
    "extract": ["extract", "in.jsonl", "-o", "out.jsonl", "--media", "media"],
    "convert": ["convert", "in.jsonl", "-o", "out.jsonl", "--to", "harmony"],
    "view": ["view", "in.jsonl", "-o", "page.html"],
    "stats": ["stats", "in.jsonl"],
    "wrap": ["batch", "wrap", "in.jsonl", "-o", "out.jsonl", "--model", "gpt-5-mini"],
}


@pytest.fixture
def many(rows):
    """Rows of which some have issues, more than one chunk holds."""
    rows.write("in.jsonl", *[BAD if n % 97 == 5 else FIXABLE if n % 50 == 7 else GOOD for n in range(200)], "{", "[]")
    return "in.jsonl"


@pytest.mark.parametrize("argv", [[], ["--fix", "-o", "out.jsonl"], ["--diff"], ["--statistics"]])
def test_check_says_the_same_with_any_number_of_workers(cli, many, argv, tmp_path):
    seen = []
    for workers in (1, 2):
        result = cli("check", many, *argv, "--workers", workers)
        written = (tmp_path / "out.jsonl").read_bytes() if "--fix" in argv else b""
        seen.append((result.code, result.out, result.summary, written))
    assert seen[0] == seen[1]
    assert seen[0][1]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("view", "stats")])
def test_shards_together_are_the_whole(cli, command, tmp_path):
    argv = COMMANDS[command]
    whole = cli(*argv)
    files = [path for path in (tmp_path / "out.jsonl", tmp_path / "out-00001.jsonl") if path.exists()]
    written = [path.read_bytes() for path in files]
    shown, parts = "", [b""] * len(files)
    for part in (1, 2):
        shown += cli(*argv, "--shard", f"{part}/2").out
        parts = [before + path.read_bytes() for before, path in zip(parts, files, strict=True)]
    assert shown == whole.out
    assert parts == written


def test_check_keeps_rows_with_errors_as_rejects(cli, rows):
    name = rows.write("a.jsonl", GOOD, BAD, "{", FIXABLE)
    result = cli("check", name, "--rejects", "r.jsonl")
    assert [line["row"] for line in rows.read("r.jsonl")] == [2, 3, 4]
    assert result.summary.startswith("4 rows read: 1 clean, 3 with issues")


def test_check_of_several_files_names_each(cli, rows):
    result = cli("check", rows.write("a.jsonl", BAD), rows.write("b.jsonl", GOOD, BAD), "--workers", 2)
    assert [line.split(": ")[0] for line in result.lines] == ["a.jsonl:1", "b.jsonl:2"]


def start(tmp_path, *argv, **options):
    command = [sys.executable, "-m", "msgkit", *argv]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    return subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, **options)


@pytest.fixture
def long(tmp_path):
    """Rows that take a while."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "in.jsonl").write_text(f"{json.dumps(BAD)}\n" * 30_000)


def running(tmp_path):
    """Wait until a run has begun to work."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        for journal in (*tmp_path.glob(".*.msgkit/journal"), *tmp_path.glob("tmp/msgkit-*/*/journal")):
            if journal.stat().st_size:
                return
        time.sleep(0.01)
    raise TimeoutError


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    ("command", "workers", "number", "code"),
    [
        ("check", "1", signal.SIGINT, 130),
        ("check", "2", signal.SIGTERM, 143),
        ("fix", "2", signal.SIGINT, 130),
        ("convert", "1", signal.SIGTERM, 143),
        ("convert", "2", signal.SIGINT, 130),
        ("wrap", "1", signal.SIGTERM, 143),
    ],
)
def test_a_signal_ends_each_command_with_the_way_to_go_on(tmp_path, command, workers, number, code):
    argv = [*COMMANDS[command], "--workers", workers]
    with start(tmp_path, *argv, stdout=subprocess.DEVNULL) as process:
        running(tmp_path)
        process.send_signal(number)
        _, error = process.communicate(timeout=LIMIT)
    assert process.returncode == code
    assert b"--resume" in error
    assert b"Traceback" not in error
    assert not [*tmp_path.glob("out*"), *tmp_path.glob("page*")]


HOOK = "import os, signal; os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))"


@pytest.mark.usefixtures("long")
@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_a_signal_while_a_worker_is_forked_ends_the_run(tmp_path):
    argv = ["msgkit", *COMMANDS["inline"], "--workers", "2"]
    code = f"{HOOK}; import sys; sys.argv = {argv!r}; import runpy; runpy.run_module('msgkit', run_name='__main__')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, check=False
    )
    assert run.returncode == 143
    assert b"--resume" in run.stderr
    assert b"ignored" not in run.stderr


@pytest.mark.usefixtures("long")
def test_a_killed_view_leaves_nothing_after_the_next_run(tmp_path):
    with start(tmp_path, *COMMANDS["view"]) as process:
        running(tmp_path)
        process.kill()
    (tmp_path / "in.jsonl").write_text(f"{json.dumps(GOOD)}\n")
    with start(tmp_path, *COMMANDS["view"]) as process:
        process.communicate(timeout=LIMIT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "page.html", "tmp"]


def test_a_page_is_the_same_with_any_number_of_workers(cli, many, tmp_path):
    pages = []
    for workers in (1, 2):
        assert cli("view", many, "-o", "page.html", "--workers", workers).code == 0
        pages.append((tmp_path / "page.html").read_bytes())
    assert pages[0] == pages[1]


def test_statistics_are_the_same_with_any_number_of_workers(cli, many):
    one, two = (cli("stats", many, "--workers", workers) for workers in (1, 2))
    assert (one.code, one.out, one.summary) == (two.code, two.out, two.summary)


def test_statistics_of_shards_have_all_rows(cli, many):
    counted = [int(cli("stats", many, "--shard", f"{part}/2").summary.split(" ")[0]) for part in (1, 2)]
    assert sum(counted) == int(cli("stats", many).summary.split(" ")[0])


def test_rows_that_are_not_there_are_named(cli, rows):
    result = cli("view", rows.write("a.jsonl", GOOD), "-o", "page.html", "--rows", "100-200")
    assert "no row from 100 to 200 in a.jsonl" in result.err


@pytest.mark.usefixtures("long")
def test_a_killed_check_resumed_says_everything_from_the_start(tmp_path):
    (tmp_path / "in.jsonl").write_text(f"{json.dumps(BAD)}\n" * 1_000)
    whole = tmp_path / "whole.txt"
    with whole.open("wb") as out, start(tmp_path, *COMMANDS["check"], stdout=out) as process:
        process.communicate(timeout=LIMIT)
    with start(tmp_path, *COMMANDS["check"], stdout=subprocess.DEVNULL) as process:
        running(tmp_path)
        process.kill()
    resumed = tmp_path / "resumed.txt"
    with resumed.open("wb") as out, start(tmp_path, *COMMANDS["check"], "--resume", stdout=out) as process:
        _, error = process.communicate(timeout=LIMIT)
    assert b"1,000 rows read" in error
    assert resumed.read_bytes() == whole.read_bytes()
    assert [path.name for path in tmp_path.glob("tmp/msgkit-*/*")] == []


def test_in_place_replaces_the_input(cli, rows, tmp_path):
    name = rows.write("a.jsonl", FIXABLE, GOOD)
    (tmp_path / name).chmod(0o640)
    assert cli("check", name, "--fix", "--in-place", "--backup", ".bak").code == 0
    assert rows.read(name)[0]["messages"][0]["role"] == "user"
    assert rows.read("a.jsonl.bak")[0] == FIXABLE
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.jsonl.bak"]


@pytest.mark.parametrize("workers", [1, 2])
def test_in_place_keeps_the_input_when_a_row_is_refused(cli, rows, tmp_path, workers):
    name = rows.write("a.jsonl", GOOD, "{")
    before = (tmp_path / name).read_bytes()
    result = cli("inline", name, "--in-place", "--backup", ".bak", "--workers", workers)
    assert result.code == 1
    assert "stays as it is" in result.err
    assert (tmp_path / name).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_in_place_writes_through_a_link(cli, rows, tmp_path):
    rows.write("a.jsonl", FIXABLE)
    (tmp_path / "link.jsonl").symlink_to("a.jsonl")
    assert cli("check", "link.jsonl", "--fix", "--in-place").code == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert rows.read("a.jsonl")[0]["messages"][0]["role"] == "user"


@pytest.mark.parametrize(
    "argv",
    [
        ["--in-place", "-o", "b.jsonl"],
        ["--backup", ".bak", "-o", "b.jsonl"],
        ["--in-place", "--backup", "../x"],
        ["--in-place", "--shard", "1/2"],
        [],
    ],
)
def test_wrong_use_of_in_place_ends_with_2(cli, rows, argv, tmp_path):
    name = rows.write("a.jsonl", GOOD)
    assert cli("inline", name, *argv).code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def wait_until_open(path, process):
    """Wait until the process has opened *path*; a moment where the system does not tell."""
    until = time.monotonic() + LIMIT
    descriptors = Path(f"/proc/{process.pid}/fd")
    while descriptors.exists() and time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError):  # closed in between
            if any(file.readlink() == path for file in descriptors.iterdir()):
                break
        time.sleep(0.01)
    time.sleep(0.05)


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    ("change", "command", "workers"), [("cut", "check", 1), ("replace", "inline", 2), ("append", "fix", 2)]
)
def test_an_input_that_changes_ends_the_run_with_3(tmp_path, change, command, workers):
    source = tmp_path / "in.jsonl"
    source.write_text(f"{json.dumps(BAD)}\n" * 12_000)
    (tmp_path / "other").write_bytes(source.read_bytes())
    half = source.stat().st_size // 2
    argv = [*COMMANDS[command], "--workers", str(workers)]
    process = start(tmp_path, *argv, stdout=subprocess.DEVNULL)
    running(tmp_path)
    wait_until_open(source, process)
    process.send_signal(signal.SIGSTOP)  # so that the run cannot end before its input changes
    if change == "cut":
        os.truncate(source, half)
    elif change == "append":
        with source.open("ab") as file:
            file.write(b"{}\n")
    else:
        (tmp_path / "other").replace(source)
    process.send_signal(signal.SIGCONT)
    _, error = process.communicate(timeout=LIMIT)
    assert process.returncode == 3, error
    assert b"changed while it was read" in error
    assert not (tmp_path / "out.jsonl").exists()


def test_a_file_without_rows_is_named(cli, rows):
    rows.write("a.jsonl")
    assert "no rows in a.jsonl" in cli("check", "a.jsonl").err
    assert "no rows in a.jsonl" in cli("inline", "a.jsonl", "-o", "b.jsonl").err


def test_an_output_may_have_the_longest_name_that_the_system_takes(cli, rows, tmp_path):
    name = "語" * 82 + ".jsonl"
    rows.write("a.jsonl", GOOD)
    assert cli("inline", "a.jsonl", "-o", name).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", name]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps(GOOD, indent=2).encode(), "name it .json"),
        (json.dumps([GOOD], indent=1).encode(), "name it .json"),
        (json.dumps([GOOD], indent=0).encode(), "name it .json"),
        (json.dumps(GOOD).encode("utf-16"), "iconv -f UTF-16"),
        (json.dumps(GOOD).encode("utf-32-le"), "iconv -f UTF-32"),
        (b"\r".join([json.dumps(GOOD).encode()] * 2), "CR alone"),
        (bytes(range(256)) + bytes(256), "binary"),
        (b"\x1f\x8b" + bytes(90), ".jsonl.gz"),
    ],
)
@pytest.mark.parametrize("command", ["check", "inline", "stats"])
def test_a_file_that_is_no_jsonl_is_one_line_with_the_remedy(cli, tmp_path, content, told, command):
    (tmp_path / "in.jsonl").write_bytes(content)
    result = cli(*COMMANDS[command])
    assert result.code == 2
    assert result.err.count("\n") == 1
    assert told in result.err


def test_json_lines_that_are_named_json_are_one_line_with_the_remedy(cli, tmp_path):
    (tmp_path / "in.json").write_text(f"{json.dumps(GOOD)}\n" * 2)
    result = cli("check", "in.json")
    assert (result.code, result.err) == (2, "msgkit check: 'in.json' is JSON Lines: name it .jsonl\n")


def test_a_misnamed_file_of_several_is_told_before_any_work(cli, rows, tmp_path):
    rows.write("a.jsonl", BAD)
    (tmp_path / "b.jsonl").write_bytes(b"\x1f\x8b" + bytes(90))
    result = cli("check", "a.jsonl", "b.jsonl")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert ".jsonl.gz" in result.err
