"""
Rows from and to files: they are JSON values here, nothing more.

``iter_rows`` gives each record with its number and its faults, ``read`` the values alone, ``write`` takes values.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from msgkit.errors import InvalidMessageError
from msgkit.escaping import plain, quote
from msgkit.jsontext.fast import MAX_ROW, dumps, loads
from msgkit.jsontext.values import check_value
from msgkit.rows.jsonl import Columns, Row, raw_row, read_row, value_of
from msgkit.rows.naming import (
    OutputNameError,
    SameFileError,
    check_apart,
    check_output_kind,
    check_place,
    is_folder,
    part_names,
    short_name,
)
from msgkit.rows.remote import is_remote
from msgkit.rows.source import START, InputChangedError, Position, Source, Stamp, being_read
from msgkit.rows.streams import STANDARD, Kind, is_local, kind
from msgkit.rows.writing import Output, new_file, put, too_long, writing

__all__ = [
    "MAX_ROW",
    "STANDARD",
    "START",
    "Columns",
    "InputChangedError",
    "Kind",
    "Output",
    "OutputNameError",
    "Position",
    "Row",
    "SameFileError",
    "Source",
    "Stamp",
    "check_apart",
    "check_output_kind",
    "check_place",
    "check_value",
    "dumps",
    "is_folder",
    "is_local",
    "is_remote",
    "iter_rows",
    "kind",
    "loads",
    "new_file",
    "part_names",
    "put",
    "raw_row",
    "read",
    "read_row",
    "short_name",
    "too_long",
    "value_of",
    "write",
    "writing",
]


def iter_rows(path: str | os.PathLike[str], *, max_row: int = MAX_ROW) -> Iterator[Row]:
    """Yield each record of a file, with its number, its value or its issues; a bad row stops nothing."""
    with closing(Source(path, max_row=max_row)) as source:
        yield from source


def read(path: str | os.PathLike[str], *, max_row: int = MAX_ROW) -> Iterator[Any]:
    """
    Yield the value of each row of a file, one at a time.

    Args:
        path: As for :func:`iter_rows`.

        max_row: Bytes that a row may have.

    Raises:
        InvalidMessageError: At the first row that is no strict JSON; :func:`iter_rows` gives faults as values instead.

    >>> sorted(next(read("examples/history.jsonl")))
    ['messages', 'temperature']
    """
    for row in iter_rows(path, max_row=max_row):
        if row.issues:
            raise InvalidMessageError(row.issues, where=f"{plain(os.fspath(path))}:{row.number}")
        yield row.value


def write(
    path: str | os.PathLike[str], rows: Iterable[Any], *, max_bytes: int | None = None, max_rows: int | None = None
) -> int:
    """
    Write rows to a file, which is whole at the end or not there at all; return how many there were.

    Args:
        path: As for :func:`iter_rows`; ``-`` is standard output. A ``.json`` file becomes an array.

        rows: JSON values.

        max_bytes: Split into ``NAME-00001.jsonl``, ... of at most so many bytes, before compression.

        max_rows: Split into files of at most so many rows.

    Raises:
        InvalidMessageError: If a row is not JSON; then nothing is written.

        SameFileError: If *rows* are being read from that very file; then it stays as it is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/rows.jsonl.gz", [{"messages": []}]), list(read(f"{folder}/rows.jsonl.gz"))
    (1, [{'messages': []}])
    """
    if isinstance(rows, Mapping | str | bytes):
        raise TypeError(f"expected a list of rows, or what yields them, got {quote(rows)}")
    count = 0
    place = os.fspath(path)
    numbered = [] if max_bytes is None and max_rows is None else [place]
    with writing(path, max_bytes=max_bytes, max_rows=max_rows) as out:
        for value in rows:
            if not count:  # with the first row, its file has been opened
                check_apart(being_read(), [place], numbered)
            out.write(dumps(value) + b"\n")
            count += 1
    return count
