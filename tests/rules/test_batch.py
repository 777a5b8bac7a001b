"""Lines of Batch files, by themselves and together."""

import pickle

import attrs
import pytest

import msgkit
from msgkit.rules import BatchFile, BatchLine, batch
from msgkit.rules.examples import user
from msgkit.targets import Fact

LINE = {
    "custom_id": "a",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "gpt-4o", "messages": [user("Q")]},
}


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"custom_id": ""}, ("custom_id", "batch-id-invalid")),
        ({"custom_id": 5}, ("custom_id", "batch-id-invalid")),
        ({"method": "GET"}, ("method", "batch-method")),
        ({"url": "/v1/responses"}, ("url", "batch-endpoint")),
        ({"body": {**LINE["body"], "stream": True}}, ("body.stream", "batch-stream")),
    ],
)
def test_what_is_wrong_with_a_line_is_told_where_it_stands(change, issue):
    assert [(told.path, told.code) for told in msgkit.check({**LINE, **change})] == [issue]


def test_a_line_needs_an_id():
    row = {key: value for key, value in LINE.items() if key != "custom_id"}
    assert [(issue.path, issue.code) for issue in msgkit.check(row)] == [("custom_id", "batch-id-invalid")]


PARAMS = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [user("Q")]}


@pytest.mark.parametrize(
    ("row", "issues"),
    [
        ({"custom_id": "a", "body": LINE["body"]}, {("method", "key-missing"), ("url", "key-missing")}),
        ({**LINE, "body": {"messages": [user("Q")]}}, {("body.model", "key-missing")}),
        ({"custom_id": "a b", "params": PARAMS}, {("custom_id", "batch-id-invalid")}),
        ({"params": PARAMS}, {("custom_id", "batch-id-invalid")}),
        ({"custom_id": "a", "params": {"messages": [user("Q")]}},
         {("params.model", "key-missing"), ("params.max_tokens", "key-missing")}),
    ],
)  # fmt: skip
def test_a_line_that_is_to_be_sent_says_what_its_provider_needs(row, issues):
    assert {(issue.path, issue.code) for issue in msgkit.check(row, ready=True)} == issues


@pytest.mark.parametrize("row", [LINE, {"custom_id": "a", "body": LINE["body"]}])
def test_a_line_as_it_should_be_is_clean(row):
    assert msgkit.check(row) == []


def test_a_file_has_one_endpoint_and_one_model():
    file = BatchFile()
    lines = [BatchLine("a", "/v1/x", "m"), BatchLine("b", "/v1/y", "m"), BatchLine("c", "/v1/x", "n")]
    assert [[issue.path for issue in file.add(line)] for line in lines] == [[], ["url"], ["body.model"]]


def test_lines_without_an_endpoint_may_name_several_models():
    file = BatchFile()
    assert [list(file.add(BatchLine(name, None, name))) for name in "ab"] == [[], []]


def test_a_file_has_as_many_requests_as_the_target_takes():
    file = BatchFile(Fact(2, "a document", "2026"))
    told = [[issue.code for issue in file.add(BatchLine(name, None, None))] for name in "abcd"]
    assert told == [[], [], ["batch-too-long"], []]


def test_the_ids_that_are_told_apart_are_bounded(monkeypatch):
    monkeypatch.setattr(batch, "_MOST_IDS", 100)
    file = BatchFile()
    assert not [issue for n in range(1000) for issue in file.add(BatchLine(str(n), None, None))]
    assert [issue.code for issue in file.add(BatchLine("5", None, None))] == ["batch-id-duplicate"]
    assert len(pickle.dumps(attrs.astuple(file, recurse=False))) < 2_000  # 100 ids of 8 bytes, whatever was added


@pytest.mark.parametrize("key", ["custom_id", "key", "recordId"])
def test_an_id_of_any_provider_stands_once(key):
    body = {"custom_id": "body", "key": "request", "recordId": "modelInput"}[key]
    line, lines = batch.batch_line({key: "a", body: {"messages": [user("Q")]}}), BatchFile()
    assert [(issue.path, issue.code) for _ in range(2) for issue in lines.add(line)] == [(key, "batch-id-duplicate")]
