"""
What it costs to convert a row, beside others' translations, which prove nothing and keep no other key.

    python benchmarks/bench_convert.py [ROWS] [--markdown]

A row of 11 messages with tools, calls and results; then ShareGPT rows through the command line. Peers that are not
installed are left out: litellm, langchain-core, convmerge.
"""

import contextlib
import gc
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from timing import Row, Work, compare, show

from msgkit.cli import main as command_line
from msgkit.steps import Convert

WORDS = Path(__file__).parent.parent.joinpath("LICENSE").read_text(encoding="utf-8").split()
ROUNDS = 7
TARGETS = ("anthropic", "gemini", "responses", "harmony")


def call(number: int, name: str, **arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call_{number:024d}", "type": "function", "function": function}


def result(number: int, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{number:024d}", "content": text}


def history() -> dict[str, Any]:
    """Return a row of 11 messages, three calls among them."""
    schema = {"type": "object", "properties": {"place": {"type": "string"}, "day": {"type": "string"}}}
    tools = [
        {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": schema}}
        for name in ("weather", "route")
    ]
    first = [call(1, "weather", place="Rome", day="Friday"), call(2, "route", start="Bern", end="Rome")]
    messages = [
        {"role": "system", "content": "You help people to plan their journeys."},
        {"role": "user", "content": "I want to go from Bern to Rome on Friday. How will the weather be?"},
        {"role": "assistant", "content": "I look at the weather and at the route.", "tool_calls": first},
        result(1, '{"degrees": 21, "sky": "clear"}'),
        result(2, '{"hours": 8.5, "changes": 2}'),
        {"role": "assistant", "content": "It will be clear, at 21 degrees; the train takes eight and a half hours."},
        {"role": "user", "content": "And back on Sunday?"},
        {"role": "assistant", "content": None, "tool_calls": [call(3, "route", start="Rome", end="Bern")]},
        result(3, '{"hours": 9.0, "changes": 3}'),
        {"role": "assistant", "content": "Nine hours, with three changes."},
        {"role": "user", "content": "Thank you, that is fine."},
    ]
    return {"model": "m", "max_tokens": 1024, "temperature": 0.2, "tools": tools, "messages": messages}


def peers(row: dict[str, Any], target: str) -> dict[str, Work]:
    """Return what others do with the same row, or with its messages alone."""
    found: dict[str, Work] = {"json.loads(json.dumps(row))": lambda: json.loads(json.dumps(row))}
    if find_spec("litellm") and target in ("anthropic", "gemini"):
        found["litellm"] = _litellm(row, target)
    if find_spec("langchain_core"):
        from langchain_core.messages import convert_to_messages, convert_to_openai_messages

        found["langchain-core, to its messages and back"] = lambda: convert_to_openai_messages(
            convert_to_messages(row["messages"])
        )
    return found


def _litellm(row: dict[str, Any], target: str) -> Work:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or importing it asks the network
    from litellm.litellm_core_utils.prompt_templates import factory

    convert: Callable[[list[Any]], Any]
    if target == "anthropic":
        convert = lambda messages: factory.anthropic_messages_pt(messages, "claude-sonnet-4-5", "anthropic")  # noqa: E731
    else:
        from litellm.llms.vertex_ai.gemini.transformation import _gemini_convert_messages_with_history

        convert = lambda messages: _gemini_convert_messages_with_history(messages=messages)  # noqa: E731
    rest = [message for message in row["messages"] if message["role"] != "system"]
    return lambda: convert([dict(message) for message in rest])


def training_rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield ShareGPT rows of text."""
    chance = random.Random(1)  # noqa: S311 (the same rows each time; nothing secret)
    for _ in range(count):
        turns = []
        for _ in range(chance.randint(1, 4)):
            turns.append({"from": "human", "value": " ".join(chance.choices(WORDS, k=chance.randint(5, 60)))})
            turns.append({"from": "gpt", "value": " ".join(chance.choices(WORDS, k=chance.randint(5, 100)))})
        yield {"conversations": turns}


def convert_file(file: Path) -> None:
    out = file.with_name("out.jsonl")
    with contextlib.redirect_stderr(io.StringIO()):
        command_line(["convert", str(file), "-o", str(out), "--to", "openai", "--workers", "1", "--quiet"])


def convmerge(file: Path) -> None:
    from convmerge.convert import convert_file as run

    run(file, file.with_name("theirs.jsonl"), adapter_name="auto", output_format="messages")


def plain(file: Path) -> None:
    """Read, rename the keys of each message, and write: the least that any converter does."""
    roles = {"human": "user", "gpt": "assistant"}
    with file.open() as lines, file.with_name("plain.jsonl").open("w") as out:
        for line in lines:
            turns = json.loads(line)["conversations"]
            messages = [{"role": roles[turn["from"]], "content": turn["value"]} for turn in turns]
            out.write(json.dumps({"messages": messages}) + "\n")


def tables(file: Path) -> Iterator[list[Row]]:
    row = history()
    for target in TARGETS:
        step, others = Convert(target), peers(row, target)
        gc.collect()
        gc.freeze()  # what peers import is theirs: collecting garbage would walk it for whoever allocates
        yield compare(f"11 messages to {target}", partial(step, row), others, {}, ROUNDS)
    readers: dict[str, Work] = {"json, keys renamed": lambda: plain(file)}
    if find_spec("convmerge"):
        readers["convmerge"] = lambda: convmerge(file)
    yield compare("ShareGPT rows to openai, one worker", lambda: convert_file(file), readers, {"convmerge": -1.5}, 3)


def main() -> None:
    """Write the rows, measure, and print one table."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdecimal()]
    count = int(numbers[0]) if numbers else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.jsonl")
        file.write_text("".join(json.dumps(row) + "\n" for row in training_rows(count)), encoding="utf-8")
        show([line for table in tables(file) for line in table], markdown="--markdown" in sys.argv)


if __name__ == "__main__":
    main()
