"""How ``msgkit check`` reports, by name. To add one: a class here, and its line in REPORTS."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO
from urllib.parse import quote

from msgkit import __version__
from msgkit.errors import Issue
from msgkit.escaping import as_unicode, plain
from msgkit.rules import CODES, FAMILIES


class Report:
    """How issues are reported: made with the stream to write to, then told of each faulty row."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Report the issues of one row; *row* is the 1-based line of a JSONL file, the 1-based index elsewhere."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write what is at the end: of most reports nothing, for the summary goes to standard error."""


_BOLD, _DIM, _RED, _YELLOW, _BLUE, _CYAN = "1", "2", "31", "33", "34", "36"
_COLOURS = {"error": _RED, "warning": _YELLOW, "info": _BLUE}
_SOURCE = 60  # characters of a source that are shown


class Text(Report):
    """``FILE:ROW: PATH: CODE: message (source) [fixable] [target]``, or the same grouped when *out* is a terminal."""

    _cut = staticmethod(lambda source: source if len(source) <= _SOURCE else f"{source[: _SOURCE - 1]}\u2026")

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self._file: str | None = None
        self._grouped = out.isatty()
        self._coloured = self._grouped and not os.environ.get("NO_COLOR")

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Print the issues, in colours where it is a terminal."""
        if self._grouped:
            self._group(plain(file), row, issues)
        else:
            for issue in issues:
                marks = f"{self._source(issue)}{_fixable(issue)}{_target(issue)}"
                print(f"{plain(file)}:{row}: {plain(str(issue))}{marks}", file=self._out)

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


_COMMANDS = {"info": "notice"}
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class Json(Report):
    """``{"file", "row", "path", "code", "severity", "message", "hint", "source", "fixable"}`` for each issue."""

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Print an object for each."""
        for issue in issues:
            print(json.dumps({"file": as_unicode(file), "row": row, **issue.as_dict()}), file=self._out)


class GitHub(Report):
    """``::error file=FILE,line=ROW,title=CODE::PATH: message (remedy) [target]`` for each issue."""

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Print a workflow command for each."""
        for issue in issues:
            where = f"file={plain(file.translate(_PROPERTY))},line={row},title={issue.code.translate(_PROPERTY)}"
            message = _sentence(issue).translate(_MESSAGE)
            print(f"::{_COMMANDS.get(issue.severity, issue.severity)} {where}::{plain(message)}", file=self._out)


_LEVELS = {"info": "note"}
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class Sarif(Report):
    """SARIF 2.1.0, for code hosts and editors: a result for each issue, and a rule for each code that was seen."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(out)
        self._seen: dict[str, int] = {}
        self._before = f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"results": [\n'

    def add(self, file: str, row: int, issues: Sequence[Issue]) -> None:
        """Write a result for each at once, so that memory stays flat."""
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
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": row}},
    }
    if issue.path:
        location["logicalLocations"] = [{"fullyQualifiedName": issue.path, "kind": "member"}]
    target = {"target": issue.target} if issue.target else {}
    return {
        "ruleId": issue.code,
        "ruleIndex": index,
        "level": _LEVELS.get(issue.severity, issue.severity),
        "message": {"text": _sentence(issue)},
        "locations": [location],
        "properties": {"fixable": issue.fixable, "source": issue.source, **target},
    }


def _uri(file: str) -> str:
    """Return the name of a file as a URI: a relative one as a relative reference, whatever bytes it has."""
    return ("file://" if file.startswith("/") else "") + quote(os.fsencode(file))


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


def _sentence(issue: Issue) -> str:
    hint = f" ({issue.hint})" if issue.hint else ""
    target = f" [{issue.target}]" if issue.target else ""
    return f"{issue.path or '(row)'}: {issue.message}{hint}{target}"


REPORTS: Mapping[str, type[Report]] = {
    "text": Text,
    "full": Full,
    "json": Json,
    "github": GitHub,
    "sarif": Sarif,
}
