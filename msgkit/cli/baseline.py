"""Issues that are known already: ``check --baseline FILE`` reports only others."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from msgkit.cli.parser import UsageError
from msgkit.errors import Issue
from msgkit.escaping import quote_path

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
            key = (file, issue.path, issue.code, issue.message)
            if self._left[key] > 0:
                self._left[key] -= 1
            else:
                new_issues.append(issue)
        return tuple(new_issues)
