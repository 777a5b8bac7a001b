"""
What it costs to check text, beside loading it and doing nothing more.

    python benchmarks/bench_check.py [ROWS] [--markdown]

One row in a thousand is faulty; every one of them must be listed.
"""

import contextlib
import io
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from timing import Row, compare, show

import msgkit
from msgkit.cli import main as command_line

WORDS = Path(__file__).parent.parent.joinpath("LICENSE").read_text(encoding="utf-8").split()
ROUNDS = 5
FAULTY_EVERY = 1000


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield conversations of text, one in a thousand with a role that is none."""
    chance = random.Random(1)  # noqa: S311 (the same rows each time; nothing secret)
    for number in range(count):
        messages = [{"role": "system", "content": "Be brief."}]
        for _ in range(chance.randint(1, 4)):
            messages.append({"role": "user", "content": " ".join(chance.choices(WORDS, k=chance.randint(5, 60)))})
            messages.append({"role": "assistant", "content": " ".join(chance.choices(WORDS, k=chance.randint(5, 100)))})
        if number % FAULTY_EVERY == FAULTY_EVERY // 2:
            messages[1]["role"] = "usr"
        yield {"messages": messages}


def load(file: Path) -> None:
    for row in msgkit.read(file):
        with contextlib.suppress(msgkit.InvalidMessageError):
            msgkit.load(row)


def load_lines(file: Path) -> None:
    with file.open("rb") as lines:
        for line in lines:
            with contextlib.suppress(msgkit.InvalidMessageError):
                msgkit.loads(line)


def check(file: Path) -> None:
    for row in msgkit.read(file):
        msgkit.check(row)


def check_file(file: Path) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        command_line(["check", str(file), "--quiet"])
    return out.getvalue().splitlines()


def tables(file: Path) -> Iterator[list[Row]]:
    loading = {"read and load": lambda: load(file)}
    yield compare("msgkit check FILE", lambda: check_file(file), loading, {"read and load": -1.5}, ROUNDS)
    yield compare("read and check", lambda: check(file), loading, {"read and load": -1.5}, ROUNDS)
    lines = {"loads of each line": lambda: load_lines(file)}
    yield compare("msgkit check FILE, beside loads", lambda: check_file(file), lines, {}, ROUNDS)


def main() -> None:
    """Write the rows, measure, and print one table."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdecimal()]
    count = int(numbers[0]) if numbers else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.jsonl")
        file.write_text("".join(json.dumps(row) + "\n" for row in rows(count)), encoding="utf-8")
        listed, wanted = (
            len(check_file(file)),
            sum(number % FAULTY_EVERY == FAULTY_EVERY // 2 for number in range(count)),
        )
        print(f"{count:,} rows, {wanted} of them faulty: {listed} listed")
        show([row for table in tables(file) for row in table], markdown="--markdown" in sys.argv)


if __name__ == "__main__":
    main()
