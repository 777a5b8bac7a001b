"""The pipeline: every row is written or refused, in order, whatever the number of workers and the kind of file."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

import msgkit
from msgkit.pipeline import Progress, StoppedError, UsageError, run
from msgkit.rows import write
from tests.makers import left, values
from tests.pipeline import working

WORKERS = pytest.mark.parametrize("workers", [1, 2])


def rows(count):
    return [{"n": n} for n in range(count)]


def lines(values):
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines(rows(500)))
    return path


@WORKERS
def test_rows_come_out_in_order_and_the_numbers_add_up(tmp_path, source, workers):
    report = run(working.double, source, tmp_path / "out.jsonl", workers=workers)
    assert values(tmp_path / "out.jsonl") == [{"n": 2 * n} for n in range(500)]
    assert (report.read, report.written, report.refused) == (500, 500, 0)
    assert report.summary() == "500 rows read: 500 written, 0 refused"
    assert report.outputs == (str(tmp_path / "out.jsonl"),)
    assert left(tmp_path) == ["in.jsonl", "out.jsonl"]


def test_any_number_of_workers_gives_the_same_bytes(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_bytes(
        b"".join(b'{"n": %d, "pad": "%s"}\r\n%s' % (n, b"x" * (n * 37 % 900), b"\n" * (n % 3)) for n in range(2000))
    )
    for workers in (1, 2, 3):
        run(
            working.refuse_odd,
            source,
            tmp_path / f"out{workers}.jsonl",
            workers=workers,
            rejects=tmp_path / f"bad{workers}.jsonl",
        )
    assert len({(tmp_path / f"out{workers}.jsonl").read_bytes() for workers in (1, 2, 3)}) == 1
    assert len({(tmp_path / f"bad{workers}.jsonl").read_bytes() for workers in (1, 2, 3)}) == 1
    numbers = [line["row"] for line in values(tmp_path / "bad3.jsonl")]
    written = source.read_bytes().split(b"\n")
    assert all(json.loads(written[number - 1])["n"] % 2 for number in numbers)


@WORKERS
def test_refused_rows_go_to_the_rejects_with_issues_and_input(tmp_path, workers):
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"n": 0}\n\n{"n": 1}\n{"n"\n{"n": 2, "n": 3}\n{"n": 4}\n\xff\xfe\n{"n": 6')
    report = run(working.refuse_odd, source, tmp_path / "out.jsonl", workers=workers, rejects=tmp_path / "bad.jsonl")
    assert values(tmp_path / "out.jsonl") == [{"n": 0}, {"n": 4}]
    refused = values(tmp_path / "bad.jsonl")
    assert [(line["row"], line["issues"][0]["code"], line["input"]) for line in refused] == [
        (3, "type-mismatch", {"n": 1}),
        (4, "json-invalid", '{"n"'),
        (5, "json-duplicate-key", '{"n": 2, "n": 3}'),
        (7, "encoding-invalid", "\\xff\\xfe"),
        (8, "json-invalid", '{"n": 6'),
    ]
    assert "cut off" in refused[-1]["issues"][0]["hint"]
    assert (report.read, report.written, report.refused) == (7, 2, 5)
    assert report.codes == {"type-mismatch": 1, "json-invalid": 2, "json-duplicate-key": 1, "encoding-invalid": 1}


@WORKERS
def test_stop_ends_at_the_first_refused_row_without_output(tmp_path, source, workers):
    with pytest.raises(StoppedError) as caught:
        run(
            working.refuse_odd,
            source,
            tmp_path / "out.jsonl",
            workers=workers,
            on_error="stop",
            rejects=tmp_path / "bad.jsonl",
        )
    assert caught.value.number == 2
    assert [issue.code for issue in caught.value.issues] == ["type-mismatch"]
    assert left(tmp_path) == ["in.jsonl"]


def test_a_step_that_fails_costs_its_row_only_and_its_words_are_escaped(tmp_path, source):
    report = run(working.fail_on_three, source, tmp_path / "out.jsonl", workers=1, rejects=tmp_path / "bad.jsonl")
    assert (report.written, report.refused) == (499, 1)
    issue = values(tmp_path / "bad.jsonl")[0]["issues"][0]
    assert issue["code"] == "step-failed"
    assert issue["message"] == "the step failed: ZeroDivisionError: 'three \\x1b[31m'"


def test_what_is_no_json_is_refused_before_it_is_written(tmp_path, source):
    report = run(working.nan, source, tmp_path / "out.jsonl", workers=1)
    assert report.codes == {"json-number-not-finite": 500}
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_steps_of_the_script_itself_run_on_threads(tmp_path, source):
    report = run(lambda row: {"n": row["n"] + 1}, source, tmp_path / "out.jsonl", workers=2)
    assert values(tmp_path / "out.jsonl") == [{"n": n + 1} for n in range(500)]
    assert report.written == 500


@WORKERS
@pytest.mark.parametrize("suffix", [".jsonl.gz", ".jsonl.zst", ".json", ".json.gz"])
def test_every_kind_of_file_goes_in_and_out(tmp_path, suffix, workers):
    source, destination = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    write(source, rows(600))
    report = run(working.double, source, destination, workers=workers)
    assert list(msgkit.read(destination)) == [{"n": 2 * n} for n in range(600)]
    assert report.read == 600


@WORKERS
def test_a_json_file_of_one_row_stays_one_row(tmp_path, workers):
    (tmp_path / "in.json").write_text('{\n "n": 4\n}')
    run(working.double, tmp_path / "in.json", tmp_path / "out.json", workers=workers)
    assert json.loads((tmp_path / "out.json").read_bytes()) == {"n": 8}
    (tmp_path / "in.json").write_text('[{\n "n": 4\n}]')
    run(working.double, tmp_path / "in.json", tmp_path / "out.json", workers=workers)
    assert json.loads((tmp_path / "out.json").read_bytes()) == [{"n": 8}]


@WORKERS
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".parquet"])
def test_shards_together_are_the_whole(tmp_path, suffix, workers):
    source = tmp_path / f"in{suffix}"
    write(source, rows(101))
    found = []
    for part in (1, 2, 3):
        run(
            working.refuse_odd,
            source,
            tmp_path / "out.jsonl",
            workers=workers,
            shard=(part, 3),
            rejects=tmp_path / "bad.jsonl",
        )
        found += values(tmp_path / "out.jsonl") + [line["input"] for line in values(tmp_path / "bad.jsonl")]
        assert all(line["row"] == line["input"]["n"] + 1 for line in values(tmp_path / "bad.jsonl"))
    assert sorted(found, key=lambda row: row["n"]) == rows(101)


@WORKERS
def test_parts_hold_at_most_what_was_said(tmp_path, source, workers):
    report = run(working.double, source, tmp_path / "out.jsonl", workers=workers, max_rows=200)
    assert [Path(path).name for path in report.outputs] == [
        "out-00001.jsonl",
        "out-00002.jsonl",
        "out-00003.jsonl",
    ]
    assert [len(values(Path(path))) for path in report.outputs] == [200, 200, 100]
    report = run(working.double, source, tmp_path / "out.jsonl", workers=workers, max_bytes=4000)
    sizes = [Path(path).stat().st_size for path in report.outputs]
    assert max(sizes) <= 4000
    assert [row["n"] for path in report.outputs for row in values(Path(path))] == [2 * n for n in range(500)]


def test_parts_of_an_earlier_longer_run_do_not_stay_behind(tmp_path, source):
    run(working.double, source, tmp_path / "out.jsonl", workers=1, max_rows=100)
    run(working.double, source, tmp_path / "out.jsonl", workers=1, max_rows=400)
    assert left(tmp_path) == ["in.jsonl", "out-00001.jsonl", "out-00002.jsonl"]


def test_a_row_that_no_part_can_hold_is_refused(tmp_path, source):
    report = run(working.grow, source, tmp_path / "out.jsonl", workers=1, max_bytes=300)
    assert report.codes == {"row-too-long": report.refused}
    assert report.written + report.refused == 500


@WORKERS
def test_the_ledger_names_the_rows_of_the_output(tmp_path, workers):
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"oops\n" + lines(rows(9000)))
    report = run(working.Losing(), source, tmp_path / "out.jsonl", workers=workers, ledger=tmp_path / "losses.jsonl")
    out = values(tmp_path / "out.jsonl")
    found = values(tmp_path / "losses.jsonl")
    assert len(found) == 4500 == report.counts["losses"]
    assert all(out[line["row"] - 1]["even"] + 1 == line["value"] for line in found)
    assert found[0].items() >= {"row": 2, "path": ["n"], "what": "odd numbers", "value": 1, "change": "set"}.items()


def test_progress_tells_rows_and_bytes(tmp_path, source):
    seen = []
    run(working.double, source, tmp_path / "out.jsonl", workers=2, progress=seen.append)
    assert seen[-1] == Progress(500, source.stat().st_size, source.stat().st_size)
    assert [one.rows for one in seen] == sorted(one.rows for one in seen)


def test_standard_input_to_standard_output(tmp_path, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines(rows(5)))))
    monkeypatch.setattr(sys, "stdout", out)
    report = run(working.refuse_odd, "-", "-", rejects=tmp_path / "bad.jsonl")
    assert out.buffer.getvalue() == b'{"n":0}\n{"n":2}\n{"n":4}\n'
    assert report.refused == len(values(tmp_path / "bad.jsonl")) == 2


def test_what_cannot_be_is_said_before_anything_is_read(tmp_path, source):
    with pytest.raises(UsageError, match="standard input"):
        run(working.double, "-", tmp_path / "out.jsonl", shard=(1, 2))
    with pytest.raises(UsageError, match="resumed"):
        run(working.double, "-", tmp_path / "out.jsonl", resume=True)
    with pytest.raises(UsageError, match="pickled"):
        run(lambda row: row, source, tmp_path / "out.jsonl", workers=2, row_seconds=1)
    with pytest.raises(msgkit.UnknownNameError, match=r"\.txt"):
        run(working.double, source, tmp_path / "out.txt")
    assert left(tmp_path) == ["in.jsonl"]


@pytest.mark.parametrize("option", ["rejects", "ledger"])
def test_no_other_output_takes_the_place_of_the_input_or_of_the_output(tmp_path, source, option):
    before = source.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(source)
    for place in (source, tmp_path / "link.jsonl", tmp_path / "folder/../in.jsonl"):
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match="is the input"):
            run(working.double, source, tmp_path / "out.jsonl", **{option: place})
    with pytest.raises(UsageError, match="the same file"):
        run(working.double, source, tmp_path / "out.jsonl", **{option: tmp_path / "out.jsonl"})
    assert source.read_bytes() == before


def test_an_empty_file_gives_an_empty_file(tmp_path):
    (tmp_path / "in.jsonl").touch()
    for workers in (1, 2):
        assert run(working.double, tmp_path / "in.jsonl", tmp_path / "out.jsonl", workers=workers).read == 0
        assert (tmp_path / "out.jsonl").read_bytes() == b""


@WORKERS
def test_the_input_is_not_the_output_under_any_of_its_names(tmp_path, source, workers):
    before = source.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(source)
    (tmp_path / "hard.jsonl").hardlink_to(source)
    for place in (source, tmp_path / "link.jsonl", tmp_path / "hard.jsonl", f"{tmp_path}/./in.jsonl"):
        with pytest.raises(UsageError, match="is the input"):
            run(working.double, source, place, workers=workers)
    assert left(tmp_path) == ["hard.jsonl", "in.jsonl", "link.jsonl"]
    assert source.read_bytes() == before


def test_what_an_interrupted_run_left_is_not_the_input_of_the_next(tmp_path):
    (tmp_path / ".out.jsonl.msgkit").mkdir()
    rows = tmp_path / ".out.jsonl.msgkit" / "rows.jsonl"
    rows.write_bytes(b'{"n": 1}\n')
    with pytest.raises(UsageError, match="is the input"):
        run(working.double, rows, tmp_path / "out.jsonl")
    assert rows.read_bytes() == b'{"n": 1}\n'


def test_no_numbered_part_takes_the_place_of_the_input(tmp_path, source):
    part = source.rename(tmp_path / "out-00002.jsonl")
    with pytest.raises(UsageError, match="part of the output"):
        run(working.double, part, tmp_path / "out.jsonl", max_rows=10)
    assert left(tmp_path) == ["out-00002.jsonl"]
    run(working.double, part, tmp_path / "out.jsonl")


def test_a_packed_file_is_the_same_whenever_it_is_written(tmp_path, source):
    run(working.double, source, tmp_path / "a.jsonl.gz", workers=1)
    run(working.double, source, tmp_path / "b.jsonl.gz", workers=1)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).count(b"\n") == 500


@WORKERS
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_millions_of_empty_lines_are_no_rows(tmp_path, suffix, workers):
    source = tmp_path / f"in{suffix}"
    blank = b"\n" * 3_000_000
    text = b'{"n": 1}\n' + blank + b'{"n": 3}\n' + blank[:5000] + b"oops\n" + blank[:100] + b'{"n": 4}\n' + blank
    source.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    report = run(working.double, source, tmp_path / "out.jsonl", workers=workers, rejects=tmp_path / "bad.jsonl")
    assert values(tmp_path / "out.jsonl") == [{"n": 2}, {"n": 6}, {"n": 8}]
    assert (report.read, report.refused) == (4, 1)
    assert values(tmp_path / "bad.jsonl")[0]["row"] == 3_005_003


@pytest.mark.parametrize("option", ["rejects", "ledger"])
def test_what_goes_to_standard_output_makes_no_file_of_that_name(tmp_path, source, option, capfdbinary, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source.write_bytes(b'{"n": 1}\noops\n')
    run(working.double, source, "out.jsonl", workers=1, **{option: "-"})
    assert left(tmp_path) == ["in.jsonl", "out.jsonl"]
    assert (b"oops" in capfdbinary.readouterr().out) == (option == "rejects")
