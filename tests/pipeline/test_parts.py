"""Several inputs: files, folders and patterns; into one file, or into a folder with a part for each."""

import json

import pytest

from msgkit.pipeline import UsageError, run
from tests.pipeline import working


def rows(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def inputs(tmp_path):
    """Three files, one of them in a folder below, the second one with a row that is refused."""
    (tmp_path / "in/below").mkdir(parents=True)
    names = ("in/a.jsonl", "in/b.jsonl", "in/below/c.jsonl")
    for start, name in zip((0, 100, 200), names, strict=True):
        (tmp_path / name).write_text("".join(json.dumps({"n": start + n}) + "\n" for n in range(4)))
    with (tmp_path / "in/b.jsonl").open("a") as file:
        file.write("oops\n")
    return [tmp_path / name for name in names]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_gets_a_part_for_each_input_and_a_manifest(tmp_path, inputs, workers):
    report = run(working.double, inputs, f"{tmp_path}/out/", workers=workers, rejects=tmp_path / "bad.jsonl")
    names = ["a.jsonl", "b.jsonl", "below-c.jsonl"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["_manifest.json", *names]
    assert [[row["n"] for row in rows(tmp_path / "out" / name)] for name in names] == [
        [2 * (start + n) for n in range(4)] for start in (0, 100, 200)
    ]
    manifest = json.loads((tmp_path / "out/_manifest.json").read_bytes())
    assert [part["refused"] for part in manifest["parts"]] == [0, 1, 0]
    assert (report.read, report.written, report.refused) == (13, 12, 1)
    assert [(line["file"], line["row"]) for line in rows(tmp_path / "bad.jsonl")] == [(str(inputs[1]), 5)]


def test_the_ledger_of_a_folder_counts_the_rows_of_each_part(tmp_path, inputs):
    run(working.Losing(), inputs, f"{tmp_path}/out/", workers=1, ledger=f"{tmp_path}/led/")
    assert [{line["row"] for line in rows(path)} for path in sorted((tmp_path / "led").iterdir())] == [{2, 4}] * 3


def test_a_json_array_keeps_its_form_as_a_part(tmp_path, inputs):
    (tmp_path / "in/d.json").write_text('[{"n": 1}, {"n": 2}]')
    run(working.double, [inputs[0], tmp_path / "in/d.json"], f"{tmp_path}/out/", workers=1)
    assert json.loads((tmp_path / "out/d.json").read_bytes()) == [{"n": 2}, {"n": 4}]


def test_an_output_folder_holds_no_input(tmp_path, inputs):
    with pytest.raises(UsageError, match="lies in the folder of the output"):
        run(working.double, inputs, tmp_path / "in", workers=1)


def test_two_inputs_of_one_name_are_refused(tmp_path, inputs):
    with pytest.raises(UsageError, match="two inputs are called"):
        run(working.double, [inputs[0], inputs[0]], f"{tmp_path}/out/", workers=1)


def test_an_interrupted_run_to_a_folder_is_resumed(tmp_path, inputs, monkeypatch):
    from msgkit.pipeline import runner

    monkeypatch.setattr(runner, "_EVERY", 0.0)
    with inputs[2].open("a") as file:
        file.write('{"n": 500}\n{"n": 7}\n')
    working.SEEN.clear()
    with pytest.raises(KeyboardInterrupt):
        run(working.interrupted_once, inputs, f"{tmp_path}/out/", workers=1)
    assert working.SEEN.count(100) == 1
    run(working.interrupted_once, inputs, f"{tmp_path}/out/", workers=1, resume=True)
    assert working.SEEN.count(100) == 1
    assert [row["n"] for row in rows(tmp_path / "out/a.jsonl")] == [0, 1, 2, 3]
    assert [row["n"] for row in rows(tmp_path / "out/below-c.jsonl")] == [200, 201, 202, 203, 500, 7]


@pytest.mark.parametrize("named", ["in", "in/**/*.jsonl"])
def test_folders_and_patterns_are_inputs_of_commands(tmp_path, inputs, named, monkeypatch, capsys):
    from msgkit.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "in/_manifest.json").write_text("{}")
    if named == "in/**/*.jsonl":
        (tmp_path / "in/_manifest.json").unlink()
    for path in inputs:
        path.write_text('{"messages": [{"role": "user", "content": "Hi"}], "model": "m"}\n')
    assert main(["check", named, "--target", "openai"]) == 0
    assert "3 rows read" in capsys.readouterr().err
    assert main(["convert", named, "--to", "responses", "-o", "out"]) == 0
    assert len(list((tmp_path / "out").glob("*.jsonl"))) == 3
    assert main(["batch", "wrap", named, "-o", "wrapped.jsonl"]) == 0
    assert [row["custom_id"] for row in rows(tmp_path / "wrapped-00001.jsonl")] == ["row-1", "row-2-1", "row-3-1"]
    assert main(["stats", named, "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3
