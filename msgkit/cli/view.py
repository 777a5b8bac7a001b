"""``msgkit view``: an HTML page of the rows, in one file that needs no network."""

import sys
from pathlib import Path
from typing import Any

from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.options import add_receivers
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import bar, resumable, shown_name
from msgkit.escaping import byte_size, count, plain
from msgkit.html.build import MAX_BYTES, MAX_ROWS, Viewed, page
from msgkit.rows import STANDARD

DESCRIPTION = """\
Write an HTML page of the rows: a list to sort, filter and search, conversations with images, players, tool calls next
to their results, answers side by side, and every issue where it is. One file, no network; a large page is split in
numbered parts."""
EXAMPLE = """\
msgkit view history.jsonl -o page.html
msgkit view history.jsonl -o page.html --rows 1-200 --target anthropic --payload anthropic --open"""


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("input", metavar="INPUT", help=shared.INPUT)
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="the page to write; - is standard output")
    shared.add_reading(parser, target=False)
    add_receivers(parser)
    group = parser.add_argument_group("the page")
    group.add_argument(
        "--rows", type=shared.row_range, metavar="FIRST-LAST", help="which rows to show, counted from 1 (default: all)"
    )
    described = "also show each row in this format; may be repeated"
    group.add_argument(
        "--payload", type=shared.format_name, action="append", metavar="FORMAT", default=[], help=described
    )
    group.add_argument("--max-rows", type=shared.number, metavar="N", default=MAX_ROWS, help="rows in one file")
    group.add_argument(
        "--max-bytes",
        type=shared.size,
        metavar="SIZE",
        default=MAX_BYTES,
        help="start another file after so many bytes",
    )
    group.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.add_argument("--rejects", metavar="FILE", help="JSONL of the rows that cannot be read")
    shared.add_running(parser, parts=False, engine=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Write the page."""
    places.check_input(options.input)
    places.check_page(options.output)
    places.check_outputs(options.rejects)
    places.check_apart(options, numbered=True)
    if options.open and options.output == STANDARD:
        raise UsageError("--open needs a file: give -o PAGE.html")
    with resumable(options, options.output), bar("view", options) as progress:
        viewed = page(
            options.input,
            options.output,
            **shared.named(options, *shared.RUNNING, "max_rows", "max_bytes"),
            root=shared.root_for(options.input, options.root),
            payloads=options.payload,
            progress=progress,
        )
    if not options.quiet:
        if not viewed.rows:
            print(nothing_shown(options), file=sys.stderr)
        print(summary(viewed), file=sys.stderr)
    if options.open:
        import webbrowser  # slow to load

        webbrowser.open(Path(options.output).resolve().as_uri())
    return 1 if viewed.failed else 0


def nothing_shown(options: Any) -> str:
    """Return a line that says that there are no rows, or none of those asked for."""
    asked = "no rows"
    if options.rows is not None:
        first, last = options.rows
        asked = f"no row from {first:,}" + (f" to {last:,}" if last < shared.LAST_ROW else "")
    return f"{asked} in {plain(shown_name(options.input))}"


def summary(viewed: Viewed) -> str:
    """Return what was written in one line."""
    counts = [
        count(viewed.messages, "message"),
        count(viewed.media, "medium", "media"),
        count(viewed.errors, "error"),
        count(viewed.warnings, "warning"),
    ]
    counts += [f"{count(viewed.failed, 'row')} at which msgkit failed"] if viewed.failed else []
    name = plain(viewed.names[0]) if viewed.names else "standard output"
    parts = f" and {count(len(viewed.names) - 1, 'part')}" if len(viewed.names) > 1 else ""
    return f"{count(viewed.rows, 'row')} shown: {', '.join(counts)}; {name}{parts} ({byte_size(viewed.size)})"
