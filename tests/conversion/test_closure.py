"""What is written, its own check passes; what is listed as lost is not in it."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import msgkit
from msgkit import formats
from msgkit.jsontext.values import same
from tests.strategies import bodies

NAMES = list(formats.FORMATS)
SAMPLES = {
    name: json.loads((Path(__file__).parent.parent / "samples" / f"{name}.json").read_text(encoding="utf-8"))
    for name in NAMES
}
RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded"
APIS = ("openai", "responses", "anthropic", "gemini", "mistral")


def errors(payload, name):
    """The codes of what a receiver would refuse, but for keys that nobody can know."""
    issues = [i for i in msgkit.check(payload, format=name, ready=True) if i.severity == "error"]
    unknown = {i for i in issues if i.code == "key-missing" and i.path.split(".", 1)[-1].isidentifier()}
    return {i.code for i in issues if i not in unknown}


def written(row, source, target, on_loss):
    try:
        return msgkit.convert(row, target, format=source, on_loss=on_loss)
    except (msgkit.LossError, msgkit.InvalidMessageError):
        return None


def holds(row, source, target):
    before = errors(row, source)
    for on_loss in ("error", "drop"):
        result = written(row, source, target, on_loss)
        if result is None:
            continue
        assert not errors(result.payload, target) - before
        assert same(msgkit.restore(result.payload, result.losses), row)
        for loss in result.losses:
            if loss.kind != "form" and len(loss.path) == 1 and isinstance(result.payload, dict):
                assert not same(result.payload.get(loss.path[0]), loss.value), loss


@pytest.mark.parametrize("source", NAMES)
def test_a_sample_in_another_format_has_no_error_that_it_had_not(source):
    for row in SAMPLES[source]:
        for target in NAMES:
            holds(row, source, target)


@pytest.mark.parametrize("target", NAMES)
@settings(max_examples=7, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=bodies)
def test_a_generated_row_in_another_format_has_no_error_that_it_had_not(target, body):
    holds(body, "openai", target)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded requests beside the project")
@pytest.mark.parametrize("source", APIS)
def test_a_request_that_was_sent_has_no_error_in_another_format_that_it_had_not(source):
    with gzip.open(RECORDED / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line)["request"] for line in lines]
    for row in rows[::6]:
        try:
            msgkit.load(row, source)
        except msgkit.InvalidMessageError:
            continue
        for target in APIS:
            holds(row, source, target)
