"""``msgkit batch wrap``: histories to Batch files of five providers."""

import json
import sqlite3
import sys
from contextlib import closing
from functools import cached_property
from typing import Any, ClassVar, cast

import attrs

from msgkit import targets
from msgkit.api import batching
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.batch_join import private_table
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import add_inputs, finish, run_pipeline
from msgkit.errors import quote, refusal
from msgkit.escaping import plain
from msgkit.formats.batch import PROVIDERS, provider_of
from msgkit.pipeline.steps.base import Outcome, Step
from msgkit.rows import Row, dumps, value_of

DESCRIPTION = """\
Write rows as requests of a Batch API, each with an id (row-N, N being the number of the row; row-2-N in the second of
several inputs), in numbered files within the API's limits; one endpoint and one model a file. What `check --ready`
refuses is refused."""
EXAMPLE = "msgkit batch wrap inlined.jsonl -o requests.jsonl --model gpt-5-mini"

_MOST_BYTES, _MOST_ROWS = 200_000_000, 50_000  # OpenAI, Batch API guide: size and requests of one file
_ENDPOINTS = tuple(PROVIDERS["openai"].endpoints.values())


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_inputs(parser)
    parser.add_argument("-o", "--output", metavar="OUTPUT", required=True, help="in parts: OUTPUT-00001.jsonl, ...")
    group = parser.add_argument_group("requests")
    described = "whose Batch API (default: by the target, or the format and the model of the rows)"
    group.add_argument("--provider", choices=tuple(PROVIDERS), help=described)
    group.add_argument(
        "--target", type=shared.target_name, metavar="NAME", help="the receiver, where it has a Batch API"
    )
    group.add_argument("--model", metavar="NAME", help="the model of rows that name none")
    group.add_argument("--url", choices=_ENDPOINTS, help="the endpoint (default: told from each row's shape)")
    described = "bytes of a part (default: 200MB)"
    group.add_argument("--max-bytes", type=shared.size, metavar="SIZE", default=_MOST_BYTES, help=described)
    described = "requests of a part (default: 50,000)"
    group.add_argument("--max-rows", type=shared.number, metavar="N", default=_MOST_ROWS, help=described)
    shared.add_refusing(parser)
    shared.add_running(parser, parts=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Wrap every row."""
    places.check_inputs(options)
    places.check_outputs(options.output, options.rejects)
    places.check_apart(options, numbered=True)
    wrap = Wrap(provider=_provider(options), model=options.model, url=options.url)
    others = [attrs.evolve(wrap, id=f"row-{file}-", first=wrap) for file in range(2, len(options.inputs) + 1)]
    with closing(wrap) as wrapping:
        report = run_pipeline("wrap", [wrapping, *others], options, destination=options.output, notes=wrapping.note)
        if report is not None and wrapping.goal is not None and not options.quiet:
            provider, endpoint, _ = wrapping.goal
            where = f" ({endpoint})" if endpoint else ""
            files = " to ".join(plain(file) for file in dict.fromkeys((report.outputs[0], report.outputs[-1])))
            print(f"requests for the Batch API of {provider}{where}: {files}", file=sys.stderr)
        return 1 if report is None else finish(options, report)


def _provider(options: Any) -> str | None:
    if options.target is None:
        return cast("str | None", options.provider)
    provider = provider_of(targets.get(options.target).format)
    if provider is None or options.provider not in (None, provider.name):
        raise UsageError(f"--target {options.target} has no Batch API, or not that of --provider")
    return provider.name


@attrs.frozen(kw_only=True, eq=False)
class Wrap(Step):
    """Rows as requests of a Batch API: each with an id that no row before has, all to one endpoint and model."""

    takes_rows: ClassVar[bool] = True
    in_order: ClassVar[bool] = True

    provider: str | None = None  # whose Batch; by the format of the rows when None
    model: str | None = None  # of rows that name none
    url: str | None = None  # the endpoint; by the format of the first row when None

    id: str = "row-"  # how the ids of rows begin
    first: "Wrap | None" = attrs.field(default=None, eq=False, repr=False)  # the step of the first input: it sees all

    @cached_property
    def _seen(self) -> sqlite3.Connection:
        if self.first is not None:
            return self.first._seen  # noqa: SLF001 (its own kind)
        table = private_table("CREATE TABLE seen (name PRIMARY KEY) WITHOUT ROWID")
        table.execute("CREATE TABLE file (what)")
        return table

    @property
    def goal(self) -> list[Any] | None:
        """The provider, the endpoint and the model of the file; None where no row was written yet."""
        first = self._seen.execute("SELECT what FROM file").fetchone()
        return None if first is None else cast("list[Any]", json.loads(first[0]))

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Wrap the row."""
        made = batching.request(
            value_of(row, max_row), f"{self.id}{row.number}", provider=self.provider, model=self.model, url=self.url
        )
        if self._seen.execute("SELECT 1 FROM seen WHERE name = ?", (made.name,)).fetchone():
            path = PROVIDERS[made.provider].id_key
            raise refusal("batch-id-duplicate", f"expected a {path} that no row before has", path)
        self._check_file(made)
        return Outcome(made.line, note=dumps([made.name, _goal(made)]))

    def _check_file(self, made: batching.Request) -> None:
        """Refuse a row that does not belong in the file of the first one."""
        if self.goal is None or self.goal == json.loads(_goal(made)):
            return
        provider, endpoint, model = self.goal
        for path, before, now in (
            ("", provider, made.provider),
            ("url", endpoint, made.endpoint),
            ("model", model, made.model),
        ):
            if before != now and (path != "model" or PROVIDERS[made.provider].one_model):
                message = f"expected {quote(before)} as in the rows before, got {quote(now)}: a Batch file has one"
                raise refusal("batch-mixed", message, path, "wrap these rows to a file of their own")

    def note(self, _: int, note: bytes) -> None:
        """Remember the id of a row that was written, also by the run that is resumed; and where the file goes."""
        name, goal = json.loads(note)
        self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,))
        self._seen.execute("INSERT INTO file SELECT ? WHERE NOT EXISTS (SELECT 1 FROM file)", (goal,))

    def close(self) -> None:
        """Forget them."""
        self._seen.close()


def _goal(made: batching.Request) -> str:
    return dumps([made.provider, made.endpoint, made.model]).decode()
