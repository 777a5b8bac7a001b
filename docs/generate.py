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
from msgkit.rows import sessions

LONGEST = 1200
ASKED, ANSWERED = {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
CALLED = [{"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "call_1"}]
MEDIA = {
    "image": msgkit.image("examples/photos/paw.png"),
    "audio": msgkit.audio("examples/sounds/question.wav"),
    "remote video": msgkit.from_dict({"type": "video_url", "video_url": {"url": "https://example.org/cat.mp4"}}),
    "file": msgkit.file("examples/files/receipt.pdf"),
}
FEATURES: dict[str, dict[str, Any]] = {
    "system message": {"messages": [{"role": "system", "content": "Be brief."}, ASKED, ANSWERED]},
    **{
        name: {"messages": [msgkit.to_dict(msgkit.user("What is this?", part)), ANSWERED]}
        for name, part in MEDIA.items()
    },
    "reasoning": {"messages": [ASKED, {**ANSWERED, "reasoning": "They greet."}]},
    "calls": {"messages": [ASKED, CALLED[0], {**CALLED[1], "content": "A cat."}, ANSWERED], "tools": [TOOL]},
    "name": {"messages": [{**ASKED, "name": "Ann"}, ANSWERED]},
    "refusal": {"messages": [ASKED, {"role": "assistant", "content": None, "refusal": "No."}]},
    "channel": {"messages": [ASKED, {**ANSWERED, "channel": "commentary"}]},
    "tools": {"messages": [ASKED, ANSWERED], "tools": [TOOL]},
    "JSON output": {"messages": [ASKED, ANSWERED], "response_format": {"type": "json_object"}},
    "temperature": {"messages": [ASKED, ANSWERED], "temperature": 0.5},
}
"""A row of Chat Completions for each thing that a conversion may lose."""
EXAMPLE = {"messages": [*FEATURES["system message"]["messages"][:1], *FEATURES["calls"]["messages"]], "tools": [TOOL]}


def page(name: str, lines: Iterator[str]) -> None:
    with mkdocs_gen_files.open(f"reference/{name}.md", "w") as file:
        file.write("\n".join(lines) + "\n")


def cell(value: Any) -> str:
    text = html.escape(str(value), quote=False).replace("|", "&#124;").replace("\n", " ")
    return text.replace("[", "&#91;").replace("*", "&#42;").replace("_", "&#95;")


def cli() -> Iterator[str]:
    yield f"# Command line\n\n```text\n{overview()}\n```"
    yield "\n## Completion\n\nCommands, options, names of formats, targets and codes, and files are completed (extra"
    yield "`completion`):\n\n```sh"
    yield "msgkit --completion bash > ~/.local/share/bash-completion/completions/msgkit"
    yield "msgkit --completion zsh > ~/.zfunc/_msgkit  # in a folder of fpath"
    yield "msgkit --completion fish > ~/.config/fish/completions/msgkit.fish\n```"
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
    yield "# Formats\n\nWhat each format is, what differs from Chat Completions, what of [these rows](losses.md) is"
    yield "lost, and one conversation as it has it. [Files of sessions](#sessions) are read as rows."
    for name, home in formats.FORMATS.items():
        own = formats.get(name)
        yield f"\n## {name}\n\n`{own.title}`\n\nDefault target: `{own.target}`. Source: {cell(own.source)}."
        yield f"\n{inspect.getdoc(import_module(home)) or ''}"
        if name != "openai":
            there = {key: carried(row, "openai", name) for key, row in FEATURES.items()}
            back = [key for key, row in there.items() if row is not None and carried(row, name, "openai") is None]
            yield f"\nLost from openai: {listed([key for key, row in there.items() if row is None])}."
            yield f"Of what came, lost on the way back: {listed(back)}."
        row = msgkit.convert(EXAMPLE, to=name, format="openai", on_loss="drop").payload
        yield f"\n```json\n{json.dumps(row, ensure_ascii=False, indent=2)}\n```"
    yield f"\n## Sessions\n\n{inspect.getdoc(sessions)}"


def listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"


def carried(row: Any, source: str, target: str) -> Any:
    """Return a row in another format; None if that loses anything but its form."""
    try:
        done = msgkit.convert(row, to=target, format=source, on_loss="drop")
    except msgkit.MsgkitError:
        return None
    return done.payload if all(loss.form for loss in done.losses) else None


def losses() -> Iterator[str]:
    names = list(formats.FORMATS)
    held = {
        (key, name): row if name == "openai" else carried(row, "openai", name)
        for key, row in FEATURES.items()
        for name in names
    }
    yield "---\nhide: [toc, navigation]\n---\n\n# Losses\n\nWhat comes through a conversion from Chat Completions,"
    yield "each tried with one row. What does not refuses the row, or is left out and listed; see"
    yield "[Losses](../explanation/losses.md)."
    yield "\n| | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1)
    for key in FEATURES:
        yield f"| {key} | " + " | ".join("yes" if held[key, name] is not None else "" for name in names) + " |"
    yield "\n## From each format to each other\n\nWhat of this the first carries and the second does not.\n"
    yield "| from \\ to | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1)
    for source in names:
        rows = {key: held[key, source] for key in FEATURES if held[key, source] is not None}
        cells = [
            ""
            if source == target
            else ", ".join(key for key in rows if carried(rows[key], source, target) is None) or "-"
            for target in names
        ]
        yield f"| {source} | " + " | ".join(cells) + " |"


page("cli", cli())
page("python", python())
page("codes", codes())
page("targets", target_pages())
page("formats", format_pages())
page("losses", losses())
