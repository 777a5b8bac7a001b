"""The rows that are looked at: of a file, or given as payloads."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from msgkit import pipeline
from msgkit.api.loading import plain_row
from msgkit.api.receivers import Receiver
from msgkit.errors import InvalidMessageError, Issue
from msgkit.formats.common.columns import named
from msgkit.media.sources import Root
from msgkit.pipeline.steps.base import Outcome, Step
from msgkit.rows import STANDARD, Row, read_row


def find_rows(payloads: Iterable[Any], wanted: tuple[int, int] | None = None) -> Iterator[Row]:
    """Yield the payloads whose numbers are in the range *wanted*, as rows."""
    first, last = wanted or (1, None)
    for number, payload in enumerate(islice(payloads, first - 1, last), first):
        try:
            value, faults = plain_row(payload)
        except InvalidMessageError as error:
            value, faults = None, list(error.issues)
        yield Row(number, None if faults else value, tuple(faults))


def name_of(source: str | os.PathLike[str] | Iterable[Any]) -> str:
    """Return what a page about *source* is called."""
    if not isinstance(source, str | os.PathLike):
        return "conversations"
    path = os.fspath(source)
    return "standard input" if path == STANDARD else Path(path).name


ID_KEYS: Final = ("custom_id", "id", "uuid", "key", "recordId")
"""Keys of a row that name it."""


def verdict(issues: Iterable[Issue]) -> str:
    """Return what a list of issues says of a row."""
    severities = {issue.severity for issue in issues}
    return "errors" if "error" in severities else "warnings" if severities else "no issues"


def listed(names: str | Sequence[str] | None) -> list[str]:
    """Return one name, several or none as a list."""
    return [] if names is None else [names] if isinstance(names, str) else list(names)


_ENOUGH: Final = b"enough"  # the note of the first row behind those that are wanted


@attrs.frozen(kw_only=True, eq=False)
class NotedStep(Step):
    """A step that writes no rows: what it makes of each is the note of the run."""

    takes_rows: ClassVar[bool] = True

    receivers: tuple[Receiver, ...] = (Receiver(),)  # the targets and models that rows are held against
    # the folder that references may name files in; without it they are named, and not opened
    root: str | None = None
    format: str | None = None  # the format of the rows; detected from each row's shape when None
    rows: tuple[int, int] | None = None  # the first and last number of the rows that are wanted; all when None
    refuses: bool = False  # refuse rows that cannot be read, so that they go to the rejects

    @cached_property
    def opener(self) -> Any:
        """Opens a reference, to look at its header; None without a root."""
        return None if self.root is None else Root(self.root).window

    def of(self, row: Row) -> Any:
        """Return what is noted of a row."""
        raise NotImplementedError

    def apply_row(self, row: Row, max_row: int) -> Outcome:
        """Note the row if it is wanted."""
        if self.rows is not None and not self.rows[0] <= row.number <= self.rows[1]:
            return Outcome(None, line=b"", note=_ENOUGH if row.number > self.rows[1] and not self.refuses else b"")
        if row.raw is not None and row.value is None and not row.issues:
            row = read_row(row.number, row.raw, max_row, ended=row.ended)
        return Outcome(None, line=b"", note=pickle.dumps(self.of(row)), refused=row.issues if self.refuses else ())


class _EnoughError(Exception):
    """The last row that is asked for was there."""


def each_note(source: Any, steps: Sequence[NotedStep], take: Callable[[Any], object], **running: Any) -> None:
    """Hand what *steps* note of each row of files, or of payloads, to *take*; *running* are options of a run."""

    def note(_: int, data: bytes) -> None:
        if data == _ENOUGH:
            raise _EnoughError
        take(pickle.loads(data))  # noqa: S301 (our own step wrote it, to files that are only ours)

    files = source if isinstance(source, tuple) else (source,)
    if files and all(isinstance(file, str | os.PathLike) for file in files):
        with suppress(_EnoughError):
            pipeline.run(steps, files, None, notes=note, **running)
        return
    step = steps[0]
    for row in find_rows(source, step.rows):
        with named(step.columns):
            take(step.of(row))
