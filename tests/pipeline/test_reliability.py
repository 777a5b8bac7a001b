"""What the system does to a run: killed workers, killed runs, signals, full disks; output whole or absent, no row lost."""

# ruff: noqa: E501 (scripts)

import ctypes
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from msgkit.pipeline import ResumeError, WorkerError, processes, run, runner, staging
from tests.makers import left, values
from tests.pipeline import working

ROOT = Path(__file__).parents[2]
LIMIT = 60  # seconds


def script(text, *arguments, **options):
    """Start Python with *text*, in a session of its own."""
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def ended(process):
    out, err = process.communicate(timeout=LIMIT)
    return process.returncode, out.decode(), err.decode()


def test_a_worker_that_dies_costs_its_row_and_nothing_else(tmp_path, source):
    report = run(working.die_on_seven, source, tmp_path / "out.jsonl", workers=2, rejects=tmp_path / "bad.jsonl")
    dead = [7, 307, 607, 907]
    assert [row["n"] for row in values(tmp_path / "out.jsonl")] == [n for n in range(1000) if n % 300 != 7]
    refused = values(tmp_path / "bad.jsonl")
    assert [(line["row"], line["input"]) for line in refused] == [(n + 1, {"n": n}) for n in dead]
    assert refused[0]["issues"][0]["code"] == "worker-crashed"
    assert "SIGKILL" in refused[0]["issues"][0]["message"]
    assert (report.read, report.written, report.refused) == (1000, 996, 4)


def test_the_same_from_a_packed_file_whose_rows_are_copied(tmp_path, source):
    from msgkit.rows import write

    write(tmp_path / "in.jsonl.gz", values(source))
    report = run(working.die_on_seven, tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl", workers=2)
    assert (report.written, report.codes) == (996, {"worker-crashed": 4})
    assert [row["n"] for row in values(tmp_path / "out.jsonl")] == [n for n in range(1000) if n % 300 != 7]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_row_that_takes_too_long_is_refused(tmp_path, source, workers):
    report = run(working.hang_on_five, source, tmp_path / "out.jsonl", workers=workers, row_seconds=0.5)
    assert report.codes == {"row-timeout": 1}
    assert len(values(tmp_path / "out.jsonl")) == 999


def test_workers_that_cannot_start_end_the_run_with_their_reason(tmp_path, source, monkeypatch):
    monkeypatch.setattr(processes, "can_fork", lambda: False)
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    with pytest.raises(WorkerError, match="exit code 1"):
        run(working.double, source, tmp_path / "out.jsonl", workers=2)
    assert left(tmp_path) == ["in.jsonl"]


_RUN = """
    import sys
    from msgkit.pipeline import run
    from tests.pipeline import working
    source, out, workers = sys.argv[1:4]
    report = run(getattr(working, sys.argv[4]), source, out, workers=int(workers), rejects=out + ".bad.jsonl", resume="resume" in sys.argv)
    print(report.read, report.written, report.refused)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_random_moments_and_resumed_it_is_byte_for_byte_the_same(tmp_path, workers):
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"".join(b'{"n": %d, "pad": "%s"}\n' % (n, b"x" * 80) for n in range(900)) + b"oops\n")
    run(working.slow, source, tmp_path / "whole.jsonl", workers=1, rejects=tmp_path / "whole.bad.jsonl")
    out, chance, kills = tmp_path / "out.jsonl", random.Random(workers), 0
    while kills < 2:  # one from the start, one that goes on
        process = script(_RUN, source, out, workers, "slow", "resume")
        try:
            process.communicate(timeout=0.3 + 0.7 * chance.random())
        except subprocess.TimeoutExpired:
            kills += 1
        process.kill()
        process.communicate()
        if out.exists():
            assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
            out.unlink()
    code, printed, err = ended(script(_RUN, source, out, workers, "slow", "resume"))
    assert (code, printed) == (0, "901 900 1\n"), err
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert Path(f"{out}.bad.jsonl").read_bytes() == (tmp_path / "whole.bad.jsonl").read_bytes()
    assert [name for name in left(tmp_path) if name.endswith(".msgkit")] == []


_BREAK = """
    import os, sys
    from pathlib import Path
    from msgkit.pipeline import run
    from tests.pipeline import working
    source, out, at = sys.argv[1], sys.argv[2], int(sys.argv[3])
    replace, count = Path.replace, 0
    def breaking(self, target):
        global count
        count += 1
        if count == at:
            os.kill(os.getpid(), 9)
        return replace(self, target)
    Path.replace = breaking
    run(working.double, source, out, workers=1, rejects=out + ".bad.jsonl", max_rows=400 if "parts" in sys.argv else None, resume="resume" in sys.argv)
"""


@pytest.mark.parametrize(("at", "kind"), [(1, "one"), (2, "one"), (2, "parts"), (3, "parts"), (4, "parts")])
def test_killed_before_a_rename_the_rest_is_renamed_on_resume(tmp_path, source, at, kind):
    assert ended(script(_BREAK, source, tmp_path / "out.jsonl", at, kind))[0] == -signal.SIGKILL
    code, _, err = ended(script(_BREAK, source, tmp_path / "out.jsonl", 99, kind, "resume"))
    assert code == 0, err
    names = ["out.jsonl"] if kind == "one" else ["out-00001.jsonl", "out-00002.jsonl", "out-00003.jsonl"]
    assert left(tmp_path) == sorted(["in.jsonl", "out.jsonl.bad.jsonl", *names])
    assert [row["n"] for name in names for row in values(tmp_path / name)] == [2 * n for n in range(1000)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 2])
def test_signals_end_a_run_that_can_be_resumed(tmp_path, source, workers, number):
    source.write_bytes(b"".join(b'{"n": %d, "pad": "%s"}\n' % (n, b"x" * 200) for n in range(1000)))
    process = script(_RUN, source, tmp_path / "out.jsonl", workers, "very_slow")
    journal = tmp_path / ".out.jsonl.msgkit" / "journal"
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(number)
    code, _, _ = ended(process)
    assert code == (-signal.SIGINT if number == signal.SIGINT else 143)
    assert left(tmp_path) == [".out.jsonl.msgkit", "in.jsonl"]
    assert not [pid for pid in Path("/proc").glob("[0-9]*") if _names(pid, str(tmp_path))]
    with pytest.raises(ResumeError, match="the step changed"):
        run(working.double, source, tmp_path / "out.jsonl", resume=True)


def _names(process, text):
    try:
        return text in (process / "cmdline").read_text("utf-8", "replace")
    except OSError:
        return False


def test_a_changed_input_is_not_resumed(tmp_path, source):
    process = script(_RUN, source, tmp_path / "out.jsonl", 1, "very_slow")
    journal = tmp_path / ".out.jsonl.msgkit" / "journal"
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
        time.sleep(0.02)
    process.kill()
    process.communicate()
    source.write_bytes(source.read_bytes() + b'{"n": 0}\n')
    with pytest.raises(ResumeError, match="the input changed"):
        run(working.very_slow, source, tmp_path / "out.jsonl", workers=1, resume=True)
    assert run(working.double, source, tmp_path / "out.jsonl", workers=1).written == 1001


def test_two_runs_do_not_write_one_file(tmp_path, source):
    process = script(_RUN, source, tmp_path / "out.jsonl", 1, "very_slow")
    while not (tmp_path / ".out.jsonl.msgkit" / "journal").exists():
        time.sleep(0.02)
    with pytest.raises(OSError, match="another run"):
        run(working.double, source, tmp_path / "out.jsonl", workers=1)
    process.kill()
    process.communicate()
    assert run(working.double, source, tmp_path / "out.jsonl", workers=1).written == 1000


_LIMITED = """
    import resource, signal, sys
    from msgkit.pipeline import run, runner
    from tests.pipeline import working
    runner._EVERY = 3600.0  # a run with a checkpoint keeps what it has done
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        run(working.double, *sys.argv[1:3], workers=int(sys.argv[3]))
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.parametrize(
    ("name", "workers"), [("out.jsonl", 1), ("out.jsonl", 2), ("out.json", 1), ("out.jsonl.gz", 1), ("out.parquet", 1)]
)
def test_a_file_size_limit_leaves_nothing(tmp_path, source, name, workers):
    code, printed, err = ended(script(_LIMITED, source, tmp_path / name, workers))
    assert (code, printed) == (0, "27\n"), err
    assert left(tmp_path) == ["in.jsonl"]


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=256k") != 0:
        pytest.skip(f"cannot mount a small disk: {os.strerror(ctypes.get_errno())}")
    yield folder
    library.umount2(str(folder).encode(), 2)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.json"])
def test_a_full_disk_leaves_nothing(tmp_path, small_disk, workers, name, monkeypatch):
    monkeypatch.setattr(runner, "_EVERY", 3600.0)  # a run with a checkpoint keeps what it has done
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(1200)))
    with pytest.raises(OSError, match=rf"No space left.*{name}"):
        run(working.grow, source, small_disk / name, workers=workers)
    assert left(small_disk) == []
    assert source.read_bytes().count(b"\n") == 1200


def test_the_place_is_refused_before_the_input_is_read(tmp_path, source):
    def never(_):
        raise AssertionError("a row was read")

    (tmp_path / "folder.jsonl").mkdir()
    for name in ("folder.jsonl", "missing/out.jsonl", "in.jsonl/out.jsonl"):
        with pytest.raises(OSError, match="folder"):
            run(never, source, tmp_path / name, workers=1)
    with pytest.raises(OSError, match="folder"):
        run(never, source, tmp_path / "out.jsonl", workers=1, rejects=tmp_path / "missing/bad.jsonl")


def test_a_folder_that_may_not_be_written(tmp_path, source):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        nobody = "import os, msgkit.pipeline, tests.pipeline.working; os.setgid(65534); os.setuid(65534)\n"
        text = nobody + textwrap.dedent(_RUN)
        for place in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
            place.chmod(0o755)
        code, _, err = ended(script(text, source, folder / "out.jsonl", 1, "double"))
        assert code == 1
        assert "not writable" in err or "Permission denied" in err
    else:
        with pytest.raises(PermissionError):
            run(working.double, source, folder / "out.jsonl", workers=1)
    assert left(folder) == []


def test_a_planted_link_in_place_of_the_workspace_is_not_followed(tmp_path, source):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".out.jsonl.msgkit").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError, match="folder of our own"):
        run(working.double, source, tmp_path / "out.jsonl", workers=1)
    assert left(tmp_path / "elsewhere") == []


def test_a_worker_never_outlives_a_killed_run(tmp_path, source):
    process = script(_RUN, source, tmp_path / "out.jsonl", 2, "very_slow")
    while not list((tmp_path / ".out.jsonl.msgkit").glob("run-*/piece-*")):
        time.sleep(0.02)
    process.kill()
    process.communicate()
    until = time.monotonic() + LIMIT
    while any(_names(pid, str(tmp_path)) for pid in Path("/proc").glob("[0-9]*")):
        assert time.monotonic() < until
        time.sleep(0.02)


_INJECTED = """
    import sys
    from msgkit.pipeline import run, runner
    from tests.pipeline import working
    runner._EVERY = 3600.0  # a run with a checkpoint keeps what it has done
    sys.stderr.write("\\n")
    try:
        run(working.double, *sys.argv[1:3], workers=1, rejects=sys.argv[2] + ".bad.jsonl")
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace injects the errors")
@pytest.mark.parametrize("call", ["fsync", "ftruncate", "renameat,rename,renameat2"])
def test_an_error_of_the_disk_ends_the_run_and_leaves_nothing(tmp_path, source, call):
    strace = ["strace", "-qq", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error=EIO"]
    command = [*strace, sys.executable, "-c", textwrap.dedent(_INJECTED), str(source), str(tmp_path / "out.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.stdout == "5\n", done.stderr
    assert left(tmp_path) == ["in.jsonl"]
    assert source.read_bytes().count(b"\n") == 1000


def test_a_signal_while_a_run_makes_its_workspace_leaves_nothing(tmp_path, monkeypatch):
    def make(*arguments, **options):
        space = staging.Workspace(*arguments, **options)
        signal.pthread_kill(thread.ident, signal.SIGINT)  # the system may deliver it to any thread
        arrived.read(1)
        return space

    monkeypatch.setattr(runner, "Workspace", make)
    monkeypatch.setattr(make, "names", staging.Workspace.names, raising=False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"messages": []}\n')))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    arrived, waker = map(open, os.pipe(), ("rb", "wb"))
    os.set_blocking(waker.fileno(), False)
    woken_before = signal.set_wakeup_fd(waker.fileno())
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(working.die_on_seven, "-", tmp_path / "out.jsonl", workers=1)
    finally:
        done.set()
        thread.join()
        signal.set_wakeup_fd(woken_before)
        signal.signal(signal.SIGINT, before)
        arrived.close()
        waker.close()
    assert list(tmp_path.iterdir()) == []


class Interrupting:
    """What is raised in a destructor is lost."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def interrupting(value):
    Interrupting()
    return value


@pytest.mark.parametrize(
    ("step", "options"),
    [(interrupting, {"workers": 1}), (working.double, {"workers": 2, "progress": interrupting})],
    ids=["here", "workers"],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_whose_exception_is_lost_ends_the_run(tmp_path, source, step, options):
    with pytest.raises(KeyboardInterrupt):
        run(step, source, tmp_path / "out.jsonl", **options)
    assert left(tmp_path) == [".out.jsonl.msgkit", "in.jsonl"]
