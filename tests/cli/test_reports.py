"""The reports for other programs: SARIF 2.1.0 and the workflow commands of GitHub Actions."""

import json
import re
from urllib.parse import unquote

import jsonschema
import pytest

from msgkit import rules

BAD = {"messages": [{"role": "usr", "content": "Hello"}, {"role": "user", "channel": "final", "content": "x"}]}


def obj(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


TEXT = {"type": "string"}
MESSAGE = obj(["text"], text=TEXT, markdown=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
PLACE = obj(
    physicalLocation=obj(
        artifactLocation=obj(
            uri={"type": "string", "format": "uri-reference"}, index={"type": "integer", "minimum": -1}
        ),
        region=obj(startLine={"type": "integer", "minimum": 1}, startColumn={"type": "integer", "minimum": 1}),
    ),
    logicalLocations={
        "type": "array",
        "uniqueItems": True,
        "items": obj(name=TEXT, fullyQualifiedName=TEXT, decoratedName=TEXT, kind=TEXT),
    },
)
RESULT = obj(
    ["message"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "items": PLACE},
    properties={"type": "object"},
)
RULE = obj(
    ["id"],
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=obj(level=LEVEL),
    properties={"type": "object"},
)
TOOL = obj(
    ["driver"],
    driver=obj(["name"], name=TEXT, version=TEXT, rules={"type": "array", "uniqueItems": True, "items": RULE}),
)
RUN = obj(
    ["tool"],
    tool=TOOL,
    results={"type": "array", "items": RESULT},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)
# What of the SARIF 2.1.0 schema (OASIS) concerns the properties that are used here; no other property passes.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **obj(
        ["version", "runs"],
        **{
            "$schema": {"type": "string", "format": "uri"},
            "version": {"const": "2.1.0"},
            "runs": {"type": "array", "items": RUN},
        },
    ),
}


def sarif(cli, *argv):
    log = json.loads(cli("check", *argv, "--output-format", "sarif").out)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    return log["runs"][0]


def test_sarif_of_clean_rows_is_valid_and_has_no_result(cli, rows):
    run = sarif(cli, rows.write("a.jsonl", {"messages": [{"role": "user", "content": "Hello"}]}))
    assert run["results"] == []


def test_sarif_names_file_row_path_and_level(cli, rows):
    run = sarif(cli, rows.write("a b.jsonl", "", BAD))
    place = run["results"][0]["locations"][0]
    assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]) == "a b.jsonl"
    assert place["physicalLocation"]["region"] == {"startLine": 2}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "messages[0].role"
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_sarif_describes_each_rule_that_was_seen_once(cli, rows):
    run = sarif(cli, rows.write("a.jsonl", BAD, BAD, "{"))
    described = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == ["role-unknown", "channel-not-allowed", "json-invalid"]
    assert [described[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert described[0]["shortDescription"]["text"] == rules.CODES["role-unknown"].sentence


def test_sarif_of_an_issue_without_a_path_is_valid(cli, rows):
    assert "logicalLocations" not in sarif(cli, rows.write("a.jsonl", "{"))["results"][0]["locations"][0]


def test_the_schema_refuses_what_it_must(cli, rows):
    run = sarif(cli, rows.write("a.jsonl", BAD))
    run["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [run]}, SCHEMA)


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


def test_F15_github_commands_cannot_be_smuggled_in(cli, rows):
    row = {"messages": [{"role": "x\n::warning file=a::b%0A", "content": "x"}]}
    result = cli("check", rows.write("a.jsonl", row), "--output-format", "github")
    assert len(result.lines) == 1
    assert COMMAND.fullmatch(result.lines[0])
