"""Going on: what counts after an interruption, after a loss of power, and after a crash at the worst place."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from msgkit.pipeline import checkpoint, run, runner
from msgkit.steps import Extract
from tests.pipeline import working
from tests.strategies import png

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Return a function that restarts the machine."""
    boot = tmp_path / "boot_id"
    boot.write_text("first")
    monkeypatch.setattr(checkpoint, "_BOOT", boot)
    monkeypatch.setattr(runner, "_EVERY", 0.0)
    monkeypatch.setattr(checkpoint, "_EVERY", 0.0)
    working.SEEN.clear()
    return lambda: boot.write_text("second")


def interrupt(source, out):
    """Run until row 500; return the places that the journal has then."""
    with pytest.raises(KeyboardInterrupt):
        run(working.interrupted_once, source, out, workers=1)
    folder = out.with_name(f".{out.name}.msgkit")
    for thread in threading.enumerate():
        if thread.name == "msgkit-disk":
            thread.join()
    places = [json.loads(line) for line in (folder / "journal").read_bytes().splitlines()[1:]]
    del working.SEEN[: working.SEEN.index(None) + 1]
    working.SEEN.append(None)
    return folder, places


def test_after_a_crash_of_the_program_the_last_place_counts(tmp_path, source):
    out = tmp_path / "out.jsonl"
    interrupt(source, out)
    run(working.interrupted_once, source, out, workers=1, resume=True)
    assert out.read_bytes() == source.read_bytes()
    assert 499 <= working.SEEN[1] <= 500


def test_after_a_loss_of_power_only_what_had_reached_the_disk_counts(tmp_path, source, machine):
    out = tmp_path / "out.jsonl"
    folder, places = interrupt(source, out)
    certain = [place for place in places if place["synced"]][-1]
    rows = (folder / "rows.jsonl").read_bytes()
    (folder / "rows.jsonl").write_bytes(rows[: certain["sizes"][0]].ljust(len(rows), b"\0"))
    with (folder / "journal").open("ab") as file:
        file.write(b'{"position": null, \0\0\0\n\0\0\0')
    machine()
    run(working.interrupted_once, source, out, workers=1, resume=True)
    assert out.read_bytes() == source.read_bytes()
    assert working.SEEN[1] == certain["tally"]["read"]
    assert not folder.exists()


def test_after_a_loss_of_power_before_anything_was_certain_all_is_done_again(tmp_path, source, machine, monkeypatch):
    monkeypatch.setattr(checkpoint, "_EVERY", 3600.0)
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run(working.interrupted_once, source, out, workers=1)
    machine()
    run(working.interrupted_once, source, out, workers=1, resume=True)
    assert out.read_bytes() == source.read_bytes()


def test_a_journal_that_was_cut_off_in_its_first_line_starts_the_run_again(tmp_path, source):
    out = tmp_path / "out.jsonl"
    folder, _ = interrupt(source, out)
    (folder / "journal").write_bytes((folder / "journal").read_bytes()[:20])
    run(working.interrupted_once, source, out, workers=1, resume=True)
    assert out.read_bytes() == source.read_bytes()
    assert working.SEEN[1] == 0


def test_a_disk_that_fails_beside_the_run_ends_it(tmp_path, source, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(checkpoint.os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        run(working.slow, source, tmp_path / "out.jsonl", workers=1)
    monkeypatch.undo()
    run(working.slow, source, tmp_path / "out.jsonl", workers=1, resume=True)
    assert (tmp_path / "out.jsonl").read_bytes() == source.read_bytes()
    assert not (tmp_path / ".out.jsonl.msgkit").exists()


def test_a_killed_command_leaves_what_it_can_go_on_from_and_nothing_else(tmp_path):
    (tmp_path / "boot_id").unlink()
    source = tmp_path / "in.jsonl"
    row = b'{"messages": [{"role": "user", "content": "%s"}]}\n'
    source.write_bytes(b"oops\n" + b"".join(row % (b"x" * (1 + n % 50)) for n in range(12_000)))
    command = [sys.executable, "-m", "msgkit", "convert", "in.jsonl", "-o", "out.jsonl", "--to", "anthropic"]
    command += ["--workers", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    place = tmp_path / ".out.jsonl.msgkit" / "journal"
    while not (place.exists() and place.read_bytes().count(b"\n") > 1):
        time.sleep(0.02)
        assert process.poll() is None
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.jsonl.msgkit", "in.jsonl"]
    done = subprocess.run(
        [*command, "--resume"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "in.jsonl:1: (row): json-invalid" in done.stderr
    assert "12,001 rows read: 12,000 written, 1 refused" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("resume", [True, False])
def test_files_of_media_that_an_interrupted_run_has_written_are_new_to_the_next(tmp_path, monkeypatch, resume):
    urls = [f"data:image/png;base64,{png(size=(number + 1, 1))}" for number in range(6)]
    part = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"messages": [{"role": "user", "content": [one]}]}) + "\n" for one in part)
    )
    step, stop = Extract(str(tmp_path / "media")), iter([None] * 3)

    def interrupted(self, data, codec):
        if next(stop, self) is self:
            raise KeyboardInterrupt
        return applied(self, data, codec)

    applied = Extract.apply_beside
    monkeypatch.setattr(runner, "_EVERY", 60.0)  # nothing of the first run is in a checkpoint
    monkeypatch.setattr(Extract, "apply_beside", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(step, tmp_path / "in.jsonl", tmp_path / "out.jsonl", workers=1)
    monkeypatch.setattr(Extract, "apply_beside", applied)
    report = run(step, tmp_path / "in.jsonl", tmp_path / "out.jsonl", workers=1, resume=resume)
    assert report.counts["files"] == len(list((tmp_path / "media").rglob("*.png"))) == 6
