"""The table of codes: every example is run, and every code of the project's facts is there."""

import ast
import importlib
import json
import pickle
import re
from base64 import b64decode
from pathlib import Path

import pytest

import msgkit
from msgkit import rules, targets
from msgkit.errors import join_path
from msgkit.rows import MAX_ROW, iter_rows
from msgkit.rules import CODES, FAMILIES
from msgkit.rules.prefilter import find_signs

# facts the project promises; codes are stable, so this list only grows
PROMISED = [
    "audio-data-url",
    "audio-too-long",
    "base64-invalid",
    "channel-mismatch",
    "channel-missing",
    "channel-not-allowed",
    "channel-unknown",
    "content-empty",
    "content-missing",
    "content-type-unknown",
    "data-url-invalid",
    "detail-unknown",
    "encoding-invalid",
    "file-source",
    "image-animated",
    "image-orientation",
    "image-private-metadata",
    "json-duplicate-key",
    "json-invalid",
    "json-lone-surrogate",
    "json-number-not-finite",
    "json-too-deep",
    "key-missing",
    "key-unknown",
    "media-empty",
    "media-format-unsupported",
    "media-invalid",
    "media-too-large",
    "media-too-many",
    "media-truncated",
    "media-type-mismatch",
    "messages-empty",
    "messages-missing",
    "name-invalid",
    "part-not-allowed",
    "part-unknown",
    "placeholder-count",
    "recipient-unknown",
    "reference-not-a-file",
    "reference-not-found",
    "reference-outside-root",
    "reference-scheme",
    "reference-unreadable",
    "reference-unresolved",
    "request-too-large",
    "role-deprecated",
    "role-order",
    "role-unknown",
    "row-too-long",
    "special-token-in-text",
    "system-not-first",
    "tool-arguments-not-json",
    "tool-call-id-duplicate",
    "tool-call-id-invalid",
    "tool-call-id-missing",
    "tool-call-pending",
    "tool-name-invalid",
    "tool-name-missing",
    "tool-result-duplicate",
    "tool-result-missing",
    "tool-result-orphan",
    "type-mismatch",
]

CHECKED = [code for code in CODES.values() if code.command == "msgkit check" and code.bad is not None]
SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ROWS = [code for code in CHECKED if not isinstance(code.bad, str | bytes)]
LINES = [code for code in CHECKED if isinstance(code.bad, str | bytes)]
PACKAGE = Path(msgkit.__file__).parent
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in PACKAGE.rglob("*.py")}


def calls_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def words(nodes):
    """The strings among *nodes* that are written as codes are."""
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {text for text in texts if SHAPE.fullmatch(text)}


def is_sentence(node):
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and " " in str(node.value))


def test_every_code_in_the_package_is_in_the_table():
    """Also one that no check reports: what a call passes beside a sentence, or as code=, `msgkit rules` explains."""
    passed = {}
    for file, tree in TREES.items():
        for call in calls_of(tree):
            named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            is_extra = getattr(call.func, "id", "") in (
                "MissingExtraError",
                "needing",
            )  # their words are names of packages
            beside = call.args if any(map(is_sentence, call.args)) and not is_extra else []
            passed |= dict.fromkeys(words([*named, *beside]), f"{file.relative_to(PACKAGE)}:{call.lineno}")
    assert len(passed) > 60
    assert {word: place for word, place in passed.items() if word not in CODES} == {}


def test_every_code_in_the_table_is_reported_somewhere():
    """A row whose code no function tells."""
    reported = set()
    for tree in TREES.values():
        rows = {id(call.args[0]) for call in calls_of(tree) if getattr(call.func, "id", "") == "Rule"}
        reported |= words(node for node in ast.walk(tree) if id(node) not in rows)
    assert set(CODES) - reported == set()


def test_no_code_is_put_together_of_pieces():
    """So that the two tests above see them all."""
    for file, tree in TREES.items():
        for node in calls_of(tree):
            if getattr(node.func, "id", "") in ("Issue", "Finding") and node.args[1:]:
                assert not isinstance(node.args[1], ast.JoinedStr | ast.BinOp), f"{file}:{node.lineno}"


def target_of(rule, row):
    """The target of a rule's examples, for the model that the row names."""
    from msgkit.api import loading
    from msgkit.api.receivers import Receiver

    return targets.adjust(Receiver(rule.target).of(loading.load_row(row, None).conversation), rule.limits)


def run(code, row, tmp_path):
    target = target_of(code, row)
    root = None
    if code.files is not None:
        root = str(tmp_path)
        for name, data in code.files.items():
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
    return check(row, target, root, ready=code.ready)


def check(row, target, root=None, *, ready=False):
    """What msgkit.check does, for a target that is not a name."""
    from msgkit.api import loading
    from msgkit.media.references import check_reference
    from msgkit.media.sources import Root

    opener = None if root is None else Root(root).window
    loaded = loading.load_row(row, None)
    return rules.run(loaded, target, row=row, opener=opener, grammar=check_reference, ready=ready)


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_code_exists(name):
    assert name in CODES


@pytest.mark.parametrize("code", ROWS, ids=lambda code: code.code)
def test_the_failing_example_has_this_issue_and_no_other(code, tmp_path, request):
    if code.code == "reference-unreadable":
        request.getfixturevalue("unreadable")
    issues = run(code, code.bad, tmp_path)
    assert [(issue.code, issue.path) for issue in issues] == [(code.code, code.at)], issues
    assert issues[0].severity == (code.severity if code.code not in targets.get(code.target).severity else "error")
    assert issues[0].source


@pytest.mark.parametrize("code", ROWS, ids=lambda code: code.code)
def test_the_mended_example_is_clean(code, tmp_path):
    assert run(code, code.good, tmp_path) == []


@pytest.mark.parametrize("code", LINES, ids=lambda code: code.code)
def test_the_failing_line_has_this_issue_and_no_other(code, tmp_path):
    assert [(issue.code, issue.path) for issue in read(code, code.bad, tmp_path)] == [(code.code, code.at)]


@pytest.mark.parametrize("code", LINES, ids=lambda code: code.code)
def test_the_mended_line_is_clean(code, tmp_path):
    assert read(code, code.good, tmp_path) == []


def read(code, line, tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes((line if isinstance(line, bytes) else line.encode()) + b"\n")
    (row,) = iter_rows(file, max_row=int(code.limits.get("row.max_bytes", MAX_ROW)))
    return list(row.issues) if row.issues else msgkit.check(row.value)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_each_code_is_explained(code):
    assert SHAPE.fullmatch(code.code)
    assert len(code.sentence) > 10
    assert code.sentence.endswith(".")
    assert len(code.source) > 8
    assert code.severity in ("error", "warning", "info")
    assert pickle.loads(pickle.dumps(code)).code == code.code
    if not isinstance(code.bad, str | bytes):
        assert json.loads(json.dumps([code.bad, code.good])) == [code.bad, code.good]


def test_the_example_of_a_loss_is_lost_there_and_the_mended_one_is_not():
    code = CODES["conversion-loss"]
    with pytest.raises(msgkit.LossError) as raised:
        msgkit.convert(code.bad, to="anthropic")
    assert [join_path(loss.path) for loss in raised.value.losses if not loss.form] == [code.at]
    msgkit.convert(code.good, to="anthropic")


def test_each_code_belongs_to_one_family():
    assert sum(len(names) for names in FAMILIES.values()) == len(CODES) == len(set().union(*FAMILIES.values()))


@pytest.mark.parametrize("code", [code for code in ROWS if code.fixable], ids=lambda code: code.code)
def test_a_fixable_example_is_mended_to_the_mended_example(code, tmp_path):
    issues = run(code, code.bad, tmp_path)
    assert issues[0].fixable
    good = code.good[0]["content"][0]["image_url"]["url"] if code.code == "image-orientation" else ""
    row, mended = rules.fix(code.bad, issues, upright=lambda _: b64decode(good.partition(",")[2]))
    assert mended == issues
    assert row == code.good


@pytest.mark.parametrize("code", [code for code in ROWS if not code.fixable], ids=lambda code: code.code)
def test_what_is_not_fixable_is_left_as_it_is(code, tmp_path, request):
    if code.code == "reference-unreadable":
        request.getfixturevalue("unreadable")
    issues = run(code, code.bad, tmp_path)
    assert not issues[0].fixable
    assert rules.fix(code.bad, issues) == (code.bad, [])


@pytest.mark.parametrize("rule", [rule for rule in ROWS if rule.check is not None], ids=lambda rule: rule.code)
def test_the_signs_of_a_rule_are_in_its_failing_example(rule):
    """Else the prefilter would pass over rows that the check would report."""
    from msgkit.api import loading

    target = target_of(rule, rule.bad)
    conversation = loading.load_row(rule.bad, None).conversation
    shown = find_signs(conversation, target, ready=rule.ready) & rule.signs
    applies = rule.applies is not None and rule.applies(conversation, target)
    assert shown or applies, f"{rule.code}: none of its signs is in its failing example, and `applies` says no"


@pytest.mark.parametrize("rule", CODES.values(), ids=lambda rule: rule.code)
def test_a_rule_that_is_checked_says_when(rule):
    said = bool(rule.signs) or rule.applies is not None
    assert (rule.check is not None) == said, f"{rule.code}: signs or `applies` go with `check`"


def test_every_check_of_the_families_has_a_row():
    """A function that takes the context and yields findings, and that no row names, would never run."""
    rows = {rule.check for rule in CODES.values()}
    for file in sorted((PACKAGE / "rules").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and is_check(node):
                function = getattr(importlib.import_module(f"msgkit.rules.{file.stem}"), node.name)
                assert function in rows, f"{file.name}: no Rule row has check={node.name}"


def is_check(node):
    """Tell whether a function is written as checks are."""
    arguments = [ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation]
    return arguments == ["Context"] and node.returns is not None and ast.unparse(node.returns) == "Iterator[Finding]"


def test_every_file_of_rules_is_in_the_table():
    for file in sorted((PACKAGE / "rules").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rule":
                code = node.args[0].value
                assert code in CODES, f"{file.name}: {code} is in no family of table.py"
