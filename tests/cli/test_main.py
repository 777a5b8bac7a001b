"""The program as a whole: help, wrong usage, closed pipes, locales, interruption."""

import contextlib
import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from msgkit import cli as program
from msgkit.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent.parent
LIMIT = 60  # seconds
FAULTY = ROOT / "examples" / "faulty.jsonl"


def test_help_lists_every_command_and_ends_with_0(cli):
    result = cli("--help")
    assert result.code == 0
    assert result.err == ""
    assert [name for name in COMMANDS if f"\n  {name} " not in result.out] == []


def test_version_is_that_of_the_package(cli):
    assert cli("--version").out == f"msgkit {__import__('msgkit').__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_shows_an_example(cli, name):
    result = cli("help", *name.split())
    assert result.code == 0
    assert f"example:\n  msgkit {name}" in result.out


@pytest.mark.parametrize("argv", [("batch",), ("batch", "--help"), ("help", "batch")])
def test_a_command_of_two_words_lists_them(cli, argv):
    shown = cli(*argv).out
    assert "  batch wrap  " in shown
    assert "  batch join  " in shown
    assert "inline" not in shown


def test_an_unknown_second_word_is_answered_with_the_nearest(cli):
    assert "did you mean 'batch wrap'?" in cli("batch", "wrp", "a.jsonl").err


BASH = """
source "$1"; shift
COMP_WORDS=(msgkit "$@"); COMP_CWORD=$#; COMPREPLY=()
$(complete -p msgkit | sed 's/.*-F \\([^ ]*\\).*/\\1/') msgkit "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
echo "${COMPREPLY[@]}"
"""


def test_a_shell_completes_commands_options_and_names(cli, tmp_path):
    (tmp_path / "script").write_text(cli("--completion", "bash").out)
    for words, completed in {
        "in": "inline",
        "batch j": "join",
        "inline --targ": "--target",
        "convert --to gem": "gemini",
    }.items():
        command = ["bash", "-c", BASH, "bash", str(tmp_path / "script"), *words.split()]
        assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == f"{completed}\n"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script(cli, shell):
    assert "on-loss" in cli("--completion", shell).out


def test_a_script_of_an_unknown_shell_is_wrong_usage(cli):
    result = cli("--completion", "tcsh")
    assert (result.code, result.out) == (2, "")
    assert "unknown shell 'tcsh'; there are: bash, zsh, fish" in result.err


def test_without_shtab_the_extra_is_named(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert "pip install 'msgkit-llm[completion]'" in cli("--completion", "bash").err


def test_no_command_is_wrong_usage(cli):
    result = cli()
    assert (result.code, result.out) == (2, "")
    assert "expected a command" in result.err


def test_an_unknown_command_is_answered_with_the_nearest(cli):
    result = cli("inlin", "a.jsonl")
    assert result.code == 2
    assert "did you mean 'inline'?" in result.err


def test_an_option_before_the_command_is_wrong_usage(cli):
    assert cli("--quiet", "check").code == 2


def test_an_unknown_option_is_answered_with_the_nearest(cli, rows):
    result = cli("check", rows.write("a.jsonl"), "--tarjet", "openai")
    assert result.code == 2
    assert "did you mean --target?" in result.err


def test_short_forms_of_options_are_not_guessed(cli, rows):
    assert cli("check", rows.write("a.jsonl"), "--stat").code == 2


@pytest.mark.parametrize(
    ("option", "value", "nearest"),
    [
        ("--target", "antropic", "anthropic"),
        ("--format", "opnai", "openai"),
        ("--select", "role-unknwon", "role-unknown"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(cli, rows, option, value, nearest):
    result = cli("check", rows.write("a.jsonl"), option, value)
    assert result.code == 2
    assert f"did you mean '{nearest}'?" in result.err


@pytest.mark.parametrize("option", ["--max-issues=0", "--max-issues=x", "--root=nowhere", "--target=nowhere.toml"])
def test_a_wrong_value_is_wrong_usage(cli, rows, option):
    result = cli("check", rows.write("a.jsonl"), option)
    assert (result.code, result.out) == (2, "")


def test_wrong_usage_shows_its_text_escaped(cli):
    assert "\x1b" not in cli("\x1b[31mcheck").err
    assert "\x1b" not in cli("check", "\x1b[31m.jsonl").err
    assert "\x1b" not in cli("check", "a.jsonl", "--\x1b[31m").err


def test_an_interrupted_command_ends_with_130(cli, rows, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("msgkit.pipeline.inputs.Source", interrupt)
    result = cli("check", rows.write("a.jsonl", {"messages": []}))
    assert (result.code, result.out) == (130, "")
    assert result.err == "msgkit: interrupted; the same command with --resume goes on from here\n"


def test_a_file_that_cannot_be_read_is_one_line(cli, rows, monkeypatch):
    def fail(path, **_options):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("msgkit.pipeline.inputs.Source", fail)
    result = cli("check", rows.write("a.jsonl"))
    assert result.code == 3
    assert (
        result.err == "msgkit check: 'a.jsonl': Permission denied; check the permissions of the file and its folder\n"
    )


def test_a_bug_is_one_line_and_a_traceback_only_when_asked_for(cli, rows, monkeypatch):
    def fail(path, **_options):
        raise RuntimeError(f"oh\x1b[31m {path}")

    monkeypatch.setattr("msgkit.pipeline.inputs.Source", fail)
    result = cli("check", rows.write("a.jsonl"))
    assert result.code == 1
    assert result.err.startswith("msgkit check: a bug of msgkit: RuntimeError: 'oh\\x1b[31m a.jsonl'")
    monkeypatch.setenv("MSGKIT_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        cli("check", "a.jsonl")


def test_verbose_adds_outputs_and_codes(cli, rows):
    name = rows.write("a.jsonl", {"messages": [{"role": "usr", "content": "Hello"}]})
    lines = cli("inline", name, "-o", "b.jsonl", "-v").err.splitlines()
    assert lines[1:3] == ["wrote b.jsonl", "      1 refused: role-unknown"]


def test_full_reports_name_the_source_and_text_cuts_it(cli, rows, monkeypatch):
    monkeypatch.setattr("msgkit.cli.reports._SOURCE", 20)
    name = rows.write("a.jsonl", {"messages": [{"role": "user", "content": [{"type": "video_url"}]}]})
    full, cut = (cli("check", name, "--target", "anthropic", "--output-format", form).out for form in ("full", "text"))
    sources = [line.strip() for line in full.splitlines() if "anthropic-sdk-python" in line]
    assert sources
    assert all(source not in cut for source in sources)
    assert all(source[:19] in cut for source in sources)


def test_hidden_folders_are_shown_as_the_output_that_they_are_for(cli, rows, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(28, "No space left on device", "data/.b.jsonl.msgkit/rows.jsonl")

    monkeypatch.setattr("msgkit.pipeline.runner.spans", fail)
    assert "'data/b.jsonl': No space left" in cli("inline", rows.write("a.jsonl", {}), "-o", "b.jsonl").err


def screen(written: bytes) -> list[str]:
    """What a terminal shows of what was written to it."""
    shown = []
    for line in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", written.decode()).split("\n"):
        cells: list[str] = []
        for piece in line.split("\r"):
            cells[: len(piece)] = piece
        shown.append("".join(cells).rstrip())
    return shown


def test_the_bar_and_the_issues_do_not_overwrite_each_other(rows, tmp_path):
    bad = {"messages": [{"role": "usr", "content": "x"}]}
    name = tmp_path / rows.write("a.jsonl", *[bad, *[{"messages": [{"role": "user", "content": "x"}]}] * 200] * 3)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "msgkit", "check", str(name), "--workers", "1"]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # what Linux says at the end
        while piece := os.read(ours, 1 << 16):
            written += piece
    os.close(ours)
    assert process.wait(LIMIT) == 1
    assert b"check, starting:" in written
    assert [line for line in screen(written) if "row " in line] == ["  row 1", "  row 202", "  row 403"]
    assert [line for line in screen(written) if "check" in line] == []


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("argv", "shown"), [([], True), (["--no-progress"], False), (["--quiet"], False)])
@pytest.mark.parametrize("command", ["inline", "check"])
def test_a_bar_of_rows_and_bytes_is_shown_on_a_terminal_only(rows, monkeypatch, tmp_path, command, argv, shown):
    monkeypatch.chdir(tmp_path)
    name = rows.write("a.jsonl", *[{"messages": [{"role": "user", "content": "Hello"}]}] * 600)
    out = [] if command == "check" else ["-o", "b.jsonl"]
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main([command, name, *out, *argv]) == 0
    assert (f"{command}:" in terminal.getvalue() and "rows" in terminal.getvalue().split("read:")[0]) == shown


def test_main_takes_the_arguments_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["msgkit", "formats"])
    monkeypatch.setattr(program, "_speak_utf8", lambda: None)
    assert main() == 0
    assert "openai" in capsys.readouterr().out


def start(*argv: str, **environment: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, **environment}
    command = [sys.executable, "-m", "msgkit", *argv]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=env
    )
    limit = threading.Timer(LIMIT, process.kill)  # no read waits for ever
    limit.daemon = True
    limit.start()
    return process


def test_a_closed_pipe_is_no_error():
    process = start("check", *[str(FAULTY)] * 200, "--quiet")
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.stdin.close()
    assert process.wait(LIMIT) == 0
    assert error == b""


def test_text_is_utf_8_in_locale_C():
    row = '{"messages": [{"role": "écrivain", "content": "x"}]}\n'.encode()
    process = start("check", "-", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    out, error = process.communicate(row)
    assert process.returncode == 1
    assert "'écrivain'" in out.decode("utf-8")
    assert b"Traceback" not in error


def test_an_empty_standard_input_has_no_rows():
    process = start("check", "-")
    out, error = process.communicate(b"")
    assert (process.returncode, out) == (0, b"")
    assert b"0 rows read" in error


def test_closed_standard_input_is_one_line():
    command = f"exec '{sys.executable}' -m msgkit check - <&-"
    process = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False, timeout=LIMIT
    )
    assert (process.returncode, process.stdout) == (3, "")
    assert process.stderr == "msgkit check: standard input is closed\n"


@pytest.mark.parametrize("command", ["inline examples/history.jsonl -o -", "formats", "check examples/history.jsonl"])
def test_closed_standard_output_is_one_line(command):
    line = f"exec '{sys.executable}' -m msgkit {command} >&-"
    process = subprocess.run(
        ["sh", "-c", line], stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False, timeout=LIMIT
    )
    assert process.returncode == 3
    assert process.stderr == f"msgkit {command.split()[0]}: standard output is closed\n"


def test_closed_standard_output_and_error_keep_no_one_from_writing_a_file(tmp_path):
    line = f"exec '{sys.executable}' -m msgkit inline examples/history.jsonl -o {tmp_path}/out.jsonl >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], cwd=ROOT, check=False, timeout=LIMIT).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 9


@pytest.mark.parametrize("workers", ["1", "2"])
def test_files_have_any_name_in_locale_C(tmp_path, workers):
    (tmp_path / "h é.jsonl").write_bytes(b'{"messages": [{"role": "user", "content": "Hello"}]}\n')
    command = ["inline", f"{tmp_path}/h é.jsonl", "-o", f"{tmp_path}/ö.jsonl", "--rejects", f"{tmp_path}/ü.jsonl"]
    process = start(*command, "--workers", workers, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    _, error = process.communicate()
    assert process.returncode == 0, error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h é.jsonl", "ö.jsonl", "ü.jsonl"]


def test_processes_that_tests_start_take_an_interruption_whatever_the_shell_ignores():
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert subprocess.check_output([sys.executable, "-ISc", code], text=True) == "True\n"


SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
def test_a_signal_ends_a_run_at_once_without_output_or_traceback(tmp_path, number, code):
    process = start("inline", "-", "-o", str(tmp_path / "out.jsonl"))
    process.stdin.write(b'{"messages": [{"role": "user", "content": "Hello"}]}\n' * 100)
    process.stdin.flush()
    until = time.monotonic() + LIMIT
    while not list(tmp_path.glob(".out.jsonl*/journal")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    _, error = process.communicate()
    assert process.returncode == code
    assert b"Traceback" not in error
    assert list(tmp_path.iterdir()) == []


@SIGNALS
@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2])
def test_a_signal_during_the_start_is_one_line(number, code, after):
    script = f"""
import os, signal, sys, threading, time
def shoot():
    time.sleep({after})
    os.kill(os.getpid(), {int(number)})
from msgkit.__main__ import on_signals, end_at_once, run
on_signals(end_at_once)
threading.Thread(target=shoot, daemon=True).start()
sys.argv = ["msgkit", "check", "-"]
run()
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.wait(LIMIT) == code
        assert process.stderr.read().count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("--version",), ("check", "--help")], ids=" ".join)
def test_a_full_standard_output_is_one_line(arguments):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "msgkit", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=ROOT, timeout=LIMIT, check=False)
    assert done.returncode == 3
    assert b"No space left on device" in done.stderr
    assert done.stderr.count(b"\n") == 1
