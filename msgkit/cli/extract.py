"""``msgkit extract``: base64 parts -> files named by their content."""

import os
from pathlib import Path
from typing import Any

from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import add_files, add_report, check_files, run_told
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
    places.check_media(folder, base, "that of OUTPUT")
    shown = {"format": options.format, "columns": options.columns, "report": told}
    step = Extract(str(folder), relative_to=str(base), **shown)
    return run_told("extract", step, options)
