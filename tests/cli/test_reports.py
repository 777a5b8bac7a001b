"""The reports for other programs: SARIF 2.1.0 and the workflow commands of GitHub Actions."""

import json
import os
import re
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest

from msgkit import rules
from tests.registry import npm_file

BAD = {"messages": [{"role": "usr", "content": "Hello"}, {"role": "user", "channel": "final", "content": "x"}]}


SCHEMA = ("@microsoft/jest-sarif@1.0.0-beta.0", "lib/schemas/sarif-2.1.0-rtm.5.json")


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """What judges a SARIF log: the schema of the format's own committee, as one of its members distributes it."""
    found = json.loads(npm_file(*SCHEMA, tmp_path_factory.mktemp("sarif")))
    return jsonschema.validators.validator_for(found)(found)


def log_of(cli, *argv):
    return json.loads(cli("check", *argv, "--output-format", "sarif").out)


def run_of(cli, *argv):
    return log_of(cli, *argv)["runs"][0]


def faults(schema, log):
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(log)]


# judged by the schema of SARIF 2.1.0


@pytest.mark.parametrize("name", ["a.jsonl", "a b,%:[1].jsonl", "\u00e9\U0001f600.jsonl"])
def test_the_schema_takes_the_log(cli, rows, schema, name):
    assert (
        faults(schema, log_of(cli, rows.write(name, BAD, "{", {"messages": [{"role": "user", "content": "x"}]}))) == []
    )


def test_the_schema_takes_the_log_of_clean_rows(cli, rows, schema):
    assert faults(schema, log_of(cli, rows.write("a.jsonl", {"messages": [{"role": "user", "content": "x"}]}))) == []


def test_the_schema_takes_a_log_with_every_code(cli, rows, schema):
    bad = [code.bad if isinstance(code.bad, str) else json.dumps(code.bad) for code in rules.CODES.values()
           if not isinstance(code.bad, bytes | None)]  # fmt: skip
    log = log_of(cli, rows.write("a.jsonl", *bad), "--target", "harmony")
    assert len(log["runs"][0]["tool"]["driver"]["rules"]) > 40
    assert faults(schema, log) == []


def test_the_schema_takes_the_log_of_an_absolute_path_and_of_a_name_that_is_no_text(cli, schema, tmp_path):
    name = os.fsdecode(bytes(tmp_path / "a") + b"\xff.jsonl")
    Path(name).write_text("{\n")
    log = log_of(cli, name)
    assert faults(schema, log) == []
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///")
    assert uri.endswith("a%FF.jsonl")


def test_names_that_are_no_text_are_written_escaped_and_a_baseline_knows_them(cli, tmp_path):
    name = os.fsdecode(bytes(tmp_path / "a") + b"\xff.jsonl")
    Path(name).write_text('{"messages": [{"role": "usr", "content": "Hello"}]}\n')
    issues = cli("check", name, "--output-format", "json").out
    assert json.loads(issues)["file"].endswith("a\\udcff.jsonl")
    (tmp_path / "known.json").write_text(issues)
    assert cli("check", name, "--baseline", tmp_path / "known.json").code == 0
    assert cli("convert", name, name, "--to", "openai", "-o", "-", "--rejects", tmp_path / "refused.jsonl").code == 1
    rejects = (tmp_path / "refused.jsonl").read_text().splitlines()
    assert all(json.loads(line)["file"].endswith("a\\udcff.jsonl") for line in rejects)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["results"][0].update(rule="role-unknown"),
        lambda run: run.pop("tool"),
    ],
)
def test_the_schema_refuses_what_it_must(cli, rows, schema, spoil):
    log = log_of(cli, rows.write("a.jsonl", BAD))
    spoil(log["runs"][0])
    assert faults(schema, log)


# what the log says


def test_sarif_of_clean_rows_is_valid_and_has_no_result(cli, rows):
    run = run_of(cli, rows.write("a.jsonl", {"messages": [{"role": "user", "content": "Hello"}]}))
    assert run["results"] == []


def test_sarif_names_file_row_path_and_level(cli, rows):
    run = run_of(cli, rows.write("a b.jsonl", "", BAD))
    place = run["results"][0]["locations"][0]
    assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]) == "a b.jsonl"
    assert place["physicalLocation"]["region"] == {"startLine": 2}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "messages[0].role"
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_sarif_describes_each_rule_that_was_seen_once(cli, rows):
    run = run_of(cli, rows.write("a.jsonl", BAD, BAD, "{"))
    described = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == ["role-unknown", "channel-not-allowed", "json-invalid"]
    assert [described[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert described[0]["shortDescription"]["text"] == rules.CODES["role-unknown"].sentence


def test_sarif_of_an_issue_without_a_path_is_valid(cli, rows):
    assert "logicalLocations" not in run_of(cli, rows.write("a.jsonl", "{"))["results"][0]["locations"][0]


# The form that GitHub documents: ::name property=value,property=value::value, with %25 %0A %0D %3A %2C escaped.
COMMAND = re.compile(r"::(error|warning) file=([^,:]*),line=(\d+),title=([^,:]*)::([^\r\n]*)")


def unescaped(text):
    for code, char in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_github_lines_are_workflow_commands(cli, rows):
    result = cli("check", rows.write("a,b:%c.jsonl", BAD), "--output-format", "github")
    found = [COMMAND.fullmatch(line).groups() for line in result.lines]
    assert [(level, unescaped(file), line, title) for level, file, line, title, _ in found] == [
        ("error", "a,b:%c.jsonl", "1", "role-unknown"),
        ("warning", "a,b:%c.jsonl", "1", "channel-not-allowed"),
    ]
    assert found[0][4].startswith("messages[0].role: expected a role, got 'usr'")


def test_github_commands_cannot_be_smuggled_in(cli, rows):
    row = {"messages": [{"role": "x\n::warning file=a::b%0A", "content": "x"}]}
    result = cli("check", rows.write("a.jsonl", row), "--output-format", "github")
    assert len(result.lines) == 1
    assert COMMAND.fullmatch(result.lines[0])


def test_github_commands_tell_the_remedy(cli, rows):
    row = {"messages": [{"role": "user", "content": "x", "recipient": "all"}]}
    result = cli("check", rows.write("a.jsonl", row), "--output-format", "github")
    assert result.lines[0].endswith(f"({rules.CODES['recipient-all'].hint})")
