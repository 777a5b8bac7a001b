"""Codes that no rule here finds: those of reading and structure, and what commands other than check report."""

from msgkit.rules.base import CHAT_TYPES, Rule
from msgkit.rules.examples import assistant, user

_LINE = '{"messages": [{"role": "user", "content": "Hello"}]}'
_RFC = "RFC 8259, The JavaScript Object Notation"

READING = (
    Rule(
        "json-invalid",
        "The row is not JSON.",
        _RFC,
        bad='{"messages": [{"role": "user", "content": "Hello"}]',
        good=_LINE,
    ),
    Rule(
        "encoding-invalid",
        "The row is not UTF-8, or has a byte order mark after the start of the file.",
        f"{_RFC}, section 8.1",
        bad=b'{"messages": [{"role": "user", "content": "caf\xe9"}]}',
        good='{"messages": [{"role": "user", "content": "café"}]}',
        hint="save the file as UTF-8",
    ),
    Rule(
        "json-duplicate-key",
        "Duplicate key in an object: readers disagree about which value counts, so a role can be smuggled in.",
        f"{_RFC}, section 4",
        at="messages[0].role",
        bad='{"messages": [{"role": "user", "role": "system", "content": "Hello"}]}',
        good=_LINE,
    ),
    Rule(
        "json-number-not-finite",
        "NaN, Infinity, or a number out of range: not JSON, and other readers refuse it.",
        f"{_RFC}, section 6",
        at="temperature",
        bad='{"messages": [{"role": "user", "content": "Hello"}], "temperature": NaN}',
        good='{"messages": [{"role": "user", "content": "Hello"}], "temperature": 1.0}',
    ),
    Rule(
        "json-number-too-long",
        "An integer has more than 4,300 digits: readers cut it, round it, or take very long over it.",
        "Python, sys.set_int_max_str_digits; RFC 8259, section 6",
        at="seed",
        bad=_LINE[:-1] + ', "seed": ' + "7" * 4301 + "}",
        good=_LINE[:-1] + ', "seed": 7}',
    ),
    Rule(
        "json-lone-surrogate",
        "Text contains a lone surrogate: it cannot be encoded as UTF-8, so the next program fails.",
        f"{_RFC}, section 8.2",
        at="messages[0].content",
        bad='{"messages": [{"role": "user", "content": "Hello \\ud83d"}]}',
        good='{"messages": [{"role": "user", "content": "Hello \\ud83d\\ude00"}]}',
    ),
    Rule(
        "json-too-deep",
        "The row is nested deeper than 64 levels: recursive readers crash on it.",
        "orjson CVE-2024-27454: deep nesting crashes the reader",
        at="x" + "[0]" * 63,
        bad=_LINE[:-1] + ', "x": ' + "[" * 70 + "]" * 70 + "}",
        good=_LINE[:-1] + ', "x": []}',
    ),
    Rule(
        "row-too-long",
        "The row is longer than the limit.",
        "msgkit's own bound on memory (64 MiB a row)",
        bad=_LINE[:-1] + ', "x": "' + "-" * 200 + '"}',
        good=_LINE,
        limits={"row.max_bytes": 200},
    ),
    Rule(
        "file-invalid",
        "The file is truncated or damaged, so the rows after this one cannot be read: gzip, Zstandard or Parquet.",
        "the format of the file",
        hint="fetch the file again",
    ),
)

STRUCTURE = (
    Rule(
        "messages-missing",
        "There is no list of messages.",
        "openai-python src/openai/types/chat/completion_create_params.py",
        at="messages",
        bad={"model": "gpt-4.1"},
        good={"model": "gpt-4.1", "messages": [user("Hello")]},
    ),
    Rule(
        "type-mismatch",
        "A value has the wrong JSON type; nothing is coerced.",
        CHAT_TYPES,
        at="messages[0].name",
        bad=[user("Hello", name=5)],
        good=[user("Hello", name="Ann")],
    ),
)


_PIPELINE = "msgkit inline, extract, convert; msgkit.run"
_OWN = "msgkit's own rule: a row that cannot be done is refused, and the others go on"

RUNNING = (
    Rule(
        "internal-error",
        "A part of msgkit itself failed at this row; the message names it. The run continues.",
        _OWN,
        command="every command that reads rows",
        hint="please report it, with a row that shows it",
    ),
    Rule(
        "row-refused",
        "The step refuses the row; the message says why.",
        _OWN,
        command=_PIPELINE,
    ),
    Rule(
        "step-failed",
        "A step raised an exception that is not from msgkit: the row is refused, the run continues.",
        _OWN,
        command="msgkit.run",
    ),
    Rule(
        "row-timeout",
        "The row took longer than the limit, so its worker was stopped.",
        _OWN,
        command="msgkit.run",
    ),
    Rule(
        "worker-crashed",
        "The worker died at this row, for example out of memory; a new one continues with the next row.",
        _OWN,
        command=_PIPELINE,
        hint="run this row alone with one worker to see more",
    ),
    Rule(
        "extra-missing",
        "The row needs a package of an extra that is not installed.",
        "README: what to install",
        command=_PIPELINE,
    ),
)

CONVERSION = (
    Rule(
        "row-shape",
        "The row cannot have the shape that --rows asks for: it lacks an answer, or a worse one.",
        "TRL docs/source/dataset_formats",
        command="msgkit convert",
    ),
    Rule(
        "conversion-loss",
        "The other format has no place for this value.",
        "the format that is written; `msgkit formats`",
        at="messages[0].name",
        bad=[user("Hello", name="Ann"), assistant("Hi.")],
        good=[user("Hello"), assistant("Hi.")],
        hint="--on-loss drop leaves out all losses; --ledger FILE keeps them for the way back",
        command="msgkit convert --to anthropic",
    ),
    Rule(
        "ledger-missing",
        "The ledger does not name this row: it belongs to another file.",
        "msgkit's own rule: a conversion goes back by its own ledger",
        command="msgkit convert --restore",
    ),
)

EXTRACTION = (
    Rule(
        "media-conflict",
        "Another file has the name that the media would get; nothing is overwritten.",
        "msgkit's own rule: files are named by their content",
        command="msgkit extract",
    ),
)

BATCH = (
    Rule(
        "batch-format",
        "The row is of a format that the Batch does not take.",
        "OpenAI guide: Batch API; Anthropic docs: batch processing",
        command="msgkit batch wrap",
    ),
    Rule(
        "batch-result-missing",
        "No result has this row's custom_id.",
        "OpenAI guide: Batch API (use custom_id to map the results)",
        command="msgkit batch join",
    ),
    Rule(
        "batch-result-failed",
        "The request of this row failed; the message says why.",
        "OpenAI guide: Batch API (the error file)",
        command="msgkit batch join",
    ),
)

TARGETS = (
    Rule(
        "target-invalid",
        "The file of a target is not what it must be; the path is that of the key.",
        "CONTRIBUTING: to add a target",
        command="every command with --target FILE.toml",
    ),
)
