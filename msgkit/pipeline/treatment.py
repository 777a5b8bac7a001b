"""One row through a step: what goes to the output, to the rejects, to the ledger."""

from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from msgkit.conversion import Ledger
from msgkit.errors import Issue, Loss, MsgkitError, quote
from msgkit.pipeline.report import Tally
from msgkit.records import Row, dumps, too_long
from msgkit.steps import Outcome, Step, issues_of

_encode = msgspec.json.Encoder().encode


@attrs.frozen
class Treated:
    """
    What became of a row.

    Args:
        line: The row for the output with its line feed; None if it was refused.

        issues: Why it was refused.

        losses: What a conversion could not carry.
    """

    line: bytes | None = None
    issues: tuple[Issue, ...] = ()
    losses: tuple[Loss, ...] = ()


def treat(row: Row, step: Callable[[Any], Any], tally: Tally, max_bytes: int | None = None) -> Treated:
    r"""
    Put *row* through *step*; whatever happens is a value.

    Args:
        row: As read.

        step: A :class:`~msgkit.steps.Step`, or any callable row -> row.

        tally: Where the numbers are added.

        max_bytes: Bytes that a row of the output may have.

    >>> treat(Row(1, {"a": 1}), lambda row: {**row, "b": 2}, Tally()).line
    b'{"a":1,"b":2}\n'
    """
    tally.read += 1
    try:
        treated = _treat(row, step, tally, max_bytes)
    except MsgkitError as error:
        treated = Treated(issues=tuple(issues_of(error)))
    except Exception as error:  # noqa: BLE001 (a step may be anyone's: its fault is the row's, never the run's)
        message = f"the step failed: {type(error).__name__}: {quote(str(error))}"
        treated = Treated(issues=(Issue("", "step-failed", "error", message),))
    if treated.line is None:
        tally.refused += 1
        tally.codes.update({issue.code for issue in treated.issues})
    return treated


def _treat(row: Row, step: Callable[[Any], Any], tally: Tally, max_bytes: int | None) -> Treated:
    if row.issues:
        return Treated(issues=row.issues)
    outcome = step.apply(row.value) if isinstance(step, Step) else Outcome(step(row.value))
    line = dumps(outcome.row) + b"\n"
    if max_bytes is not None and len(line) > max_bytes:
        return Treated(issues=(too_long(len(line), max_bytes),))
    tally.counts.update(outcome.counts)
    return Treated(line, (), outcome.losses)


def reject_line(row: Row, issues: tuple[Issue, ...]) -> bytes:
    """
    Return a refused row as a line of the rejects: ``{"row", "issues", "input"}``.

    A row that is not JSON stands there as a string; one that was too long to hold as null.

    >>> reject_line(Row(17, None, (), b"{"), (Issue("", "json-invalid", "error", "expected JSON"),))[:41]
    b'{"row":17,"issues":[{"path":"","code":"js'
    """
    found: Any = row.value
    if found is None and row.raw is not None:
        found = row.raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
    try:
        shown = dumps(found)
    except MsgkitError:
        shown = dumps(quote(found))
    body = {"row": row.number, "issues": [attrs.asdict(issue) for issue in issues], "input": msgspec.Raw(shown)}
    return _encode(body) + b"\n"


def ledger_lines(number: int, losses: tuple[Loss, ...]) -> bytes:
    """
    Return the losses of a row as lines of the ledger; those of a conversion begin with what it takes to go back.

    Args:
        number: The 1-based row of the output that the losses belong to.

        losses: What is lost; a :class:`~msgkit.conversion.Ledger` for a conversion.

    >>> ledger_lines(1, (Loss(("messages", 0, "channel"), "no place for a channel", "final"),))[:44]
    b'{"row":1,"path":["messages",0,"channel"],"wh'
    """
    if isinstance(losses, Ledger):
        return b"".join(_encode(line) + b"\n" for line in losses.lines(number))
    return b"".join(_encode({"row": number, **attrs.asdict(loss)}) + b"\n" for loss in losses)
