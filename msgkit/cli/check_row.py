"""What ``msgkit check`` does with one row: find its issues, mend it, show what changed."""

import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from msgkit import api, rules, targets
from msgkit.cli.fix_files import Copies
from msgkit.cli.style import shorten
from msgkit.errors import EXPECTED, Issue, internal_error
from msgkit.escaping import count, plain_lines
from msgkit.rows import MAX_ROW, Row, read_row

_ROUNDS = 8  # a fix may uncover an issue that can be fixed in turn


@attrs.frozen
class Checker:
    """
    How rows are checked and mended.

    Args:
        target: Whose rules and limits hold.

        format: The format of the rows; told from each row's shape when None.

        select: Codes to report; all when None.

        ignore: Codes to leave out.

        ready: The rows are to be sent as they are.

        unsafe: Repairs that change the meaning.

        copies: Where mended copies of the media that rows name go; None mends only what rows hold.
    """

    target: str | None = None
    format: str | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    ready: bool = False
    unsafe: tuple[str, ...] = ()
    copies: Copies | None = None

    def issues(self, row: Row, root: str | None) -> tuple[Row, list[Issue]]:
        """
        Return a row, read as JSON, and its issues, those of reading it among them.

        Args:
            row: Perhaps with its bytes alone.

            root: The folder that references may name files in.
        """
        if row.value is None and row.raw is not None and not row.issues:
            row = read_row(row.number, row.raw, MAX_ROW, ended=row.ended, loads=partial(self._check_json, root=root))
            if not row.issues:
                value, issues = row.value
                return attrs.evolve(row, value=value), issues
        if row.issues:
            return row, [rules.told(issue) for issue in row.issues if self._wants(issue.code)]
        return row, self._check(row.value, root)

    def mend(self, value: Any, issues: list[Issue], root: str | None) -> tuple[Any, list[Issue], list[Issue]]:
        """Return the mended row, the issues that are gone, and those that are left; the row as it was if that fails."""
        try:
            return self._mend(value, issues, root)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a fix raises costs its row alone)
            return value, [], [*issues, rules.told(internal_error("the mending", error))]

    def _mend(self, value: Any, issues: list[Issue], root: str | None) -> tuple[Any, list[Issue], list[Issue]]:
        fixed: list[Issue] = []
        for _ in range(_ROUNDS):
            value, gone = rules.fix(value, issues, unsafe=self.unsafe, upright=upright)
            if self.copies and root is not None and not gone:
                value, gone = self.copies.mend(value, issues, root)
            if not gone:
                break
            fixed += gone
            issues = self._check(value, root)
        return value, fixed, issues

    def _check(self, value: Any, root: str | None) -> list[Issue]:
        return api.check(value, self.target, root, **self._options())

    def _check_json(self, raw: bytes, root: str | None) -> tuple[Any, list[Issue]]:
        return api.check_json(raw, self.target, root, **self._options())

    def _options(self) -> dict[str, Any]:
        return {"format": self.format, "select": self.select, "ignore": self.ignore or None, "ready": self.ready}

    def _wants(self, code: str) -> bool:
        return (self.select is None or code in self.select) and code not in self.ignore


def upright(data: bytes) -> bytes:
    """
    Return a picture turned as EXIF says.

    Raises:
        MediaError: If it cannot be decoded.
    """
    from msgkit.media import image

    return image.fit(data, targets.get("openai")).data  # a target, for with none a picture is left as it lies


def diff(file: str, row: int, before: Any, after: Any) -> str:
    """
    Return the change of a row as a unified diff of its indented JSON; base64 and other long strings are cut.

    >>> print(diff("a.jsonl", 1, {"role": "human"}, {"role": "user"}))
    --- a.jsonl:1
    +++ a.jsonl:1 (fixed)
    @@ -1,3 +1,3 @@
     {
    -  "role": "human"
    +  "role": "user"
     }
    """
    old, new = _lines(before), _lines(after)
    return "\n".join(difflib.unified_diff(old, new, f"{file}:{row}", f"{file}:{row} (fixed)", lineterm=""))


def _lines(value: Any) -> list[str]:
    return plain_lines(json.dumps(shorten(value), indent=2, ensure_ascii=False)).split("\n")


@attrs.define
class Tally:
    """
    What was found, in numbers that add up.

    Args:
        rows: Rows read.

        clean: Rows without an issue (after mending).

        refused: Rows that could not be read, and so not be written when mending.

        fixed: Issues mended.

        codes: Issues by code and severity.

        fixable: Issues by code that can be mended.
    """

    rows: int = 0
    clean: int = 0
    refused: int = 0
    fixed: int = 0
    codes: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    fixable: Counter[str] = attrs.field(factory=Counter)

    def add(self, issues: Sequence[Issue]) -> None:
        """Count a row and its issues."""
        self.rows += 1
        if not issues:
            self.clean += 1
            return
        self.codes.update((issue.code, issue.severity) for issue in issues)
        self.fixable.update(issue.code for issue in issues if issue.fixable)

    @property
    def errors(self) -> int:
        """Issues of severity error."""
        return self._total("error")

    def _total(self, severity: str) -> int:
        return sum(number for (_, found), number in self.codes.items() if found == severity)

    def summary(self, *, written: bool) -> str:
        """
        Return the run in one line.

        Args:
            written: Mended rows were written.

        >>> print(Tally(rows=3, clean=2, codes=Counter({("role-unknown", "error"): 1})).summary(written=False))
        3 rows read: 2 clean, 1 with issues; 1 error, 0 warnings
        """
        parts = [f"{count(self.rows, 'row')} read: {self.clean:,} clean, {self.rows - self.clean:,} with issues"]
        parts.append(f"{count(self._total('error'), 'error')}, {count(self._total('warning'), 'warning')}")
        if written:
            parts.append(f"{count(self.fixed, 'issue')} fixed")
            parts.append(f"{self.rows - self.refused:,} written, {self.refused:,} refused")
        elif self.fixable:
            parts.append(f"{self.fixable.total():,} fixable with --fix -o OUTPUT")
        return "; ".join(parts)

    def by_code(self) -> list[Mapping[str, Any]]:
        """Return the numbers by code, the most frequent first."""
        rows = sorted(self.codes.items(), key=lambda item: (-item[1], item[0]))
        return [
            {"count": number, "code": code, "severity": severity, "fixable": self.fixable[code]}
            for (code, severity), number in rows
        ]
