"""The issues of a run of ``msgkit check``: those a baseline knows already, and counts by code and by receiver."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from msgkit.cli.parser import UsageError
from msgkit.errors import Issue
from msgkit.escaping import as_unicode, count, plain, quote_path, table
from msgkit.pipeline import Report

Key = tuple[str, str, str, str]


class Baseline:
    """The issues of an earlier check, told by file, path, code and message: rows may have moved since."""

    def __init__(self, path: str) -> None:
        self._left: Counter[Key] = Counter()
        try:
            for line in Path(path).read_text(encoding="utf-8").splitlines():
                value = json.loads(line)
                self._left[value["file"], value["path"], value["code"], value["message"]] += 1
        except FileNotFoundError:
            raise UsageError(f"no such file: {quote_path(path)}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{quote_path(path)} is no baseline; write one with check --output-format json > FILE"
            raise UsageError(message) from error

    def new(self, file: str, issues: Iterable[Issue]) -> tuple[Issue, ...]:
        """Return the issues that are not known; each known one stands for one."""
        new_issues = []
        for issue in issues:
            key = (as_unicode(file), issue.path, issue.code, issue.message)
            if self._left[key] > 0:
                self._left[key] -= 1
            else:
                new_issues.append(issue)
        return tuple(new_issues)


@attrs.define(eq=False, repr=False)
class Summary:
    """The issues of a run, counted."""

    receivers: tuple[str, ...] = ()  # the names of targets and models, where there are several
    rows: int = 0  # rows with errors or warnings
    refused: Counter[str] = attrs.field(factory=Counter)  # rows by receiver that it does not accept
    mendable: Counter[str] = attrs.field(factory=Counter)  # those of them whose errors can all be fixed
    codes: Counter[tuple[str, str]] = attrs.field(factory=Counter)  # issues by code and severity
    fixable: Counter[str] = attrs.field(factory=Counter)  # issues by code that can be fixed

    def add(self, issues: Sequence[Issue]) -> None:
        """Count the issues of a row."""
        self.rows += any(issue.severity != "info" for issue in issues)
        self.codes.update((issue.code, issue.severity) for issue in issues)
        self.fixable.update(issue.code for issue in issues if issue.fixable)
        errors = [issue for issue in issues if issue.severity == "error"]
        for name in self.receivers if errors else ():
            own = [issue for issue in errors if issue.target in (None, name)]  # what cannot be read, nobody accepts
            self.refused[name] += bool(own)
            self.mendable[name] += bool(own) and all(issue.fixable for issue in own)

    @property
    def errors(self) -> int:
        """Issues of severity error."""
        return self._total("error")

    def _total(self, severity: str) -> int:
        return sum(number for (_, has), number in self.codes.items() if has == severity)

    def line(self, report: Report, *, written: bool) -> str:
        """Return the run in one line."""
        parts = [f"{count(report.read, 'row')} read: {report.read - self.rows:,} clean, {self.rows:,} with issues"]
        notes = self._total("info")
        counted = f"{count(self._total('error'), 'error')}, {count(self._total('warning'), 'warning')}"
        parts.append(f"{counted}, {count(notes, 'note')}" if notes else counted)
        if written:
            parts.append(f"{count(report.counts.get('fixed', 0), 'issue')} fixed")
            parts.append(f"{report.written:,} written, {report.refused:,} refused")
        elif self.fixable:
            parts.append(f"{self.fixable.total():,} fixable with --fix -o OUTPUT")
        return "; ".join(parts)

    def by_receiver(self, rows: int) -> str:
        """Return a table of the rows that each receiver accepts, of all that were read; empty for one receiver."""
        if not self.receivers:
            return ""
        lines = [("", "accepted", "refused", "of them fixable")]
        for name in self.receivers:
            refused = self.refused[name]
            lines.append((plain(name), f"{rows - refused:,}", f"{refused:,}", f"{self.mendable[name]:,}"))
        return table(lines, right=True)

    def by_code(self) -> list[Mapping[str, Any]]:
        """Return the counts by code, the most frequent first."""
        rows = sorted(self.codes.items(), key=lambda item: (-item[1], item[0]))
        return [
            {"count": number, "code": code, "severity": severity, "fixable": self.fixable[code]}
            for (code, severity), number in rows
        ]
