"""The options that say who receives the rows: ``--target`` and ``--model``."""

import argparse

from msgkit.cli.options import target_name
from msgkit.cli.parser import Parser


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
    _add_model(group, action="append", more="; may be repeated: each goes with the target that knows it")


def add_model(parser: Parser) -> None:
    """Add ``--model``."""
    _add_model(parser.add_argument_group("receivers"), action="store", more="")


_LIKE = "the target named like the format"


def _add_model(group: "argparse._ArgumentGroup", *, action: str, more: str) -> None:
    described = f"the model that the rows go to (default: each row's own){more}"
    group.add_argument("--model", type=model_name, action=action, metavar="NAME", help=described)
