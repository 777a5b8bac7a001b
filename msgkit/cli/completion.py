"""``msgkit --completion SHELL``: the script by which a shell completes commands, options, names and files."""

import argparse
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from msgkit import rules, targets
from msgkit.cli import check, options
from msgkit.cli.parser import parser_of
from msgkit.errors import UnknownNameError, needing
from msgkit.formats import FORMATS

SHELLS = ("bash", "zsh", "fish")

_CODES = (*rules.FAMILIES, *rules.CODES)
_NAMES: Mapping[Any, Collection[str]] = {
    options.format_name: FORMATS,
    options.target_name: targets.NAMES,
    check.codes: _CODES,
    check.selected: _CODES,
}
"""What an option takes, by its converter."""
_FILES = ("INPUT", "OUTPUT", "FILE", "PAGE", "LEDGER")
_FOLDERS = ("DIR", "FOLDER")


def script(shell: str, commands: Mapping[str, str]) -> str:
    """Return the script that completes *commands*, which are told with what they do."""
    if shell not in SHELLS:
        raise UnknownNameError("shell", shell, SHELLS)
    with needing("shtab", "completion", "to complete commands"):
        import shtab
    root = argparse.ArgumentParser("msgkit")
    root.add_argument("--version", action="store_true", help="print the version")
    root.add_argument("--completion", choices=SHELLS, help="print the completion script of a shell")
    made: Any = partial(_parser, commands)
    groups = {"": root.add_subparsers(parser_class=made)}
    for name, does in commands.items():
        group, _, word = name.rpartition(" ")
        if group not in groups:
            groups[group] = groups[""].add_parser(group, help=f"{group} ...").add_subparsers(parser_class=made)
        _describe(groups[group].add_parser(word, help=does), shtab)
    return str(shtab.complete(root, shell))


def _parser(commands: Collection[str], prog: str, **_: Any) -> argparse.ArgumentParser:
    name = prog.partition(" ")[2]
    return parser_of(name) if name in commands else argparse.ArgumentParser(prog)


def _describe(parser: argparse.ArgumentParser, shtab: Any) -> None:
    """Tell shtab what each option takes."""
    for action in parser._actions:  # noqa: SLF001 (argparse has no other list of them)
        if action.type in _NAMES:
            action.choices = _NAMES[action.type]
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
