"""No command writes over what it reads, or twice to one file: refused before anything is written."""

import argparse
import subprocess
import sys

import pytest

from msgkit.cli import COMMANDS, places
from msgkit.cli.parser import parser_of

ROW = {"messages": [{"role": "user", "content": "Hello"}]}
BAD = {"messages": "Hello"}
NAMES = ["a.jsonl", "./a.jsonl", "folder/../a.jsonl", "soft.jsonl", "hard.jsonl"]

OVER_THE_INPUT = [
    "inline a.jsonl -o {}",
    "inline a.jsonl -o {} --workers 2",
    "inline a.jsonl -o {} --resume",
    "inline a.jsonl -o out.jsonl --rejects {}",
    "inline a.jsonl -o out.jsonl --cache {}",
    "extract a.jsonl -o {} --media media",
    "extract a.jsonl -o out.jsonl --media media --rejects {}",
    "extract a.jsonl -o out.jsonl --media {}",
    "convert a.jsonl -o {} --to anthropic",
    "convert a.jsonl -o out.jsonl --to anthropic --ledger {}",
    "convert a.jsonl -o out.jsonl --to anthropic --rejects {}",
    "convert other.jsonl -o {} --restore a.jsonl",
    "convert other.jsonl -o out.jsonl --restore a.jsonl --rejects {}",
    "check a.jsonl --fix -o {}",
    "check a.jsonl --fix -o out.jsonl --rejects {}",
    "check a.jsonl --fix -o out.jsonl --media {}",
    "check other.jsonl a.jsonl --fix -o {}",
    "batch wrap a.jsonl -o {} --model m",
    "batch wrap a.jsonl -o out.jsonl --model m --rejects {}",
    "batch join a.jsonl -o {} --results other.jsonl",
    "batch join other.jsonl -o {} --results other.jsonl a.jsonl",
    "batch join other.jsonl -o out.jsonl --results a.jsonl --rejects {}",
]
ONE_FILE_TWICE = [
    "inline a.jsonl -o out.jsonl --rejects {}",
    "inline a.jsonl -o out.jsonl --cache {}",
    "extract a.jsonl -o out.jsonl --media {}",
    "extract a.jsonl -o other-out.jsonl --media out.jsonl --rejects {}",
    "convert a.jsonl -o out.jsonl --to anthropic --ledger {}",
    "convert a.jsonl -o b.jsonl --to anthropic --ledger out.jsonl --rejects {}",
    "check a.jsonl --fix -o out.jsonl --rejects {}",
    "check a.jsonl --fix -o out.jsonl --media {}",
    "batch wrap a.jsonl -o out.jsonl --model m --rejects {}",
    "batch join a.jsonl -o out.jsonl --results other.jsonl --rejects {}",
]
OVER_BY_A_PART = [
    "inline out-00002.jsonl -o out.jsonl --max-rows 1",
    "inline a.jsonl -o out.jsonl --max-bytes 1MB --rejects out-00002.jsonl",
    "extract out-00002.jsonl -o out.jsonl --media media --max-bytes 1MB",
    "convert out-00002.jsonl -o out.jsonl --to anthropic --max-rows 1",
    "convert a.jsonl -o out.jsonl --restore out-00002.jsonl --max-rows 1",
    "convert a.jsonl -o out.jsonl --to anthropic --max-rows 1 --ledger out-00002.jsonl",
    "batch wrap out-00002.jsonl -o out.jsonl --model m",
]


@pytest.fixture
def there(rows, tmp_path, monkeypatch):
    """A folder with an input under several names; what it holds is to be the same afterwards."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "other.jsonl", "out-00002.jsonl"):
        rows.write(name, ROW, BAD, ROW)
    (tmp_path / "folder").mkdir()
    (tmp_path / "soft.jsonl").symlink_to("a.jsonl")
    (tmp_path / "hard.jsonl").hardlink_to("a.jsonl")
    (tmp_path / "page.html").hardlink_to("a.jsonl")
    return lambda: {path.name: path.is_dir() or path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("line", OVER_THE_INPUT)
def test_no_output_takes_the_place_of_an_input(cli, there, line, name):
    before = there()
    result = cli(*line.format(name).split())
    assert result.code == 2
    assert result.out == ""
    assert f"the output '{name}' is the input 'a.jsonl'" in result.err
    assert there() == before


@pytest.mark.parametrize("name", ["out.jsonl", "./out.jsonl", "folder/../out.jsonl"])
@pytest.mark.parametrize("line", ONE_FILE_TWICE)
def test_no_two_outputs_are_one_file(cli, there, line, name):
    before = there()
    result = cli(*line.format(name).split())
    assert result.code == 2
    assert "two outputs are the same file: " in result.err
    assert f"'{name}'" in result.err
    assert there() == before


@pytest.mark.parametrize("line", OVER_BY_A_PART)
def test_no_numbered_part_takes_the_place_of_another_file(cli, there, line):
    before = there()
    result = cli(*line.split())
    assert result.code == 2
    assert "'out-00002.jsonl' is named as a part of the output 'out.jsonl' would be" in result.err
    assert there() == before


@pytest.mark.parametrize("line", ["view a.jsonl -o page.html", "stats a.jsonl --html page.html"])
def test_no_page_takes_the_place_of_its_rows(cli, there, line):
    before = there()
    result = cli(*line.split())
    assert result.code == 2
    assert "the output 'page.html' is the input 'a.jsonl'" in result.err
    assert there() == before


@pytest.mark.parametrize("name", ["a.jsonl", "new.jsonl", "new", "new.htm", "page.html.gz"])
@pytest.mark.parametrize("line", ["view a.jsonl -o {}", "stats a.jsonl --html {}"])
def test_a_page_has_the_suffix_of_one(cli, there, line, name):
    before = there()
    result = cli(*line.format(name).split())
    assert (result.code, result.out) == (2, "")
    assert f"expected a name that ends in .html for the page, got '{name}'" in result.err
    assert there() == before


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("line", ["stats a.jsonl --html PAGE.HTML", "view a.jsonl -o PAGE.HTML"])
def test_the_suffix_of_a_page_may_be_in_capitals(cli, line):
    assert cli(*line.split()).code == 0


@pytest.mark.usefixtures("there")
def test_results_may_be_numbered_like_the_output_of_a_join_that_is_not_split(cli):
    result = cli("batch", "join", "out-00002.jsonl", "-o", "out.jsonl", "--results", "a.jsonl")
    assert "named as a part" not in result.err


@pytest.mark.usefixtures("there")
def test_a_target_is_no_file_that_a_folder_of_its_name_could_take_the_place_of(cli):
    line = "check a.jsonl --target openai --fix -o out.jsonl --media openai"
    assert cli(*line.split()).code == 1


def test_a_target_of_ones_own_is_not_written_over(cli, there, tmp_path):
    (tmp_path / "own.toml").write_text('extends = "openai"\ntitle = "Own"\n')
    (tmp_path / "own.html").hardlink_to("own.toml")
    before = there()
    result = cli("view", "a.jsonl", "-o", "own.html", "--target", "own.toml")
    assert result.code == 2
    assert there() == before


@pytest.mark.parametrize("line", ["inline a.jsonl -o -", "stats a.jsonl", "check a.jsonl", "check a.jsonl --diff"])
def test_nothing_is_added_to_the_input_by_way_of_standard_output(there, tmp_path, line):
    before = there()
    with (tmp_path / "a.jsonl").open("ab") as out:
        command = [sys.executable, "-m", "msgkit", *line.split()]
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert b"the output '-' (standard output) is the input 'a.jsonl'" in done.stderr
    assert there() == before


def _paths(name):
    for action in parser_of(name)._actions:
        if action.metavar in ("INPUT", "OUTPUT", "FILE", "PAGE", "DIR", "LEDGER"):
            yield action


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_that_names_a_file_is_looked_at(name):
    for action in _paths(name):
        assert isinstance(action, argparse.Action)
        assert action.dest in {*places._READ, *places._WRITTEN, "root"}
