"""What the tests of the command line share: it is called in this process, in a folder of its own."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from msgkit.cli import main


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]

    @property
    def summary(self) -> str:
        return self.err.splitlines()[-1]


@pytest.fixture
def cli(capsys, monkeypatch, tmp_path):
    """Call msgkit with arguments; the working directory is the test's own folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: object) -> Result:
        capsys.readouterr()
        code = main([str(arg) for arg in argv])
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return run


@pytest.fixture
def rows(tmp_path):
    """Write rows (or lines) to a JSONL file in the test's folder, and read them back."""

    class Rows:
        @staticmethod
        def write(name: str, *values: Any) -> str:
            lines = [value if isinstance(value, str) else json.dumps(value) for value in values]
            (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            return name

        @staticmethod
        def read(name: str) -> list[Any]:
            return [json.loads(line) for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()]

    return Rows
