"""``msgkit batch``: histories to OpenAI Batch files, and the results back to their histories."""

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import attrs

from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.batch_results import Results, private_table
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import run_step
from msgkit.errors import InvalidMessageError, Issue, describe
from msgkit.pipeline.steps import Outcome, Step
from msgkit.rows import STANDARD, Row, value_of

DESCRIPTION = """\
wrap: write rows as requests of the OpenAI Batch API, each with a custom_id (row-N, N being the row's number), in
numbered files within its limits. join: append each result to the history with its custom_id; INPUT is what was wrapped,
or what came of wrapping it."""
EXAMPLE = """\
msgkit batch wrap inlined.jsonl -o requests.jsonl --model gpt-5-mini
msgkit batch join history.jsonl --results results.jsonl -o answered.jsonl"""

_MOST_BYTES, _MOST_ROWS = 200_000_000, 50_000  # OpenAI, Batch API guide: size and requests of one file
_ENDPOINTS = ("/v1/chat/completions", "/v1/responses")


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("action", choices=("wrap", "join"))
    parser.add_argument("input", metavar="INPUT", help=shared.INPUT)
    parser.add_argument(
        "-o", "--output", metavar="OUTPUT", required=True, help="wrap makes OUTPUT-00001.jsonl, ... of it"
    )
    group = parser.add_argument_group("wrap")
    group.add_argument("--model", metavar="NAME", help="the model of rows that name none")
    group.add_argument("--url", choices=_ENDPOINTS, help="the endpoint (default: told from each row's shape)")
    group.add_argument("--max-bytes", type=shared.size, metavar="SIZE", default=_MOST_BYTES, help="of a file (200MB)")
    group.add_argument("--max-rows", type=shared.number, metavar="N", default=_MOST_ROWS, help="of a file (50,000)")
    group = parser.add_argument_group("join")
    group.add_argument("--results", nargs="+", metavar="FILE", default=[], help="files of results and of errors")
    shared.add_refusing(parser)
    shared.add_running(parser, parts=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Wrap or join."""
    places.check_input(options.input)
    places.check_outputs(options.output, options.rejects)
    places.check_apart(options, numbered=options.action == "wrap")
    if options.action == "wrap":
        with closing(Wrap(model=options.model, url=options.url)) as wrapping:
            return run_step("wrap", wrapping, options, notes=wrapping.note)
    if not options.results:
        raise UsageError("join needs --results FILE")
    for path in options.results:
        places.check_input(path)
    options.max_bytes = options.max_rows = None
    with tempfile.TemporaryDirectory(prefix="msgkit-") as folder, closing(Results(f"{folder}/results")) as results:
        results.read(options.results)
        step = Join(table=results.path, results=tuple(map(_identity, options.results)))
        code = run_step("join", step, options, notes=lambda _, name: results.note(name.decode()))
        results.report(quiet=options.quiet)
    return code


def _identity(path: str) -> tuple[str, int]:
    """What tells whether a run that is resumed has the same results."""
    return path, 0 if path == STANDARD else Path(path).stat().st_mtime_ns


@attrs.frozen(kw_only=True)
class Wrap(Step):
    """
    Rows as requests of the Batch API, whose custom_id no row before has.

    Args:
        model: Of rows that name none.

        url: The endpoint; told from each row's shape when None.
    """

    takes_rows: ClassVar[bool] = True
    in_order: ClassVar[bool] = True

    model: str | None = None
    url: str | None = None

    @cached_property
    def _seen(self) -> sqlite3.Connection:
        return private_table("CREATE TABLE seen (name PRIMARY KEY) WITHOUT ROWID")

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Wrap the row."""
        line = wrap(value_of(row, max_row), f"row-{row.number}", self.model, self.url)
        name = line["custom_id"]
        if not isinstance(name, str):
            raise _fault("custom_id", "type-mismatch", f"expected a string, got {describe(name)}")
        if self._seen.execute("SELECT 1 FROM seen WHERE name = ?", (name,)).fetchone():
            raise _fault("custom_id", "batch-id-duplicate", "expected a custom_id that no row before has")
        return Outcome(line, note=name.encode())

    def note(self, _: int, name: bytes) -> None:
        """Remember the custom_id of a row that was written, also by the run that is resumed."""
        self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name.decode(),))

    def close(self) -> None:
        """Forget them."""
        self._seen.close()


@attrs.frozen(kw_only=True)
class Join(Step):
    """
    Histories with the answers to them appended.

    Args:
        table: The file of the results.

        results: The files that they came from.
    """

    takes_rows: ClassVar[bool] = True

    table: str = attrs.field(repr=False)
    results: tuple[tuple[str, int], ...] = ()

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


def wrap(row: Any, name: str, model: str | None = None, url: str | None = None) -> dict[str, Any]:
    """
    Return a row as a request of the Batch API; one that is a request already keeps its custom_id.

    Args:
        row: A request body, a bare list of messages, or a Batch line.

        name: Its custom_id.

        model: Of a row that names none.

        url: The endpoint; told from the row's shape when None.

    Raises:
        InvalidMessageError: The row is none of these, or no model is named.

    >>> wrap([{"role": "user", "content": "Hello"}], "row-1", "gpt-5")["body"]
    {'model': 'gpt-5', 'messages': [{'role': 'user', 'content': 'Hello'}]}
    """
    if isinstance(row, list):
        row = {"messages": row}
    if not isinstance(row, Mapping):
        raise _fault("", "type-mismatch", f"expected an object or a list of messages, got {describe(row)}")
    if isinstance(row.get("body"), Mapping) and "messages" not in row:
        body, around = row["body"], {key: value for key, value in row.items() if key != "body"}
    else:
        body, around = row, {}
    if body.get("model") is None:
        if model is None:
            raise _fault("model", "key-missing", "expected the name of a model", "give one (--model NAME)")
        body = {"model": model, **{key: value for key, value in body.items() if key != "model"}}
    endpoint = url or _ENDPOINTS["input" in body and "messages" not in body]
    return {"custom_id": name, "method": "POST", "url": endpoint, **around, "body": body}


def _fault(path: str, code: str, message: str, hint: str | None = None) -> InvalidMessageError:
    return InvalidMessageError([Issue(path, code, "error", message, hint)])
