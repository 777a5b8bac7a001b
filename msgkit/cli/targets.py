"""``msgkit targets``: where requests go; with a name, every limit of one, its source and its date."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from msgkit import targets
from msgkit.cli.options import model_name, target_name
from msgkit.cli.parser import Parser, UsageError
from msgkit.errors import quote
from msgkit.escaping import plain, table
from msgkit.targets import Fact
from msgkit.targets.target import shown

DESCRIPTION = """\
List the targets: where a request goes, its rules and limits. With a NAME, list what holds there for any model and for
each, with the document that says so and its date. NAME may be a TOML file of your own, which may extend a target of
this list."""
EXAMPLE = "msgkit targets anthropic"


def add_options(parser: Parser) -> None:
    """Add the name."""
    parser.add_argument(
        "name", nargs="?", type=target_name, metavar="NAME", help="the target to explain, or a TOML file"
    )
    described = "what holds for this model there (default: what holds for any, and what each model differs in)"
    parser.add_argument("--model", type=model_name, metavar="NAME", help=described)


def run(options: Any) -> int:
    """Print the table."""
    if options.name is None:
        if options.model is not None:
            raise UsageError("--model goes with the NAME of a target")
        _list()
        return 0
    target = targets.get(options.name, options.model)
    print(plain(f"{target.name}: {target.title}; format {target.format}"), end="\n\n")
    if target.is_unknown_model:
        print(plain(f"the model {quote(options.model)} is not known there: what holds for any"), end="\n\n")
    own = dict(facts(target))
    _show(own)
    for pattern in target.models if options.model is None else ():
        differing = facts(targets.get(options.name, shown(pattern)))
        print(f"\nmodel {plain(pattern)}\n")
        _show({key: fact for key, fact in differing if own.get(key) != fact})
    return 0


def _list() -> None:
    rows = []
    for target in map(targets.get, targets.NAMES):
        dates = sorted(fact.as_of for _, fact in facts(target))
        models = f"{len(target.models)} models" if target.models else ""
        rows.append((target.name, target.title, f"format {target.format}", models, f"as of {dates[0]} to {dates[-1]}"))
    print(table(rows))


def _show(values: Mapping[str, Fact[Any]]) -> None:
    for key, fact in values.items():
        print(plain(f"{key} = {_shown(fact.value)}"))
        print(plain(f"    {fact.source}; as of {fact.as_of}{'' if fact.verified else '; not verified'}"))


def facts(value: Any, name: str = "") -> Iterator[tuple[str, Fact[Any]]]:
    """Yield every fact of a target under its name in the TOML file."""
    if isinstance(value, Fact):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from facts(item, f"{name}.{key}")
    else:
        fields = (
            attrs.fields_dict(targets.Target) if isinstance(value, targets.Target) else getattr(value, "_fields", ())
        )
        for field in fields:
            yield from facts(getattr(value, field), f"{name}.{field}" if name else field)


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
