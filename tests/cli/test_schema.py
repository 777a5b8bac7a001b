"""``msgkit schema``: what msgkit writes is as the schemas say."""

import json

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from msgkit.cli.schema import SCHEMAS, schema
from tests.strategies import PNGS

IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}"}}
LOOK = {"role": "user", "content": [IMAGE], "name": "Ann"}
ROWS = [{"messages": [{"role": "usr", "content": "Hello"}]}, {"messages": [LOOK]}, "no row"]


@pytest.fixture(name="outputs")
def _outputs(cli, rows):
    """Every output of a few rows, by the name of its schema."""
    source = rows.write("rows.jsonl", *ROWS)
    cli("convert", source, "-o", "out.jsonl", "--to", "anthropic", "--on-loss", "drop", "--ledger", "ledger.jsonl")
    cli("check", source, "--rejects", "rejects.jsonl")
    cli("extract", source, "-o", "out.jsonl", "--media", "media", "--report", "report.jsonl")
    several = ("--target", "openai", "--target", "anthropic")
    return {
        "issue": cli("check", source, "--output-format", "json", *several).objects,
        "count": cli("check", source, "--output-format", "json", "--statistics").objects,
        "reject": rows.read("rejects.jsonl"),
        "ledger": rows.read("ledger.jsonl"),
        "report": rows.read("report.jsonl"),
        "stats": [json.loads(cli("stats", source, "--output-format", "json").out)],
        "row": ROWS[1:2],
    }


def test_every_output_is_as_its_schema_says(outputs):
    assert list(outputs) == list(SCHEMAS)
    for name, lines in outputs.items():
        assert lines
        validator = Draft202012Validator(schema(name))
        for line in lines:
            validator.validate(line)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_a_json_schema(cli, name):
    Draft202012Validator.check_schema(json.loads(cli("schema", "--of", name).out))


@pytest.mark.parametrize(
    "message",
    [{"role": "usr"}, {"role": "user", "content": 5}, {"role": "user", "content": [{"type": "image_url"}]}],
    ids=["role", "content", "part"],
)
def test_a_row_that_msgkit_refuses_is_not_as_the_schema_says(message):
    with pytest.raises(ValidationError):
        Draft202012Validator(schema("row")).validate({"messages": [message]})
