"""JSON objects of a session, one a line."""

from collections.abc import Iterator
from typing import IO, Any

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows import jsonl


def objects(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each line with its object."""
    for number, raw, _ in jsonl.lines(stream, MAX_ROW):
        try:
            value = None if raw is None else loads(raw)
        except InvalidMessageError as error:
            raise InvalidMessageError([_at(number, issue) for issue in error.issues]) from error
        if isinstance(value, dict):
            yield number, value
        else:
            raise InvalidMessageError([_at(number, Issue("", "type-mismatch", "error", "expected an object"))])


def _at(number: int, issue: Issue) -> Issue:
    return Issue(issue.path, issue.code, issue.severity, f"line {number:,} of the session: {issue.message}", issue.hint)
