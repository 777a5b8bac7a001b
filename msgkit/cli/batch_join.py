"""``msgkit batch join``: the results of a Batch, by custom_id, back to their histories."""

import argparse
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import attrs

from msgkit.api import batching
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import run_step
from msgkit.errors import InvalidMessageError, quote, refusal
from msgkit.escaping import count, quote_path
from msgkit.formats import envelopes
from msgkit.formats.batch import ID_KEYS, Answer, ResultError, read_result
from msgkit.pipeline.file_system import temporary
from msgkit.pipeline.steps.base import Outcome, Step
from msgkit.rows import Row, dumps, is_local, iter_rows, loads, value_of

DESCRIPTION = """\
Append each answer to the history with its id, in the format of the history. INPUT is what was wrapped, or what wrapping
wrote."""
EXAMPLE = "msgkit batch join history.jsonl --results results.jsonl -o answered.jsonl"

_TABLE = "CREATE TABLE IF NOT EXISTS results (name TEXT PRIMARY KEY, answer BLOB, failure TEXT)"
_ANSWER = """INSERT INTO results (name, answer) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET answer = excluded.answer WHERE answer IS NULL"""
_TWICE = "UPDATE results SET answer = '', failure = 'there are two answers' WHERE name = ?"
_FAILURE = """INSERT INTO results (name, failure) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET failure = excluded.failure"""


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("input", metavar="INPUT", help=shared.INPUT)
    parser.add_argument(
        "-o", "--output", metavar="OUTPUT", required=True, help="a file of any of these kinds, by suffix"
    )
    group = parser.add_argument_group("answers")
    described = "files of results and of errors, as the API returned them"
    group.add_argument("--results", nargs="+", metavar="FILE", required=True, help=described)
    described = "which of several choices to append, by its index (default: several refuse the row)"
    group.add_argument("--choice", type=_index, metavar="N", help=described)
    shared.add_refusing(parser)
    shared.add_running(parser, parts=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Join every row with its answer."""
    for path in (options.input, *options.results):
        places.check_input(path)
    places.check_outputs(options.output, options.rejects)
    places.check_apart(options)
    with temporary() as folder, closing(Results(f"{folder}/results")) as results:
        results.read(options.results, options.choice)
        step = Join(table=results.path, results=tuple(map(_identity, options.results)), choice=options.choice)
        with closing(step):
            code = run_step("join", step, options, notes=lambda _, name: results.note(name.decode()))
        results.report(quiet=options.quiet)
    return code


def _index(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected the index of a choice, 0 or more, got {quote(text)}")
    return int(text)


def _identity(path: str) -> tuple[str, int]:
    """What tells whether a run that is resumed has the same results."""
    return path, Path(path).stat().st_mtime_ns if is_local(path) else 0


def private_table(definition: str, path: str = "") -> sqlite3.Connection:
    """Return a table in a file; in one without a name, which goes when it is closed, when *path* is empty."""
    table = sqlite3.connect(path, isolation_level=None)
    for order in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", definition, "BEGIN"):
        table.execute(order)
    return table


class Results:
    """What came back from a Batch: answers and failures, on disk, so that there may be any number of them."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.odd = 0
        self._table = private_table(_TABLE, path)
        self._joined = private_table("CREATE TABLE joined (name PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        """Forget them."""
        self._table.close()
        self._joined.close()

    def read(self, paths: Iterable[str], choice: int | None = None) -> None:
        """Read files of results and of errors; of one id an answer counts more than a failure, and two answers fail."""
        for path in paths:
            odd = first = results = 0
            reason = ""
            for row in iter_rows(path):
                told = row.issues[0].message if row.issues else self._add(row.value, choice)
                results += not told
                odd += bool(told)
                first, reason = (first or row.number, reason or told) if told else (first, reason)
            if odd and not results:
                raise UsageError(f"{quote_path(path)}:{first}: expected a result of a Batch API: {reason}")
            self.odd += odd
        self._table.execute("COMMIT")

    def _add(self, line: Any, choice: int | None) -> str:
        """Add one result; return what is odd about it."""
        try:
            answer = read_result(line, choice)
        except ResultError as error:
            return str(error)
        if answer.body is None:
            self._table.execute(_FAILURE, (answer.name, answer.failure))
        elif not self._table.execute(_ANSWER, (answer.name, dumps([answer.format, answer.body]))).rowcount:
            self._table.execute(_TWICE, (answer.name,))
        return ""

    @staticmethod
    def name_of(number: int, value: Any) -> str:
        """Return the custom_id of a row, which need not be wrapped."""
        keys = ID_KEYS if isinstance(value, Mapping) and _is_line(value) else ()
        return next((value[key] for key in keys if isinstance(value.get(key), str)), f"row-{number}")

    def join(self, value: Any, name: str) -> Any:
        """Return a history with the answer to the request *name* appended."""
        row = self._table.execute("SELECT answer, failure FROM results WHERE name = ?", (name,)).fetchone()
        if row is None:
            message = f"expected a result for {quote(name)}, got none"
            raise refusal("batch-result-missing", message)
        answer, failure = row
        if not answer:
            message = f"the request {quote(name)} failed: {failure}"
            raise refusal("batch-result-failed", message)
        format_name, body = loads(answer)
        return batching.append(value, Answer(name, format_name, body))

    def has(self, name: str) -> bool:
        """Return whether there is an answer or a failure."""
        return self._table.execute("SELECT 1 FROM results WHERE name = ?", (name,)).fetchone() is not None

    def note(self, name: str) -> None:
        """Note that a row has the answer."""
        self._joined.execute("INSERT OR IGNORE INTO joined VALUES (?)", (name,))

    def report(self, *, quiet: bool) -> None:
        """Say on standard error how many results belong to no row."""
        (all_of_them,) = self._table.execute("SELECT count(*) FROM results").fetchone()
        (joined,) = self._joined.execute("SELECT count(*) FROM joined").fetchone()
        left = all_of_them - joined
        if self.odd and not quiet:
            print(f"{count(self.odd, 'line')} of the results that name no request", file=sys.stderr)
        if left and not quiet:
            print(f"{count(left, 'result')} with a custom_id that no row has", file=sys.stderr)


def _is_line(row: Mapping[str, Any]) -> bool:
    return any(isinstance(row.get(key), Mapping) for key in envelopes.BODIES) or "custom_id" in row


@attrs.frozen(kw_only=True, eq=False)
class Join(Step):
    """Histories with the answers to them appended."""

    takes_rows: ClassVar[bool] = True

    table: str = attrs.field(repr=False)  # the file of the results
    results: tuple[tuple[str, int], ...] = ()  # the files that they came from
    choice: int | None = None  # which of several choices

    @cached_property
    def _results(self) -> Results:
        return Results(self.table)

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Append the answer."""
        value = value_of(row, max_row)
        name = Results.name_of(row.number, value)
        try:
            return Outcome(self._results.join(value, name), note=name.encode())
        except InvalidMessageError as error:
            return Outcome(None, note=name.encode() if self._results.has(name) else b"", refused=error.issues)

    def close(self) -> None:
        """Close what this process opened."""
        self._results.close()
