"""The argument parser of a command: argparse, with errors that name the nearest, and no guessing of short forms."""

import argparse
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import Any, NoReturn

from msgkit.errors import MsgkitError, UnknownNameError, nearest, quote
from msgkit.escaping import plain_lines


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
