"""Issues as text: a line for each, or grouped by row, and coloured on a terminal."""

import os
from collections.abc import Sequence
from typing import TextIO

from msgkit.errors import Issue
from msgkit.escaping import plain
from msgkit.rules import CODES

_BOLD, _DIM, _RED, _YELLOW, _BLUE, _CYAN = "1", "2", "31", "33", "34", "36"
_COLOURS = {"error": _RED, "warning": _YELLOW, "info": _BLUE}


_SOURCE = 60  # characters of a source that are shown


class Text:
    """``FILE:ROW: PATH: CODE: message (source) [fixable] [target]``, or the same grouped when *out* is a terminal."""

    _cut = staticmethod(lambda source: source if len(source) <= _SOURCE else f"{source[: _SOURCE - 1]}\u2026")

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._file: str | None = None
        self._grouped = out.isatty()
        self._coloured = self._grouped and not os.environ.get("NO_COLOR")

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write the issues of one row."""
        if self._grouped:
            self._group(plain(file), row, issues)
        else:
            for issue in issues:
                marks = f"{self._source(issue)}{_fixable(issue)}{_target(issue)}"
                print(f"{plain(file)}:{row}: {plain(str(issue))}{marks}", file=self._out)

    def finish(self) -> None:
        """Nothing is at the end: the summary goes to standard error."""

    def _group(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        if file != self._file:
            print(self._paint(_BOLD, file), file=self._out)
            self._file = file
        print(f"  row {row}", file=self._out)
        for issue in issues:
            colour = _COLOURS[issue.severity]
            place = self._paint(_CYAN, plain(issue.path) or "(row)")
            print(
                f"    {self._paint(colour, f'{issue.severity:7}')}  {place}  {self._paint(_BOLD, issue.code)}",
                file=self._out,
            )
            print(f"             {plain(issue.message)}{_fixable(issue)}{_target(issue)}", file=self._out)
            for told in filter(None, (issue.hint, self._cut(issue.source or ""))):
                print(self._paint(_DIM, f"             {plain(told)}"), file=self._out)

    def _source(self, issue: Issue) -> str:
        code = CODES.get(issue.code)
        return f" ({plain(self._cut(issue.source))})" if code and issue.source and issue.source != code.source else ""

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text


class Full(Text):
    """The same grouped anywhere, with remedies and with sources at full length."""

    _cut = staticmethod(lambda source: source)

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self._grouped = True


def _fixable(issue: Issue) -> str:
    return " [fixable]" if issue.fixable else ""


def _target(issue: Issue) -> str:
    return f" [{plain(issue.target)}]" if issue.target else ""
