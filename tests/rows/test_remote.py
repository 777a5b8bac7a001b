"""Rows in object stores: read as streams, written whole or not at all."""

import subprocess
import sys

import pytest

import msgkit
from msgkit.cli import main
from msgkit.pipeline import UsageError
from msgkit.steps import Check, Inline

fsspec = pytest.importorskip("fsspec")

ROWS = [{"messages": [{"role": "user", "content": f"Hello {n}"}]} for n in range(7)]
BAD = {"messages": [{"role": "usr", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def store():
    """The store in memory, emptied afterwards."""
    found = fsspec.filesystem("memory")
    yield found
    found.store.clear()


@pytest.mark.parametrize(("suffix", "workers"), [("jsonl", 1), ("jsonl.gz", 1), ("json", 1), ("parquet", 2)])
def test_rows_come_back_equal(suffix, workers):
    msgkit.write(f"memory://a/in.{suffix}", ROWS)
    msgkit.run(Check(), f"memory://a/in.{suffix}", f"memory://a/out.{suffix}", workers=workers)
    assert list(msgkit.read(f"memory://a/out.{suffix}")) == ROWS


def test_rejects_and_ledger_are_written_there():
    msgkit.write("memory://a/in.jsonl", [*ROWS, BAD])
    report = msgkit.run(Check(), "memory://a/in.jsonl", "memory://a/out.jsonl", rejects="memory://a/no.jsonl")
    assert report.refused == len(list(msgkit.read("memory://a/no.jsonl"))) == 1


def test_parts_of_an_earlier_run_go(store):
    msgkit.write("memory://a/out.jsonl", ROWS, max_rows=2)
    msgkit.write("memory://a/out.jsonl", ROWS, max_rows=4)
    assert [name.rpartition("/")[2] for name in sorted(store.find("/a"))] == ["out-00001.jsonl", "out-00002.jsonl"]


def test_a_run_that_stops_leaves_no_output(store):
    msgkit.write("memory://a/in.jsonl", [BAD])
    with pytest.raises(msgkit.pipeline.StoppedError):
        msgkit.run(Check(), "memory://a/in.jsonl", "memory://a/out.jsonl", on_error="stop")
    assert not store.exists("/a/out.jsonl")


@pytest.mark.parametrize(("option", "word"), [("resume", "resumed"), ("in_place", "this machine")])
def test_what_needs_local_files_is_refused(option, word):
    msgkit.write("memory://a/in.jsonl", ROWS)
    with pytest.raises(UsageError, match=word):
        msgkit.run(Check(), "memory://a/in.jsonl", "memory://a/out.jsonl", **{option: True})


def test_an_output_is_not_its_input_by_another_spelling():
    msgkit.write("memory://a/in.jsonl", ROWS)
    with pytest.raises(UsageError, match="is the input"):
        msgkit.run(Check(), "memory://a/in.jsonl", "memory:///a/in.jsonl")


def test_a_file_that_cannot_be_uploaded_is_kept(store, monkeypatch):
    def fail(*_, **__):
        raise ValueError("no space")

    monkeypatch.setattr(type(store), "put_file", fail)
    with pytest.raises(OSError, match="no space; what was to go there is kept as") as error:
        msgkit.write("memory://a/out.jsonl", ROWS)
    kept = error.value.strerror.split("'")[1]
    assert list(msgkit.read(kept)) == ROWS


@pytest.mark.parametrize(("command", "option"), [("inline", "--root"), ("inline", "--cache"), ("extract", "--media")])
def test_folders_of_media_are_local(command, option, capsys):
    msgkit.write("memory://a/in.jsonl", ROWS)
    assert main([command, "memory://a/in.jsonl", "-o", "memory://a/out.jsonl", option, "memory://a"]) == 2
    assert "of this machine" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["memory://a", "memory://a/*.jsonl"])
def test_inputs_may_be_a_folder_or_a_pattern(store, name, capsys):
    for end in ("in.jsonl", "more.jsonl", "_notes.jsonl", "read.me"):
        store.pipe(f"/a/{end}", b'[{"role": "user", "content": "Hello"}]\n')
    assert main(["check", name]) == 0
    assert capsys.readouterr().err.startswith("2 rows read: 2 clean")


def test_a_row_that_names_a_store_fetches_nothing(store):
    store.pipe("/a/cat.png", b"\x89PNG\r\n\x1a\n")
    part = {"type": "image_url", "image_url": {"url": "memory://a/cat.png"}}
    with pytest.raises(msgkit.InvalidMessageError, match="reference-scheme"):
        Inline(root=".")([{"role": "user", "content": [part]}])


def test_fsspec_is_imported_for_remote_names_only():
    code = "import sys, msgkit; list(msgkit.read('examples/history.jsonl')); print('fsspec' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


@pytest.mark.engines
@pytest.mark.filterwarnings("ignore")
def test_s3(monkeypatch):
    server = pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*running.get_host_and_port()))
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir("bucket")
        msgkit.write("s3://bucket/in.jsonl", ROWS)
        msgkit.run(Check(), "s3://bucket/in.jsonl", "s3://bucket/out.parquet", workers=2)
        assert list(msgkit.read("s3://bucket/out.parquet")) == ROWS
    finally:
        running.stop()
