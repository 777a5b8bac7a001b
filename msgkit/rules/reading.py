"""Codes of reading and of structure: rows that are not JSON, not a message, not a part. Structuring reports them."""

from msgkit.rules.base import CHAT_TYPES, Rule
from msgkit.rules.examples import user

_LINE = '{"messages": [{"role": "user", "content": "Hello"}]}'
_RFC = "RFC 8259, The JavaScript Object Notation"

READING = (
    Rule(
        "json-invalid",
        "The row is not JSON.",
        "error",
        _RFC,
        bad='{"messages": [{"role": "user", "content": "Hello"}]',
        good=_LINE,
    ),
    Rule(
        "encoding-invalid",
        "The row is not UTF-8, or has a byte order mark after the start of the file.",
        "error",
        f"{_RFC}, section 8.1",
        bad=b'{"messages": [{"role": "user", "content": "caf\xe9"}]}',
        good='{"messages": [{"role": "user", "content": "café"}]}',
        hint="save the file as UTF-8",
    ),
    Rule(
        "json-duplicate-key",
        "Duplicate key in an object: readers disagree about which value counts, so a role can be smuggled in.",
        "error",
        f"{_RFC}, section 4",
        at="messages[0].role",
        bad='{"messages": [{"role": "user", "role": "system", "content": "Hello"}]}',
        good=_LINE,
    ),
    Rule(
        "json-number-not-finite",
        "NaN, Infinity, or a number out of range: not JSON, and other readers refuse it.",
        "error",
        f"{_RFC}, section 6",
        at="temperature",
        bad='{"messages": [{"role": "user", "content": "Hello"}], "temperature": NaN}',
        good='{"messages": [{"role": "user", "content": "Hello"}], "temperature": 1.0}',
    ),
    Rule(
        "json-number-too-long",
        "An integer has more than 4,300 digits: readers cut it, round it, or take very long over it.",
        "error",
        "Python, sys.set_int_max_str_digits; RFC 8259, section 6",
        at="seed",
        bad=_LINE[:-1] + ', "seed": ' + "7" * 4301 + "}",
        good=_LINE[:-1] + ', "seed": 7}',
    ),
    Rule(
        "json-lone-surrogate",
        "Text contains a lone surrogate: it cannot be encoded as UTF-8, so the next program fails.",
        "error",
        f"{_RFC}, section 8.2",
        at="messages[0].content",
        bad='{"messages": [{"role": "user", "content": "Hello \\ud83d"}]}',
        good='{"messages": [{"role": "user", "content": "Hello \\ud83d\\ude00"}]}',
    ),
    Rule(
        "json-too-deep",
        "The row is nested deeper than 64 levels: recursive readers crash on it.",
        "error",
        "orjson CVE-2024-27454: deep nesting crashes the reader",
        at="x" + "[0]" * 63,
        bad=_LINE[:-1] + ', "x": ' + "[" * 70 + "]" * 70 + "}",
        good=_LINE[:-1] + ', "x": []}',
    ),
    Rule(
        "row-too-long",
        "The row is longer than the limit.",
        "error",
        "msgkit's own bound on memory (64 MiB a row)",
        bad=_LINE[:-1] + ', "x": "' + "-" * 200 + '"}',
        good=_LINE,
        limits={"row.max_bytes": 200},
    ),
    Rule(
        "file-invalid",
        "The file is truncated or damaged, so the rows after this one cannot be read: gzip, Zstandard or Parquet.",
        "error",
        "the format of the file",
        hint="fetch the file again",
    ),
)

STRUCTURE = (
    Rule(
        "messages-missing",
        "There is no list of messages.",
        "error",
        "openai-python src/openai/types/chat/completion_create_params.py",
        at="messages",
        bad={"model": "gpt-4.1"},
        good={"model": "gpt-4.1", "messages": [user("Hello")]},
    ),
    Rule(
        "type-mismatch",
        "A value has the wrong JSON type; nothing is coerced.",
        "error",
        CHAT_TYPES,
        at="messages[0].name",
        bad=[user("Hello", name=5)],
        good=[user("Hello", name="Ann")],
    ),
)
