"""api.py: what the functions promise beyond the layers that they join."""

import copy
import json
import math
import pathlib

import pytest

import msgkit
from msgkit.errors import InvalidMessageError, UnknownNameError
from msgkit.steps import Check

HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


def codes(issues):
    return [(issue.path, issue.code) for issue in issues]


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def circle():
    value = {"messages": []}
    value["messages"].append(value)
    return value


@pytest.mark.parametrize(
    "payload",
    [
        None,
        5,
        "x",
        b"x",
        object(),
        [],
        {},
        [[]],
        [None],
        {"messages": 5},
        {1: 2},
        deep(100_000),
        circle(),
        {"messages": [circle()]},
        float("nan"),
        range(3),
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_check_never_raises_on_bad_input(payload):
    issues = msgkit.check(payload)
    assert any(issue.severity == "error" for issue in issues)
    with pytest.raises(InvalidMessageError):
        msgkit.load(payload)


def test_too_deep_values_are_told_and_not_followed():
    assert ("json-too-deep") in [code for _, code in codes(msgkit.check({**HELLO, "x": deep(100)}))]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_told_at_their_place(number):
    assert codes(msgkit.check({**HELLO, "temperature": number})) == [("temperature", "json-number-not-finite")]


def test_lone_surrogates_are_told_at_their_place_beside_the_other_issues():
    row = {"messages": [{"role": "user", "content": "a\ud800"}, {"role": "usr", "content": "x"}]}
    assert codes(msgkit.check(row)) == [
        ("messages[0].content", "json-lone-surrogate"),
        ("messages[1].role", "role-unknown"),
    ]


def test_loads_reads_strictly():
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.loads('{"messages": [{"role": "user", "role": "system", "content": "x"}]}')
    assert codes(caught.value.issues) == [("messages[0].role", "json-duplicate-key")]


def test_dumps_and_loads_are_inverse_and_write_plain_json():
    talk = msgkit.load({**HELLO, "big": 10**30, "text": "\u2028é"})
    blob = msgkit.dumps(talk)
    assert json.loads(blob) == msgkit.dump(talk)
    assert msgkit.dump(msgkit.loads(blob)) == msgkit.dump(talk)


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'openai'"):
        msgkit.load(HELLO, "opnai")
    with pytest.raises(UnknownNameError, match="did you mean 'anthropic'"):
        msgkit.check(HELLO, target="antropic")


def test_nothing_is_changed_in_place(tmp_path):
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "photos/cat.jpg"}}]}]}
    before = copy.deepcopy(row)
    full = msgkit.inline(row, root="examples")
    kept = copy.deepcopy(full)
    msgkit.check(row, root="examples")
    msgkit.extract(full, tmp_path / "m")
    msgkit.dump(msgkit.load(row))["messages"][0]["content"][0]["image_url"]["url"] = "changed"
    assert row == before
    assert full == kept


def test_validate_raises_on_errors_and_passes_warnings():
    msgkit.validate([{"role": "user", "content": "x", "channel": "final"}])
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.validate([{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "a", "content": "x"}])
    assert ("messages[1].tool_call_id", "tool-result-orphan") in codes(caught.value.issues)


class Theirs:
    """An object as SDKs hand it back."""

    def __init__(self, **data):
        self.data = data

    def model_dump(self):
        return self.data


def test_objects_of_sdks_are_taken_wherever_they_stand():
    call = Theirs(id="a", type="function", function=Theirs(name="f", arguments="{}"))
    row = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call]},
        Theirs(role="tool", tool_call_id="a", content="x"),
    ]
    plain = [
        {"role": "user", "content": "x"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "a", "content": "x"},
    ]
    assert msgkit.dump(msgkit.load(row)) == plain
    assert msgkit.check(row) == msgkit.check(plain)


def test_values_and_payloads_give_the_same_issues():
    row = [{"role": "user", "content": "x", "channel": "final"}]
    assert msgkit.check(msgkit.load(row)) == msgkit.check(row)


@pytest.mark.parametrize("wrong", [5, None, ["a"], {"type": "text", "text": "x"}, b"x"])
def test_a_message_takes_text_and_parts_alone(wrong):
    with pytest.raises(TypeError, match="expected text or a content part, got "):
        msgkit.user(wrong)


@pytest.mark.parametrize("wrong", ["abc", 5, msgkit.user("x"), [{"role": "user", "content": "x"}], [None]])
def test_a_conversation_takes_messages_alone(wrong):
    with pytest.raises(TypeError, match="expected messages, got "):
        msgkit.Conversation(wrong)


def test_a_slice_and_a_sum_keep_the_other_keys_and_the_form_of_the_row():
    row = {"custom_id": "a", "body": {"model": "m", "messages": [{"role": "user", "content": "x"}] * 2}}
    talk = msgkit.load(row)
    edited = msgkit.dump(msgkit.system("s") + talk[:1] + [msgkit.assistant("y")])
    assert [message["role"] for message in edited["body"].pop("messages")] == ["system", "user", "assistant"]
    assert edited == {"custom_id": "a", "body": {"model": "m"}}


def test_a_slice_of_a_row_with_branches_is_one_list_of_messages():
    row = {key: [{"role": "user", "content": key}] for key in ("prompt", "chosen", "rejected")}
    assert msgkit.dump(msgkit.load(row)[:2]) == {"messages": [*row["prompt"], *row["chosen"]]}


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: msgkit.load('{"messages": []}'), r"got a string; loads\(\) reads JSON text"),
        (lambda: msgkit.load(b"[]"), r"got bytes; loads\(\) reads JSON text"),
        (lambda: msgkit.load(pathlib.Path("a.jsonl")), r"read\(\) reads files"),
        (lambda: msgkit.loads(HELLO), r"load\(\) takes dicts and lists"),
        (lambda: msgkit.dump([msgkit.user("x")]), r"Conversation\(\[...\]\) makes one of messages"),
        (lambda: msgkit.run(None, "a.jsonl", "b.jsonl"), "expected a step, or any callable"),
        (lambda: msgkit.run(Check(), "a.jsonl", "b.jsonl", worker=2), r"run\(\) has no option 'worker'; did you mean"),
        (lambda: msgkit.write("a.jsonl", HELLO), "expected a list of rows"),
    ],
)
def test_a_call_with_the_wrong_kind_of_value_names_the_right_function(call, remedy):
    with pytest.raises((InvalidMessageError, TypeError), match=remedy):
        call()


@pytest.mark.parametrize(
    "call", [lambda word: Check(errors=word), lambda word: msgkit.convert(HELLO, "gemini", on_loss=word)]
)
def test_an_unknown_word_for_a_choice_names_the_choices(call):
    with pytest.raises(ValueError, match="got 'ignore'"):
        call("ignore")


@pytest.mark.parametrize("wrong", [[], {}, None, 5])
def test_a_type_that_is_no_string_is_an_issue(wrong):
    with pytest.raises(msgkit.InvalidMessageError):
        msgkit.from_dict({"type": wrong})
