"""formats/common/pairing: each result keeps its call, in formats with ids and without."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import msgkit
from msgkit import formats
from msgkit.conversion.ledger import Ledger
from msgkit.formats.common.calls import call_order, inverse, reordered

NAMES = [
    name
    for name in formats.FORMATS
    if formats.get(name).is_harmony or "tool_calls" in formats.get(name).capabilities.message
]
"""The formats that have a place for calls."""
WITHOUT_IDS = [name for name in NAMES if not formats.get(name).capabilities.call_ids]
IDS = [f"c{letter}" for letter in "abcdefgh"] + [f"call{number:05d}" for number in range(1, 9)]


def call(name, function="temp"):
    """A call whose only argument is its id, so that it is told apart after ids were renamed."""
    arguments = json.dumps({"city": name})
    return {"id": name, "type": "function", "function": {"name": function, "arguments": arguments}}


def asking(*calls):
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result(name):
    return {"role": "tool", "tool_call_id": name, "content": f"{name} is warm"}


def row(*messages):
    return {"messages": [{"role": "user", "content": "How warm?"}, *messages]}


SWAPPED = row(asking(call("ca"), call("cb")), result("cb"), result("ca"))


def pairs(payload, name):
    """What each result answers: the argument of the call, and the text of the result."""
    talk = msgkit.load(payload, name)
    if formats.get(name).to_chat is not None:
        talk = formats.get(name).to_chat(talk)
    cities, found = {}, {}
    for message in talk.messages:
        for one in message.tool_calls or ():
            cities[one.id] = json.loads(one.function.arguments)["city"]
        if message.role == "tool":
            text = "".join(part.text for part in message.parts)
            found[text] = cities.get(message.tool_call_id)
    return found


@st.composite
def turns(draw):
    """A row with one to three rounds of parallel calls, the results of each in any order."""
    messages = []
    names = iter(draw(st.permutations(IDS)))
    for _ in range(draw(st.integers(1, 3))):
        made = [next(names) for _ in range(draw(st.integers(1, 5)))]
        functions = [draw(st.sampled_from(["temp", "wind"])) for _ in made]
        messages.append(asking(*(call(*one) for one in zip(made, functions, strict=True))))
        messages += [result(name) for name in draw(st.permutations(made))]
        if draw(st.booleans()):
            messages += [{"role": "assistant", "content": "Warm."}, {"role": "user", "content": "And there?"}]
    return row(*messages)


@pytest.mark.parametrize("target", NAMES)
@settings(max_examples=13, deadline=None)
@given(source=turns())
def test_each_result_keeps_its_call(target, source):
    made = msgkit.convert(source, target, format="openai")
    expected = {
        message["content"]: message["tool_call_id"] for message in source["messages"] if "tool_call_id" in message
    }
    assert pairs(made.payload, target) == expected


@pytest.mark.parametrize("target", NAMES)
@settings(max_examples=13, deadline=None)
@given(source=turns())
def test_results_in_any_order_are_restored(target, source):
    made = msgkit.convert(source, target, format="openai")
    ledger = Ledger.of_lines(json.loads(json.dumps(list(made.losses.lines(1)))))
    assert msgkit.restore(made.payload, ledger) == source


@pytest.mark.parametrize("middle", NAMES)
@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_each_result_keeps_its_call_from_every_format(middle, target):
    source = msgkit.convert(SWAPPED, middle).payload
    made = msgkit.convert(source, target, format=middle, on_loss="drop")
    assert pairs(made.payload, target) == pairs(source, middle)
    assert msgkit.restore(made.payload, made.losses, format=target) == source


@pytest.mark.parametrize("target", WITHOUT_IDS)
@pytest.mark.parametrize("functions", [("temp", "temp", "temp"), ("temp", "wind", "temp"), ("a", "b", "c")])
def test_results_stand_in_the_order_of_their_calls_where_there_are_no_ids(target, functions):
    calls = [call(name, function) for name, function in zip(("ca", "cb", "cc"), functions, strict=True)]
    source = row(asking(*calls), result("cc"), result("ca"), result("cb"))
    text = json.dumps(msgkit.convert(source, target).payload)
    assert re.findall(r"(c[abc]) is warm", text) == ["ca", "cb", "cc"]


IN_CALLS = ("vercel",)  # a result is in the part of its call


@pytest.mark.parametrize("target", [name for name in NAMES if name not in (*WITHOUT_IDS, *IN_CALLS, "openai")])
def test_results_stay_where_they_are_where_there_are_ids(target):
    text = json.dumps(msgkit.convert(SWAPPED, target).payload)
    assert re.findall(r"(c[ab]) is warm", text) == ["cb", "ca"]


@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_a_new_order_is_a_matter_of_form_and_told(target):
    losses = msgkit.convert(SWAPPED, target).losses
    assert [(loss.value, loss.form) for loss in losses if loss.change == "order"] == [([1, 0], True)]


@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_results_in_the_order_of_their_calls_are_not_told(target):
    losses = msgkit.convert(row(asking(call("ca"), call("cb")), result("ca"), result("cb")), target).losses
    assert [loss for loss in losses if loss.change == "order"] == []


@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_a_plain_list_of_losses_restores_the_order(target):
    made = msgkit.convert(SWAPPED, target)
    assert msgkit.restore(made.payload, list(made.losses), format=target) == SWAPPED


@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_a_result_that_would_answer_another_call_is_a_loss(target):
    source = row(asking(call("ca"), call("cb")), result("cb"))
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(source, target)
    assert [loss.value for loss in caught.value.losses] == [["cb"]]
    made = msgkit.convert(source, target, on_loss="drop")
    assert msgkit.restore(made.payload, made.losses) == source


@pytest.mark.parametrize("target", WITHOUT_IDS)
def test_calls_of_two_messages_that_are_answered_together_keep_their_results(target):
    source = row(asking(call("ca")), asking(call("cb")), result("cb"), result("ca"))
    made = msgkit.convert(source, target)
    assert pairs(made.payload, target) == {"ca is warm": "ca", "cb is warm": "cb"}
    assert msgkit.restore(made.payload, made.losses) == source


def test_only_results_that_follow_each_other_change_places():
    messages = msgkit.load(
        row(asking(call("ca"), call("cb")), result("cb"), {"role": "user", "content": "?"}, result("ca"))
    )
    assert call_order(messages.messages, ["function"]) == ()


def test_a_result_without_a_call_stays_where_it_is():
    messages = msgkit.load(row(asking(call("ca"), call("cb")), result("cb"), result("cx"), result("ca"))).messages
    assert call_order(messages, ["function"]) == (2, 1, 0)


@given(st.permutations(range(5)))
def test_an_order_is_undone_by_its_inverse(order):
    messages = msgkit.load(row(*(result(name) for name in IDS[:5]))).messages
    assert reordered(reordered(messages, order), inverse(order)) == messages


def test_an_order_of_another_number_of_results_changes_nothing():
    messages = msgkit.load(SWAPPED).messages
    assert reordered(messages, [2, 1, 0]) == messages


@pytest.mark.parametrize("names", [["x"], ["x", "y"], ["call00001"], ["call00002", "call00001"]])
def test_results_of_gemini_cli_have_ids_that_their_calls_have_not(names):
    made = [{"functionCall": {"name": "f", "args": {"a": name}}} for name in names]
    told = [{"functionResponse": {"name": "f", "id": name, "response": {"output": name}}} for name in names]
    contents = [("user", [{"text": "Hello"}]), ("model", made), ("user", told)]
    row = {"contents": [{"role": role, "parts": parts} for role, parts in contents]}
    assert msgkit.check(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    result = msgkit.convert(row, "openai")
    assert [message["content"] for message in result.payload["messages"][2:]] == names
    assert msgkit.restore(result.payload, result.losses) == row


@pytest.mark.parametrize("to", ["openai", "gemini", "transformers"])
def test_a_call_of_the_shell_goes_with_its_result(to):
    call = {"type": "local_shell_call", "id": "l", "call_id": "c", "status": "completed", "action": {"type": "exec"}}
    told = {"type": "function_call_output", "call_id": "c", "output": "a.py"}
    row = {"input": [{"role": "user", "content": "Look"}, call, told]}
    result = msgkit.convert(row, to)
    assert [one.id for one in msgkit.load(result.payload)[1].tool_calls] == [
        msgkit.load(result.payload)[2].tool_call_id
    ]
    assert msgkit.restore(result.payload, result.losses) == row
