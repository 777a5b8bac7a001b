"""What inline and extract tell of each medium: lines of --report, of --verbose, and of base64 that is left."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import msgspec

from msgkit.cli.parser import Parser
from msgkit.cli.run_step import run_step, shown_name
from msgkit.cli.terminal import hidden
from msgkit.escaping import byte_size, plain
from msgkit.pipeline.steps.base import Step
from msgkit.rows.writing import Output, writing

_SHOWN = 10  # places where base64 is left that are shown; --verbose shows all


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
            line = {"file": shown_name(self._options.inputs[file]), "row": int(row), **msgspec.json.decode(text)}
            if self._output is not None:
                self._output.write(msgspec.json.encode(line) + b"\n")
            if "code" in line:
                self._left += 1
            if not self._options.quiet and (self._options.verbose or ("code" in line and self._left <= _SHOWN)):
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
