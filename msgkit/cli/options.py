"""Options that several commands have, the same wherever they apply."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgkit.cli.parser import Parser, one_of
from msgkit.errors import MsgkitError, quote
from msgkit.rows import is_local, is_remote

_UNITS = {"": 1, "B": 1}
_UNITS |= {f"{prefix}B": 1000**power for power, prefix in enumerate("KMGT", 1)}
_UNITS |= {f"{prefix}IB": 1024**power for power, prefix in enumerate("KMGT", 1)}
_SIZE = re.compile(r"([0-9][0-9_,]*(?:\.[0-9]+)?)\s*([A-Za-z]{0,3})")
_SHARD = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_ROWS = re.compile(r"([0-9]{1,12})(?:(-)([0-9]{1,12})?)?")
LAST_ROW = 10**12
_MOST_WORKERS = 1024
_ANY = "generic"  # a target without models

INPUT = ".jsonl, .json (a row or an array of rows), .parquet, each also .gz or .zst; s3://, gs://, hf://; - reads JSONL"


def number(text: str) -> int:
    """Convert a whole number of at least 1."""
    if not re.fullmatch(r"[0-9][0-9_]{0,15}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {quote(text)}")
    return int(text)


def seconds(text: str) -> float:
    """Convert a number of seconds above 0."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {quote(text)}")
    return float(text)


def size(text: str) -> int:
    """Convert a number of bytes, with or without a unit."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or match[2].upper() not in _UNITS:
        raise argparse.ArgumentTypeError(f"expected a size such as 200MB, got {quote(text)}")
    count = int(float(match[1].replace("_", "").replace(",", "")) * _UNITS[match[2].upper()])
    if count < 1:
        raise argparse.ArgumentTypeError("expected a size of at least one byte")
    return count


def shard(text: str) -> tuple[int, int]:
    """Convert ``I/N``: the I-th of N parts, counted from 1."""
    match = _SHARD.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"expected I/N with I from 1 to N, such as 2/8, got {quote(text)}")
    return int(match[1]), int(match[2])


def row_range(text: str) -> tuple[int, int]:
    """Convert a range of rows, counted from 1."""
    match = _ROWS.fullmatch(text)
    first = int(match[1]) if match else 0
    last = first if match and not match[2] else int((match and match[3]) or LAST_ROW)
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"expected rows such as 1-200, 17 or 300-, got {quote(text)}")
    return first, last


def workers(text: str) -> int:
    """Convert a number of workers."""
    count = number(text)
    if count > _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"expected at most {_MOST_WORKERS} workers, got {count:,}")
    return count


def format_name(text: str) -> str:
    """Convert the name of a format."""
    from msgkit.formats import FORMATS

    return one_of("format", FORMATS)(text)


def target_name(text: str) -> str:
    """Convert the name of a target or the path of its file, which is read, so that a fault in it is wrong usage."""
    from msgkit import targets
    from msgkit.api.receivers import target_with

    try:
        targets.get(text)
    except MsgkitError as error:
        owner = target_with(text, _ANY)
        told = str(error) if owner == _ANY else f"{quote(text)} is a model: --target {owner} --model {text}"
        raise argparse.ArgumentTypeError(told) from None
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{quote(text)}: {error.strerror}") from None
    return text


def name_list(text: str) -> tuple[str, ...]:
    """Convert names with commas between them."""
    return tuple(name for name in map(str.strip, text.split(",")) if name)


def column_names(text: str) -> tuple[str, ...]:
    """Convert the names of columns."""
    from msgkit.formats.common.columns import names_of

    names = name_list(text)
    try:
        names_of(names)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return names


def add_reading(parser: Parser, *, root: bool = True, target: bool = True) -> None:
    """Add what says how rows are read."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--format", type=format_name, metavar="NAME", help="format of the input (default: told from each row's shape)"
    )
    described = "columns of other names: NAME=image|audio|video (NAME alone if it says so), NAME=messages for a list, "
    described += "NAME=system|user|assistant for texts; several with commas"
    group.add_argument("--columns", type=column_names, action="extend", metavar="NAMES", default=[], help=described)
    if target:
        described = "whose rules and limits apply, or a TOML file (default: the target named like the format)"
        group.add_argument("--target", type=target_name, metavar="NAME", help=described)
    if root:
        described = "references may not leave DIR (default: the input file's folder; none for standard input)"
        group.add_argument("--root", type=folder, metavar="DIR", help=described)


def add_refusing(parser: Parser) -> None:
    """Add what becomes of refused rows."""
    group = parser.add_argument_group("refused rows")
    described = "at a refused row: stop (exit 1, no output), or skip the row (default: skip)"
    group.add_argument("--on-error", choices=("stop", "skip"), default="skip", help=described)
    described = 'JSONL of the refused rows: {"row", "issues", "input"}'
    group.add_argument("--rejects", metavar="FILE", help=described)


_BOUNDS = """\
Memory does not grow with the input: some 30 MiB a process, and at most 64 MiB and four times the largest row for each
worker; with Parquet 250 MiB, or five times the largest row group. Some 20 open files a process. What is done is kept
every second in a hidden folder beside the output: the rows as JSONL, which become the output, or are compressed into
it. --resume goes on from there within a second; an input that is compressed or one JSON array is read again so far."""


def add_running(parser: Parser, *, parts: bool = True, replacing: bool = False, engine: bool = True) -> None:
    """Add what says how a long run is done."""
    group = parser.add_argument_group("running", _BOUNDS)
    described = "parallel workers; order is kept (default: one for each core, one for a small input)"
    group.add_argument("--workers", type=workers, metavar="N", help=described)
    described = "only the I-th of N parts of the input, counted from 1"
    group.add_argument("--shard", type=shard, metavar="I/N", help=described)
    described = "continue an interrupted run; the result is byte for byte the same"
    group.add_argument("--resume", action="store_true", help=described)
    described = "do not lock the output against other runs: for file systems without locks"
    group.add_argument("--no-lock", dest="lock", action="store_false", help=described)
    if parts:
        described = "split the output in numbered parts of at most SIZE, such as 200MB"
        group.add_argument("--max-bytes", type=size, metavar="SIZE", help=described)
        described = "split the output in numbered parts of at most N rows"
        group.add_argument("--max-rows", type=number, metavar="N", help=described)
    if replacing:
        described = "replace the input by the output, unless a row was refused"
        group.add_argument("--in-place", action="store_true", help=described)
        described = "with --in-place: keep the input as INPUT with this suffix, such as .bak"
        group.add_argument("--backup", metavar="SUFFIX", help=described)
        described = "of a .parquet output (default: zstd)"
        group.add_argument("--compression", choices=("zstd", "snappy", "none"), default="zstd", help=described)
    if engine:
        described = "run on this machine, or on a Ray cluster (default: local)"
        group.add_argument("--engine", choices=("local", "ray"), default="local", help=described)


def add_quiet(parser: Parser) -> None:
    """Add what is shown while working."""
    described = "file of options (default: msgkit.toml or pyproject.toml, in this folder or above)"
    parser.add_argument("--config", metavar="FILE", help=described)
    group = parser.add_argument_group("output on standard error")
    described = "also the configuration file, the outputs, the time, and refused rows by code"
    group.add_argument("-v", "--verbose", action="store_true", help=described)
    group.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    group.add_argument("--no-progress", action="store_true", help="no progress bar")


def named(options: Any, *names: str) -> dict[str, Any]:
    """Return some options by name."""
    return {name: getattr(options, name) for name in names}


RUNNING = ("workers", "shard", "resume", "lock", "rejects", "rows", "target", "model", "format", "columns")
"""Options of ``view`` and ``stats``, as their functions have them."""


def new_folder(text: str) -> str:
    """Convert the path of a folder that is made when missing."""
    if is_remote(text):
        raise argparse.ArgumentTypeError(f"expected a folder of this machine, got {quote(text)}: rows fetch nothing")
    return text


def folder(text: str) -> str:
    """Convert the path of a folder that must exist."""
    if not Path(new_folder(text)).is_dir():
        raise argparse.ArgumentTypeError(f"expected a folder, got {quote(text)}")
    return text


def roots(paths: Sequence[str], given: str | None) -> list[str | None]:
    """Return the folder for the references of each input: one for all if they are the same."""
    folders = [root_for(path, given) for path in paths]
    return folders if len(set(folders)) > 1 else folders[:1]


def root_for(path: str, given: str | None) -> str | None:
    """Return the folder that references in *path* may not leave."""
    if given is not None:
        return given
    return str(Path(path).parent) if is_local(path) else None


def model_name(text: str) -> str:
    """Convert the name of a model, known or not."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected the name of a model, got none")
    return text.strip()


def add_receivers(parser: Parser, described: str = "") -> None:
    """Add both options, each of which may be given several times."""
    group = parser.add_argument_group("receivers")
    group.add_argument(
        "--target",
        type=target_name,
        action="append",
        metavar="NAME",
        help=f"whose rules and limits hold, or a TOML file; may be repeated (default: {described or _LIKE})",
    )
    more = "; may be repeated: each goes with the target that knows it"
    group.add_argument("--model", type=model_name, action="append", metavar="NAME", help=f"{_MODEL}{more}")


def add_model(parser: Parser) -> None:
    """Add ``--model``."""
    group = parser.add_argument_group("receivers")
    group.add_argument("--model", type=model_name, metavar="NAME", help=_MODEL)


_LIKE = "the target named like the format"
_MODEL = "the model that the rows go to (default: each row's own)"
