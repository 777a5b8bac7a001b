"""Nothing from a file moves the cursor, changes colours or turns the direction of text: it is told escaped."""

import io
import json
import re

import pytest

from msgkit.cli import COMMANDS
from msgkit.cli.reports import Text
from msgkit.errors import Issue

CONTROLS = "\x00\x07\x08\r\x1b[31m\x7f\x80\x85\x9b31m\x9f"
HOSTILE = f"x{CONTROLS}\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\U000e0041y"
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PARTS = [
    {"type": "text", "text": "Look."},
    {"type": "image_url", "image_url": {"url": "cat.jpg", "detail": "low"}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
]
CHAT = {
    "model": "m",
    "messages": [
        {"role": "system", "name": "n", "content": "Be brief."},
        {"role": "user", "content": PARTS},
        {"role": "assistant", "channel": "analysis", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "done"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}}],
}
ROWS = [
    CHAT,
    {"custom_id": "row-1", "method": "POST", "url": "/v1/chat/completions", "body": CHAT},
    {
        "model": "m",
        "system": "s",
        "messages": [
            {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "cat.jpg"}}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"k": "v"}}]},
        ],
    },
    {
        "contents": [
            {"role": "user", "parts": [{"text": "t"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}
        ]
    },
    {
        "model": "m",
        "instructions": "i",
        "input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}],
    },
    {"conversations": [{"from": "human", "value": "v"}, {"from": "gpt", "value": "w"}], "images": ["cat.jpg"]},
    {"messages": [{"role": "user", "content": "c"}], "images": ["cat.jpg"]},
    {"id": "b", "custom_id": "row-2", "response": {"status_code": 200, "body": {"choices": []}}, "error": None},
    {"row": 1, "path": ["messages", "k"], "what": "w", "value": "v", "change": "set"},
    ["s"],
]


def variants(value):
    """Yield *value* with each of its strings and keys in turn replaced, and with a key more in each object."""
    if isinstance(value, str):
        yield HOSTILE
        yield value + HOSTILE
    elif isinstance(value, dict):
        yield {**value, HOSTILE: HOSTILE}
        for key, item in value.items():
            yield {HOSTILE if name == key else name: other for name, other in value.items()}
            yield from ({**value, key: other} for other in variants(item))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from ([*value[:k], other, *value[k + 1 :]] for other in variants(item))


LINES = [json.dumps(each, ensure_ascii=bool(k % 2)) for row in ROWS for k, each in enumerate(variants(row))]
COMMAND_LINES = [
    "inline {} -o out.jsonl",
    "inline {} -o out.jsonl --target anthropic --on-error stop",
    "extract {} -o out.jsonl --media media",
    "check {}",
    "check {} --ready --target anthropic",
    "check {} --target gemini --statistics",
    "check {} --output-format github",
    "check {} --output-format json",
    "check {} --output-format sarif",
    "check {} --diff --fix-unsafe {repair}",
    "check {} --fix -o out.jsonl --rejects bad.jsonl",
    "convert {} -o out.jsonl --to anthropic",
    "convert {} -o out.jsonl --to gemini --on-loss drop --ledger losses.jsonl",
    "convert {} -o out.jsonl --to harmony",
    "convert {} -o out.jsonl --to responses",
    "convert {} -o out.jsonl --restore {}x.jsonl",
    "view {} -o page.html",
    "stats {}",
    "stats {} --output-format json",
    "batch wrap {} -o out.jsonl",
    "batch wrap {} -o out.jsonl --model m",
    "batch join {} -o out.jsonl --results {}x.jsonl",
    "make {} -o out.jsonl",
    "make . -o out.jsonl --text {}",
    "make --table {} -o out.jsonl --text {}",
    "rules {}",
    "schema --of {}",
    "formats",
    "targets {}",
    "targets own.toml",
    "check a.jsonl --target own.toml",
    "check a.jsonl --target bad.toml",
    "check a.jsonl --target {}.toml",
    "check a.jsonl --select {}",
    "check a.jsonl --format {}",
    "check a.jsonl --{}",
    "inline a.jsonl -o {}/out.jsonl",
    "inline a.jsonl -o out.jsonl --root {}",
    "stats a.jsonl --tokenizer {}",
    "stats a.jsonl --html {}",
    "view a.jsonl -o {}",
    "{} a.jsonl",
]
NAME = HOSTILE.replace("\x00", "") + ".jsonl"  # no name has a zero in it


@pytest.fixture
def hostile(rows, tmp_path, monkeypatch):
    """A file of hostile rows with a hostile name, and targets of one's own that are no better."""
    monkeypatch.chdir(tmp_path)
    shown = json.dumps(HOSTILE.replace("\x7f", ""))
    shown = re.sub(r"\\ud[89a-f]..", "", shown)
    (tmp_path / "own.toml").write_text(f'extends = "openai"\ntitle = {shown}\n')
    (tmp_path / "bad.toml").write_text(f'extends = "openai"\n{shown} = {shown}\n')
    rows.write("a.jsonl", *LINES)
    return rows.write(NAME, *LINES, HOSTILE, "{" + HOSTILE)


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_nothing_raw_reaches_the_terminal(cli, hostile, line):
    words = [word.replace("{repair}", "tool-pairs").replace("{}", hostile) for word in line.split()]
    result = cli(*words)
    for told in (result.out, result.err):
        assert RAW.findall(told) == []
    assert "a bug of msgkit" not in result.err


def test_nothing_raw_stands_in_what_a_terminal_gets_grouped(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    out.isatty = lambda: True
    Text(out).add(HOSTILE, 1, [Issue(HOSTILE, "role-unknown", "error", HOSTILE, HOSTILE, HOSTILE)])
    assert RAW.findall(out.getvalue()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_tried(name):
    assert any(line.startswith(name) for line in COMMAND_LINES)


def test_a_change_is_shown_line_by_line_whatever_breaks_lines(cli, rows):
    row = {"messages": [{"role": "human", "content": "a\u2028b\x85c\x1cd"}]}
    result = cli("check", rows.write("a.jsonl", json.dumps(row, ensure_ascii=False)), "--diff")
    assert all(line[0] in "-+@ " for line in result.lines)
    assert r"a\u2028b\x85c" in result.out
