"""Calls and results: by id, by turn, and by name and order where there are no ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit import targets
from msgkit.api.loading import load_row
from msgkit.rules import pairs
from msgkit.rules.base import Context
from msgkit.rules.examples import assistant, call, result, user


def codes(row, target=None, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, target, **options)]


def anthropic(*messages):
    return {"model": "m", "max_tokens": 9, "system": "Be brief.", "messages": list(messages)}


USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "w", "input": {}}]}
SAID = {"role": "assistant", "content": [{"type": "text", "text": "Wait."}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "5"}]}


def errors(row, target=None):
    return [(issue.path, issue.code) for issue in msgkit.check(row, target) if issue.severity == "error"]


def test_the_next_turn_answers_the_calls_of_a_turn_of_several_messages():
    assert errors(anthropic(user("Q"), USE, SAID, RESULT)) == []


def test_a_turn_of_the_user_without_the_results_leaves_the_calls_unanswered():
    missing = [("messages[1].content[0].id", "tool-result-missing")]
    assert errors(anthropic(user("Q"), USE, user("Well?"))) == missing
    assert errors(anthropic(user("Q"), USE, user("Well?"), SAID)) == missing


def test_a_result_after_the_next_turn_is_too_late():
    row = anthropic(user("Q"), USE, user("Well?"), SAID, RESULT)
    assert ("messages[1].content[0].id", "tool-result-missing") in errors(row)


def test_what_the_server_made_may_be_answered():
    server = {"role": "assistant", "content": [{"type": "server_tool_use", "id": "t1", "name": "w", "input": {}}]}
    assert errors(anthropic(user("Q"), server, RESULT)) == []


OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "5"}


@pytest.mark.parametrize("key", ["previous_response_id", "conversation"])
def test_a_history_that_the_server_keeps_may_hold_the_call(key):
    assert errors({"model": "m", key: "x_1", "input": [OUTPUT]}) == []


def test_a_history_that_the_server_does_not_keep_holds_no_call():
    for more in ({}, {"previous_response_id": None}):
        assert errors({"model": "m", "input": [OUTPUT], **more}) == [("input[0].call_id", "tool-result-orphan")]


def harmony(*steps):
    return {"messages": [user("Q"), *steps]}


def asks(name, channel="commentary"):
    return {"role": "assistant", "channel": channel, "recipient": name, "content": "{}"}


def answers(name):
    return {"role": "tool", "name": name, "channel": "commentary", "recipient": "assistant", "content": "5"}


FINAL = {"role": "assistant", "channel": "final", "content": "A"}


@pytest.mark.parametrize(
    "steps",
    [
        (asks("functions.f"), answers("functions.f"), FINAL),
        (asks("functions.f"), asks("functions.g"), answers("functions.g"), answers("functions.f"), FINAL),
        (asks("functions.f"), answers("f"), FINAL),
        (asks("python", "analysis"), answers("python"), answers("python"), FINAL),
        (asks("browser.search", "analysis"), answers("browser"), FINAL),
        (asks("functions.f"),),
    ],
)
def test_results_answer_the_calls_of_their_tool_in_order(steps):
    assert codes(harmony(*steps)) == []


@pytest.mark.parametrize(
    ("steps", "issue"),
    [
        ((answers("functions.f"), FINAL), ("messages[1]", "tool-result-orphan")),
        ((asks("functions.g"), answers("functions.f")), ("messages[2]", "tool-result-orphan")),
        ((asks("functions.f"), user("And?"), FINAL), ("messages[1].recipient", "tool-result-missing")),
        ((asks("functions.f"), FINAL), ("messages[1].recipient", "tool-result-missing")),
        (
            (asks("functions.f"), answers("functions.f"), answers("functions.f")),
            ("messages[3]", "tool-result-duplicate"),
        ),
    ],
)
@pytest.mark.parametrize("target", [None, "harmony"])
def test_calls_and_results_of_harmony_without_a_partner_are_reported(steps, issue, target):
    assert codes(harmony(*steps), target) == [issue]


def test_a_row_of_both_forms_is_paired_by_its_ids():
    row = harmony(assistant(tool_calls=[call()]), {**result(), "name": "functions.get_weather"}, FINAL)
    assert codes(row) == []


def side(role, *parts):
    return {"role": role, "parts": list(parts)}


TEXT = {"text": "Q"}
CALLS = [{"functionCall": {"name": name, "args": {}}} for name in ("f", "g")]
RESPONSES = [{"functionResponse": {"name": name, "response": {"output": "5"}}} for name in ("f", "g")]
ASKED = (side("user", TEXT), side("model", *CALLS))


@pytest.mark.parametrize(
    ("contents", "issues"),
    [
        ((*ASKED, side("user", *RESPONSES)), []),
        ((*ASKED, *(side("user", one) for one in RESPONSES)), []),  # told as a warning
        ((*ASKED, side("user", RESPONSES[0])), [("contents[1].parts[1]", "tool-result-missing")]),
        ((side("model", CALLS[0]), side("user", RESPONSES[0])), [("contents[0]", "role-order")]),
        ((side("user", TEXT), side("model", CALLS[0]), side("model", CALLS[1]), side("user", *RESPONSES)), []),
    ],
)
def test_gemini_takes_the_results_of_a_turn_together(contents, issues):
    assert errors({"contents": list(contents)}) == issues


def test_what_the_user_says_before_gemini_has_the_results_is_a_warning():
    row = {"contents": [*ASKED, side("user", TEXT), side("user", *RESPONSES)]}
    assert errors(row) == []
    assert "tool-results-apart" in dict(map(reversed, codes(row)))


def test_a_history_in_the_cache_may_hold_what_gemini_answers():
    assert errors({"cachedContent": "c", "contents": [side("model", CALLS[0]), side("user", RESPONSES[0])]}) == []


CALLED = [
    assistant(tool_calls=[call(name) for name in names]) for names in (["a"], ["b"], ["a", "b"], ["a", "a"], ["?"])
]
RESULTS = [result("a"), result("b"), result("?"), {"role": "tool", "content": "5"}]
TURNS = st.sampled_from(
    [user("Q"), assistant("A"), *CALLED, *RESULTS, {"role": "function", "name": "w", "content": "5"}]
)


@given(st.lists(TURNS, min_size=1, max_size=6), st.sampled_from(["openai", "anthropic", "gemini", "harmony"]))
def test_what_is_surely_paired_has_no_finding(messages, name):
    conversation = load_row({"messages": messages}, "openai").conversation
    context = Context(conversation, targets.get(name), "openai", targets.get("openai"))
    assert not (pairs._are_surely_paired(context) and list(pairs._explained(context)))
