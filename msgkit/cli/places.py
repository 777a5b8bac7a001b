"""The files that a command reads and writes, checked before anything is read."""

import os
from collections.abc import Iterable
from contextlib import suppress
from glob import glob
from pathlib import Path
from typing import Any

from msgkit.cli.parser import UsageError
from msgkit.errors import MsgkitError
from msgkit.escaping import quote_path
from msgkit.media.faults import SystemFaultError, is_environment
from msgkit.rows import (
    STANDARD,
    SameFileError,
    check_output_kind,
    check_place,
    is_folder,
    is_local,
    is_remote,
    kind,
    naming,
    remote,
)


def check_inputs(options: Any) -> None:
    """Find the files that the inputs name, in folders and by patterns too; refuse what is not there."""
    options.inputs = [path for name in options.inputs for path in _expand(name)]
    options.input = options.inputs[0]
    for path in options.inputs:
        check_input(path)
    output = getattr(options, "output", None)
    if len(options.inputs) > 1 and output is not None and is_local(output) and not Path(output).suffix:
        options.output = f"{output}/"


def _expand(name: str) -> list[str]:
    if name == STANDARD:
        return [name]
    if is_remote(name):
        return _found_remote(name)
    if Path(name).is_dir():
        files = [path for path in Path(name).rglob("*") if _holds_rows(path, Path(name))]
    elif not Path(name).exists() and set("*?[") & set(name):
        files = [path for path in map(Path, glob(name, recursive=True)) if path.is_file()]  # noqa: PTH207 (it may be absolute)
    else:
        return [name]
    if not files:
        raise UsageError(f"no files of rows: {quote_path(name)}")
    return sorted(map(str, files))


def _found_remote(name: str) -> list[str]:
    try:
        names = remote.find(name)
    except MsgkitError as error:
        raise UsageError(f"cannot read {quote_path(name)}: {error}") from None
    files = [(path, path.rpartition("/")[2]) for path in names]
    return names if names == [name] else [path for path, end in files if end[:1] not in "._" and _is_kind_of_rows(end)]


def _holds_rows(path: Path, folder: Path) -> bool:
    """Return whether a file in a folder is one of rows; those that are hidden, or begin with _, are about others."""
    if any(part.startswith((".", "_")) for part in path.relative_to(folder).parts):
        return False
    return _is_kind_of_rows(path.name) and path.is_file()


def _is_kind_of_rows(name: str) -> bool:
    with suppress(MsgkitError):
        return kind(name).format != "session"
    return False


def check_input(path: str) -> None:
    """Refuse an input that is not there before anything is read."""
    if not _is_there(path):
        raise UsageError(f"no such file: {quote_path(path)}")
    if path != "-" and Path(path).is_dir():
        raise UsageError(f"expected a file, got a folder: {quote_path(path)}")
    try:
        kind(path)
    except MsgkitError as error:
        remedy = "; `msgkit make --table` reads it" if Path(path).suffix.lower() in (".csv", ".tsv") else ""
        raise UsageError(f"{error}{remedy}") from None


def _is_there(path: str) -> bool:
    if not is_remote(path):
        return path == STANDARD or Path(path).exists()
    try:
        return remote.exists(path)
    except MsgkitError as error:
        raise UsageError(f"cannot read {quote_path(path)}: {error}") from None


def check_outputs(*paths: str | None) -> None:
    """Refuse outputs that cannot be written before anything is read."""
    for path in paths:
        if path is not None:
            _check_output(path)


_READ = ("baseline", "config", "input", "inputs", "results", "restore", "table", "target", "tokenizer")
_WRITTEN = ("output", "rejects", "ledger", "report", "html", "media", "cache")


def check_apart(options: Any, *, numbered: bool = False) -> None:
    """Refuse what would write over a file that is read, or twice to one place, before anything is written."""
    outputs = [name for name in _named(options, _WRITTEN) if not (in_place(options) and name == options.output)]
    inputs = [name for name in _named(options, _READ) if _is_file(name)]  # a target may be a bare name
    if STANDARD not in outputs:
        outputs.append(STANDARD)
    try:
        naming.check_apart(inputs, outputs, [options.output] if numbered else [])
    except SameFileError as error:
        raise UsageError(str(error)) from None


def check_replacing(options: Any) -> None:
    """Refuse an output that is not named, or named although it takes the place of the input; name it then."""
    if in_place(options):
        if options.output is not None:
            raise UsageError("--in-place writes to INPUT: leave out -o")
        source, *others = options.inputs
        if others:
            raise UsageError("--in-place takes one INPUT")
        if not is_local(source):
            raise UsageError("--in-place needs a file of this machine, not standard input and no remote file")
        options.output = os.path.realpath(source)
    elif options.output is None:
        raise UsageError("expected -o OUTPUT, or --in-place")
    if getattr(options, "backup", None) is not None and not in_place(options):
        raise UsageError("--backup goes with --in-place")


def in_place(options: Any) -> bool:
    """Whether the output takes the place of the input."""
    return bool(getattr(options, "in_place", False))


def _is_file(name: str) -> bool:
    return not is_local(name) or (Path(name).exists() and not Path(name).is_dir())


def _named(options: Any, names: Iterable[str]) -> list[str]:
    paths: list[str] = []
    for name in names:
        given = getattr(options, name, None)
        paths += given if isinstance(given, list) else [] if given is None else [given]
    return paths


def _check_output(path: str) -> None:
    try:
        if is_folder(path):
            check_place(path, folder=True)
            return
        check_output_kind(path)
        check_place(path)
    except MsgkitError as error:
        raise UsageError(f"cannot write {quote_path(path)}: {error}") from None
    except OSError as error:
        raise _bad_place(quote_path(path), error) from None


def _bad_place(what: str, error: OSError) -> Exception:
    """Return wrong usage for a place that cannot be written; the fault itself for a full disk and the like."""
    fault = OSError(error.errno, error.strerror, error.filename)
    return fault if is_environment(fault) else UsageError(f"cannot write {what}: {error.strerror}")


def check_media(folder: Path, base: Path, where: str) -> None:
    """Refuse a folder for media that references cannot name, or that cannot be written to."""
    from msgkit.media.store import Store

    if ".." in folder.parts or not folder.is_relative_to(base) or folder == base:
        message = f"--media must name a folder in {where} ({quote_path(base)}), so that references lead to it"
        raise UsageError(message)
    try:
        Store(folder).prepare()
    except SystemFaultError as error:
        raise _bad_place(f"{quote_path(folder)} (--media)", error) from None


def check_page(path: str) -> None:
    """Refuse a page that cannot be written before anything is read."""
    if is_remote(path):
        raise UsageError(f"expected a file of this machine for the page, got {quote_path(path)}")
    try:
        check_place(path)
    except OSError as error:
        raise _bad_place(quote_path(path), error) from None
    if path != STANDARD and Path(path).suffix.lower() != ".html":
        raise UsageError(f"expected a name that ends in .html for the page, got {quote_path(path)}")
