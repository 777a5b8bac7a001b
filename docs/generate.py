"""Writes the pages of the reference from msgkit's own tables; run by ``mkdocs build``."""

import html
import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import mkdocs_gen_files

import msgkit
from msgkit import formats, rules, targets
from msgkit.cli import COMMANDS, overview
from msgkit.cli.parser import parser_of
from msgkit.cli.targets import facts

LONGEST = 1200
FEATURES = (
    ("text_only", "system"),
    ("parts", "image_url"),
    ("parts", "input_audio"),
    ("parts", "video_url"),
    ("parts", "file"),
    ("message", "reasoning"),
    ("message", "tool_calls"),
    ("message", "name"),
    ("message", "refusal"),
    ("message", "channel"),
    ("body", "tools"),
    ("body", "response_format"),
    ("body", "temperature"),
)


def page(name: str, lines: Iterator[str]) -> None:
    with mkdocs_gen_files.open(f"reference/{name}.md", "w") as file:
        file.write("\n".join(lines) + "\n")


def cell(value: Any) -> str:
    text = html.escape(str(value), quote=False).replace("|", "&#124;").replace("\n", " ")
    return text.replace("[", "&#91;").replace("*", "&#42;").replace("_", "&#95;")


def cli() -> Iterator[str]:
    yield f"# Command line\n\n```text\n{overview()}\n```"
    for name in COMMANDS:
        yield f"\n## msgkit {name}\n\n```text\n{parser_of(name).format_help()}```"


def python() -> Iterator[str]:
    yield "# Python\n\nEvery public name is imported on first use: `import msgkit` itself is fast."
    for name in sorted(msgkit.__all__, key=str.lower):
        value = getattr(msgkit, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield f"\n::: {value.__module__}.{value.__qualname__}"


def codes() -> Iterator[str]:
    yield "# Codes\n\nWhat `check` and the other commands report. Codes are stable; `msgkit rules CODE` shows the same."
    for family, names in rules.FAMILIES.items():
        yield f"\n## {family}"
        for rule in (rules.CODES[name] for name in sorted(names)):
            fixable = ", fixable" if rule.fixable else ""
            yield f"\n### {rule.code}\n\n*{rule.severity}{fixable}.* {cell(rule.sentence)}"
            yield f"\nSource: {cell(rule.source)}"
            if rule.hint:
                yield f"\nHint: {cell(rule.hint)}"
            for title, row in (("Fails", rule.bad), ("Passes", rule.good)):
                if row is not None and len(shown := example(row)) < LONGEST:
                    yield f"\n{title}:\n\n```json\n{shown}\n```"


def example(row: Any) -> str:
    return row if isinstance(row, str) else repr(row) if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False)


def target_pages() -> Iterator[str]:
    yield "# Targets\n\nEvery value with its source and date. A model's section overrides its target's values."
    for name in targets.NAMES:
        target = targets.get(name)
        yield f"\n## {name}\n\n{cell(target.title)}; format `{target.format}`."
        yield "\n| value | | source | as of |\n|---|---|---|---|"
        for key, fact in facts(target):
            note = "" if fact.verified else " (not verified)"
            yield f"| `{key}` | {cell(fact.value)} | {cell(fact.source)}{note} | {fact.as_of} |"


def format_pages() -> Iterator[str]:
    yield "# Formats\n\nWhat each format is, and what differs from Chat Completions."
    for name, home in formats.FORMATS.items():
        found = formats.get(name)
        differs = inspect.getdoc(import_module(home)) or ""
        yield f"\n## {name}\n\n`{found.title}`\n\nDefault target: `{found.target}`. Source: {cell(found.source)}."
        yield f"\n{differs}"


def can(name: str, field: str, key: str) -> bool:
    held = formats.get(name).capabilities
    return "system" in held.roles if field == "text_only" else held.every_value or key in getattr(held, field)


def losses() -> Iterator[str]:
    names = list(formats.FORMATS)
    yield "---\nhide: [toc, navigation]\n---\n\n# Losses\n\nWhat each format has a place for."
    yield "Any other content refuses the row, or is listed with `--on-loss drop`."
    yield "\n| | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1)
    for field, key in FEATURES:
        marks = ["yes" if can(name, field, key) else "" for name in names]
        yield f"| {key} | " + " | ".join(marks) + " |"
    yield "\n## From each format to each other\n\nWhat of this the second has no place for.\n"
    yield "| from \\ to | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1)
    for source in names:
        row = []
        for target in names:
            lost = [key for field, key in FEATURES if can(source, field, key) and not can(target, field, key)]
            row.append("" if source == target else ", ".join(lost) or "-")
        yield f"| {source} | " + " | ".join(row) + " |"


page("cli", cli())
page("python", python())
page("codes", codes())
page("targets", target_pages())
page("formats", format_pages())
page("losses", losses())
