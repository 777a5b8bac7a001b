"""``msgkit check``: every issue of every row, and the safe fixes."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal

import attrs

from msgkit import rules, targets
from msgkit.api.receivers import Receiver, receivers
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.check_row import Checker, Copies, RowIssues, copies, read_note
from msgkit.cli.check_summary import Baseline, Summary
from msgkit.cli.options import add_receivers
from msgkit.cli.parser import Parser, UsageError, one_of
from msgkit.cli.reports import REPORTS
from msgkit.cli.reports import Report as IssueReport
from msgkit.cli.run_step import add_inputs, empty, hidden, rootless, run_pipeline, shown_name
from msgkit.errors import Issue, UnknownNameError, nearest, quote
from msgkit.escaping import plain, table
from msgkit.pipeline import Report

DESCRIPTION = "List every issue of every row: FILE:ROW: PATH: CODE: message. `msgkit rules CODE` explains a code."
EXAMPLE = """\
msgkit check history.jsonl --target anthropic
msgkit check history.jsonl --fix -o fixed.jsonl"""


def codes(text: str) -> frozenset[str]:
    """Convert codes, families, and beginnings of codes, separated by commas."""
    names: set[str] = set()
    for name in shared.name_list(text):
        begun = {code for code in rules.CODES if code.startswith(name)}
        if not begun and name not in rules.FAMILIES:
            raise argparse.ArgumentTypeError(unknown_rule(name))
        names |= rules.FAMILIES.get(name, {name} if name in rules.CODES else begun)
    return frozenset(names)


def selected(text: str) -> frozenset[str]:
    """Convert the same for ``--select``, where a word that selects nothing would make every row clean."""
    names = codes(text)
    if not names:
        raise argparse.ArgumentTypeError("expected a code or a family, got none")
    others = sorted(name for name in names if rules.CODES[name].command != "msgkit check")
    if others:
        message = f"check does not report {', '.join(others)}; `msgkit rules {others[0]}` says who does"
        raise argparse.ArgumentTypeError(message)
    return names


def file_ignores(text: str) -> tuple[str, frozenset[str]]:
    """Convert a pattern of file names and the codes to leave out there."""
    pattern, colon, names = text.rpartition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected PATTERN:CODES, got {quote(text)}")
    return pattern, codes(names)


def unknown_rule(name: str) -> str:
    """Say that there is no such code or family, and what is nearest."""
    names = [*rules.CODES, *rules.FAMILIES]
    if nearest(name, names) is None:
        return f"unknown rule {quote(name)}; families are {', '.join(rules.FAMILIES)}; `msgkit rules` lists their codes"
    return str(UnknownNameError("rule", name, names))


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_inputs(parser)
    shared.add_reading(parser, target=False)
    add_receivers(parser)
    group = parser.add_argument_group("rules")
    described = "codes or families to report, separated by commas (default: all)"
    group.add_argument("--select", type=selected, action="append", metavar="CODES", help=described)
    group.add_argument("--ignore", type=codes, action="append", metavar="CODES", help="codes or families to leave out")
    described = "codes to leave out in the files of a pattern: 'old/*.jsonl:role-order'"
    group.add_argument(
        "--per-file-ignores", type=file_ignores, action="append", metavar="PATTERN:CODES", help=described
    )
    described = "report only what an earlier check did not: FILE is what --output-format json wrote then"
    group.add_argument("--baseline", metavar="FILE", help=described)
    described = "rows are sent as they are: local references are errors"
    group.add_argument("--ready", action="store_true", help=described)
    group = parser.add_argument_group("reporting")
    described = (
        "text: a line for each issue; full: with remedies and sources; json: an object a line; github: annotations; "
    )
    described += "sarif: a log for code scanning (default: text)"
    group.add_argument("--output-format", choices=tuple(REPORTS), default="text", help=described)
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
    group.add_argument("--media", type=shared.new_folder, metavar="DIR", help=described)
    described = "JSONL of the rows with errors; with --fix: of the rows that could not be read"
    group.add_argument("--rejects", metavar="FILE", help=described)
    shared.add_running(parser, parts=False, replacing=True)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Check every input; return 1 if an issue of severity error was found (or was left)."""
    _refuse_wrong_use(options)
    steps = _steps(options)
    work = _Work(options, steps)
    report = run_pipeline("check", steps, options, destination=options.output, notes=work.take)
    if report is None:
        return 1
    work.finish(report)
    return 1 if work.summary.errors else 0


def _steps(options: Any) -> list[Checker]:
    """One step for each input: its references are below its own folder."""
    mode: Literal["report", "fix", "diff"] = "fix" if options.fix else "diff" if options.diff else "report"
    return [
        Checker(
            receivers=_receivers(options),
            format=options.format,
            columns=options.columns,
            root=shared.root_for(path, options.root),
            select=frozenset().union(*options.select) if options.select else None,
            ignore=_ignored(options, path),
            ready=options.ready,
            mode=mode,
            name=plain(shown_name(path)),
            refuses=options.rejects is not None,
            unsafe=tuple(options.fix_unsafe),
            copies=_copies(options),
        )
        for path in options.inputs
    ]


def _ignored(options: Any, path: str) -> frozenset[str]:
    """Return the codes to leave out in one file."""
    for_file = [codes for pattern, codes in options.per_file_ignores or () if Path(path).match(pattern)]
    return frozenset().union(*options.ignore or (), *for_file)


def _receivers(options: Any) -> tuple[Receiver, ...]:
    return receivers(options.target or [], options.model or [])


def _copies(options: Any) -> Copies | None:
    if options.media is None:
        return None
    return copies(options.media, shared.root_for(options.inputs[0], options.root))


def _refuse_wrong_use(options: Any) -> None:
    places.check_inputs(options)
    if options.fix and options.diff:
        raise UsageError("--fix writes and --diff only shows: choose one")
    if options.fix:
        places.check_replacing(options)
    elif options.output is not None or options.in_place or options.backup is not None:
        raise UsageError("-o OUTPUT and --in-place go with --fix")
    places.check_outputs(options.output, options.rejects)
    places.check_apart(options)
    if options.media is not None and len(options.inputs) > 1:
        raise UsageError("--media takes one INPUT")
    if (options.fix or options.diff) and len(_receivers(options)) > 1:
        raise UsageError("--fix and --diff take one target and model")
    if options.fix_unsafe and not (options.fix or options.diff):
        raise UsageError("--fix-unsafe goes with --fix or --diff")
    if options.media is not None and not options.fix:
        raise UsageError("--media goes with --fix")
    if options.statistics and (options.diff or options.output_format in ("github", "sarif")):
        raise UsageError("--statistics is written as text or json")


_MOST_NOTES = 10_000  # that are distinguished from each other


class _Work:
    """What is shown of each row's issues, by the options."""

    def __init__(self, options: Any, steps: list[Checker]) -> None:
        receivers = steps[0].receivers
        named = receivers[0].target
        self._most = None if named is None else targets.get(named).batch.max_requests
        self.summary = Summary(tuple(receiver.name for receiver in receivers) if len(receivers) > 1 else ())
        self._options, self._steps = options, steps
        self._out = sys.stderr if options.output == "-" else sys.stdout
        self._left = options.max_issues
        self._files: dict[int, rules.BatchFile] = {}
        self._notes: set[tuple[str, str, str, str | None]] = set()
        self._baseline = None if options.baseline is None else Baseline(options.baseline)
        self._report = None
        if not (options.statistics or options.diff):
            self._report = REPORTS[options.output_format](self._out)

    def take(self, file: int, note: bytes) -> None:
        """Count and show the issues of one row."""
        row_issues = self._across(file, read_note(note))
        if self._baseline is not None:
            new = self._baseline.new(shown_name(self._options.inputs[file]), row_issues.issues)
            row_issues = attrs.evolve(row_issues, issues=new)
        self.summary.add(row_issues.issues)
        if row_issues.diff:
            with hidden():
                print(row_issues.diff, file=self._out)
        if row_issues.issues and self._report:
            self._show(self._report, shown_name(self._options.inputs[file]), row_issues)

    def _across(self, file: int, row_issues: RowIssues) -> RowIssues:
        """Add what a line of a Batch file has that the rows before it forbid."""
        if row_issues.batch is None:
            return row_issues
        across = self._files.setdefault(file, rules.BatchFile(self._most)).add(row_issues.batch)
        wanted = [issue for issue in across if self._steps[file].wants(issue.code)]
        return attrs.evolve(row_issues, issues=(*row_issues.issues, *wanted)) if wanted else row_issues

    def _show(self, report: IssueReport, file: str, row_issues: RowIssues) -> None:
        new = [issue for issue in row_issues.issues if issue.severity != "info" or self._is_new(file, issue)]
        shown = new if self._left is None else new[: self._left]
        if self._left is not None:
            self._left -= len(shown)
        if shown:
            with hidden():
                report.add(file, row_issues.row, shown)

    def _is_new(self, file: str, issue: Issue) -> bool:
        """Return whether a note is the first of its kind in a file: most of them hold for every row of it."""
        note = (file, issue.code, issue.message, issue.target)
        if self._options.output_format == "json" or len(self._notes) >= _MOST_NOTES:
            return True
        is_new = note not in self._notes
        self._notes.add(note)
        return is_new

    def finish(self, report: Report) -> None:
        """Write what is at the end."""
        options = self._options
        if self._report:
            self._report.finish()
        elif options.statistics:
            self._statistics()
        if options.quiet:
            return
        for line in (*empty(options.inputs, report.read), *rootless(options, {code for code, _ in self.summary.codes})):
            print(line, file=sys.stderr)
        is_listed = options.output_format in ("text", "full") and not (options.statistics or options.diff)
        if is_listed and self.summary.codes:
            print(_by_code(self.summary, explained=False), file=sys.stderr)
        if self.summary.receivers:
            print(self.summary.by_receiver(report.read), file=sys.stderr)
        print(self.summary.line(report, written=options.fix), file=sys.stderr)

    def _statistics(self) -> None:
        if self._options.output_format == "json":
            for counted in self.summary.by_code():
                print(json.dumps(counted), file=self._out)
        elif self.summary.codes:
            print(_by_code(self.summary, explained=True), file=self._out)


def _by_code(summary: Summary, *, explained: bool) -> str:
    rows = []
    for counted in summary.by_code():
        rule = rules.CODES.get(counted["code"]) if explained else None
        fixable = f"{counted['fixable']:,} fixable" if counted["fixable"] else ""
        sentence = rule.sentence if rule else ""
        rows.append((f"{counted['count']:>7,}", counted["code"], counted["severity"], fixable, sentence))
    return table(rows)
