"""``msgkit check``: every issue of every row, and the safe fixes."""

import argparse
import json
import sys
from contextlib import closing
from typing import Any

from msgkit import rules
from msgkit.cli import options as shared
from msgkit.cli import progress, reports
from msgkit.cli.check_row import Checker, Tally, diff, upright
from msgkit.cli.files import Files
from msgkit.cli.fix_files import Copies, copies
from msgkit.cli.parser import Parser, UsageError, one_of
from msgkit.cli.style import table
from msgkit.errors import Issue, UnknownNameError, nearest, quote
from msgkit.escaping import plain
from msgkit.pipeline.row_runner import reject_line
from msgkit.rows import Row, Source, dumps, loads, raw_row

DESCRIPTION = "List every issue of every row: FILE:ROW: PATH: CODE: message. `msgkit rules CODE` explains a code."
EXAMPLE = """\
msgkit check history.jsonl --target anthropic
msgkit check history.jsonl --fix -o fixed.jsonl"""


def codes(text: str) -> frozenset[str]:
    """
    Convert codes and families, separated by commas.

    >>> sorted(codes("role-unknown,request"))
    ['media-too-many', 'messages-too-many', 'model-unknown', 'request-too-large', 'role-unknown']
    """
    found: set[str] = set()
    for name in filter(None, (name.strip() for name in text.split(","))):
        if name not in rules.CODES and name not in rules.FAMILIES:
            raise argparse.ArgumentTypeError(unknown_rule(name))
        found |= rules.FAMILIES.get(name, {name})
    return frozenset(found)


def selected(text: str) -> frozenset[str]:
    """
    Convert the same for ``--select``, where a word that selects nothing would make every row clean.

    >>> selected("worker-crashed")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: check does not report worker-crashed; `msgkit rules worker-crashed` says who does
    """
    found = codes(text)
    if not found:
        raise argparse.ArgumentTypeError("expected a code or a family, got none")
    others = sorted(name for name in found if rules.CODES[name].command != "msgkit check")
    if others:
        message = f"check does not report {', '.join(others)}; `msgkit rules {others[0]}` says who does"
        raise argparse.ArgumentTypeError(message)
    return found


def unknown_rule(name: str) -> str:
    """
    Say that there is no such code or family, and what is nearest.

    >>> unknown_rule("roles-unknown")
    "unknown rule 'roles-unknown'; did you mean 'role-unknown'?"
    """
    names = [*rules.CODES, *rules.FAMILIES]
    if nearest(name, names) is None:
        return f"unknown rule {quote(name)}; families are {', '.join(rules.FAMILIES)}; `msgkit rules` lists their codes"
    return str(UnknownNameError("rule", name, names))


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help=shared.INPUT)
    shared.add_reading(parser)
    group = parser.add_argument_group("rules")
    described = "codes or families to report, separated by commas (default: all)"
    group.add_argument("--select", type=selected, action="append", metavar="CODES", help=described)
    group.add_argument("--ignore", type=codes, action="append", metavar="CODES", help="codes or families to leave out")
    described = "rows are sent as they are: local references are errors"
    group.add_argument("--ready", action="store_true", help=described)
    group = parser.add_argument_group("reporting")
    group.add_argument("--output-format", choices=tuple(reports.REPORTS), default="text", help="default: text")
    group.add_argument("--statistics", action="store_true", help="count issues by code instead of listing them")
    described = "list at most N issues; all are counted"
    group.add_argument("--max-issues", type=shared.number, metavar="N", help=described)
    group = parser.add_argument_group("fixing")
    group.add_argument("--fix", action="store_true", help="apply the safe fixes and write all rows to OUTPUT")
    group.add_argument("--diff", action="store_true", help="show what --fix would change; nothing is written")
    described = f"with --fix or --diff: also a fix that changes the meaning: {', '.join(rules.UNSAFE)}"
    group.add_argument(
        "--fix-unsafe", type=one_of("repair", rules.UNSAFE), action="append", metavar="NAME", default=[], help=described
    )
    group.add_argument("-o", "--output", metavar="OUTPUT", help="where --fix writes")
    described = "with --fix: also fix referenced images, as copies in DIR, a folder in the root; created if missing"
    group.add_argument("--media", metavar="DIR", help=described)
    group.add_argument("--rejects", metavar="FILE", help="with --fix: JSONL of the rows that could not be read")
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Check every input; return 1 if an issue of severity error was found (or was left)."""
    _refuse_wrong_use(options)
    checker = Checker(
        options.target,
        options.format,
        frozenset().union(*options.select) if options.select else None,
        frozenset().union(*options.ignore or ()),
        options.ready,
        tuple(options.fix_unsafe),
        _copies(options),
    )
    tally = Tally()
    with Files() as files, progress.bar("check", options) as on_progress:
        work = _Work(options, checker, tally, files)
        for path in options.inputs:
            root = shared.root_for(path, options.root)
            with closing(Source(path, reader=raw_row)) as source:
                for row in progress.following(source, on_progress):
                    work.take("<stdin>" if path == "-" else path, row, root, single=source.single)
        work.finish()
    return 1 if tally.errors else 0


def _copies(options: Any) -> Copies | None:
    if options.media is None:
        return None
    return copies(options.media, shared.root_for(options.inputs[0], options.root), upright)


def _refuse_wrong_use(options: Any) -> None:
    for path in options.inputs:
        shared.check_input(path)
    shared.check_outputs(options.output, options.rejects)
    shared.check_apart(options)
    if options.fix and options.diff:
        raise UsageError("--fix writes and --diff only shows: choose one")
    if options.fix != (options.output is not None):
        raise UsageError("--fix and -o OUTPUT go together")
    if options.fix and len(options.inputs) > 1:
        raise UsageError("--fix takes one INPUT")
    if options.fix_unsafe and not (options.fix or options.diff):
        raise UsageError("--fix-unsafe goes with --fix or --diff")
    if options.rejects and not options.fix:
        raise UsageError("--rejects goes with --fix")
    if options.media is not None and not options.fix:
        raise UsageError("--media goes with --fix")
    if options.statistics and (options.diff or options.output_format in ("github", "sarif")):
        raise UsageError("--statistics is written as text or json")


class _Work:
    """What becomes of each row, by the options."""

    def __init__(self, options: Any, checker: Checker, tally: Tally, files: Files) -> None:
        self._options, self._checker, self._tally, self._files = options, checker, tally, files
        self._out = sys.stderr if options.output == "-" else sys.stdout
        self._left = options.max_issues
        self._report = None
        if not (options.statistics or options.diff):
            self._report = reports.make(options.output_format, self._out)

    def take(self, file: str, row: Row, root: str | None, *, single: bool) -> None:
        """Check one row, mend it if that is asked for, and report what is left."""
        row, issues = self._checker.issues(row, root)
        if row.issues:
            self._refuse(row, issues)
        elif self._options.fix or self._options.diff:
            issues = self._mend(file, row, issues, root, single=single)
        self._tally.add(issues)
        if issues and self._report:
            self._show(self._report, file, row.number, issues)

    def _show(self, report: reports.Report, file: str, row: int, issues: list[Issue]) -> None:
        shown = issues if self._left is None else issues[: self._left]
        if self._left is not None:
            self._left -= len(shown)
        if shown:
            report.add(file, row, shown)

    def _refuse(self, row: Row, issues: list[Issue]) -> None:
        self._tally.refused += 1
        if self._options.rejects:
            self._files.write(self._options.rejects, reject_line(row, tuple(issues)))

    def _mend(self, file: str, row: Row, issues: list[Issue], root: str | None, *, single: bool) -> list[Issue]:
        value, fixed, left = self._checker.mend(row.value, issues, root) if issues else (row.value, [], issues)
        self._tally.fixed += len(fixed)
        if self._options.fix:
            raw = (row.raw or b"").strip()
            as_it_was = raw and not fixed and b"\n" not in raw
            line = (raw if as_it_was else dumps(loads(raw) if value is None else value)) + b"\n"
            self._files.write(self._options.output, line, single=single)
            return left
        if fixed:
            print(diff(plain(file), row.number, row.value, value), file=self._out)
        return issues + [issue for issue in left if issue.code == "internal-error" and issue not in issues]

    def finish(self) -> None:
        """Write what stands at the end."""
        options, tally = self._options, self._tally
        for path in filter(None, (options.output, options.rejects)):
            self._files.ensure(path)
        if self._report:
            self._report.finish()
        elif options.statistics:
            self._statistics()
        if not options.quiet:
            if options.output_format == "text" and not options.statistics and not options.diff and tally.codes:
                print(_by_code(tally, explained=False), file=sys.stderr)
            print(tally.summary(written=options.fix), file=sys.stderr)

    def _statistics(self) -> None:
        if self._options.output_format == "json":
            for found in self._tally.by_code():
                print(json.dumps(found), file=self._out)
        elif self._tally.codes:
            print(_by_code(self._tally, explained=True), file=self._out)


def _by_code(tally: Tally, *, explained: bool) -> str:
    rows = []
    for found in tally.by_code():
        known = rules.CODES.get(found["code"]) if explained else None
        fixable = f"{found['fixable']:,} fixable" if found["fixable"] else ""
        rows.append(
            (f"{found['count']:>7,}", found["code"], found["severity"], fixable, known.sentence if known else "")
        )
    return table(rows)
