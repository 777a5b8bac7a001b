"""Systems that are not Linux, file systems without locks, programs that are frozen or in a zip, full disks."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

import msgkit
from msgkit.cli import main
from msgkit.pipeline import file_system, inputs, run
from msgkit.rows import OutputNameError, write
from tests.pipeline import working

ROOT = Path(__file__).parents[2]
LIMIT = 60  # seconds


def expected(source):
    return b"".join(b'{"n":%d}\n' % (2 * n) for n in range(source.read_bytes().count(b"\n")))


@pytest.mark.parametrize("answer", [errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, 0, None])
def test_bytes_are_copied_without_copy_file_range(tmp_path, monkeypatch, answer):
    def copy(*_args):
        if answer:
            raise OSError(answer, os.strerror(answer))
        return 0

    if answer is None:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    else:
        monkeypatch.setattr(os, "copy_file_range", copy, raising=False)
    (tmp_path / "a").write_bytes(bytes(range(256)) * 9000)
    (tmp_path / "b").write_bytes(b"before")
    with (tmp_path / "a").open("rb") as source, (tmp_path / "b").open("r+b") as output:
        file_system.copy_into(source.fileno(), output.fileno(), 6, 256 * 9000)
    assert (tmp_path / "b").read_bytes() == b"before" + (tmp_path / "a").read_bytes()


def test_a_copy_of_a_file_that_is_too_short_ends(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    with (
        (tmp_path / "a").open("rb") as source,
        (tmp_path / "b").open("wb") as output,
        pytest.raises(OSError, match="shorter"),
    ):
        file_system.copy_into(source.fileno(), output.fileno(), 0, 10)


def test_a_system_without_affinity_has_as_many_workers_as_cores(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert inputs.cores() == 3


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_named_and_no_lock_goes_on(tmp_path, source, monkeypatch, number):
    def flock(*_args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(OSError, match=r"no locks.*--no-lock"):
        run(working.double, source, tmp_path / "out.jsonl")
    run(working.double, source, tmp_path / "out.jsonl", lock=False)
    assert (tmp_path / "out.jsonl").read_bytes() == expected(source)


def test_a_lock_that_was_removed_meanwhile_is_not_taken_for_ours(tmp_path, monkeypatch):
    path, flock, seen = tmp_path / "lock", fcntl.flock, []

    def unlinking(handle, how):
        flock(handle, how)
        if not seen:
            path.unlink()
        seen.append(handle)

    monkeypatch.setattr(fcntl, "flock", unlinking)
    handle = file_system.lock(path, "out.jsonl")
    assert os.path.samestat(os.fstat(handle), path.stat())
    assert len(seen) == 2
    os.close(handle)


def test_two_runs_do_not_have_one_lock(tmp_path):
    handle = file_system.lock(tmp_path / "lock", "out.jsonl")
    with pytest.raises(OSError, match="another run"):
        file_system.lock(tmp_path / "lock", "out.jsonl")
    os.close(handle)
    os.close(file_system.lock(tmp_path / "lock", "out.jsonl"))


def test_a_fork_while_a_thread_has_a_lock_does_not_wait_for_ever():
    from msgkit.media.cache import Memory
    from msgkit.model.media import Media

    memory = Memory(100)
    held, done = threading.Event(), threading.Event()

    def hold():
        with memory._lock:
            held.set()
            done.wait(LIMIT)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(LIMIT)
    child = os.fork()
    if not child:
        memory.put("a", Media(b"x", "image/png"))
        os._exit(7)
    _, status = os.waitpid(child, 0)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 7


@pytest.fixture
def zipped(tmp_path):
    """The package as a zip."""
    path = tmp_path / "msgkit.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in (ROOT / "msgkit").rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(ROOT))
    return path


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_package_runs_from_a_zip(tmp_path, zipped, workers):
    (tmp_path / "in.jsonl").write_bytes(b'{"messages":[{"role":"user","content":"Hello"}]}\n' * 50)
    text = f"import sys; sys.path.insert(0, {str(zipped)!r}); from msgkit.__main__ import run; run()"
    command = [sys.executable, "-I", "-c", text, "inline", "in.jsonl", "-o", "out.jsonl", "--workers", workers]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "in.jsonl").read_bytes()


def test_a_frozen_program_starts_workers_and_not_itself(tmp_path):
    """What a frozen program is to Python: sys.frozen, and an executable that runs the program whatever it is given."""
    (tmp_path / "in.jsonl").write_bytes(b'{"messages":[{"role":"user","content":"Hello"}]}\n' * 50)
    program = tmp_path / "program"
    main_file = tmp_path / "main.py"
    main_file.write_text(
        f"import sys; sys.frozen = True; sys.executable = {str(program)!r}; sys.path.insert(0, {str(ROOT)!r})\n"
        "import multiprocessing; multiprocessing.set_executable(sys.executable)\n"
        "if '--multiprocessing-fork' not in sys.argv:\n"
        f"    print('started', file=open({str(tmp_path / 'starts')!r}, 'a'))\n"
        "from msgkit.__main__ import run\n"
        "run()\n"
    )
    program.write_text(f'#!/bin/sh\ncase "$*" in *resource_tracker*) exec {sys.executable} "$@";; esac\n')
    with program.open("a") as file:
        file.write(f'exec {sys.executable} {main_file} "$@"\n')
    program.chmod(0o755)
    command = [str(program), "inline", "in.jsonl", "-o", "out.jsonl", "--workers", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "in.jsonl").read_bytes()
    assert (tmp_path / "starts").read_text() == "started\n"


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize("workers", [1, 2])
def test_a_media_disk_that_is_full_stops_the_run_and_refuses_no_row(tmp_path, monkeypatch, capsys, workers):
    monkeypatch.chdir(tmp_path)
    url = f"data:image/png;base64,{PIXEL}"
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    write("in.jsonl", [row] * 20)
    command = ["extract", "in.jsonl", "-o", "out.jsonl", "--media", "media", "--workers", str(workers)]
    (tmp_path / "media").mkdir()
    assert main([*command]) == 0
    whole = (tmp_path / "out.jsonl").read_bytes()
    (tmp_path / "out.jsonl").unlink()
    name = next((tmp_path / "media").rglob("*.png"))
    shutil.rmtree(name.parent)
    name.parent.write_bytes(b"")  # whatever is wrong with the folder
    capsys.readouterr()
    assert main(command) == 3
    assert str(name.relative_to(tmp_path)) in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()
    name.parent.unlink()
    assert main([*command, "--resume"]) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == whole


def test_too_many_open_files_stop_the_run_and_refuse_no_row(tmp_path):
    script = """
import errno, os, sys
sys.argv = ["msgkit", "inline", "in.jsonl", "-o", "out.jsonl", "--workers", "1"]
opening = os.open
def refuse(path, *args, **kwargs):
    if str(path).endswith("cat.png"):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return opening(path, *args, **kwargs)
os.open = refuse
os.supports_dir_fd = os.supports_dir_fd | {refuse}
from msgkit.__main__ import run
run()
"""
    write(tmp_path / "in.jsonl", [{"messages": [{"role": "user", "content": [{"type": "image", "path": "cat.png"}]}]}])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=LIMIT, check=False)
    assert done.returncode == 3, done.stderr
    assert b"cat.png" in done.stderr
    assert b"ulimit -n" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_parquet_that_is_compressed_as_a_whole_is_read(tmp_path, suffix, workers):
    rows = [{"n": n} for n in range(300)]
    path = tmp_path / f"in.parquet{suffix}"
    write(tmp_path / "in.parquet", rows)
    if suffix == ".gz":
        import gzip

        path.write_bytes(gzip.compress((tmp_path / "in.parquet").read_bytes()))
    else:
        import pyarrow as pa

        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write((tmp_path / "in.parquet").read_bytes())
    report = run(working.double, path, tmp_path / "out.jsonl", workers=workers)
    assert report.refused == 0
    assert [row["n"] for row in msgkit.read(tmp_path / "out.jsonl")] == [2 * n for n in range(300)]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_parquet_is_not_written_compressed_as_a_whole(tmp_path, source, suffix):
    with pytest.raises(OutputNameError, match="--compression zstd"):
        run(working.double, source, tmp_path / f"out.parquet{suffix}")


@pytest.mark.parametrize("compression", ["zstd", "snappy", "none"])
def test_parquet_is_compressed_inside_as_asked_for(tmp_path, source, compression):
    import pyarrow.parquet

    run(working.double, source, tmp_path / "out.parquet", compression=compression)
    column = pyarrow.parquet.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).column(0)
    assert column.compression == {"none": "UNCOMPRESSED"}.get(compression, compression.upper())


def test_the_lazy_modules_work_after_one_import():
    text = "import msgkit; print(len(msgkit.arrow.SCHEMA) > 0, msgkit.steps.Inline)"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, timeout=LIMIT, check=False)
    assert done.stdout.startswith(b"True"), done.stderr
