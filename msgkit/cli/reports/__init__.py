"""How ``msgkit check`` reports, by name. To add one: a module here, and its line in REPORTS."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, TextIO, cast

from msgkit.errors import Issue

REPORTS: Mapping[str, str] = {
    "text": "msgkit.cli.reports.text",
    "json": "msgkit.cli.reports.lines",
    "github": "msgkit.cli.reports.github",
    "sarif": "msgkit.cli.reports.sarif",
}


class Report(Protocol):
    """What a report's module offers as ``Report``: made with the stream to write to, then told of each faulty row."""

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Report the issues of one row; *row* is the 1-based line of a JSONL file, the 1-based index elsewhere."""

    def finish(self) -> None:
        """Write what stands at the end."""


def make(name: str, out: TextIO) -> Report:
    """Return a new report called *name* that writes to *out*."""
    return cast(Report, import_module(REPORTS[name]).Report(out))
