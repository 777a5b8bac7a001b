"""Runs on Ray: the same output, rejects and numbers as here. Run with ``pytest -m engines``."""

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import msgkit
from msgkit import pipeline
from msgkit.pipeline import UsageError
from msgkit.steps import Inline
from tests.pipeline import working

pytestmark = [pytest.mark.engines, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"".join(b'{"n": %d, "pad": "%s"}\n' % (n, b"x" * 30) for n in range(400)) + b"oops\n")
    return path


def both(step, source, folder, **options):
    reports = []
    for name, engine in (("here", {}), ("ray", {"engine": "ray"})):
        bad = folder / f"{name}.bad.jsonl"
        given = options | engine
        reports.append(pipeline.run(step, source, folder / f"{name}.jsonl", workers=2, rejects=bad, **given))
        assert not list(folder.glob(".*.msgkit"))
    assert (folder / "here.bad.jsonl").read_bytes() == (folder / "ray.bad.jsonl").read_bytes()
    assert [
        getattr(reports[0], name) == getattr(reports[1], name)
        for name in ("read", "written", "refused", "counts", "codes")
    ] == [True] * 5
    return reports[1]


@pytest.mark.usefixtures("ray")
def test_a_run_on_ray_gives_what_a_run_here_gives(tmp_path, source):
    report = both(working.refuse_odd, source, tmp_path)
    assert (report.read, report.written, report.refused) == (401, 200, 201)
    assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "ray.jsonl").read_bytes()


@pytest.mark.usefixtures("ray")
def test_a_worker_that_dies_on_ray_costs_its_row(tmp_path, source):
    report = both(working.die_on_seven, source, tmp_path)
    assert report.codes == {"worker-crashed": 2, "json-invalid": 1}


@pytest.mark.usefixtures("ray")
def test_pictures_packed_input_and_parts(tmp_path):
    rows = [
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg"}}]}], "id": i}
        for i in range(7)
    ]
    msgkit.write(tmp_path / "in.jsonl.gz", rows)
    report = both(Inline(root="examples/photos"), tmp_path / "in.jsonl.gz", tmp_path, max_rows=3)
    assert report.counts["inlined"] == 7
    names = sorted(path.name for path in tmp_path.glob("ray-*"))
    assert names == ["ray-00001.jsonl", "ray-00002.jsonl", "ray-00003.jsonl"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (tmp_path / name.replace("ray", "here")).read_bytes()
    assert [json.loads(line)["id"] for name in names for line in (tmp_path / name).open()] == list(range(7))


def kill_an_actor(killed, ended):
    """Kill the first actor of Ray Data that is seen at work."""
    while not ended.is_set():
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if entry.read_bytes().startswith(b"ray::MapWorker(Map(_Actor)).submit"):
                    os.kill(int(entry.parent.name), signal.SIGKILL)
                    killed.append(entry.parent.name)
                    return
        time.sleep(0.01)


@pytest.mark.usefixtures("ray")
def test_a_folder_of_files_whose_actor_is_killed_gives_what_a_run_here_gives(tmp_path):
    names = [tmp_path / f"in-{number:02}.jsonl" for number in range(20)]
    for number, name in enumerate(names):
        name.write_text("".join(json.dumps({"n": number, "row": row}) + "\n" for row in range(60)) + "oops\n" * number)
    here = pipeline.run(working.slow, names, f"{tmp_path}/here/", workers=2)
    killed, ended = [], threading.Event()
    killer = threading.Thread(target=kill_an_actor, args=(killed, ended))
    killer.start()
    there = pipeline.run(working.slow, names, f"{tmp_path}/there/", workers=2, engine="ray")
    ended.set()
    killer.join()
    assert killed
    assert (here.read, here.refused, here.codes) == (there.read, there.refused, there.codes)
    parts = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert parts == sorted(path.name for path in (tmp_path / "there").iterdir())
    assert all((tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes() for name in parts)


@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("command", ["check", "stats", "convert --to anthropic -o", "batch wrap --model m -o"])
def test_commands_tell_the_same_on_ray(command, tmp_path, capsys):
    from msgkit.cli import main

    row = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5, "model": "m"}
    for name in ("a.jsonl", "b.jsonl"):
        msgkit.write(tmp_path / name, [row, {"messages": [{"role": "usr", "content": "Hi"}]}])
    told = []
    for engine in ("local", "ray"):
        output = [f"{tmp_path}/{engine}.jsonl"] if command.endswith("-o") else []
        main([*command.split(), *output, str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--engine", engine])
        shown = capsys.readouterr()
        lines = [line for line in shown.out.splitlines() if "(raylet" not in line]  # what Ray says of the machine
        told.append((lines, shown.err.splitlines()[-1]))
    assert told[0] == told[1]
    written = [sorted(tmp_path.glob(f"{engine}*")) for engine in ("local", "ray")]
    assert [path.read_bytes() for path in written[0]] == [path.read_bytes() for path in written[1]]


@pytest.mark.usefixtures("ray")
def test_a_step_that_cannot_be_sent_is_told(tmp_path, source):
    with pytest.raises(UsageError, match="pickled"):
        pipeline.run(lambda row: row, source, tmp_path / "out.jsonl", engine="ray")
    assert not list(tmp_path.glob(".*.msgkit"))


def test_without_ray_the_extra_is_named(tmp_path, source, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(msgkit.MissingExtraError, match=r"msgkit-llm\[ray\]"):
        pipeline.run(working.double, source, tmp_path / "out.jsonl", engine="ray")
