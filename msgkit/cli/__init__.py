"""
The command line: ``msgkit COMMAND ...``. A command's module is imported when it is called, and nothing heavy before.

A module of a command offers ``DESCRIPTION``, ``EXAMPLE``, ``add_options(parser)`` and ``run(options) -> exit code``.
That of a command of two words, such as ``batch wrap``, is named by both: ``batch_wrap``.
Data go to standard output, everything else to standard error.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module

from msgkit.cli.signals import INTERRUPTED, WORDS

COMMANDS: Mapping[str, str] = {
    "inline": "embed referenced images, audio and files as base64 parts",
    "extract": "write base64 parts to files, and leave references to them",
    "check": "list every issue of every row; apply safe fixes",
    "convert": "convert rows to another format; list what is lost",
    "view": "write an HTML page of the rows: messages, images, players, issues",
    "stats": "count roles, parts, media by type and size, tokens by target",
    "make": "make rows from a folder of images, audio and files, or from a table",
    "batch wrap": "write rows as the requests of a Batch API",
    "batch join": "append the answers of a Batch API to their rows",
    "formats": "list the formats",
    "targets": "list the targets, or the limits of one with their sources",
    "rules": "list the rules, or explain one",
    "schema": "print the JSON Schema of an output, or of a row",
}

OK, FAULTS, USAGE, ENVIRONMENT = 0, 1, 2, 3
"""Exit codes: clean; issues of severity error, or rows refused; wrong usage, nothing read; a fault of the environment,
such as a full disk, stopped the run. SIGINT ends with 130, SIGTERM with 143."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; never raises for what users or their files do."""
    if argv is None:
        argv = sys.argv[1:]
        _stand_in()
        _speak_utf8()
    try:
        code, notes = _ended(list(argv))
        if code not in WORDS:
            sys.stdout.flush()
    except BrokenPipeError:
        _hush()
        return OK
    except OSError as error:
        _hush()
        print(f"msgkit: standard output: {error.strerror or 'it is closed'}", file=sys.stderr)
        return ENVIRONMENT
    if code in WORDS:
        print("; ".join([f"msgkit: {WORDS[code]}", *notes]), file=sys.stderr)
    return code


def _ended(argv: list[str]) -> tuple[int, list[str]]:
    """Run a command; return its exit code, also where an exception has it, and what is to be said of that."""
    try:
        return _run(argv), []
    except KeyboardInterrupt as end:
        return INTERRUPTED, getattr(end, "__notes__", [])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK, getattr(end, "__notes__", [])


_OVERVIEW = """\
usage: msgkit COMMAND ...

Embed, extract, check, convert and look at multimodal chat histories.

commands:
{}

msgkit help COMMAND shows the options of a command and an example; msgkit --version the version;
msgkit --completion bash|zsh|fish the completion script of a shell. Defaults of target, model, select,
ignore, per-file-ignores, root and columns are read from msgkit.toml, or from [tool.msgkit] in
pyproject.toml; --config FILE names another file.

exit codes: 0 clean; 1 issues of severity error, or rows refused; 2 wrong usage; 3 a fault of the
environment (disk, permission, input changed) stopped the run; 130 SIGINT; 143 SIGTERM

example:
  msgkit inline history.jsonl -o inlined.jsonl"""


def overview() -> str:
    """Return the help of the program as a whole."""
    return _OVERVIEW.format("\n".join(_listed(COMMANDS)))


def _listed(names: Iterable[str]) -> list[str]:
    width = max(map(len, COMMANDS))
    return [f"  {name:{width}}  {COMMANDS[name]}" for name in names]


def _run(argv: list[str]) -> int:
    name = argv[0] if argv else ""
    if name in ("-h", "--help"):
        print(overview())
        return OK
    if name in ("-V", "--version"):
        print(f"msgkit {import_module('msgkit').__version__}")
        return OK
    if name == "help":
        return _run([*argv[1:], "--help"])
    if name == "--completion":
        return _completion(argv[1:])
    group = [command for command in COMMANDS if command.startswith(f"{name} ")]
    if group and argv[1:2] not in ([], ["-h"], ["--help"]):
        name, argv = " ".join(argv[:2]), argv[1:]
    elif group:
        print("\n".join([f"usage: msgkit {name} COMMAND ...", "", *_listed(group)]))
        return OK if argv[1:] else USAGE
    if name not in COMMANDS:
        print(f"{_unknown(name)}\nmsgkit --help lists the commands", file=sys.stderr)
        return USAGE
    return _guarded(name, argv[1:])


def _completion(argv: list[str]) -> int:
    from msgkit.cli.completion import script
    from msgkit.errors import MsgkitError

    try:
        print(script(argv[0] if argv else "", COMMANDS))
    except MsgkitError as error:
        print(f"msgkit --completion: {error}", file=sys.stderr)
        return USAGE
    return OK


def _unknown(name: str) -> str:
    from msgkit.errors import UnknownNameError, quote

    if not name:
        return "msgkit: expected a command"
    if name.startswith("-"):
        return f"msgkit: expected a command before options, got {quote(name)}"
    return f"msgkit: {UnknownNameError('command', name, COMMANDS)}"


def _guarded(name: str, argv: list[str]) -> int:
    """Run a command; errors become one line each on standard error, never a traceback unless that is asked for."""
    try:
        return _run_command(name, argv)
    except BrokenPipeError:
        raise
    except Exception as error:
        from msgkit.errors import MsgkitError

        if os.environ.get("MSGKIT_TRACEBACK") and not isinstance(error, OSError | MsgkitError):
            raise
        message, code = _explained(error)
        print(f"msgkit {name}: {message}", file=sys.stderr)
        return code


def _run_command(name: str, argv: list[str]) -> int:
    from msgkit.cli.parser import command_module, parser_of, with_config
    from msgkit.escaping import plain

    parser = parser_of(name)
    given, config = with_config(parser, argv)
    parser.config = str(config) if config else None
    options = parser.parse(given)
    options.config = parser.config
    if config and getattr(options, "verbose", False):
        print(f"options from {plain(str(config))}", file=sys.stderr)
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    code: int = command_module(name).run(options)
    return code


def _explained(error: Exception) -> tuple[str, int]:
    """Return an error in a line, and the exit code for it."""
    from msgkit.cli.parser import UsageError
    from msgkit.errors import MsgkitError, UnknownNameError, quote
    from msgkit.escaping import plain_lines, quote_path
    from msgkit.media.faults import is_environment
    from msgkit.pipeline import InputChangedError, WorkerError

    if isinstance(error, io.UnsupportedOperation):  # what is in for it takes nothing
        return "standard output is closed", ENVIRONMENT
    if isinstance(error, OSError):
        return "; ".join([_told(error), *_remedies(error)]), ENVIRONMENT
    if isinstance(error, MsgkitError):
        message = plain_lines("; ".join([str(error), *_remedies(error)]))
        if isinstance(error, UsageError | UnknownNameError):  # names of a row are issues: this one is an option's
            return message, USAGE
        return message, ENVIRONMENT if isinstance(error, InputChangedError | WorkerError) else FAULTS
    if is_environment(error):
        import tempfile

        return f"{quote_path(tempfile.gettempdir())}: {error}; free some space there, or set TMPDIR", ENVIRONMENT
    return f"a bug of msgkit: {type(error).__name__}: {quote(str(error))} (MSGKIT_TRACEBACK=1 shows where)", FAULTS


_REMEDIES = {
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "free some of the quota, or write to another disk",
    errno.EROFS: "the file system is read-only: write to another one",
    errno.EACCES: "check the permissions of the file and its folder",
    errno.EPERM: "check the permissions of the file and its folder",
    errno.EMFILE: "raise the limit of open files (ulimit -n), or use fewer --workers",
    errno.ENFILE: "the system has too many open files",
    errno.EAGAIN: "the system has no more processes or locks: use fewer --workers",
    errno.ENOMEM: "the system has no more memory: use fewer --workers",
    errno.EIO: "the disk failed: see the log of the system",
    errno.EFBIG: "raise the limit of the file size (ulimit -f), or split the output (--max-bytes)",
}


def _told(error: OSError) -> str:
    from msgkit.errors import quote
    from msgkit.escaping import plain, quote_path
    from msgkit.pipeline.staging import shown

    place = f"{quote_path(shown(os.fsdecode(error.filename)))}: " if error.filename else ""
    return place + (plain(error.strerror or "") or quote(str(error)))


def _remedies(error: Exception) -> list[str]:
    from msgkit.cli.run_step import RESUME
    from msgkit.pipeline import RESUMABLE

    number = error.errno if isinstance(error, OSError) else None
    lines = [_REMEDIES[number]] if number in _REMEDIES else []
    return [*lines, RESUME] if RESUMABLE in getattr(error, "__notes__", ()) else lines


def _stand_in() -> None:
    """Where the caller closed a standard stream: let nothing else get its number, and let rows not vanish unseen."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 (writing to it fails, as it should)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (it stays open to the end)


def _speak_utf8() -> None:
    """JSON is UTF-8 whatever the locale says; half surrogates of file names are shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _hush() -> None:
    """After a closed pipe: let the interpreter flush into nothing when it ends."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, descriptor)
    os.close(void)
