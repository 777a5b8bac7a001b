"""``msgkit inline``: local references -> base64 parts."""

import argparse
import re
from typing import Any, cast

from msgkit.cli import options as shared
from msgkit.cli.options import add_model
from msgkit.cli.parser import Parser
from msgkit.cli.run_step import add_files, add_report, check_files, run_told
from msgkit.errors import quote
from msgkit.media.options import DEFAULT, MP3_KILOBITS, InlineOptions, Limits
from msgkit.pipeline.steps.inlining import Inline

DESCRIPTION = """\
Embed referenced images, audio and files as base64 parts. What the target takes is copied byte for byte; the rest is
converted to fit. Remote URLs stay as they are: nothing is ever fetched."""
EXAMPLE = """\
msgkit inline history.jsonl -o inlined.jsonl
msgkit inline history.jsonl -o fits.jsonl --root photos --target anthropic --strip-metadata"""

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}|[a-z]{3,20}")


def add_options(parser: Parser) -> None:
    """Add the options."""
    add_files(parser)
    shared.add_reading(parser)
    add_model(parser)
    group = parser.add_argument_group("making media fit")
    described = "remove GPS position, owner and other metadata from every image; no pixel changes"
    group.add_argument("--strip-metadata", action="store_true", help=described)
    described = "scale images down to the size above which the target does so itself"
    group.add_argument("--shrink", action="store_true", help=described)
    described = "behind transparent pixels, where the target takes no alpha: a name or #rrggbb (default: white)"
    group.add_argument("--background", type=_colour, metavar="COLOUR", help=described)
    group.add_argument("--audio-format", choices=("wav", "mp3"), help="format of converted audio (default: wav)")
    group.add_argument("--audio-rate", type=_rate, metavar="HZ", help="sample rate of converted audio, such as 16000")
    group.add_argument("--audio-channels", type=int, choices=(1, 2), help="1 = mono, 2 = stereo")
    described = "kilobits a second of converted MP3 (default: 128)"
    group.add_argument("--audio-bitrate", type=int, choices=MP3_KILOBITS, metavar="KBIT", help=described)
    described = "refuse the row if audio is longer (default: the target's limit)"
    group.add_argument("--audio-max-seconds", type=shared.seconds, metavar="S", help=described)
    group.add_argument(
        "--audio-trim", action="store_true", help="truncate audio that is too long, instead of refusing the row"
    )
    described = "a TIFF of several pages that is converted: every page, the first, or refuse the row (default)"
    group.add_argument("--pages", choices=("all", "first", "refuse"), help=described)
    described = "a PDF where the target takes none: an image of each page, or refuse the row (pass, the default)"
    group.add_argument("--pdf", choices=("pass", "pages"), help=described)
    described = "a text file where the target takes none: make it a text part, or refuse the row (default)"
    group.add_argument("--text-files", choices=("part", "refuse"), help=described)
    group.add_argument(
        "--cache", type=shared.new_folder, metavar="DIR", help="cache converted media in DIR across runs"
    )
    _add_limits(parser)
    add_report(parser)
    shared.add_refusing(parser)
    shared.add_running(parser, replacing=True)
    shared.add_quiet(parser)


def _add_limits(parser: Parser) -> None:
    about = "for media that are decoded; of those that are copied as they are, only the bytes are limited"
    group = parser.add_argument_group("msgkit's own limits", about)
    own = f"pixels of a decoded image, each 4 bytes of memory (default: {DEFAULT.image_pixels:,})"
    group.add_argument("--max-pixels", type=shared.number, metavar="N", help=own)
    own = f"pixels of each side of a decoded image (default: {DEFAULT.image_side:,})"
    group.add_argument("--max-side", type=shared.number, metavar="N", help=own)
    group.add_argument("--max-file", type=shared.size, metavar="SIZE", help="bytes of one file (default: 128 MiB)")
    group.add_argument("--max-row", type=shared.size, metavar="SIZE", help="bytes of a row (default: 64 MiB)")
    own = f"seconds of decoded audio (default: {DEFAULT.audio_seconds:,.0f})"
    group.add_argument("--max-seconds", type=shared.seconds, metavar="S", help=own)


_LIMITS = {
    "max_pixels": "image_pixels",
    "max_side": "image_side",
    "max_file": "file_bytes",
    "max_row": "row_bytes",
    "max_seconds": "audio_seconds",
}


def run(options: Any) -> int:
    """Inline every row of the input."""
    check_files(options, options.report)
    steps = [
        Inline(
            root=root,
            options=_fitting(options),
            report=options.report is not None or options.verbose,
            **shared.named(options, "target", "model", "format", "columns"),
        )
        for root in shared.roots(options.inputs, options.root)
    ]
    return run_told("inline", steps, options)


def _fitting(options: Any) -> InlineOptions:
    """Return what the user chose about fitting; the rest is the library's own default."""
    audio = ("format", "rate", "channels", "bitrate", "max_seconds", "trim")
    names = ["strip_metadata", "shrink", "background", "pages", "pdf", "text_files", "cache"]
    chosen = {name: getattr(options, name) for name in [*names, *(f"audio_{name}" for name in audio)]}
    limits = {
        name: getattr(options, option) for option, name in _LIMITS.items() if getattr(options, option) is not None
    }
    if limits:
        chosen["limits"] = Limits(**limits)
    return cast(InlineOptions, {name: value for name, value in chosen.items() if value not in (None, False)})


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise argparse.ArgumentTypeError(f"expected the name of a colour or #rrggbb, got {quote(text)}")
    return text


def _rate(text: str) -> int:
    rate = shared.number(text)
    if not 4_000 <= rate <= 192_000:  # noqa: PLR2004 (what audio files have)
        raise argparse.ArgumentTypeError(f"expected 4,000 to 192,000 samples a second, got {rate:,}")
    return rate
