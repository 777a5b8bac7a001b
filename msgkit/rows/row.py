"""One record of a file."""

from typing import Any, Final, Protocol

import attrs

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext import fast

_CUT: Final = "the last line has no line feed: the file may have been cut off"


@attrs.frozen
class Row:
    """One record of a file: its value, or what is wrong with it."""

    number: int  # the 1-based line of a JSONL file; the 1-based index elsewhere
    value: Any = None  # the JSON value; None when there are issues
    issues: tuple[Issue, ...] = ()  # why the row could not be read
    # the row as it was in the file; None when it was there as columns, or was too long to hold
    raw: bytes | None = attrs.field(default=None, repr=False)
    ended: bool = attrs.field(default=True, repr=False)  # false for a last line without a line feed


def read_row(number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
    """Return the row that *raw* is."""
    if raw is None:
        return Row(
            number, issues=(Issue("", "row-too-long", "error", f"expected at most {limit:,} bytes in a row, got more"),)
        )
    try:
        return Row(number, fast.loads(raw), (), raw, ended)
    except InvalidMessageError as error:
        first, *rest = error.issues
        issues = error.issues if ended else (attrs.evolve(first, hint=_CUT), *rest)
        return Row(number, None, issues, raw, ended)


class Reader(Protocol):
    """What makes a row of its bytes, as :func:`read_row` does."""

    def __call__(self, number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
        """Return the row."""


def raw_row(number: int, raw: bytes | None, limit: int, *, ended: bool = True) -> Row:
    """Return the row with its bytes alone, not read as JSON."""
    return read_row(number, None, limit) if raw is None else Row(number, raw=raw, ended=ended)


def value_of(row: Row, limit: int) -> Any:
    """Return the value of a row, read now if only its bytes are there."""
    if row.value is None and row.raw is not None and not row.issues:
        row = read_row(row.number, row.raw, limit, ended=row.ended)
    if row.issues:
        raise InvalidMessageError(row.issues)
    return row.value
