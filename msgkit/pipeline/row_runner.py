"""One row through a step: what goes to the output, to the rejects, to the ledger."""

from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from msgkit.errors import EXPECTED, InvalidMessageError, Issue, Loss, MsgkitError, internal_error, quote
from msgkit.jsontext.blob_table import BlobTable
from msgkit.pipeline.report import Tally
from msgkit.pipeline.steps import Outcome, Step, issues_of
from msgkit.rows import MAX_ROW, Row, dumps, loads, read_row, too_long

_KEPT = 8 << 20  # bytes
_encode = msgspec.json.Encoder().encode


def keep_memory() -> None:
    """
    Let the process keep the memory of one row for the next, instead of giving it back and asking for it again.

    The GNU C library takes the largest block that was freed so far as the measure for what it keeps: twice as much. For
    a row of 300 kB, the pages that the system would have to clear again cost as much as reading, encoding and writing.
    """
    bytes(_KEPT)


@attrs.frozen
class RowResult:
    """
    What became of a row.

    Args:
        line: The row for the output in pieces, the last one its line feed; empty if it was refused.

        issues: Why it was refused.

        losses: What a conversion could not carry.
    """

    line: tuple[bytes, ...] = ()
    issues: tuple[Issue, ...] = ()
    losses: tuple[Loss, ...] = ()


@attrs.frozen
class RowTask:
    """
    What is done to each row.

    Args:
        step: A :class:`~msgkit.pipeline.steps.Step`, or any picklable callable row -> row.

        max_row: Bytes that a row of the input may have.

        max_bytes: Bytes that a row of the output may have; None for no limit.
    """

    step: Callable[[Any], Any]
    max_row: int = MAX_ROW
    max_bytes: int | None = None

    def treat(self, row: Row, tally: Tally) -> RowResult:
        r"""
        Put *row* through the step; whatever happens is a value.

        Args:
            row: As read, its bytes not yet read as JSON.

            tally: Where the numbers are added.

        >>> RowTask(lambda row: {**row, "b": 2}).treat(Row(1, {"a": 1}), Tally()).line
        (b'{"a":1,"b":2}', b'\n')
        """
        tally.read += 1
        try:
            outcome, line = self._beside(row) or self._plainly(row)
        except MsgkitError as error:
            issues = tuple(issues_of(error))
        except Exception as error:  # noqa: BLE001 (a step may be anyone's: its fault is the row's, never the run's)
            issues = (self._failed(error),)
        else:
            size = sum(map(len, line))
            if self.max_bytes is None or size <= self.max_bytes:
                for name, number in outcome.counts.items():
                    tally.counts[name] += number
                return RowResult(line, (), outcome.losses)
            issues = (too_long(size, self.max_bytes),)
        tally.refused += 1
        tally.codes.update(dict.fromkeys((issue.code for issue in issues), 1))
        return RowResult(issues=issues)

    def _failed(self, error: Exception) -> Issue:
        if type(self.step).__module__.startswith("msgkit.") and not isinstance(error, EXPECTED):
            from msgkit.rules import told  # as in reject_line

            return told(internal_error(f"the step {type(self.step).__name__}", error))
        return Issue("", "step-failed", "error", f"the step failed: {type(error).__name__}: {quote(str(error))}")

    def _plainly(self, row: Row) -> tuple[Outcome, tuple[bytes, ...]]:
        value = _value(row, self.max_row)
        outcome = self.step.apply(value) if isinstance(self.step, Step) else Outcome(self.step(value))
        return outcome, (dumps(outcome.row), b"\n")

    def _beside(self, row: Row) -> tuple[Outcome, tuple[bytes, ...]] | None:
        """Do it with the media beside the row; None if the row must be done plainly, to be refused in plain words."""
        if not isinstance(self.step, Step) or row.issues or row.raw is None:
            return None
        shelf = BlobTable()
        try:
            value = loads(shelf.lift(row.raw) if self.step.takes_tokens else row.raw)
            outcome = self.step.apply_beside(value, shelf)
            line = _encode(outcome.row) if self.step.keeps_json else dumps(outcome.row)
            return outcome, (*shelf.pieces(line), b"\n")
        except MsgkitError:
            return None


def _value(row: Row, limit: int) -> Any:
    """The value of a row, read now if it was not read yet."""
    if row.value is None and row.raw is not None and not row.issues:
        row = read_row(row.number, row.raw, limit, ended=row.ended)
    if row.issues:
        raise InvalidMessageError(row.issues)
    return row.value


def reject_line(row: Row, issues: tuple[Issue, ...]) -> bytes:
    """
    Return a refused row as a line of the rejects: ``{"row", "issues", "input"}``.

    A row that is not JSON stands there as a string; one that was too long to hold as null.

    >>> reject_line(Row(17, None, (), b"{"), (Issue("", "json-invalid", "error", "expected JSON"),))[:41]
    b'{"row":17,"issues":[{"path":"","code":"js'
    """
    from msgkit.rules import told  # read with the first refusal: a run without one need not wait for it

    try:
        shown = row.raw.strip().replace(b"\n", b"\t") if row.raw is not None else dumps(row.value)
        loads(shown)
    except MsgkitError:
        shown = dumps(row.raw.decode("utf-8", "backslashreplace").rstrip("\r\n") if row.raw else quote(row.value))
    body = {"row": row.number, "issues": [attrs.asdict(told(issue)) for issue in issues], "input": msgspec.Raw(shown)}
    return _encode(body) + b"\n"


def ledger_lines(number: int, losses: tuple[Loss, ...]) -> bytes:
    """
    Return the losses of a row as lines of the ledger; those of a conversion begin with what it takes to go back.

    Args:
        number: The 1-based row of the output that the losses belong to.

        losses: What is lost; a :class:`~msgkit.conversion.ledger.Ledger` for a conversion.

    >>> ledger_lines(1, (Loss(("messages", 0, "channel"), "no place for a channel", "final"),))[:44]
    b'{"row":1,"path":["messages",0,"channel"],"wh'
    """
    lines = (
        losses.lines(number) if hasattr(losses, "lines") else ({"row": number, **attrs.asdict(loss)} for loss in losses)
    )
    return b"".join(_encode(line) + b"\n" for line in lines)
