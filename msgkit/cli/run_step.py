"""A step over a file, as inline, extract and convert do it: checks before, progress, refused rows, the summary."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from msgkit import pipeline
from msgkit.cli import options as shared
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.progress import bar
from msgkit.cli.signals import stoppable
from msgkit.errors import Issue
from msgkit.escaping import count, plain
from msgkit.pipeline.steps import Step

SHOWN = 10  # refused rows that are shown; --rejects keeps all
_MOST = 5  # issues of each that are shown


def add_files(parser: Parser) -> None:
    """Add the input and the output."""
    parser.add_argument("input", metavar="INPUT", help=shared.INPUT)
    described = "the same, by suffix; - writes JSONL to standard output"
    parser.add_argument("-o", "--output", metavar="OUTPUT", required=True, help=described)


def check_files(options: Any, *more: str | None) -> None:
    """
    Refuse files that cannot be, before anything is read.

    Args:
        options: ``input``, ``output``, ``rejects``.

        more: Further outputs.

    Raises:
        UsageError: With the reason.
    """
    shared.check_input(options.input)
    shared.check_outputs(options.output, options.rejects, *more)
    shared.check_apart(options, numbered=options.max_bytes is not None or options.max_rows is not None)


def run_step(name: str, step: Step, options: Any, *, ledger: str | None = None) -> int:
    """
    Put every row of the input through *step*; return 1 if a row was refused.

    Args:
        name: Of the command, for the progress bar.

        step: The step.

        options: The files, and what ``add_refusing``, ``add_running`` and ``add_quiet`` added.

        ledger: Where losses go.
    """
    try:
        with stoppable(), bar(name, options) as on_progress:
            report = _engine(options.engine)(
                step,
                options.input,
                options.output,
                workers=options.workers,
                on_error=options.on_error,
                rejects=options.rejects,
                ledger=ledger,
                resume=options.resume,
                shard=options.shard,
                max_bytes=options.max_bytes,
                max_rows=options.max_rows,
                progress=on_progress,
            )
    except (pipeline.UsageError, pipeline.ResumeError) as error:
        raise UsageError(str(error)) from None
    except (KeyboardInterrupt, SystemExit):
        if "-" not in (options.input, options.output):
            print("the same command with --resume goes on from here", file=sys.stderr)
        raise
    except pipeline.StoppedError as stop:
        show_refused(options.input, stop.number, stop.issues)
        print(f"stopped at row {stop.number:,}: no output was written", file=sys.stderr)
        return 1
    if report.refused and not options.quiet:
        _show_first(options.input, report)
    if not options.quiet:
        print(report.summary(), file=sys.stderr)
    return 1 if report.refused else 0


def _engine(name: str) -> Any:
    return pipeline.run if name == "local" else import_module(f"msgkit.pipeline.{name}").run


def _show_first(file: str, report: pipeline.Report) -> None:
    for refusal in report.refusals[:SHOWN]:
        show_refused(file, refusal.row, refusal.issues)
    if report.refused > SHOWN:
        print(more_refused(report.refused), file=sys.stderr)


def more_refused(refused: int) -> str:
    """Return what stands below the refused rows that are shown, when there are more."""
    return f"and {count(refused - SHOWN, 'more refused row')}: --rejects FILE keeps them all"


def show_refused(file: str, row: int, issues: Sequence[Issue]) -> None:
    """Say on standard error why a row is refused."""
    name = "<stdin>" if file == "-" else plain(file)
    for issue in issues[:_MOST]:
        print(f"{name}:{row}: {plain(str(issue))}", file=sys.stderr)
    if len(issues) > _MOST:
        print(f"{name}:{row}: and {count(len(issues) - _MOST, 'more issue')}", file=sys.stderr)
