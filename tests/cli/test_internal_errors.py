"""Whatever a rule, a reader, a format or a fix raises costs its row alone, and is told without what the row holds."""

import attrs
import pytest

import msgkit
from msgkit import formats, headers, rules
from msgkit.rules import runner
from msgkit.steps import Check, Convert, Inline

HELD = "data of the row"
BAD = {"messages": [{"role": "user", "content": HELD, "name": "a b", "reasoning": "x"}]}
GOOD = {"messages": [{"role": "user", "content": "Hello"}]}
WRITING = {
    "inline": (),
    "extract": (),
    "convert": ("--to", "anthropic", "--on-loss", "drop"),
}


def broken(*given, **named):
    raise ZeroDivisionError(HELD, given, object(), named)


@pytest.fixture
def broken_rule(monkeypatch):
    """A rule on names that fails."""
    table = [run._replace(check=broken) if run.check.__name__ == "names" else run for run in runner.RUNS]
    monkeypatch.setattr(runner, "RUNS", table)
    monkeypatch.setattr(runner, "_chosen", runner._chosen.__wrapped__)  # without its cache


@pytest.fixture
def broken_format(monkeypatch):
    """The format fails at rows with a name."""
    get, openai = formats.get, formats.get("openai")

    def loading(body, at):
        return broken(body) if body == BAD else openai.load(body, at)

    failing = attrs.evolve(openai, load=loading)
    monkeypatch.setattr(formats, "get", lambda name: failing if name == "openai" else get(name))


FAILED = "failed with ZeroDivisionError: a bug of msgkit"


def told(issues):
    found = [issue for issue in issues if issue.code == "internal-error"]
    assert all(HELD not in str(issue) and " at 0x" not in str(issue) for issue in found)
    return [issue.message for issue in found]


@pytest.mark.usefixtures("broken_rule")
def test_a_rule_that_fails_is_named():
    assert told(msgkit.check(BAD)) == [
        "the rule test_internal_errors.broken failed with ZeroDivisionError: a bug of msgkit"
    ]


@pytest.mark.usefixtures("broken_rule")
def test_the_other_rules_go_on():
    codes = {issue.code for issue in msgkit.check({"messages": [{**BAD["messages"][0], "content": ""}]})}
    assert codes == {"internal-error", "content-empty"}


@pytest.mark.usefixtures("broken_rule")
def test_what_is_selected_does_not_hide_that_a_rule_failed():
    assert told(msgkit.check(BAD, select=["roles"]))
    assert not told(msgkit.check(BAD, ignore=["internal-error"]))


@pytest.mark.usefixtures("broken_format")
def test_a_format_that_fails_is_named():
    assert told(msgkit.check(BAD)) == [f"the format openai {FAILED}"]
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.load(BAD)
    assert told(caught.value.issues)


def test_a_header_reader_that_fails_is_named(monkeypatch):
    monkeypatch.setitem(headers.READERS, "image/gif", broken)
    url = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    issues = msgkit.check([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}])
    assert told(issues) == [f"the header reader image/gif {FAILED}"]
    assert issues[0].path == "messages[0].content[0].image_url.url"


@pytest.mark.parametrize("step", [Check(), Inline(), Convert("anthropic")])
def test_a_step_raises_nothing_but_errors_of_msgkit(step, monkeypatch):
    monkeypatch.setattr(type(step), "apply", broken)
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        step(GOOD)
    assert told(caught.value.issues) == [
        f"the step {type(step).__name__} failed with ZeroDivisionError: a bug of msgkit"
    ]


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.usefixtures("broken_format")
def test_a_command_that_writes_goes_on_after_the_row(command, rows, cli):
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    more = ("--media", "media") if command == "extract" else ()
    result = cli(command, "in.jsonl", "-o", "out.jsonl", "--rejects", "r.jsonl", *WRITING[command], *more)
    assert (result.code, len(rows.read("out.jsonl"))) == (1, 2)
    assert [issue["code"] for row in rows.read("r.jsonl") for issue in row["issues"]] == ["internal-error"]
    assert HELD not in result.err


@pytest.mark.parametrize("command", WRITING)
def test_a_step_that_fails_is_named_by_the_command(command, rows, cli, monkeypatch):
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    place = "converting.convert" if command == "convert" else f"inlining.{command}_counted"
    monkeypatch.setattr(f"msgkit.api.{place}", broken)
    more = ("--media", "media") if command == "extract" else ()
    result = cli(command, "in.jsonl", "-o", "out.jsonl", *WRITING[command], *more)
    assert result.code == 1
    assert f"the step {command.title()} failed with ZeroDivisionError" in result.err
    assert HELD not in result.err


@pytest.mark.parametrize("options", [(), ("--diff",), ("--fix", "-o", "out.jsonl")])
@pytest.mark.usefixtures("broken_rule")
def test_check_goes_on_after_a_row_at_which_a_rule_fails(options, rows, cli):
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    result = cli("check", "in.jsonl", *options)
    assert result.code == 1
    assert "3 rows read: 2 clean, 1 with issues; 1 error" in result.summary
    assert HELD not in result.err


@pytest.mark.parametrize("options", [("--diff",), ("--fix", "-o", "out.jsonl")])
def test_check_goes_on_after_a_row_at_which_a_fix_fails(options, rows, cli, monkeypatch):
    monkeypatch.setattr(rules, "fix", broken)
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    result = cli("check", "in.jsonl", *options)
    assert result.code == 1
    assert "3 rows read: 2 clean, 1 with issues" in result.summary
    if "--fix" in options:
        assert rows.read("out.jsonl") == [GOOD, BAD, GOOD]


@pytest.mark.usefixtures("broken_format")
def test_view_shows_the_issue_and_goes_on(rows, cli):
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    result = cli("view", "in.jsonl", "-o", "page.html")
    assert result.code == 1
    assert result.summary.startswith("3 rows shown")
    assert "1 row at which msgkit failed" in result.summary


def test_view_goes_on_after_a_row_that_cannot_be_shown(rows, cli, monkeypatch):
    monkeypatch.setattr("msgkit.html.reading.open_row", broken)
    rows.write("in.jsonl", GOOD, GOOD)
    result = cli("view", "in.jsonl", "-o", "page.html")
    assert result.code == 1
    assert "2 rows at which msgkit failed" in result.summary


@pytest.mark.usefixtures("broken_format")
def test_stats_names_the_row_and_goes_on(rows, cli):
    rows.write("in.jsonl", GOOD, BAD, GOOD)
    result = cli("stats", "in.jsonl")
    assert result.code == 1
    assert "in.jsonl:2: (row): internal-error: the format openai failed with ZeroDivisionError" in result.err
    assert "1 row at which msgkit failed" in result.summary


def test_stats_goes_on_after_a_row_that_cannot_be_counted(rows, cli, monkeypatch):
    monkeypatch.setattr("msgkit.html.statistics.facts.excess", broken)
    rows.write("in.jsonl", GOOD, GOOD)
    result = cli("stats", "in.jsonl")
    assert (result.code, "2 rows at which msgkit failed" in result.summary) == (1, True)


class Raising:
    """An object of others whose methods fail."""

    def to_dict(self):
        raise RuntimeError(HELD)


class Circle:
    """An object of others that gives itself."""

    def model_dump(self):
        return self


@pytest.mark.parametrize(
    "value",
    [
        5,
        b"x",
        int,
        object(),
        float("nan"),
        Raising(),
        Circle(),
        Raising,
        {1, 2},
        iter(()),
        {1: 2},
        {(): 1},
        print,
        10**9999,
    ],
    ids=lambda value: type(value).__name__,
)
def test_check_tells_of_any_value_at_any_place(value):
    for row in (
        value,
        [value],
        {"messages": value},
        {"messages": [value]},
        {"messages": [{"role": value, "content": "x"}]},
        {"messages": [{"role": "user", "content": value}]},
        {"messages": [{"role": "user", "content": [{"type": value}]}]},
    ):
        issues = msgkit.check(row)
        assert issues
        assert not told(issues)
        assert not any(" at 0x" in str(issue) for issue in issues)


def test_check_tells_of_a_key_that_is_no_string():
    issues = msgkit.check({"messages": [{"role": "user", "content": "x", 1: 1}]})
    assert [(issue.path, issue.code) for issue in issues] == [("messages[0]", "type-mismatch")]


def test_check_tells_of_a_value_that_holds_itself():
    row = {"messages": []}
    row["messages"].append(row)
    assert [issue.code for issue in msgkit.check(row)] == ["json-too-deep"]
