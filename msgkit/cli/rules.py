"""``msgkit rules``: all codes; with a code, its explanation, a failing row and the same row fixed."""

import json
from typing import Any

from msgkit.cli.check import unknown_rule
from msgkit.cli.parser import Parser, UsageError
from msgkit.escaping import shorten, table
from msgkit.rules import CODES, FAMILIES, Rule

DESCRIPTION = "List every code by family: code, severity, [fixable], what is wrong. With a CODE, explain it."
EXAMPLE = "msgkit rules audio-data-url"


def add_options(parser: Parser) -> None:
    """Add the code."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code to explain, or a family to list")


def run(options: Any) -> int:
    """Print the table, or the explanation."""
    name = options.code
    if name is None:
        print("\n\n".join(_family(family) for family in FAMILIES))
    elif name in FAMILIES:
        print(_family(name))
    elif name in CODES:
        print(explain(CODES[name]))
    else:
        raise UsageError(unknown_rule(name))
    return 0


def _family(name: str) -> str:
    rules = [rule for rule in CODES.values() if rule.code in FAMILIES[name]]
    rows = [(f"  {rule.code}", rule.severity, "fixable" if rule.fixable else "", rule.sentence) for rule in rules]
    others = "" if any(rule.command == "msgkit check" for rule in rules) else " (told by other commands than check)"
    return f"{name}{others}\n{table(rows)}"


def explain(rule: Rule) -> str:
    """Return all that is known of a code."""
    family = next(name for name, codes in FAMILIES.items() if rule.code in codes)
    traits = [family, rule.severity, *(["fixable"] if rule.fixable else [])]
    lines = [f"{rule.code} ({', '.join(traits)})", "", rule.sentence]
    if rule.hint:
        lines.append(f"Remedy: {rule.hint}.")
    lines.append(f"Source: {rule.source}.")
    lines.append(f"Reported by: {rule.command}.")
    if rule.bad is not None:
        lines += [
            "",
            f"Reported ({_how(rule)}) at {rule.at or '(row)'}:",
            _indented(rule.bad),
            "",
            "Fixed:",
            _indented(rule.good),
        ]
    return "\n".join(lines)


def _how(rule: Rule) -> str:
    """Say how the examples are looked at."""
    if rule.command != "msgkit check":
        return rule.command
    limits = [f"{name} = {value}" for name, value in rule.limits.items()]
    return " ".join([f"--target {rule.target}", *(["--ready"] if rule.ready else []), *(f"with {x}" for x in limits)])


def _indented(row: Any) -> str:
    if isinstance(row, bytes):
        row = row.decode("utf-8", "backslashreplace")
    text = shorten(row) if isinstance(row, str) else json.dumps(shorten(row), indent=2, ensure_ascii=False)
    return "\n".join(f"  {line}" for line in str(text).splitlines())
