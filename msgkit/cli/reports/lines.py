"""Issues as lines: JSON objects, and workflow commands of GitHub Actions, which shows them at the lines of a change."""

import json
from collections.abc import Sequence
from typing import TextIO

from msgkit.errors import Issue
from msgkit.escaping import plain

_COMMANDS = {"info": "notice"}
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class Json:
    """``{"file", "row", "path", "code", "severity", "message", "hint", "source", "fixable"}`` for each issue."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write the issues of one row."""
        for issue in issues:
            line = {"file": file, "row": row, **issue.as_dict()}
            print(json.dumps(line, ensure_ascii=True), file=self._out)

    def finish(self) -> None:
        """Nothing is at the end."""


class GitHub:
    """``::error file=FILE,line=ROW,title=CODE::PATH: message (remedy) [target]`` for each issue."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write the issues of one row."""
        for issue in issues:
            where = f"file={plain(file.translate(_PROPERTY))},line={row},title={issue.code.translate(_PROPERTY)}"
            remedy = f" ({issue.hint})" if issue.hint else ""
            target = f" [{issue.target}]" if issue.target else ""
            message = f"{issue.path or '(row)'}: {issue.message}{remedy}{target}".translate(_MESSAGE)
            print(f"::{_COMMANDS.get(issue.severity, issue.severity)} {where}::{plain(message)}", file=self._out)

    def finish(self) -> None:
        """Nothing is at the end."""
