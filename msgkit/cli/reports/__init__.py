"""How ``msgkit check`` reports, by name. To add one: a class in a module here, and its line in REPORTS."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, TextIO, cast

from msgkit.errors import Issue

REPORTS: Mapping[str, str] = {
    "text": "text.Text",
    "full": "text.Full",
    "json": "lines.Json",
    "github": "lines.GitHub",
    "sarif": "sarif.Sarif",
}


class Report(Protocol):
    """How issues are reported: made with the stream to write to, then told of each faulty row."""

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Report the issues of one row; *row* is the 1-based line of a JSONL file, the 1-based index elsewhere."""

    def finish(self) -> None:
        """Write what is at the end."""


def make(name: str, out: TextIO) -> Report:
    """Return a new report called *name* that writes to *out*."""
    module, _, report = REPORTS[name].partition(".")
    return cast(Report, getattr(import_module(f"{__name__}.{module}"), report)(out))
