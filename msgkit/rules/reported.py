"""Codes that other commands than check report of a row: in rejects and in errors."""

from msgkit.rules.base import Rule
from msgkit.rules.examples import assistant, user

_PIPELINE = "msgkit inline, extract, convert; msgkit.run"
_OWN = "msgkit's own rule: a row that cannot be done is refused, and the others go on"

RUNNING = (
    Rule(
        "internal-error",
        "A part of msgkit itself failed at this row; the message names it. The run continues.",
        "error",
        _OWN,
        command="every command that reads rows",
        hint="please report it, with a row that shows it",
    ),
    Rule(
        "row-refused",
        "The step refuses the row; the message says why.",
        "error",
        _OWN,
        command=_PIPELINE,
    ),
    Rule(
        "step-failed",
        "A step raised an exception that is not from msgkit: the row is refused, the run continues.",
        "error",
        _OWN,
        command="msgkit.run",
    ),
    Rule(
        "row-timeout",
        "The row took longer than the limit, so its worker was stopped.",
        "error",
        _OWN,
        command="msgkit.run",
    ),
    Rule(
        "worker-crashed",
        "The worker died at this row, for example out of memory; a new one continues with the next row.",
        "error",
        _OWN,
        command=_PIPELINE,
        hint="run this row alone with one worker to see more",
    ),
    Rule(
        "extra-missing",
        "The row needs a package of an extra that is not installed.",
        "error",
        "README: what to install",
        command=_PIPELINE,
    ),
)

CONVERSION = (
    Rule(
        "row-shape",
        "The row cannot have the shape that --rows asks for: it lacks an answer, or a worse one.",
        "error",
        "TRL docs/source/dataset_formats",
        command="msgkit convert",
    ),
    Rule(
        "conversion-loss",
        "The other format has no place for this value.",
        "error",
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
        "error",
        "msgkit's own rule: a conversion goes back by its own ledger",
        command="msgkit convert --restore",
    ),
)

EXTRACTION = (
    Rule(
        "media-conflict",
        "Another file has the name that the media would get; nothing is overwritten.",
        "error",
        "msgkit's own rule: files are named by their content",
        command="msgkit extract",
    ),
)

BATCH = (
    Rule(
        "batch-format",
        "The row is of a format that the Batch does not take.",
        "error",
        "OpenAI guide: Batch API; Anthropic docs: batch processing",
        command="msgkit batch wrap",
    ),
    Rule(
        "batch-result-missing",
        "No result has this row's custom_id.",
        "error",
        "OpenAI guide: Batch API (use custom_id to map the results)",
        command="msgkit batch join",
    ),
    Rule(
        "batch-result-failed",
        "The request of this row failed; the message says why.",
        "error",
        "OpenAI guide: Batch API (the error file)",
        command="msgkit batch join",
    ),
)

TARGETS = (
    Rule(
        "target-invalid",
        "The file of a target is not what it must be; the path is that of the key.",
        "error",
        "CONTRIBUTING: to add a target",
        command="every command with --target FILE.toml",
    ),
)
