"""The rows that are looked at: of a file, or given as payloads."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from msgkit.api.loading import plain_row
from msgkit.errors import InvalidMessageError
from msgkit.pipeline.report import OnProgress, Progress
from msgkit.rows import STANDARD, Row, Source

_EVERY = 64  # rows between two steps of the progress bar


def find_rows(
    source: str | os.PathLike[str] | Iterable[Any],
    wanted: tuple[int, int] | None = None,
    progress: OnProgress | None = None,
) -> Iterator[Row]:
    """
    Yield the rows of *source* whose numbers are in the range *wanted*.

    Args:
        source: A file of rows, ``-`` for standard input, or payloads.

        wanted: The first and the last number, both included; all when None.

        progress: Called now and then with how far it is.

    >>> [row.number for row in find_rows("examples/history.jsonl", (2, 3))]
    [2, 3]
    """
    rows = _read(source, progress) if isinstance(source, str | os.PathLike) else _given(source)
    for row in rows:
        if wanted is not None and row.number > wanted[1]:
            break
        if wanted is None or row.number >= wanted[0]:
            yield row


def name_of(source: str | os.PathLike[str] | Iterable[Any]) -> str:
    """
    Return what a page about *source* is called.

    >>> name_of("data/history.jsonl"), name_of("-"), name_of([])
    ('history.jsonl', 'standard input', 'conversations')
    """
    if not isinstance(source, str | os.PathLike):
        return "conversations"
    path = os.fspath(source)
    return "standard input" if path == STANDARD else Path(path).name


def _read(path: str | os.PathLike[str], progress: OnProgress | None) -> Iterator[Row]:
    with closing(Source(path)) as source:
        for index, row in enumerate(source, 1):
            yield row
            if progress is not None and index % _EVERY == 0:
                progress(Progress(index, source.tell(), source.size))


def _given(payloads: Iterable[Any]) -> Iterator[Row]:
    for number, payload in enumerate(payloads, 1):
        try:
            value, faults = plain_row(payload)
        except InvalidMessageError as error:
            value, faults = None, list(error.issues)
        yield Row(number, None if faults else value, tuple(faults))
