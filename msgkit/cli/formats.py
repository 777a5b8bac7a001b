"""``msgkit formats``: the formats, one a line."""

from typing import Any

from msgkit.cli.parser import Parser
from msgkit.escaping import table
from msgkit.formats import FORMATS, get

DESCRIPTION = "List the formats that rows are read and written in: NAME and what it is."
EXAMPLE = "msgkit formats"


def add_options(parser: Parser) -> None:
    """There are none."""


def run(options: Any) -> int:  # noqa: ARG001 (every command has the same call)
    """Print the table."""
    print(table((name, get(name).title) for name in FORMATS))
    return 0
