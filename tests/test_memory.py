"""Memory does not grow with rows: nothing keeps one after its turn."""

import contextlib
import gc
import io
import json
import tracemalloc

import pytest

import msgkit
from msgkit.cli import main

CHANNELS = [{"role": "assistant", "content": "Hm.", "channel": "analysis"}, {"role": "assistant", "content": "Yes"}]
TOOL = {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {"type": "object"}}}
ROWS = {
    "tools": {
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "tools": [TOOL],
    },
    "refused": {"messages": [{"role": "user", "content": 5}]},
    "doubtful": {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi", "x": 1}]}]},
    "harmony": {"messages": [{"role": "user", "content": "Hi"}, *CHANNELS]},
    "text": {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}]},
}
CALLS = {
    "check": msgkit.check,
    "load and dump": lambda row: msgkit.dump(msgkit.load(row)),
    "inline": msgkit.inline,
    "convert": lambda row: msgkit.convert(row, "harmony", on_loss="drop"),
}
COMMANDS = {
    "check": "check rows.jsonl --statistics",
    "inline": "inline rows.jsonl -o out.jsonl --workers 1",
    "convert": "convert rows.jsonl -o out.jsonl --to harmony --on-loss drop --workers 1",
    "stats": "stats rows.jsonl",
    "view": "view rows.jsonl -o page.html --max-rows 20",
}
MOST = 2200  # bytes for each row; one that is kept with what was done to it takes 5,000 and more


def growth(act, few: int, many: int) -> int:
    """Bytes that stay for each row."""
    act(few)
    gc.freeze()  # what the whole suite has loaded need not be looked through
    tracemalloc.start()
    try:
        act(few)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        act(many)
        return (tracemalloc.get_traced_memory()[0] - before) // many
    finally:
        tracemalloc.stop()
        gc.unfreeze()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ROWS)
def test_a_call_keeps_nothing_of_its_row(call, kind):
    def act(number):
        for _ in range(number):
            with contextlib.suppress(msgkit.MsgkitError):
                CALLS[call](json.loads(json.dumps(ROWS[kind])))

    assert growth(act, 10, 60) < MOST


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["tools", "refused", "harmony"])
def test_a_command_keeps_nothing_of_its_rows(command, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def act(number):
        (tmp_path / "rows.jsonl").write_text((json.dumps(ROWS[kind]) + "\n") * number)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            main([*COMMANDS[command].split(), "--quiet"])

    assert growth(act, 10, 150) < MOST
