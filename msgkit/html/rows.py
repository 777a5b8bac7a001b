"""The rows that are looked at: of a file, or given as payloads."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from msgkit import pipeline
from msgkit.api.loading import plain_row
from msgkit.errors import InvalidMessageError, Issue
from msgkit.pipeline.steps.base import Step
from msgkit.rows import STANDARD, Row


def find_rows(source: Iterable[Any], wanted: tuple[int, int] | None = None) -> Iterator[Row]:
    """Yield the payloads of *source* whose numbers are in the range *wanted*, as rows."""
    for row in _given(source):
        if wanted is not None and row.number > wanted[1]:
            break
        if wanted is None or row.number >= wanted[0]:
            yield row


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


ENOUGH: Final = b"enough"
"""The note of the first row behind those that are asked for."""


class _EnoughError(Exception):
    """The last row that is asked for was there."""


def each_note(
    sources: Sequence[str | os.PathLike[str]], steps: Sequence[Step], take: Callable[[Any], object], **running: Any
) -> None:
    """Hand what *steps* note of each row of files to *take*, in order; *running* are options of a run."""

    def note(_: int, data: bytes) -> None:
        if data == ENOUGH:
            raise _EnoughError
        take(pickle.loads(data))  # noqa: S301 (our own step wrote it, to files that are only ours)

    with suppress(_EnoughError):
        pipeline.run(steps, sources, None, notes=note, **running)


def _given(payloads: Iterable[Any]) -> Iterator[Row]:
    for number, payload in enumerate(payloads, 1):
        try:
            value, faults = plain_row(payload)
        except InvalidMessageError as error:
            value, faults = None, list(error.issues)
        yield Row(number, None if faults else value, tuple(faults))
