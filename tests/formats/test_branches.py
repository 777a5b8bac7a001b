"""Rows with several lists of messages: every one is read, checked, moved and written at its own path."""

import base64
import copy

import pytest

import msgkit
from tests.strategies import png


def user(content):
    return {"role": "user", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


ASK, BETTER, WORSE = [user("Hello")], [assistant("Hello.")], [assistant("What?")]
ROWS = {
    "trl": {"prompt": ASK, "chosen": BETTER, "rejected": WORSE},
    "implicit prompt": {"chosen": ASK + BETTER, "rejected": ASK + WORSE},
    "prompt and completion": {"prompt": ASK, "completion": BETTER},
    "kto": {"prompt": ASK, "completion": BETTER, "label": True},
    "openai": {"input": {"messages": ASK, "tools": []}, "preferred_output": BETTER, "non_preferred_output": WORSE},
    "text": {"prompt": "Hello", "completion": "Hello."},
    "text preference": {"prompt": "Hello", "chosen": "Hello.", "rejected": "What?", "id": 5},
    "sharegpt": {
        "conversations": [{"from": "human", "value": "Hello"}],
        "chosen": {"from": "gpt", "value": "Hello."},
        "rejected": {"from": "gpt", "value": "What?"},
    },
    "objects": {"messages": ASK, "chosen": BETTER[0], "rejected": WORSE[0]},
    "ms-swift": {"messages": ASK + BETTER, "rejected_response": "What?"},
    "alpaca": {"instruction": "Say", "input": "Hello", "system": "S", "chosen": "Hello.", "rejected": "What?"},
    "history": {"instruction": "Hello", "history": [["Hi", "Ho"]], "chosen": "Hello.", "rejected": "What?"},
    "question": {"system": "S", "question": "Hello", "chosen": "Hello.", "rejected": "What?"},
    "system and text": {"system": "S", "prompt": "Hello", "chosen": "Hello.", "rejected": "What?"},
    "argilla": {"instruction": "Hello", "chosen_response": "Hello.", "rejected_response": "What?"},
    "prompt in text": {"prompt": "Hello", "chosen": ASK + BETTER, "rejected": ASK + WORSE},
    "nemo": {"context": ASK, "completions": [{"rank": 0, "completion": BETTER}, {"rank": 1, "completion": WORSE}]},
    "gemini": {
        "system_instruction": {"parts": [{"text": "S"}]},
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "completions": [
            {"score": 0, "completion": {"role": "model", "parts": [{"text": "What?"}]}},
            {"score": 1, "completion": {"role": "model", "parts": [{"text": "Hello."}]}},
        ],
    },
    "openrlhf": {"input": ASK, "output": BETTER},
    "openrlhf text": {"input": ASK, "output": "Hello."},
    "openrlhf prompt": {"context_messages": ASK},
    "prompt alone": {"prompt": ASK},
    "completion alone": {"completion": ASK + BETTER},
}
row_of = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())


def issues(row, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, **options)]


@row_of
def test_rows_are_clean(row):
    assert issues(row) == []


@row_of
def test_rows_come_back_equal_with_their_keys_in_order(row):
    back = msgkit.dump(msgkit.load(copy.deepcopy(row)))
    assert back == row
    assert list(back) == list(row)


@row_of
def test_inline_leaves_a_row_without_media_as_it_was(row):
    assert msgkit.inline(row) == row


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"prompt": ASK, "chosen": BETTER, "rejected": [{"role": "assistant", "content": 5}]}, "rejected[0].content"),
        ({"prompt": [{"role": "user", "content": 5}], "completion": BETTER}, "prompt[0].content"),
        ({**ROWS["openai"], "preferred_output": [{"role": "assistant", "content": 5}]}, "preferred_output[0].content"),
        ({**ROWS["openai"], "input": {"messages": [{"role": "user", "content": 5}]}}, "input.messages[0].content"),
        ({**ROWS["objects"], "rejected": {"role": "assistant", "content": 5}}, "rejected.content"),
        ({**ROWS["sharegpt"], "rejected": {"from": "gpt", "value": 5}}, "rejected.value"),
    ],
)
def test_a_fault_in_a_branch_is_told_once_at_its_own_path(row, path):
    assert issues(row) == [(path, "type-mismatch")]
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.inline(row)
    assert [issue.path for issue in caught.value.issues] == [path]


def test_each_answer_is_held_against_the_prompt_alone():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    ask = [user("Hello"), {"role": "assistant", "content": None, "tool_calls": [call]}]
    answer = [{"role": "tool", "tool_call_id": "c1", "content": "5"}]
    row = {"prompt": ask, "chosen": [*answer, assistant("Five.")], "rejected": [*answer, assistant("Six.")]}
    assert issues(row) == []


@pytest.mark.parametrize(
    ("change", "code"), [({"rejected": []}, "branch-empty"), ({"rejected": BETTER}, "branches-equal")]
)
def test_answers_that_teach_nothing_are_told(change, code):
    assert issues({**ROWS["trl"], **change}) == [("rejected", code)]


@pytest.mark.parametrize("name", ["nemo", "gemini"])
@pytest.mark.parametrize("options", [{"to": "anthropic"}, {"to": "openai", "rows": "preference"}])
def test_the_rank_of_an_answer_says_which_is_better(name, options):
    result = msgkit.convert(ROWS[name], **options)
    better, worse = (
        value[0] if isinstance(value, list) else value
        for key, value in result.payload.items()
        if key in ("chosen", "rejected", "preferred_output", "non_preferred_output")
    )
    assert (better["content"], worse["content"]) == ("Hello.", "What?")
    assert msgkit.restore(result.payload, result.losses) == ROWS[name]


def test_answers_of_one_rank_are_no_better_and_worse_one():
    row = {**ROWS["nemo"], "completions": [{"rank": 0, "completion": BETTER}] * 2}
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.convert(row, "anthropic")
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("completions", "row-shape")]


def test_media_of_a_ranked_answer_are_brought_in(tmp_path):
    (tmp_path / "a.png").write_bytes(base64.b64decode(png()))
    answer = [assistant([{"type": "image_url", "image_url": {"url": "a.png"}}])]
    row = {**ROWS["nemo"], "completions": [{"rank": 1, "completion": WORSE}, {"rank": 0, "completion": answer}]}
    new = msgkit.inline(row, tmp_path)
    assert new["completions"][1]["completion"][0]["content"][0]["image_url"]["url"].endswith(png())
    assert new["completions"][0] == row["completions"][0]


def test_a_prompt_without_an_answer_is_checked_and_keeps_its_media(tmp_path):
    assert issues({"prompt": [user("Q"), {"role": "usr", "content": "Q"}]}) == [("prompt[1].role", "role-unknown")]
    (tmp_path / "a.png").write_bytes(base64.b64decode(png()))
    new = msgkit.inline({"prompt": [user("Q")], "image": "a.png"}, tmp_path)
    assert new["prompt"][0]["content"][0]["image_url"]["url"] == f"data:image/png;base64,{png()}"


def test_a_label_that_is_no_boolean_is_told():
    assert issues({**ROWS["kto"], "label": "yes"}) == [("label", "label-invalid")]


@pytest.mark.parametrize("branch", ["prompt", "chosen", "rejected"])
def test_references_of_every_branch_are_brought_in_and_taken_out(tmp_path, branch):
    (tmp_path / "a.png").write_bytes(base64.b64decode(png()))
    row = {**ROWS["trl"], branch: [user([{"type": "image_url", "image_url": {"url": "a.png"}}])]}
    new = msgkit.inline(row, tmp_path)
    assert new[branch][0]["content"][0]["image_url"]["url"] == f"data:image/png;base64,{png()}"
    assert {key: new[key] for key in new if key != branch} == {key: row[key] for key in row if key != branch}
    out = msgkit.extract(new, tmp_path / "media")
    assert msgkit.inline(out, tmp_path) == new


def test_a_reference_that_is_missing_is_told_in_its_branch(tmp_path):
    row = {**ROWS["trl"], "rejected": [user([{"type": "image_url", "image_url": {"url": "b.png"}}])]}
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.inline(row, tmp_path)
    assert [issue.path for issue in caught.value.issues] == ["rejected[0].content[0].image_url.url"]


def test_media_of_a_column_may_be_those_of_one_answer():
    row = {**ROWS["sharegpt"], "chosen": {"from": "gpt", "value": "A <image>."}, "images": ["a.png"]}
    assert ("conversations", "placeholder-count") not in issues(row)


@pytest.mark.parametrize("extra", [{"chosen": {"score": 1}}, {"rejected": "no"}, {"chosen": True, "rejected": False}])
def test_other_keys_of_these_names_are_no_branches(extra):
    row = {"messages": ASK + BETTER, **extra}
    assert msgkit.load(row).messages == msgkit.load(ASK + BETTER).messages


def shared(content):
    return {
        "prompt": [user("Which?")],
        "chosen": [assistant(content)],
        "rejected": [assistant(content)],
        "images": ["a.png"],
    }


@pytest.mark.parametrize("content", ["Here: <image>", [{"type": "image"}]], ids=["placeholder", "part"])
def test_answers_share_the_media_of_a_column(tmp_path, content):
    (tmp_path / "a.png").write_bytes(base64.b64decode(png()))
    new = msgkit.inline(shared(content), root=tmp_path)
    assert "images" not in new
    assert new["chosen"][0]["content"][-1] == new["rejected"][0]["content"][-1]


def test_answers_that_share_media_are_converted_and_restored():
    row = shared([{"type": "image"}])
    result = msgkit.convert(row, to="llamafactory")
    assert result.payload["rejected"][0]["content"] == [{"type": "image_url", "value": "a.png"}]
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_column_that_fits_no_answer_is_told_by_inline_and_check(tmp_path):
    row = shared("Here: <image>") | {"images": ["a.png"] * 3}
    with pytest.raises(msgkit.InvalidMessageError, match="prompt: placeholder-count"):
        msgkit.inline(row, root=tmp_path)
    assert "placeholder-count" in [issue.code for issue in msgkit.check(row)]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": ASK + BETTER, "rejected_messages": ASK + WORSE},
        {
            "messages": [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hello."}],
            "rejected_response": "What?",
        },
    ],
    ids=["whole conversation", "from and value"],
)
def test_a_worse_answer_takes_the_place_of_the_better_one(row):
    assert issues(row, target="sharegpt") == []


SHARED = {
    "one list": {"prompt": ASK, "chosen": [assistant("<image>A")], "rejected": [assistant("<image>B")]},
    "sharegpt": {
        "conversations": [{"from": "human", "value": "Hello"}],
        "chosen": {"from": "gpt", "value": "<image>A"},
        "rejected": {"from": "gpt", "value": "<image>B"},
    },
    "implicit prompt": {"chosen": [user("<image>"), *BETTER], "rejected": [user("<image>"), *WORSE]},
    "alpaca": {"instruction": "<image>", "system": "S", "chosen": "A", "rejected": "B"},
    "ms-swift": {"messages": [user("<image>"), *BETTER], "rejected_messages": [user("<image>"), *WORSE]},
}


@pytest.fixture
def pictures(tmp_path):
    (tmp_path / "a.png").write_bytes(base64.b64decode(png(size=(4, 4))))
    (tmp_path / "b.png").write_bytes(base64.b64decode(png(size=(50, 50))))
    return tmp_path


@pytest.mark.parametrize("row", SHARED.values(), ids=SHARED)
def test_answers_share_the_media_that_the_prompt_leaves(row, pictures):
    row = {**row, "images": ["a.png"]}
    assert issues(row, root=pictures) == []
    assert msgkit.dump(msgkit.load(row)) == row
    moved = msgkit.inline(row, root=pictures)
    assert "a.png" not in str(moved)
    assert issues(moved) == [] or "chosen" in str(issues(moved))
    for target in ("sharegpt", "transformers", "llamafactory"):
        result = msgkit.convert(row, target)
        assert issues(result.payload, root=pictures) == []
        assert msgkit.restore(result.payload, result.losses) == row


def test_a_worse_conversation_has_media_of_its_own(pictures):
    row = {**SHARED["ms-swift"], "images": ["a.png"], "rejected_images": ["b.png"]}
    assert issues(row, root=pictures) == []
    sizes = [
        len(str(part)) for key in ("messages", "rejected_messages") for part in msgkit.inline(row, root=pictures)[key]
    ]
    assert sizes[0] != sizes[2]
    result = msgkit.convert(row, "sharegpt")
    assert result.payload["rejected_images"] == ["b.png"]
    assert msgkit.restore(result.payload, result.losses) == row


def test_media_that_only_one_answer_has_leave_the_count_of_the_other_wrong(pictures):
    row = {"prompt": [user("<image>")], "chosen": [assistant("<image>")], "rejected": BETTER, "images": ["a.png"]}
    assert issues(row, root=pictures) == [("prompt", "placeholder-count")]


def test_an_answer_may_be_a_call():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert issues({"prompt": ASK, "chosen": [{"role": "assistant", "tool_calls": [call]}], "rejected": WORSE}) == []


def test_another_answer_stands_for_all_that_follows_the_last_question():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    calls = [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "1"}]
    assert issues({"messages": [*ASK, *calls, *BETTER], "rejected_response": [*calls, *WORSE]}) == []


def test_transcripts_of_two_answers_are_messages_and_come_back():
    text = "\n\nHuman: Hello\n\nAssistant: Hi.\n\nHuman: Why?\n\nAssistant: "
    row = {"chosen": f"{text}So.", "rejected": f"{text}No.", "id": 7}
    assert msgkit.check(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    result = msgkit.convert(row, "openai")
    said = [(message["role"], message["content"]) for message in result.payload["rejected"]]
    assert said == [("user", "Hello"), ("assistant", "Hi."), ("user", "Why?"), ("assistant", "No.")]
    assert msgkit.restore(result.payload, result.losses) == row
