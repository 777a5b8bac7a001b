"""``msgkit targets``: where requests go; with a name, every limit of one, its source and its date."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit import targets
from msgkit.cli.options import target_name
from msgkit.cli.parser import Parser
from msgkit.cli.style import table
from msgkit.escaping import plain
from msgkit.targets import Fact

DESCRIPTION = """\
List the targets: where a request goes, its rules and limits. With a NAME, list what holds there, each with the
document that says so and its date. NAME may be a TOML file of your own, which may extend a target of this list."""
EXAMPLE = "msgkit targets anthropic"


def add_options(parser: Parser) -> None:
    """Add the name."""
    parser.add_argument(
        "name", nargs="?", type=target_name, metavar="NAME", help="the target to explain, or a TOML file"
    )


def run(options: Any) -> int:
    """Print the table."""
    if options.name is None:
        found = [targets.get(name) for name in targets.NAMES]
        print(table((target.name, target.title, f"format {target.format}") for target in found))
        return 0
    target = targets.get(options.name)
    print(plain(f"{target.name}: {target.title}; format {target.format}"), end="\n\n")
    for key, fact in facts(target):
        print(plain(f"{key} = {_shown(fact.value)}"))
        print(plain(f"    {fact.source}; as of {fact.as_of}{'' if fact.verified else '; not verified'}"))
    return 0


def facts(value: Any, name: str = "") -> Iterator[tuple[str, Fact[Any]]]:
    """
    Yield every fact of a target under its name in the TOML file.

    >>> dict(facts(targets.get("anthropic")))["images.many_side"].value
    2000
    """
    if isinstance(value, Fact):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from facts(item, f"{name}.{key}")
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from facts(getattr(value, field.name), f"{name}.{field.name}" if name else field.name)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)
