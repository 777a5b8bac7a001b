"""
The arguments of a command: argparse, with errors that name the nearest, and no guessing of short forms.

Defaults come from the nearest msgkit.toml, or ``[tool.msgkit]`` in the nearest pyproject.toml, upwards: each key is an
option without its dashes, which the command line overrides; a command takes those that it has.
"""

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from msgkit.errors import MsgkitError, UnknownNameError, nearest, quote
from msgkit.escaping import plain_lines, quote_path


class UsageError(MsgkitError):
    """The command was called wrongly; nothing has been read."""


class Parser(argparse.ArgumentParser):
    """The parser of one command."""

    def __init__(self, command: str, description: str, example: str) -> None:
        indented = "\n".join(f"  {line}" for line in example.splitlines())
        super().__init__(
            prog=f"msgkit {command}",
            description=description,
            epilog=f"example:\n{indented}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    config: str | None = None  # the file that some of the options come from

    @property
    def options(self) -> Collection[str]:
        """Every option that the command has."""
        return self._option_string_actions

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse; what is left over is wrong usage that names the nearest option."""
        options, left = self.parse_known_args(argv)
        if left:
            name = left[0].partition("=")[0]
            near = nearest(name, self._option_string_actions) if name.startswith("-") else None
            self.error(f"unexpected {quote(name)}" + (f"; did you mean {near}?" if near else ""))
        return options

    def print_help(self, file: Any = None) -> None:
        """Print the help; unlike in argparse, a stream that cannot take it is an error."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        """Say what was wrong in one line, and end with exit code 2."""
        read = f"; options are also read from {quote(self.config)}" if self.config else ""
        self.exit(2, f"{self.prog}: {plain_lines(message)}{read}\n{self.prog} --help shows the options\n")


def command_module(name: str) -> Any:
    """Return the module of the command called *name*."""
    return import_module(f"msgkit.cli.{name.replace(' ', '_')}")


def parser_of(name: str) -> Parser:
    """Return the parser of the command called *name*, with its options."""
    command = command_module(name)
    parser = Parser(name, command.DESCRIPTION, command.EXAMPLE)
    command.add_options(parser)
    return parser


def one_of(kind: str, known: Collection[str]) -> Callable[[str], str]:
    """Return a converter for argparse that takes the *known* names only, and otherwise names the nearest."""

    def convert(text: str) -> str:
        if text not in known:
            raise argparse.ArgumentTypeError(str(UnknownNameError(kind, text, known)))
        return text

    return convert


KEYS = ("target", "model", "select", "ignore", "per-file-ignores", "root", "columns")
_OPTION = "--config"


def with_config(parser: Parser, argv: Sequence[str]) -> tuple[list[str], Path | None]:
    """Return the arguments with those of the configuration that they do not give."""
    argv = list(argv)
    path = _named(argv) or _nearest(Path.cwd())
    if path is None:
        return argv, None
    config = _read(path)
    options: list[str] = []
    for key, value in config.items():
        option = f"--{key}"
        is_given = any(one == option or one.startswith(f"{option}=") for one in argv)
        if option in parser.options and not is_given:
            options += [f"{option}={text}" for text in _texts(path, key, value)]
    return [*options, *argv], path


def _named(argv: list[str]) -> Path | None:
    """Take the option out of the arguments."""
    for i, word in enumerate(argv):
        if word == _OPTION and i + 1 < len(argv):
            del argv[i]
            return Path(argv.pop(i))
        if word.startswith(f"{_OPTION}="):
            return Path(argv.pop(i).partition("=")[2])
    return None


def _nearest(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        if (place / "msgkit.toml").is_file():
            return place / "msgkit.toml"
        project = place / "pyproject.toml"
        if project.is_file():
            return project if b"[tool.msgkit" in project.read_bytes() else None
    return None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        import tomllib

        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{quote_path(path)}: {error}") from error
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("msgkit", {})
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{quote_path(path)}: {UnknownNameError('key', key, KEYS)}")
    return table


def _texts(path: Path, key: str, value: Any) -> Iterator[str]:
    """Yield the values of an option; a root is relative to the file that names it."""
    if isinstance(value, Mapping):
        for name, codes in value.items():
            yield f"{name}:{','.join([codes] if isinstance(codes, str) else codes)}"
        return
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise UsageError(f"{quote_path(path)}: expected text for {key}, got {quote(str(value))}")
    if key in ("select", "ignore"):
        yield ",".join(items)
    else:
        yield from (str(path.parent / item) if key == "root" else item for item in items)
