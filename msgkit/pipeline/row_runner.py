"""One row through a step: what goes to the output, to the rejects, to the ledger, to the notes."""

import os
import struct
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any, Final, NamedTuple, Protocol

import attrs
import msgspec

from msgkit.errors import EXPECTED, Issue, Loss, MsgkitError, internal_error, quote
from msgkit.escaping import as_unicode
from msgkit.formats.common.columns import named
from msgkit.jsontext.blob_table import BlobTable
from msgkit.media.faults import SystemFaultError, is_environment
from msgkit.pipeline.chunks import Chunk
from msgkit.pipeline.report import Refusal, Tally
from msgkit.pipeline.steps.base import Outcome, Step, columns_of, issues_of
from msgkit.rows import MAX_ROW, Row, Source, dumps, loads, too_long, value_of

_KEPT = 8 << 20  # bytes of one row
_HEAD: Final = struct.Struct("<IQ")  # of a note: which of the inputs, bytes
_encode = msgspec.json.Encoder().encode


def keep_memory(size: int = _KEPT) -> None:
    """Let the process keep the memory of one row for the next, instead of giving it back and asking for it again."""
    bytes(size)


class RowResult(NamedTuple):
    """What became of a row."""

    # the row for the output in pieces, the last one its line feed; empty if nothing is to be written
    line: tuple[bytes, ...] = ()
    issues: tuple[Issue, ...] = ()  # why it was refused
    losses: tuple[Loss, ...] = ()  # what a conversion could not carry
    note: bytes = b""  # what the step noted of it

    @property
    def refused(self) -> bool:
        """Whether the row is refused."""
        return bool(self.issues)


_NOTHING = RowResult()  # to write and to say, as of most rows that are checked


class RowTask(NamedTuple):
    """What is done to each row."""

    step: Callable[[Any], Any]  # A :class:`~msgkit.pipeline.steps.Step`, or any picklable callable row -> row
    max_row: int = MAX_ROW  # bytes that a row of the input may have
    max_bytes: int | None = None  # bytes that a row of the output may have; None for no limit

    def begin(self) -> "RowTask":
        """Return the task for a chunk of rows."""
        step = self.step.begin() if isinstance(self.step, Step) else self.step
        return self if step is self.step else self._replace(step=step)

    def end(self) -> bytes:
        """Return what the step gathered since the last call, as a note."""
        return self.step.end() if isinstance(self.step, Step) else b""

    def treat(self, row: Row, tally: Tally) -> RowResult:
        r"""Put *row* through the step; whatever happens is a value."""
        tally.read += 1
        note = b""
        try:
            with named(self.step.columns if isinstance(self.step, Step) else ()):
                outcome, line = self._whole(row) or self._beside(row) or self._plainly(row)
            issues, note = outcome.refused, outcome.note
            if note and isinstance(self.step, Step) and self.step.numbered:
                note = b"%d\t" % row.number + note
        except SystemFaultError:
            raise
        except MsgkitError as error:
            issues = tuple(issues_of(error))
        except Exception as error:
            if isinstance(self.step, Step) and is_environment(error):
                raise
            issues = (self._failed(error),)
        if not issues:
            if not (line or note or outcome.counts or outcome.losses):
                return _NOTHING
            size = sum(map(len, line))
            if self.max_bytes is None or size <= self.max_bytes:
                for name, number in outcome.counts.items():
                    tally.counts[name] += number
                return RowResult(line, (), outcome.losses, note)
            issues = (too_long(size, self.max_bytes),)
        tally.refused += 1
        tally.codes.update(dict.fromkeys((issue.code for issue in issues), 1))
        return RowResult((), issues, (), note)

    def _failed(self, error: Exception) -> Issue:
        if type(self.step).__module__.startswith("msgkit.") and not isinstance(error, EXPECTED):
            from msgkit.rules import told  # as in reject_line

            return told(internal_error(f"the step {type(self.step).__name__}", error))
        return Issue("", "step-failed", "error", f"the step failed: {type(error).__name__}: {quote(str(error))}")

    def _whole(self, row: Row) -> tuple[Outcome, tuple[bytes, ...]] | None:
        """Hand the step the row as it was read, if it asks for that."""
        if not isinstance(self.step, Step) or not self.step.takes_rows:
            return None
        outcome = self.step.apply_row(row, self.max_row)
        if outcome.refused or outcome.line == b"":
            return outcome, ()
        return outcome, (dumps(outcome.row) if outcome.line is None else outcome.line, b"\n")

    def _plainly(self, row: Row) -> tuple[Outcome, tuple[bytes, ...]]:
        value = value_of(row, self.max_row)
        outcome = self.step.apply(value) if isinstance(self.step, Step) else Outcome(self.step(value))
        return outcome, (dumps(outcome.row), b"\n")

    def _beside(self, row: Row) -> tuple[Outcome, tuple[bytes, ...]] | None:
        """Do it with the media beside the row; None if the row must be done plainly, to be refused in plain words."""
        if not isinstance(self.step, Step) or row.issues or row.raw is None:
            return None
        blobs = BlobTable()
        try:
            value = loads(blobs.lift(row.raw) if self.step.takes_tokens else row.raw)
            outcome = self.step.apply_beside(value, blobs)
            line = _encode(outcome.row) if self.step.keeps_json else dumps(outcome.row)
            return outcome, (*blobs.pieces(line), b"\n")
        except SystemFaultError:
            raise
        except MsgkitError:
            return None


@attrs.frozen(eq=False, repr=False)
class Job:
    """What is done to rows."""

    tasks: tuple[RowTask, ...]  # one for all inputs, or one for each
    # the file that rows are written to, each worker at its own place; None to write a file for each chunk
    output: str | None = None
    has_ledger: bool = True  # whether losses are wanted
    max_row: int = MAX_ROW  # bytes that a row of the input may have
    names: tuple[str, ...] = ()  # of the inputs, if there are several

    def task(self, file: int) -> RowTask:
        """Return the task for rows of one of the inputs."""
        return self.tasks[file if len(self.tasks) > 1 else 0]

    def open(self, chunk: Chunk) -> Source:
        """Open the file of a chunk."""
        return chunk.open(self.max_row, columns_of(self.task(chunk.file).step))


def reject_line(row: Row, issues: tuple[Issue, ...], file: str | None = None) -> bytes:
    """Return a refused row as a line of the rejects: ``{"row", "issues", "input"}``, and the file if that is told."""
    from msgkit.rules import told  # read with the first refusal: a run without one need not wait for it

    try:
        shown = row.raw.strip().replace(b"\n", b"\t") if row.raw is not None else dumps(row.value)
        loads(shown)
    except MsgkitError:
        shown = dumps(row.raw.decode("utf-8", "backslashreplace").rstrip("\r\n") if row.raw else quote(row.value))
    body = {"row": row.number, "issues": [told(issue).as_dict() for issue in issues], "input": msgspec.Raw(shown)}
    return _encode(body if file is None else {"file": as_unicode(file), **body}) + b"\n"


def read_rejects(path: str | os.PathLike[str], most: int) -> Iterator[Refusal]:
    """Yield the first refused rows of a file of rejects."""
    with open(path, "rb") as lines:  # noqa: PTH123 (a path or a string)
        for line in islice(lines, most):
            refused = loads(line)
            yield Refusal(refused["row"], tuple(Issue(**issue) for issue in refused["issues"]), refused.get("file"))


def ledger_lines(number: int, losses: tuple[Loss, ...]) -> bytes:
    """Return the losses of a row as lines of the ledger; those of a conversion begin with what it takes to go back."""
    lines = (
        losses.lines(number) if hasattr(losses, "lines") else ({"row": number, **attrs.asdict(loss)} for loss in losses)
    )
    return b"".join(_encode(line) + b"\n" for line in lines)


def renumber(line: bytes, by: int) -> bytes:
    """Return a line of a ledger whose row is counted from another start."""
    head, comma, rest = line.partition(b",")
    return b'{"row":%d' % (int(head[len(b'{"row":') :]) + by) + comma + rest


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


class Files(NamedTuple):
    """Where the results of rows go."""

    rows: Sink
    rejects: Sink  # the refused rows
    ledger: Sink | None  # the losses; None if they are not asked for
    notes: Sink  # what steps note of rows
    names: tuple[str, ...] = ()  # of the inputs, if there are several

    def add(self, row: Row, result: RowResult, tally: Tally, file: int) -> None:
        """Write the result of a row, and count it if it was written."""
        self.note(file, result.note)
        if result.refused:
            self.rejects.write(reject_line(row, result.issues, self.names[file] if self.names else None))
            return
        for piece in result.line:
            self.rows.write(piece)
        tally.written += 1
        if self.ledger is not None:  # a conversion has a line even without a loss
            self.ledger.write(ledger_lines(tally.written, result.losses))

    def note(self, file: int, note: bytes) -> None:
        """Write a note about one of the inputs, if there is one."""
        if note:
            self.notes.write(_HEAD.pack(file, len(note)) + note)


def read_notes(notes: IO[bytes], stop: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield the notes of a file, each with the number of its input, up to the offset *stop*."""
    while (stop is None or notes.tell() < stop) and (head := notes.read(_HEAD.size)):
        file, size = _HEAD.unpack(head)
        yield file, notes.read(size)
