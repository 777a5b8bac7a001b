"""``msgkit convert``: rows in another format, with a ledger of what is lost; and exactly back."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

import attrs

from msgkit import formats
from msgkit.api import converting
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import add_files, check_files, run_step
from msgkit.conversion.adapting import received
from msgkit.conversion.ledger import Ledger
from msgkit.errors import MsgkitError, quote, refusal
from msgkit.escaping import quote_path
from msgkit.pipeline.steps.base import Outcome, Step
from msgkit.pipeline.steps.checking import Convert
from msgkit.rows import Row, Source, loads, raw_row, value_of

DESCRIPTION = """\
Write rows in another format. Content that it cannot hold refuses the row, or is dropped and listed (--on-loss drop);
settings are left out and listed. With the ledger of the losses, --restore gives the source back exactly."""
EXAMPLE = """\
msgkit convert history.jsonl -o claude.jsonl --to anthropic --on-loss drop --ledger losses.jsonl
msgkit convert claude.jsonl -o history.jsonl --restore losses.jsonl"""


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_files(parser)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--to", type=shared.format_name, metavar="FORMAT", help="the format to write: a name of `msgkit formats`"
    )
    way.add_argument("--restore", metavar="LEDGER", help="go back, with the ledger that the conversion wrote")
    shared.add_reading(parser, root=False, target=False)
    group = parser.add_argument_group("losses")
    described = "refuse a row that loses content (error), also one that loses settings (strict), or none (drop) "
    described += "(default: error)"
    group.add_argument("--on-loss", choices=("error", "strict", "drop"), default="error", help=described)
    described = "losses that do not refuse a row, by their names in the messages: name,input_audio"
    group.add_argument("--allow-loss", type=shared.name_list, metavar="NAMES", default=(), help=described)
    described = "JSONL of every loss with its value, for --restore"
    group.add_argument("--ledger", metavar="FILE", help=described)
    described = "rows of a session say where each message came from, under 'provenance': file, line, id"
    group.add_argument("--provenance", action="store_true", help=described)
    _add_adapting(parser)
    shared.add_refusing(parser)
    shared.add_running(parser, replacing=True)
    shared.add_quiet(parser)


def _add_adapting(parser: Parser) -> None:
    group = parser.add_argument_group("what the receiver needs")
    described = "who receives, such as vllm with --to openai: its parts and rules (default: the target of the format)"
    group.add_argument("--target", type=shared.target_name, metavar="NAME", help=described)
    described = "add a key to each body: --set max_tokens=1024; dots go into objects; may be repeated"
    group.add_argument("--set", type=_setting, action="append", default=[], metavar="KEY=JSON", help=described)
    described = "media in tool results, where the format takes text only: refuse the row, or put them into a user "
    described += "message after the results (default: refuse)"
    group.add_argument("--tool-media", choices=("refuse", "follow"), default="refuse", help=described)
    described = "join successive messages of one role, for receivers whose roles must alternate"
    group.add_argument("--merge", action="store_true", help=described)
    described = "insert a user message TEXT before an assistant message that is first, or follows another"
    group.add_argument("--filler", metavar="TEXT", help=described)
    shapes = ("messages", "prompt-completion", "preference", "alpaca")
    described = "the shape of the new rows: one list of messages, a prompt and its completion, a better and a worse "
    described += "answer, or alpaca with --to alpaca (default: as they are)"
    group.add_argument("--rows", choices=shapes, help=described)
    described = "write a system prompt as the developer message, as gpt-oss has it, or as a system message "
    described += "(default: developer)"
    group.add_argument("--harmony-system", choices=("developer", "system"), default="developer", help=described)


def _setting(text: str) -> tuple[str, Any]:
    """Convert KEY=JSON."""
    key, sign, value = text.partition("=")
    if not sign or not all(key.split(".")) or key in {formats.get(name).list_key for name in formats.FORMATS}:
        raise argparse.ArgumentTypeError(f"expected KEY=JSON, with a key beside the messages, got {quote(text)}")
    try:
        return key, loads(value.encode())
    except MsgkitError:
        hint = f"""text needs quotes: --set '{key}="..."'"""
        raise argparse.ArgumentTypeError(f"expected JSON after {key}=, got {quote(value)}; {hint}") from None


_LOSSES = ("to", "format", "columns", "on_loss", "allow_loss", "provenance")
_ADAPTING = ("tool_media", "merge", "filler", "harmony_system", "target", "rows")


def run(options: Any) -> int:
    """Convert, or restore."""
    check_files(options, options.ledger)
    if options.rows == "alpaca" and options.to is not None and formats.get(options.to).preference != options.rows:
        raise UsageError(f"--rows alpaca goes with --to alpaca, not with --to {options.to}")
    if options.to is not None:
        _check_target(options.to, options.target)
    if options.restore is None:
        step = Convert(**shared.named(options, *_LOSSES, *_ADAPTING), set_keys=dict(options.set))
        return run_step("convert", step, options, ledger=options.ledger)
    if options.ledger is not None or options.on_loss != "error" or options.allow_loss:
        raise UsageError("--ledger, --on-loss and --allow-loss go with --to")
    needs = (options.set, options.merge, options.filler is not None, options.rows, options.target)
    if any(needs) or options.tool_media != "refuse":
        raise UsageError("--set, --merge, --filler, --rows, --target and --tool-media go with --to")
    if len(options.inputs) > 1:
        raise UsageError("--restore takes one INPUT: a ledger is of one file")
    places.check_input(options.restore)
    next(read_ledger(options.restore), None)  # a file that is no ledger is wrong usage
    for path in options.inputs:
        _check_numbers(path)
    return run_step("restore", Restore(ledger=options.restore, format=options.format), options)


def _check_target(to: str, target: str | None) -> None:
    try:
        received(to, target)
    except ValueError as error:
        raise UsageError(f"--target {target}: {error}") from None


def _check_numbers(path: str) -> None:
    """Refuse blank lines: the ledger has the numbers of rows, and a step those of lines."""
    if path == "-":
        return
    with closing(Source(path, reader=raw_row)) as source:
        for number, row in enumerate(source, 1):
            if row.number != number:
                told = f"{quote(path)}:{number}: a blank line; the ledger counts rows, so leave blank lines out"
                raise UsageError(told)


@attrs.frozen(kw_only=True, eq=False)
class Restore(Step):
    """What was converted, back as it was."""

    takes_rows: ClassVar[bool] = True

    ledger: str  # what the conversion wrote of its losses
    format: str | None = None  # the format of the rows; detected from each row's shape when None

    @cached_property
    def _ledgers(self) -> "_Ledgers":
        return _Ledgers(self.ledger)

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Restore the row."""
        value = value_of(row, max_row)
        ledger = self._ledgers.of_row(row.number)
        if ledger is None:
            message = f"expected the ledger to name row {row.number:,}: it belongs to another file"
            raise refusal("ledger-missing", message)
        return Outcome(converting.restore(value, ledger, format=self.format))


class _Ledgers:
    """The ledger of each row of a conversion; rows are mostly asked for in order."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._next: tuple[int, Ledger] | None = None
        self._rest: Iterator[tuple[int, Ledger]] = iter(())

    def of_row(self, number: int) -> Ledger | None:
        """Return the ledger of a row; None if there is none."""
        if self._next is None or self._next[0] > number:
            self._rest = read_ledger(self._path)
            self._next = next(self._rest, None)
        while self._next is not None and self._next[0] < number:
            self._next = next(self._rest, None)
        return self._next[1] if self._next is not None and self._next[0] == number else None


def read_ledger(path: str) -> Iterator[tuple[int, Ledger]]:
    """Yield the row and the ledger of each conversion."""
    with closing(Source(path)) as source:
        for number, lines in groupby(_lines(path, source), key=lambda line: line["row"]):
            try:
                yield number, Ledger.of_lines(lines)
            except (KeyError, TypeError, ValueError) as error:
                raise UsageError(
                    f"{quote_path(path)}: expected a ledger that convert wrote: {type(error).__name__}"
                ) from None


def _lines(path: str, source: Source) -> Iterator[Any]:
    for row in source:
        if not isinstance(row.value, dict) or not isinstance(row.value.get("row"), int):
            raise UsageError(f"{quote_path(path)}:{row.number}: expected a line of a ledger that convert wrote")
        yield row.value
