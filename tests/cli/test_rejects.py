"""Rows that cannot be read are kept apart by every command, under the numbers of their lines."""

import pytest

GOOD = '{"messages": [{"role": "user", "content": "Hi"}]}'
COMMANDS = {
    "check": (),
    "stats": (),
    "view": ("-o", "page.html"),
    "inline": ("-o", "out.jsonl"),
    "convert": ("--to", "responses", "-o", "out.jsonl"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_blank_lines_count_for_the_numbers_of_rejects(command, cli, rows):
    rows.write("in.jsonl", GOOD, "", "   ", "oops", GOOD)
    cli(command, "in.jsonl", *COMMANDS[command], "--rejects", "bad.jsonl", "--workers", "1")
    assert [(line["row"], line["input"]) for line in rows.read("bad.jsonl")] == [(4, "oops")]
