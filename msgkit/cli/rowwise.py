"""Rows through a function that needs their numbers, one after another; refused rows are kept, shown and counted."""

import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

from msgkit.cli.files import Files
from msgkit.cli.progress import bar, following
from msgkit.cli.run_step import SHOWN, more_refused, show_refused
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, MsgkitError, internal_error
from msgkit.pipeline import Report
from msgkit.pipeline.report import Tally
from msgkit.pipeline.row_runner import reject_line
from msgkit.pipeline.steps import issues_of
from msgkit.rows import Row, Source, dumps


class _StopError(MsgkitError):
    """A row was refused, and that was to be the end."""


def run(name: str, change: Callable[[Row], Any], options: Any, **output: Any) -> int:
    """
    Put every row of the input through *change*; return 1 if a row was refused.

    Args:
        name: Of the command, for the progress bar.

        change: Takes a row that could be read, returns its new value or raises MsgkitError.

        options: ``input``, ``output``, ``rejects``, ``on_error``, ``quiet``, ``no_progress``.

        output: Options of :class:`msgkit.rows.Output`.
    """
    tally = Tally()
    try:
        with Files(options.output, **output) as files, bar(name, options) as on_progress:
            with closing(Source(options.input)) as source:
                for row in following(source, on_progress):
                    _put(row, change, options, files, tally, single=source.single)
            for path in filter(None, (options.output, options.rejects)):
                files.ensure(path)
            tally.check()
    except _StopError:
        print(f"stopped at row {tally.read:,}: no output was written", file=sys.stderr)
        return 1
    if tally.refused > SHOWN and not options.quiet:
        print(more_refused(tally.refused), file=sys.stderr)
    if not options.quiet:
        print(Report(tally.read, tally.written, tally.refused, tally.counts).summary(), file=sys.stderr)
    return 1 if tally.refused else 0


def _put(row: Row, change: Callable[[Row], Any], options: Any, files: Files, tally: Tally, *, single: bool) -> None:
    tally.read += 1
    try:
        if row.issues:
            raise InvalidMessageError(row.issues)
        files.write(options.output, dumps(_changed(row, change)) + b"\n", single=single)
        tally.written += 1
    except MsgkitError as error:
        _refuse(row, tuple(issues_of(error)), options, files, tally)


def _changed(row: Row, change: Callable[[Row], Any]) -> Any:
    try:
        return change(row)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever is raised costs its row alone)
        raise InvalidMessageError([internal_error("the command", error)]) from None


def _refuse(row: Row, issues: tuple[Issue, ...], options: Any, files: Files, tally: Tally) -> None:
    tally.refused += 1
    stop = options.on_error == "stop"
    if stop or (tally.refused <= SHOWN and not options.quiet):
        show_refused(options.input, row.number, issues)
    if stop:
        raise _StopError
    if options.rejects is not None:
        files.write(options.rejects, reject_line(row, issues))
