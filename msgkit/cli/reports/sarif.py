"""Issues as SARIF 2.1.0, which code hosts and editors show; results are written as they come, so memory stays flat."""

import json
from collections.abc import Sequence
from os import fsencode
from typing import Any, Final, TextIO
from urllib.parse import quote

from msgkit import __version__
from msgkit.errors import Issue
from msgkit.rules import CODES, FAMILIES

_LEVELS = {"info": "note"}
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class Sarif:
    """One run with a result for each issue, and a rule for each code that was seen."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._seen: dict[str, int] = {}
        self._before = f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"results": [\n'

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write a result for each issue of one row."""
        for issue in issues:
            self._seen.setdefault(issue.code, len(self._seen))
            self._write(json.dumps(_result(file, row, issue, self._seen[issue.code])))

    def finish(self) -> None:
        """Write the tool and its rules."""
        driver = {"name": "msgkit", "version": __version__, "rules": [_rule(code) for code in self._seen]}
        if not self._seen:
            self._out.write(self._before)
        self._out.write(f'\n], "columnKind": "unicodeCodePoints", "tool": {{"driver": {json.dumps(driver)}}}}}]}}\n')

    def _write(self, result: str) -> None:
        self._out.write(self._before + result)
        self._before = ",\n"


def _result(file: str, row: int, issue: Issue, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": row}},
    }
    if issue.path:
        place["logicalLocations"] = [{"fullyQualifiedName": issue.path, "kind": "member"}]
    hint = f" ({issue.hint})" if issue.hint else ""
    target = f" [{issue.target}]" if issue.target else ""
    return {
        "ruleId": issue.code,
        "ruleIndex": index,
        "level": _LEVELS.get(issue.severity, issue.severity),
        "message": {"text": f"{issue.path or '(row)'}: {issue.message}{hint}{target}"},
        "locations": [place],
        "properties": {
            "fixable": issue.fixable,
            "source": issue.source,
            **({"target": issue.target} if issue.target else {}),
        },
    }


def _uri(file: str) -> str:
    """Return the name of a file as a URI: a relative one as a relative reference, whatever bytes it has."""
    return ("file://" if file.startswith("/") else "") + quote(fsencode(file))


def _rule(name: str) -> dict[str, Any]:
    code = CODES.get(name)
    if code is None:
        return {"id": name}
    rule: dict[str, Any] = {
        "id": name,
        "name": name.title().replace("-", ""),
        "shortDescription": {"text": code.sentence},
        "fullDescription": {"text": f"{code.sentence} Source: {code.source}."},
        "defaultConfiguration": {"level": _LEVELS.get(code.severity, code.severity)},
        "properties": {"tags": [family for family, names in FAMILIES.items() if name in names]},
    }
    if code.hint:
        rule["help"] = {"text": code.hint}
    return rule
