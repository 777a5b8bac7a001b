"""Rows with branches in other formats, and in other shapes; exactly back."""

import copy
import json

import pytest

import msgkit
from msgkit.conversion.ledger import Ledger
from msgkit.formats import FORMATS

ASK = [{"role": "user", "content": "Hello"}]
BETTER, WORSE = [{"role": "assistant", "content": "Hello."}], [{"role": "assistant", "content": "What?"}]
CALL = {"id": "c9", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLS = [*ASK, {"role": "assistant", "content": None, "tool_calls": [CALL]}]
CALLS += [{"role": "tool", "tool_call_id": "c9", "content": "5"}]
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
ROWS = {
    "trl": {"prompt": ASK, "chosen": BETTER, "rejected": WORSE},
    "calls": {"prompt": CALLS, "chosen": BETTER, "rejected": WORSE, "tools": TOOLS, "id": 4},
    "implicit": {"chosen": ASK + BETTER, "rejected": ASK + WORSE},
    "completion": {"prompt": [{"role": "system", "content": "Be brief."}, *ASK], "completion": BETTER},
    "kto": {"prompt": ASK, "completion": BETTER, "label": True},
    "openai": {
        "input": {"messages": ASK, "tools": []},
        "preferred_output": BETTER,
        "non_preferred_output": WORSE,
        "id": 5,
    },
    "text": {"prompt": "Hello", "completion": "Hello."},
    "texts": {"prompt": "Hello", "chosen": "Hello.", "rejected": "What?", "id": 5},
    "sharegpt": {
        "conversations": [{"from": "human", "value": "<image>Hello"}],
        "chosen": {"from": "gpt", "value": "Hello."},
        "rejected": {"from": "gpt", "value": "What?"},
        "images": ["a.png"],
    },
    "objects": {"messages": ASK, "chosen": BETTER[0], "rejected": WORSE[0]},
    "ms-swift": {"messages": ASK + BETTER, "rejected_response": "What?"},
    "alpaca": {"instruction": "Say", "input": "Hello", "system": "S", "chosen": "Hello.", "rejected": "What?"},
    "messages": {"messages": ASK + BETTER, "id": 3},
    "list": ASK + BETTER,
    "parts of a column": {"messages": [{"role": "user", "content": [{"type": "image"}]}, *BETTER], "images": ["a.png"]},
}


def through_json(result):
    """Return payload and ledger as files hold them."""
    lines = json.loads(json.dumps(list(result.losses.lines(1))))
    return json.loads(json.dumps(result.payload)), Ledger.of_lines(lines)


@pytest.mark.parametrize("rows", [None, "messages", "prompt-completion", "preference"])
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_rows_are_restored_exactly(row, rows):
    before = copy.deepcopy(row)
    for to in FORMATS:
        try:
            result = msgkit.convert(row, to, on_loss="drop", rows=rows)
        except (msgkit.InvalidMessageError, msgkit.LossError):
            continue  # a row that cannot have this shape or format
        assert row == before, to
        assert msgkit.restore(*through_json(result)) == row, to


@pytest.mark.parametrize("to", ["openai", "transformers", "llamafactory", "sharegpt", "harmony", "anthropic", "gemini"])
def test_every_branch_is_converted(to):
    new = msgkit.convert(ROWS["trl"], to).payload
    assert new.keys() == {"prompt", "chosen", "rejected"}
    one = [msgkit.convert(messages, to).payload for messages in (ASK, BETTER, WORSE)]
    assert list(new.values()) == [value if isinstance(value, list) else next(iter(value.values())) for value in one]


SHAPES = [
    (
        "trl",
        "openai",
        "preference",
        {"input": {"messages": ASK}, "preferred_output": BETTER, "non_preferred_output": WORSE},
    ),
    (
        "openai",
        "transformers",
        "preference",
        {**ROWS["trl"], "id": 5},
    ),
    ("implicit", "transformers", "preference", ROWS["trl"]),
    ("ms-swift", "transformers", "preference", ROWS["trl"]),
    ("texts", "transformers", "preference", {**ROWS["trl"], "id": 5}),
    ("messages", "openai", "prompt-completion", {"prompt": ASK, "completion": BETTER, "id": 3}),
    ("kto", "openai", "messages", {"messages": ASK + BETTER, "label": True}),
    ("text", "openai", "messages", {"messages": ASK + BETTER}),
    ("text", "alpaca", None, {"instruction": "Hello", "output": "Hello."}),
    ("trl", "alpaca", "alpaca", {"instruction": "Hello", "chosen": "Hello.", "rejected": "What?"}),
    ("implicit", "alpaca", None, {"instruction": "Hello", "chosen": "Hello.", "rejected": "What?"}),
    ("alpaca", "alpaca", None, ROWS["alpaca"]),
    (
        "alpaca",
        "openai",
        None,
        {
            "prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "Say\nHello"}],
            "chosen": BETTER,
            "rejected": WORSE,
        },
    ),
    (
        "trl",
        "sharegpt",
        "preference",
        {
            "conversations": [{"from": "human", "value": "Hello"}],
            "chosen": {"from": "gpt", "value": "Hello."},
            "rejected": {"from": "gpt", "value": "What?"},
        },
    ),
]


@pytest.mark.parametrize(("name", "to", "rows", "expected"), SHAPES)
def test_one_shape_becomes_another_without_a_loss(name, to, rows, expected):
    result = msgkit.convert(ROWS[name], to, rows=rows)
    assert result.payload == expected
    assert [loss for loss in result.losses if loss.kind == "content"] == []


@pytest.mark.parametrize("rows", ["messages", "prompt-completion"])
def test_a_worse_answer_without_a_place_refuses_the_row_unless_it_may_go(rows):
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.convert(ROWS["trl"], "openai", rows=rows)
    assert [loss.path for loss in caught.value.losses] == [("rejected",)]
    assert msgkit.convert(ROWS["trl"], "openai", rows=rows, allow_loss=["rejected"]).losses[-1].value == WORSE


def test_a_loss_in_a_branch_is_told_at_its_place():
    row = {**ROWS["trl"], "rejected": [{"role": "assistant", "content": "What?", "name": "Ann"}]}
    for rows in (None, "preference"):
        with pytest.raises(msgkit.LossError) as caught:
            msgkit.convert(row, "anthropic", rows=rows)
        assert [loss.path for loss in caught.value.losses] == [("rejected", 0, "name")]


@pytest.mark.parametrize(("name", "rows"), [("messages", "preference"), ("kto", "preference")])
def test_a_row_without_a_worse_answer_is_no_preference_row(name, rows):
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.convert(ROWS[name], "openai", rows=rows)
    assert [issue.code for issue in caught.value.issues] == ["row-shape"]


LINE = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": ASK}}


@pytest.mark.parametrize(
    ("to", "keys"),
    [
        ("anthropic", {"custom_id", "params"}),
        ("gemini", {"key", "request"}),
        ("responses", {"custom_id", "method", "url", "body"}),
        ("bedrock", {"recordId", "modelInput"}),
    ],
)
def test_a_batch_line_becomes_one_of_the_provider_of_its_new_format(to, keys):
    row = {**LINE, "body": {**LINE["body"], "max_tokens": 9}}
    result = msgkit.convert(row, to, on_loss="drop")
    assert result.payload.keys() == keys
    assert result.payload.get("url") == ("/v1/responses" if to == "responses" else None)
    assert msgkit.restore(*through_json(result)) == row


def test_the_input_of_an_alpaca_row_is_carried_in_the_text():
    row = {"instruction": "Translate.", "input": "Hello", "output": "Salut."}
    result = msgkit.convert(row, "openai")
    assert result.payload["messages"][0] == {"role": "user", "content": "Translate.\nHello"}
    assert [loss for loss in result.losses if not loss.form] == []
    assert msgkit.restore(*through_json(result)) == row


def test_rows_of_alpaca_are_written_in_its_format_alone():
    with pytest.raises(ValueError, match="format alpaca"):
        msgkit.convert(ROWS["trl"], "openai", rows="alpaca")


def test_a_prompt_that_the_answers_repeat_is_written_once():
    row = {"prompt": "Hello", "chosen": ASK + BETTER, "rejected": ASK + WORSE, "score": 5}
    result = msgkit.convert(row, "openai", rows="preference", on_loss="drop")
    assert result.payload["input"]["messages"] == ASK
    assert (result.payload["preferred_output"], result.payload["non_preferred_output"]) == (BETTER, WORSE)
    assert msgkit.restore(*through_json(result)) == row


def test_a_row_that_is_prepared_twice_is_restored():
    row = {**ROWS["alpaca"], "tools": json.dumps(TOOLS)}
    result = msgkit.convert(row, "openai", rows="messages", on_loss="drop")
    assert result.payload["tools"] == TOOLS
    assert msgkit.restore(*through_json(result)) == row


def test_texts_beside_messages_are_two_answers():
    row = {"messages": ASK, "chosen": "Hello.", "rejected": "What?"}
    assert msgkit.convert(row, "alpaca").payload == {"instruction": "Hello", "chosen": "Hello.", "rejected": "What?"}


def test_keys_that_are_answers_beside_another_list_alone_come_back():
    row = {"input": BETTER, "preferred_output": BETTER, "non_preferred_output": WORSE}
    assert msgkit.restore(*through_json(msgkit.convert(row, "sharegpt", on_loss="drop"))) == row


@pytest.mark.parametrize(("name", "rows"), [("openai", "prompt-completion"), ("messages", "prompt-completion")])
def test_a_key_whose_place_messages_take_is_a_loss(name, rows):
    row = {**ROWS[name], "prompt": "a note"}
    if name == "openai":
        row.pop("non_preferred_output")
    with pytest.raises(msgkit.LossError, match="messages under this key"):
        msgkit.convert(row, "transformers", rows=rows)
    result = msgkit.convert(row, "transformers", rows=rows, on_loss="drop")
    assert result.payload["prompt"] == ASK
    assert msgkit.restore(*through_json(result)) == row
