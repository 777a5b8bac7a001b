"""Files of rows are written whole or not at all."""

import json
import os
import resource
import stat
import subprocess
import sys
import textwrap

import pytest

import msgkit
from msgkit.rows import write
from tests.makers import left

ROWS = [{"n": n, "text": "é\u2028\n"} for n in range(50)]


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".jsonl.gz", ".jsonl.zst", ".json.gz", ".parquet"])
def test_what_is_written_is_read(tmp_path, suffix):
    path = tmp_path / f"rows{suffix}"
    assert msgkit.write(path, iter(ROWS)) == 50
    assert list(msgkit.read(path)) == ROWS
    assert left(tmp_path) == [path.name]


def test_json_is_an_array_that_others_read(tmp_path):
    for rows in ([], ROWS[:1], ROWS):
        msgkit.write(tmp_path / "rows.json", rows)
        assert json.loads((tmp_path / "rows.json").read_bytes()) == rows


@pytest.mark.parametrize("bad", [float("nan"), "\ud800", {1: 2}, b"x"])
@pytest.mark.parametrize("suffix", [".jsonl", ".json.gz", ".parquet", ".jsonl.zst"])
def test_nothing_is_left_of_a_refused_write(tmp_path, suffix, bad):
    path = tmp_path / f"rows{suffix}"
    path.write_bytes(b"before")
    with pytest.raises(msgkit.InvalidMessageError):
        msgkit.write(path, [*ROWS, bad])
    assert path.read_bytes() == b"before"
    assert left(tmp_path) == [path.name]


def test_nothing_is_left_when_the_rows_break_off(tmp_path):
    def rows():
        yield {}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        msgkit.write(tmp_path / "rows.jsonl", rows())
    assert left(tmp_path) == []


def test_a_link_is_replaced_and_what_it_names_is_not_touched(tmp_path):
    (tmp_path / "other").write_bytes(b"mine")
    (tmp_path / "rows.jsonl").symlink_to(tmp_path / "other")
    msgkit.write(tmp_path / "rows.jsonl", ROWS)
    assert (tmp_path / "other").read_bytes() == b"mine"
    assert not (tmp_path / "rows.jsonl").is_symlink()


def test_places_where_no_file_can_be_are_refused_at_once(tmp_path):
    def never():
        raise AssertionError("the rows were asked for")
        yield

    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "file").touch()
    for name in ("pipe.jsonl", "folder.jsonl", "missing/rows.jsonl", "file/rows.jsonl"):
        with pytest.raises(OSError, match=name.split("/")[0]):
            msgkit.write(tmp_path / name, never())


def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        msgkit.write(tmp_path / "rows.jsonl", [])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "rows.jsonl").stat().st_mode) == 0o640


_FULL = """
    import resource, signal, sys
    import msgkit
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        msgkit.write(sys.argv[1], ({"n": n, "x": "y" * (n % 700)} for n in range(5000)))
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_a_file_that_grows_too_large_is_removed(tmp_path, suffix):
    path = tmp_path / f"rows{suffix}"
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_FULL), str(path)], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "27"
    assert left(tmp_path) == []


def test_parts(tmp_path):
    assert msgkit.write(tmp_path / "rows.jsonl.gz", ROWS, max_rows=20) == 50
    assert left(tmp_path) == ["rows-00001.jsonl.gz", "rows-00002.jsonl.gz", "rows-00003.jsonl.gz"]
    assert [row for name in left(tmp_path) for row in msgkit.read(tmp_path / name)] == ROWS
    with pytest.raises(msgkit.InvalidMessageError, match="row-too-long"):
        msgkit.write(tmp_path / "other.jsonl", [{"x": "y" * 100}], max_bytes=50)


def test_write_to_standard_output(capsysbinary):
    write("-", [{"a": 1}])
    assert capsysbinary.readouterr().out == b'{"a":1}\n'


def test_the_limits_of_this_process_are_as_they_were():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
