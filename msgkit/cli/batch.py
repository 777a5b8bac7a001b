"""``msgkit batch``: histories to Batch files of five providers, and the results back to their histories."""

import argparse
import json
import sqlite3
import tempfile
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import attrs

from msgkit.api import batching
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.batch_results import Results, private_table
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import run_step
from msgkit.errors import InvalidMessageError, Issue, quote
from msgkit.formats.batch import PROVIDERS
from msgkit.pipeline.steps import Outcome, Step
from msgkit.rows import STANDARD, Row, dumps, is_remote, value_of

DESCRIPTION = """\
wrap: write rows as requests of a Batch API, each with an id (row-N, N being the row's number), in numbered files within
its limits; one endpoint and one model a file. What `check --ready` refuses is refused. join: append each answer to the
history with its id, in the history's own format; INPUT is what was wrapped, or what came of wrapping it."""
EXAMPLE = """\
msgkit batch wrap inlined.jsonl -o requests.jsonl --model gpt-5-mini
msgkit batch join history.jsonl --results results.jsonl -o answered.jsonl"""

_MOST_BYTES, _MOST_ROWS = 200_000_000, 50_000  # OpenAI, Batch API guide: size and requests of one file
_ENDPOINTS = tuple(PROVIDERS["openai"].endpoints.values())


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("action", choices=("wrap", "join"))
    parser.add_argument("input", metavar="INPUT", help=shared.INPUT)
    parser.add_argument(
        "-o", "--output", metavar="OUTPUT", required=True, help="wrap makes OUTPUT-00001.jsonl, ... of it"
    )
    group = parser.add_argument_group("wrap")
    described = "whose Batch (default: by the rows' format)"
    group.add_argument("--provider", choices=tuple(PROVIDERS), help=described)
    group.add_argument("--model", metavar="NAME", help="the model of rows that name none")
    group.add_argument("--url", choices=_ENDPOINTS, help="the endpoint (default: told from each row's shape)")
    group.add_argument("--max-bytes", type=shared.size, metavar="SIZE", default=_MOST_BYTES, help="of a file (200MB)")
    group.add_argument("--max-rows", type=shared.number, metavar="N", default=_MOST_ROWS, help="of a file (50,000)")
    group = parser.add_argument_group("join")
    group.add_argument("--results", nargs="+", metavar="FILE", default=[], help="files of results and of errors")
    described = "which of several choices to append, by its index (default: several refuse the row)"
    group.add_argument("--choice", type=_index, metavar="N", help=described)
    shared.add_refusing(parser)
    shared.add_running(parser, parts=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Wrap or join."""
    places.check_input(options.input)
    places.check_outputs(options.output, options.rejects)
    places.check_apart(options, numbered=options.action == "wrap")
    if options.action == "wrap":
        wrap = Wrap(provider=options.provider, model=options.model, url=options.url)
        with closing(wrap) as wrapping:
            return run_step("wrap", wrapping, options, notes=wrapping.note)
    if not options.results:
        raise UsageError("join needs --results FILE")
    for path in options.results:
        places.check_input(path)
    options.max_bytes = options.max_rows = None
    with tempfile.TemporaryDirectory(prefix="msgkit-") as folder, closing(Results(f"{folder}/results")) as results:
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
    return path, 0 if path == STANDARD or is_remote(path) else Path(path).stat().st_mtime_ns


@attrs.frozen(kw_only=True)
class Wrap(Step):
    """Rows as requests of a Batch API: each with an id that no row before has, all to one endpoint and model."""

    takes_rows: ClassVar[bool] = True
    in_order: ClassVar[bool] = True

    provider: str | None = None  # whose Batch; by the format of the rows when None
    model: str | None = None  # of rows that name none
    url: str | None = None  # the endpoint; by the format of the first row when None

    @cached_property
    def _seen(self) -> sqlite3.Connection:
        table = private_table("CREATE TABLE seen (name PRIMARY KEY) WITHOUT ROWID")
        table.execute("CREATE TABLE file (what)")
        return table

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Wrap the row."""
        made = batching.request(
            value_of(row, max_row), f"row-{row.number}", provider=self.provider, model=self.model, url=self.url
        )
        if self._seen.execute("SELECT 1 FROM seen WHERE name = ?", (made.name,)).fetchone():
            path = PROVIDERS[made.provider].id_key
            raise _fault(path, "batch-id-duplicate", f"expected a {path} that no row before has")
        self._check_file(made)
        return Outcome(made.line, note=dumps([made.name, _goal(made)]))

    def _check_file(self, made: batching.Request) -> None:
        """Refuse a row that does not belong in the file of the first one."""
        first = self._seen.execute("SELECT what FROM file").fetchone()
        if first is None or first[0] == _goal(made):
            return
        provider, endpoint, model = json.loads(first[0])
        for path, before, now in (
            ("", provider, made.provider),
            ("url", endpoint, made.endpoint),
            ("model", model, made.model),
        ):
            if before != now and (path != "model" or PROVIDERS[made.provider].one_model):
                message = f"expected {quote(before)} as in the rows before, got {quote(now)}: a Batch file has one"
                raise _fault(path, "batch-mixed", message, "wrap these rows to a file of their own")

    def note(self, _: int, note: bytes) -> None:
        """Remember the id of a row that was written, also by the run that is resumed; and where the file goes."""
        name, goal = json.loads(note)
        self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,))
        self._seen.execute("INSERT INTO file SELECT ? WHERE NOT EXISTS (SELECT 1 FROM file)", (goal,))

    def close(self) -> None:
        """Forget them."""
        self._seen.close()


@attrs.frozen(kw_only=True)
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


def _goal(made: batching.Request) -> str:
    return dumps([made.provider, made.endpoint, made.model]).decode()


def _fault(path: str, code: str, message: str, hint: str | None = None) -> InvalidMessageError:
    return InvalidMessageError([Issue(path, code, "error", message, hint)])
