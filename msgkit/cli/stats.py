"""``msgkit stats``: what a file of rows holds, as tables, as JSON, or as a page with plots."""

import json
import sys
from typing import Any

from msgkit import html
from msgkit.cli import options as shared
from msgkit.cli import places
from msgkit.cli.options import add_receivers
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.run_step import add_inputs, bar, empty, resumable, show_refused
from msgkit.escaping import byte_size, count, plain
from msgkit.html.rows import name_of
from msgkit.html.statistics import Stats, TokenizerError
from msgkit.rows import STANDARD

DESCRIPTION = """\
Count messages by role and channel, parts by type, media by type with bytes, pixels and seconds, what extract would
save, tokens by target, and requests over its limits. One pass, constant memory."""
EXAMPLE = """\
msgkit stats history.jsonl
msgkit stats history.jsonl --output-format json --html stats.html"""


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_inputs(parser)
    shared.add_reading(parser, target=False)
    add_receivers(parser, "those with limits of their own")
    group = parser.add_argument_group("counting")
    group.add_argument(
        "--rows", type=shared.row_range, metavar="FIRST-LAST", help="which rows to count, counted from 1 (default: all)"
    )
    described = "what counts text: o200k_base, cl100k_base, or a tokenizer.json file (default: a rule of thumb)"
    group.add_argument("--tokenizer", metavar="NAME", help=described)
    group = parser.add_argument_group("reporting")
    group.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")
    described = "also write a page with plots; - is standard output, and nothing else goes there"
    group.add_argument("--html", metavar="PAGE", help=described)
    parser.add_argument("--rejects", metavar="FILE", help="JSONL of the rows that cannot be read")
    shared.add_running(parser, parts=False)
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Count, and show."""
    places.check_inputs(options)
    if options.html is not None:
        places.check_page(options.html)
    places.check_outputs(options.rejects)
    places.check_apart(options)
    try:
        with resumable(options, None), bar("stats", options) as progress:
            stats = html.stats(
                tuple(options.inputs),
                **shared.named(options, *shared.RUNNING, "engine", "tokenizer"),
                root=shared.roots(options.inputs, options.root),
                progress=progress,
            )
    except TokenizerError as error:
        raise UsageError(str(error)) from None
    _show(stats, options)
    return 1 if stats.failed else 0


def _show(stats: Stats, options: Any) -> None:
    written = 0
    if options.html is not None:
        written = html.write_page(html.stats_page(stats, ", ".join(map(name_of, options.inputs[:3]))), options.html)
    if options.html == STANDARD:
        pass
    elif options.output_format == "json":
        print(json.dumps(stats.as_dict(), indent=2))
    else:
        print(html.stats_text(stats))
    for failure in stats.failures:
        show_refused(options.input, failure.row, failure.issues)
    if not options.quiet:
        for line in empty(options.inputs, stats.rows):
            print(line, file=sys.stderr)
        page = f"; {plain(options.html)} ({byte_size(written)})" if written and options.html != STANDARD else ""
        counted = f"{stats.rows - stats.unreadable:,} with messages, {stats.unreadable:,} without"
        failed = f"; {count(stats.failed, 'row')} at which msgkit failed" if stats.failed else ""
        print(f"{count(stats.rows, 'row')} read: {counted}{failed}{page}", file=sys.stderr)
