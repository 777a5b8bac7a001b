"""Rows that train: the trainer's order, weights of the loss, and reasoning in the text."""

import pytest

import msgkit
from msgkit import rules
from msgkit.rules.examples import assistant, user

CALL = '{"name": "f", "arguments": {}}'


def row(*turns):
    names = {"h": "human", "g": "gpt", "f": "function_call", "o": "observation", "s": "system"}
    return {"conversations": [{"from": names[turn], "value": CALL if turn == "f" else "x"} for turn in turns]}


def codes(payload, target=None):
    return [(issue.path, issue.code) for issue in msgkit.check(payload, target)]


@pytest.mark.parametrize("turns", ["hg", "shg", "hfog", "shfog", "hghg", "hfofog"])
def test_what_the_trainer_keeps_is_clean(turns):
    assert codes(row(*turns)) == []


@pytest.mark.parametrize(("turns", "number"), [("hhg", 1), ("gh", 0), ("hgfog", 2), ("hgh", 2), ("hfoog", 3)])
def test_the_first_turn_that_the_trainer_skips_the_row_for_is_told(turns, number):
    (issue,) = [issue for issue in msgkit.check(row(*turns)) if issue.code == "role-order"]
    assert issue.path == f"conversations[{number}]"
    assert issue.severity == "warning"


def test_weights_are_0_or_1_on_messages_of_the_assistant():
    learned = [user("a", weight=1), assistant("b", weight=0.5), user("c"), assistant("d", weight="1")]
    assert [(issue.path, issue.severity) for issue in msgkit.check(learned)] == [
        ("messages[0].weight", "warning"),
        ("messages[1].weight", "error"),
        ("messages[3].weight", "error"),
    ]
    assert codes([user("a"), assistant("b", weight=0), user("c"), assistant("d", weight=1.0)]) == []


def test_reasoning_in_the_text_is_told_and_moved_when_that_is_asked_for():
    talk = [user("q"), assistant("<think>secret</think>\n\na"), user("q2")]
    issues = msgkit.check(talk)
    assert [(issue.path, issue.code) for issue in issues] == [("messages[1].content", "reasoning-in-text")]
    assert rules.fix(talk, issues) == (talk, [])
    fixed, done = rules.fix(talk, issues, unsafe=["reasoning-in-text"])
    assert fixed[1] == assistant("a", reasoning="secret")
    assert done == issues
    assert codes(fixed) == []


@pytest.mark.parametrize("said", ["Is <think> a tag?", "<think>without an end"])
def test_words_about_a_tag_are_no_reasoning(said):
    assert codes([user("q"), assistant(said)]) == []


@pytest.mark.parametrize(("kind", "name"), [("function_call", "call_1"), ("message", "7f3")])
def test_ids_of_items_begin_as_those_of_their_type(kind, name):
    items = {
        "function_call": {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        "message": {"type": "message", "role": "assistant", "content": "x"},
    }
    body = {"input": [user("T"), {**items[kind], "id": name}]}
    assert ("input[1].id", "item-id-invalid") in codes(body)
    fixed, _ = rules.fix(body, msgkit.check(body))
    assert "id" not in fixed["input"][1]
    assert ("input[1].id", "item-id-invalid") not in codes(body, "vllm")


def test_a_reasoning_item_needs_its_summary():
    body = {"model": "m", "input": [user("T"), {"type": "reasoning", "id": "rs_1"}, user("x")]}
    assert ("input[1].summary", "key-missing") in codes(body)


def test_a_row_with_several_calls_in_one_message_is_held_against_the_order_too():
    calls = '[{"name": "w", "arguments": {}}, {"name": "w", "arguments": {}}]'
    answers = "1\n</tool_response>\n<tool_response>\n2"
    said = (("human", "Q"), ("gpt", "I look."), ("function_call", calls), ("observation", answers), ("gpt", "A"))
    row = {"conversations": [{"from": name, "value": text} for name, text in said]}
    assert [(issue.path, issue.code) for issue in msgkit.check(row)] == [("conversations[2]", "role-order")]
