"""``msgkit rules``: all codes; with a code, its explanation, a failing row and the same row mended."""

import json
from typing import Any

from msgkit.cli.check import unknown_rule
from msgkit.cli.parser import Parser, UsageError
from msgkit.cli.style import shorten, table
from msgkit.rules import CODES, FAMILIES, Code

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
    codes = [code for code in CODES.values() if code.name in FAMILIES[name]]
    rows = [(f"  {code.name}", code.severity, "fixable" if code.fixable else "", code.sentence) for code in codes]
    others = "" if any(code.command == "msgkit check" for code in codes) else " (told by other commands than check)"
    return f"{name}{others}\n{table(rows)}"


def explain(code: Code) -> str:
    """
    Return all that is known of a code.

    >>> print(explain(CODES["recipient-all"]))
    recipient-all (channels, warning, fixable)
    ...
    """
    family = next(name for name, codes in FAMILIES.items() if code.name in codes)
    traits = [family, code.severity, *(["fixable"] if code.fixable else [])]
    lines = [f"{code.name} ({', '.join(traits)})", "", code.sentence]
    if code.hint:
        lines.append(f"Remedy: {code.hint}.")
    lines.append(f"Source: {code.source}.")
    lines.append(f"Reported by: {code.command}.")
    if code.bad is not None:
        lines += [
            "",
            f"Reported ({_how(code)}) at {code.at or '(row)'}:",
            _indented(code.bad),
            "",
            "Mended:",
            _indented(code.good),
        ]
    return "\n".join(lines)


def _how(code: Code) -> str:
    """Say how the examples are looked at."""
    if code.command != "msgkit check":
        return code.command
    limits = [f"{name} = {value}" for name, value in code.limits.items()]
    return " ".join([f"--target {code.target}", *(["--ready"] if code.ready else []), *(f"with {x}" for x in limits)])


def _indented(row: Any) -> str:
    if isinstance(row, bytes):
        row = row.decode("utf-8", "backslashreplace")
    text = shorten(row) if isinstance(row, str) else json.dumps(shorten(row), indent=2, ensure_ascii=False)
    return "\n".join(f"  {line}" for line in str(text).splitlines())
