"""A step over files, as inline, extract and convert do it: checks before, progress, refused rows, reports of media."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import msgspec

from msgkit import pipeline
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.signals import stoppable
from msgkit.errors import Issue
from msgkit.escaping import as_unicode, byte_size, count, plain
from msgkit.pipeline.report import OnProgress, Progress
from msgkit.pipeline.steps.base import Step
from msgkit.rows import is_local
from msgkit.rows.writing import Output, writing

RESUME = "the same command with --resume goes on from here"

_OPTIONS = (
    "workers", "on_error", "rejects", "resume", "shard", "max_bytes", "max_rows", "in_place", "backup", "compression",
    "lock", "engine", "max_row",
)  # fmt: skip
SHOWN = 10  # refused rows that are shown (--rejects keeps all), and places where base64 is left (--verbose shows all)
_MOST = 5  # issues of each that are shown


def add_inputs(parser: Parser) -> None:
    """Add the inputs."""
    described = f"{shared.INPUT}; several, a folder or a pattern are read one after another"
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help=described)


def add_files(parser: Parser) -> None:
    """Add the input and the output."""
    add_inputs(parser)
    described = "a file of these kinds; - writes JSONL to standard output; FOLDER/ gets a part for each input"
    parser.add_argument("-o", "--output", metavar="OUTPUT", help=described)


def check_files(options: Any, *more: str | None) -> None:
    """Refuse files that cannot be, before anything is read."""
    places.check_inputs(options)
    places.check_replacing(options)
    places.check_outputs(options.output, options.rejects, *more)
    places.check_apart(options, numbered=options.max_bytes is not None or options.max_rows is not None)


def run_step(
    name: str,
    step: Step | Sequence[Step],
    options: Any,
    *,
    ledger: str | None = None,
    notes: Callable[[int, bytes], object] | None = None,
) -> int:
    """Put every row of the input through *step*; return 1 if a row was refused."""
    report = run_pipeline(name, step, options, destination=options.output, ledger=ledger, notes=notes)
    return 1 if report is None else finish(options, report)


def run_pipeline(
    name: str,
    step: Step | Sequence[Step],
    options: Any,
    *,
    destination: str | None,
    ledger: str | None = None,
    notes: Callable[[int, bytes], object] | None = None,
) -> pipeline.Report | None:
    """Run a pipeline as *options* say."""
    sources = sources_of(options)
    chosen = {key: getattr(options, key) for key in _OPTIONS if getattr(options, key, None) is not None}
    try:
        with resumable(options, destination), bar(name, options) as on_progress:
            report = pipeline.run(
                step, sources, destination, ledger=ledger, notes=notes, progress=on_progress, **chosen
            )
            if options.verbose:
                _tell(report)
            return report
    except pipeline.StoppedError as stop:
        file = stop.report.refusals[0].file if stop.report.refusals else None
        show_refused(file or sources[0], stop.number, stop.issues)
        print(f"stopped at row {stop.number:,}: no output was written", file=sys.stderr)
    except pipeline.NotReplacedError as refused:
        _show_first(sources[0], refused.report)
        print(refused, file=sys.stderr)
    return None


@contextmanager
def resumable(options: Any, destination: str | None) -> Iterator[None]:
    """Let a signal stop the block, and say how to go on."""
    try:
        with stoppable():
            yield
    except (pipeline.UsageError, pipeline.ResumeError) as error:
        raise UsageError(str(error)) from None
    except (KeyboardInterrupt, SystemExit) as end:
        names = [*sources_of(options), *([] if destination is None else [destination])]
        if all(map(is_local, names)):
            end.add_note(RESUME)
        raise


def _tell(report: pipeline.Report) -> None:
    """Say what --verbose adds to the summary."""
    took = f"{report.seconds:,.1f} s, {report.starting:,.1f} s of them to start"
    lines = [took, *(f"wrote {plain(path)}" for path in report.outputs)]
    lines += [f"{number:>7,} refused: {code}" for code, number in sorted(report.codes.items())]
    print("\n".join(lines), file=sys.stderr)


@contextmanager
def bar(name: str, options: Any) -> Iterator[OnProgress | None]:
    """Show a progress bar while the block runs; yield what takes the progress, or None where no bar is shown."""
    if options.quiet or options.no_progress or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    begun = f"{name}, starting"
    with tqdm(desc=begun, unit="B", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr) as shown:

        def on_progress(progress: Progress) -> None:
            first = progress.rows > 0 and shown.desc == begun
            if first:
                shown.set_description(name, refresh=False)
                shown.unpause()  # the rate is that of the rows, without the time to start
            shown.total = progress.total
            shown.set_postfix_str(f"{progress.rows:,} rows", refresh=False)
            shown.update(progress.done - shown.n)
            if first:
                shown.refresh()

        yield on_progress


@contextmanager
def hidden() -> Iterator[None]:
    """Take the progress bar from the terminal while the block prints."""
    if "tqdm" not in sys.modules:
        yield
        return
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stdout):
        yield


def sources_of(options: Any) -> list[str]:
    """Return the inputs."""
    return list(options.inputs) if hasattr(options, "inputs") else [options.input]


def finish(options: Any, report: pipeline.Report) -> int:
    """Show the refused rows and the summary; return 1 if a row was refused."""
    if not options.quiet:
        sources = sources_of(options)
        _show_first(sources[0], report)
        for line in (*empty(sources, report.read), *rootless(options, report.codes)):
            print(line, file=sys.stderr)
        print(report.summary(), file=sys.stderr)
    return 1 if report.refused else 0


def empty(sources: Sequence[str], rows: int) -> list[str]:
    """Return a line that says so if there were no rows at all."""
    return [] if rows else [f"no rows in {', '.join(map(plain, map(shown_name, sources)))}"]


def rootless(options: Any, codes: Iterable[str]) -> list[str]:
    """Return a line that says where references were looked for, if some were not found and no root was given."""
    if "reference-not-found" not in codes or getattr(options, "root", "") is not None:
        return []
    return ["references are looked for from the folder of the input; --root DIR names another"]


def _show_first(file: str, report: pipeline.Report) -> None:
    for refusal in report.refusals[:SHOWN]:
        show_refused(refusal.file or file, refusal.row, refusal.issues)
    if report.refused > SHOWN:
        print(more_refused(report.refused), file=sys.stderr)


def more_refused(refused: int) -> str:
    """Return what is below the refused rows that are shown, when there are more."""
    return f"and {count(refused - SHOWN, 'more refused row')}: --rejects FILE keeps them all"


def shown_name(file: str) -> str:
    """Return what a file is called in messages."""
    return "<stdin>" if file == "-" else file


def show_refused(file: str, row: int, issues: Sequence[Issue]) -> None:
    """Say on standard error why a row is refused."""
    name = plain(shown_name(file))
    for issue in issues[:_MOST]:
        hint = f" ({issue.hint})" if issue.hint else ""
        print(f"{name}:{row}: {plain(str(issue) + hint)}", file=sys.stderr)
    if len(issues) > _MOST:
        print(f"{name}:{row}: and {count(len(issues) - _MOST, 'more issue')}", file=sys.stderr)


def add_report(parser: Parser) -> None:
    """Add the option."""
    described = "write a JSON line for each medium: file, row, path, media_type, reference, changes, bytes before and "
    parser.add_argument("--report", metavar="FILE", help=described + "after")


def run_told(name: str, steps: Step | Sequence[Step], options: Any) -> int:
    """Put every row through a step that moves media, and tell of each medium what was asked for."""
    with nullcontext() if options.report is None else writing(options.report) as output:
        return run_step(name, steps, options, notes=_MediaReport(output, options).take)


class _MediaReport:
    """Takes the notes of the steps."""

    def __init__(self, output: Output | None, options: Any) -> None:
        self._output, self._options = output, options
        self._left = 0

    def take(self, file: int, note: bytes) -> None:
        """Write and show what a row's note tells."""
        row, _, body = note.partition(b"\t")
        for text in body.split(b"\n"):
            name = as_unicode(shown_name(self._options.inputs[file]))
            line = {"file": name, "row": int(row), **msgspec.json.decode(text)}
            if self._output is not None:
                self._output.write(msgspec.json.encode(line) + b"\n")
            if "code" in line:
                self._left += 1
            if not self._options.quiet and (self._options.verbose or ("code" in line and self._left <= SHOWN)):
                with hidden():
                    print(plain(_told(line)), file=sys.stderr)


def _told(line: dict[str, Any]) -> str:
    at = f"{line['file']}:{line['row']}: {line['path']}"
    if "code" in line:
        return f"{at}: {line['code']}: {line['message']}"
    what = ", ".join(line["changes"]) or line["media_type"]
    before, after = line["bytes_before"], line["bytes_after"]
    sizes = byte_size(before) if before == after else f"{byte_size(before)} to {byte_size(after)}"
    reference = f" {line['reference']}" if line["reference"] else ""
    return f"{at}:{reference} {what} ({sizes})"
