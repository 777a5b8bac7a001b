"""The results of a Batch, by custom_id, and how they go back to their histories."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from msgkit.cli.parser import UsageError
from msgkit.cli.style import count
from msgkit.errors import InvalidMessageError, Issue, quote
from msgkit.records import Row, rows


@attrs.define
class Results:
    """
    What came back from a Batch.

    Args:
        answers: custom_id -> the messages, or output items, that the model answered with.

        failures: custom_id -> why there is no answer.

        joined: The custom_ids whose histories were found.
    """

    answers: dict[str, list[Any]] = attrs.field(factory=dict)
    failures: dict[str, str] = attrs.field(factory=dict)
    joined: set[str] = attrs.field(factory=set)

    @classmethod
    def read(cls, paths: Iterable[str]) -> "Results":
        """
        Read files of results and of errors; where a custom_id stands twice, an answer counts more than a failure.

        Raises:
            UsageError: A line is no result, or two answers have one custom_id.
        """
        found = cls()
        for path in paths:
            for row in rows(path):
                try:
                    found.add(row.value)
                except (KeyError, TypeError, IndexError, ValueError) as error:
                    reason = row.issues[0].message if row.issues else str(error) or type(error).__name__
                    raise UsageError(
                        f"{quote(path)}:{row.number}: expected a result of the Batch API: {reason}"
                    ) from None
        return found

    def add(self, line: Any) -> None:
        """
        Add one result.

        >>> results = Results()
        >>> body = {"choices": [{"message": {"role": "assistant", "content": "Hi."}}]}
        >>> results.add({"custom_id": "row-1", "response": {"status_code": 200, "body": body}, "error": None})
        >>> results.answers
        {'row-1': [{'role': 'assistant', 'content': 'Hi.'}]}
        """
        name, response = line["custom_id"], line.get("response") or {}
        if line.get("error") or response.get("status_code") != 200:  # noqa: PLR2004 (HTTP's OK)
            self.failures[name] = _reason(line.get("error"), response)
            return
        answer = _answer(response["body"])
        if name in self.answers:
            raise ValueError(f"two answers to {quote(name)}")
        self.answers[name] = answer

    def join(self, row: Row) -> Any:
        """
        Return a history with the answer to it appended.

        Raises:
            InvalidMessageError: There is no answer.
        """
        value = row.value
        wrapped = isinstance(value, Mapping) and isinstance(value.get("custom_id"), str)
        name = value["custom_id"] if wrapped else f"row-{row.number}"
        if name not in self.answers:
            raise InvalidMessageError([self._missing(name)])
        self.joined.add(name)
        return _appended(value, self.answers[name])

    def _missing(self, name: str) -> Issue:
        reason = self.failures.get(name)
        if reason is None:
            return Issue("", "batch-result-missing", "error", f"expected a result for {quote(name)}, got none")
        self.joined.add(name)
        return Issue("", "batch-result-failed", "error", f"the request {quote(name)} failed: {reason}")

    def report(self, *, quiet: bool) -> None:
        """Say on standard error how many results belong to no row."""
        left = len((self.answers.keys() | self.failures.keys()) - self.joined)
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
