"""One record of a file."""

from collections.abc import Callable
from typing import Any

import attrs

from msgkit.errors import InvalidMessageError, Issue
from msgkit.records import strict


@attrs.frozen
class Row:
    """
    One record of a file: its value, or what is wrong with it.

    Args:
        number: The 1-based line of a JSONL file; the 1-based index elsewhere.

        value: The JSON value; None when there are issues.

        issues: Why the row could not be read.

        raw: The row as it stood in the file; None when it stood there as columns, or was too long to hold.
    """

    number: int
    value: Any = None
    issues: tuple[Issue, ...] = ()
    raw: bytes | None = attrs.field(default=None, repr=False)


def read_row(number: int, raw: bytes | None, limit: int) -> Row:
    """
    Return the row that *raw* is; *raw* is None for a row of more than *limit* bytes.

    >>> read_row(1, b'{"messages": []}', 100).value
    {'messages': []}
    >>> read_row(2, b"{", 100).issues[0].code
    'json-invalid'
    """
    if raw is None:
        return Row(
            number, issues=(Issue("", "row-too-long", "error", f"expected at most {limit:,} bytes in a row, got more"),)
        )
    try:
        return Row(number, strict.loads(raw), (), raw)
    except InvalidMessageError as error:
        return Row(number, None, error.issues, raw)


Reader = Callable[[int, bytes | None, int], Row]
"""What makes a row of its number, its bytes, and the limit that they are over when they are None."""


def raw_row(number: int, raw: bytes | None, limit: int) -> Row:
    """
    Return the row with its bytes alone, not read as JSON.

    >>> raw_row(1, b"{", 100).issues
    ()
    """
    return read_row(number, None, limit) if raw is None else Row(number, raw=raw)
