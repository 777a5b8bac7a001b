"""Issues as JSON, one object a line."""

import json
from collections.abc import Sequence
from typing import TextIO

from msgkit.errors import Issue


class Report:
    """``{"file", "row", "path", "code", "severity", "message", "hint", "source", "fixable"}`` for each issue."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write the issues of one row."""
        for issue in issues:
            found = {"file": file, "row": row, **issue.as_dict()}
            print(json.dumps(found, ensure_ascii=True), file=self._out)

    def finish(self) -> None:
        """Nothing stands at the end."""
