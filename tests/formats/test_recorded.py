"""Requests that were really sent, where they are at hand: each is dumped as it was loaded."""

import gzip
import json
from pathlib import Path

import pytest

import msgkit
from msgkit import formats

FOLDER = Path(__file__).parents[3] / "shared" / "recorded"
FILES = sorted(FOLDER.glob("*.jsonl.gz"))
FORMAT_OF_FILE = {"openai-compat": "openai"}

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded requests are not here")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.split(".")[0])
def test_a_recorded_request_that_loads_is_dumped_as_it_was(path):
    name = path.name.split(".")[0]
    named = FORMAT_OF_FILE.get(name, name)
    known = named if named in formats.FORMATS else None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        requests = [json.loads(line)["request"] for line in lines]
    changed = []
    for i, request in enumerate(requests):
        for format_ in {None, known}:
            try:
                talk = msgkit.load(request, format_)
            except msgkit.MsgkitError:
                continue
            if msgkit.dump(talk) != request:
                changed.append(i)
    assert changed == []


@pytest.mark.skipif(not (FOLDER / "bedrock.jsonl.gz").is_file(), reason="they are not here")
def test_no_accepted_request_to_converse_has_an_error():
    with gzip.open(FOLDER / "bedrock.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    accepted = [row["request"] for row in rows if row["status"] == 200 and "messages" in row["request"]]
    assert [issue for body in accepted for issue in msgkit.check(body) if issue.severity == "error"] == []
