"""``msgkit extract``: base64 parts -> files named by their content."""

import os
from pathlib import Path
from typing import Any

from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.media_report import add_report, run_told
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import add_files, check_files
from msgkit.escaping import quote_path
from msgkit.media.faults import SystemFaultError
from msgkit.media.store import Store
from msgkit.pipeline.steps.inlining import Extract
from msgkit.rows import is_folder, is_remote

DESCRIPTION = """\
Write base64 parts to files in DIR, each distinct one once, named by the SHA-256 of its bytes. Rows get references
relative to the output's folder, so `msgkit inline` embeds them again."""
EXAMPLE = "msgkit extract inlined.jsonl -o light.jsonl --media media"


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_files(parser)
    described = "folder of the files, below the folder of OUTPUT; created if missing"
    parser.add_argument("--media", type=shared.new_folder, metavar="DIR", help=described)
    described = "files in DIR, or columns of the rows, which are Image and Audio columns of Hugging Face datasets in a "
    described += ".parquet OUTPUT (default: files)"
    parser.add_argument("--as", dest="place", choices=("files", "columns"), default="files", help=described)
    add_report(parser)
    shared.add_reading(parser, root=False, target=False)
    shared.add_refusing(parser)
    shared.add_running(parser, replacing=True)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Extract every row of the input."""
    check_files(options, options.report)
    told = options.report is not None or options.verbose
    if (options.media is None) == (options.place == "files"):
        raise UsageError("expected --media DIR, or --as columns")
    if options.media is None:
        step = Extract(format=options.format, columns=options.columns, report=told)
        return run_told("extract", step, options)
    if is_remote(options.output):
        raise UsageError("--media is a folder of this machine, in that of OUTPUT: write there, and copy both")
    output = Path(os.path.abspath(options.output))  # noqa: PTH100
    base = Path.cwd() if options.output == "-" else output if is_folder(options.output) else output.parent
    folder = Path(os.path.abspath(options.media))  # noqa: PTH100 (links stay as they are named)
    _check_place(folder, base)
    shown = {"format": options.format, "columns": options.columns, "report": told}
    step = Extract(str(folder), relative_to=str(base), **shown)
    return run_told("extract", step, options)


def _check_place(folder: Path, base: Path) -> None:
    if not folder.is_relative_to(base) or folder == base:
        message = f"--media must name a folder in that of OUTPUT ({quote_path(base)}), so that references lead to it"
        raise UsageError(message)
    try:
        Store(folder).prepare()
    except SystemFaultError as error:
        raise places.bad_place(f"{quote_path(folder)} (--media)", error) from None
