"""The results of a Batch, by custom_id, and how they go back to their histories."""

import sqlite3
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from msgkit.cli.parser import UsageError
from msgkit.errors import InvalidMessageError, Issue, quote
from msgkit.escaping import count
from msgkit.rows import dumps, iter_rows, loads

_TABLE = "CREATE TABLE IF NOT EXISTS results (name TEXT PRIMARY KEY, answer BLOB, failure TEXT)"
_ANSWER = """INSERT INTO results (name, answer) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET answer = excluded.answer WHERE answer IS NULL"""
_FAILURE = """INSERT INTO results (name, failure) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET failure = excluded.failure"""


def private_table(definition: str, path: str = "") -> sqlite3.Connection:
    """Return a table in a file; in one without a name, which goes when it is closed, when *path* is empty."""
    table = sqlite3.connect(path, isolation_level=None)
    for order in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", definition, "BEGIN"):
        table.execute(order)
    return table


class Results:
    """
    What came back from a Batch: answers and failures, on disk, so that there may be any number of them.

    Args:
        path: Their file, which other processes may open as well once they are read; a private one when empty.

    >>> results = Results()
    >>> body = {"choices": [{"message": {"role": "assistant", "content": "Hi."}}]}
    >>> results.add({"custom_id": "row-1", "response": {"status_code": 200, "body": body}, "error": None})
    >>> results.join([{"role": "user", "content": "Hello"}], "row-1")[1]
    {'role': 'assistant', 'content': 'Hi.'}
    >>> results.close()
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._table = private_table(_TABLE, path)
        self._joined = private_table("CREATE TABLE joined (name PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        """Forget them."""
        self._table.close()
        self._joined.close()

    def read(self, paths: Iterable[str]) -> None:
        """
        Read files of results and of errors; where a custom_id stands twice, an answer counts more than a failure.

        Raises:
            UsageError: A line is no result, or two answers have one custom_id.
        """
        for path in paths:
            for row in iter_rows(path):
                try:
                    self.add(row.value)
                except (KeyError, TypeError, IndexError, ValueError) as error:
                    reason = row.issues[0].message if row.issues else str(error) or type(error).__name__
                    raise UsageError(
                        f"{quote(path)}:{row.number}: expected a result of the Batch API: {reason}"
                    ) from None
        self._table.execute("COMMIT")

    def add(self, line: Any) -> None:
        """Add one result."""
        name, response = line["custom_id"], line.get("response") or {}
        if not isinstance(name, str):
            raise TypeError("a custom_id is a string")
        if line.get("error") or response.get("status_code") != 200:  # noqa: PLR2004 (HTTP's OK)
            self._table.execute(_FAILURE, (name, _reason(line.get("error"), response)))
        elif not self._table.execute(_ANSWER, (name, dumps(_answer(response["body"])))).rowcount:
            raise ValueError(f"two answers to {quote(name)}")

    @staticmethod
    def name_of(number: int, value: Any) -> str:
        """Return the custom_id of a row, which need not be wrapped."""
        wrapped = isinstance(value, Mapping) and isinstance(value.get("custom_id"), str)
        return str(value["custom_id"]) if wrapped else f"row-{number}"

    def join(self, value: Any, name: str) -> Any:
        """
        Return a history with the answer to the request *name* appended.

        Raises:
            InvalidMessageError: There is no answer.
        """
        row = self._table.execute("SELECT answer, failure FROM results WHERE name = ?", (name,)).fetchone()
        if row is None:
            message = f"expected a result for {quote(name)}, got none"
            raise InvalidMessageError([Issue("", "batch-result-missing", "error", message)])
        answer, failure = row
        if answer is None:
            message = f"the request {quote(name)} failed: {failure}"
            raise InvalidMessageError([Issue("", "batch-result-failed", "error", message)])
        return _appended(value, loads(answer))

    def has(self, name: str) -> bool:
        """Tell whether there is an answer or a failure."""
        return self._table.execute("SELECT 1 FROM results WHERE name = ?", (name,)).fetchone() is not None

    def note(self, name: str) -> None:
        """Note that a row has the answer."""
        self._joined.execute("INSERT OR IGNORE INTO joined VALUES (?)", (name,))

    def report(self, *, quiet: bool) -> None:
        """Say on standard error how many results belong to no row."""
        (all_of_them,) = self._table.execute("SELECT count(*) FROM results").fetchone()
        (joined,) = self._joined.execute("SELECT count(*) FROM joined").fetchone()
        left = all_of_them - joined
        if left and not quiet:
            print(f"{count(left, 'result')} with a custom_id that no row has", file=sys.stderr)


def _answer(body: Mapping[str, Any]) -> list[Any]:
    if isinstance(body.get("output"), list):
        return list(body["output"])
    if len(body["choices"]) != 1:
        raise ValueError(f"one choice is needed to go on with, there are {len(body['choices'])}")
    return [body["choices"][0]["message"]]


def _reason(error: Any, response: Mapping[str, Any]) -> str:
    body = response.get("body")
    told = error or (body.get("error") if isinstance(body, Mapping) else None) or {}
    message = told.get("message") if isinstance(told, Mapping) else told
    return f"status {quote(response.get('status_code'))}: {quote(message)}"


def _appended(value: Any, answer: list[Any]) -> Any:
    if isinstance(value, list):
        return [*value, *answer]
    if isinstance(value, Mapping):
        for key in ("messages", "input"):
            if isinstance(value.get(key), list):
                return {**value, key: [*value[key], *answer]}
        if isinstance(value.get("body"), Mapping):
            return {**value, "body": _appended(value["body"], answer)}
        if isinstance(value.get("input"), str):
            first = {"role": "user", "content": value["input"]}
            return {**value, "input": [first, *answer]}
    raise InvalidMessageError([Issue("messages", "messages-missing", "error", "expected a list of messages")])
