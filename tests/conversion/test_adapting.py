"""adapting.py: what a receiver needs, done when asked and undone exactly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit import formats
from msgkit.conversion.adapting import MOVED, set_keys, unset_keys
from msgkit.conversion.ledger import Ledger

PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
TEXT = {"type": "text", "text": "Here."}


def use(*names):
    return {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": name, "name": "f", "input": {}} for name in names],
    }


def results(**contents):
    blocks = [{"type": "tool_result", "tool_use_id": name, "content": content} for name, content in contents.items()]
    return {"role": "user", "content": blocks}


def back(result):
    ledger = Ledger.of_lines(json.loads(json.dumps(list(result.losses.lines(1)))))
    return msgkit.restore(result.payload, ledger)


ASKED = {"role": "user", "content": "Look."}


@pytest.mark.parametrize("content", [[TEXT, PICTURE], [PICTURE, TEXT, PICTURE], [PICTURE]])
def test_media_of_a_result_follow_in_a_user_message_and_come_back(content):
    row = {"system": "s", "messages": [ASKED, use("a"), results(a=content)]}
    with pytest.raises(msgkit.LossError):
        msgkit.convert(row, "openai")
    result = msgkit.convert(row, "openai", tool_media="follow")
    *_, answer, media = result.payload["messages"]
    assert (answer["role"], media["role"]) == ("tool", "user")
    assert {part["type"] for part in media["content"]} == {"image_url"}
    assert len(media["content"]) == content.count(PICTURE)
    assert ("Here." if TEXT in content else MOVED) in str(answer["content"])
    assert back(result) == row


def test_media_of_several_results_follow_the_last_of_them():
    row = {"system": "s", "messages": [ASKED, use("a", "b"), results(a=[PICTURE], b=[PICTURE, TEXT]), ASKED]}
    row["messages"].insert(3, {"role": "assistant", "content": "Well."})
    result = msgkit.convert(row, "openai", tool_media="follow")
    roles = [message["role"] for message in result.payload["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user", "assistant", "user"]
    assert back(result) == row


def test_media_of_results_stay_where_the_format_takes_them():
    row = {"system": "s", "messages": [ASKED, use("a"), results(a=[TEXT, PICTURE])]}
    for target in ("gemini", "responses"):
        assert msgkit.convert(row, target, tool_media="follow").payload == msgkit.convert(row, target).payload


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TALK = [
    {"role": "user", "content": "a"},
    {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]},
    {"role": "assistant", "content": "d"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "a", "content": "e"},
    {"role": "assistant", "content": "f"},
    {"role": "assistant", "content": "g"},
]


@pytest.mark.parametrize("target", formats.FORMATS)
def test_merged_neighbours_come_apart_again(target):
    row = {"messages": TALK}
    result = msgkit.convert(row, target, merge=True, on_loss="drop")
    assert back(result) == row


def test_neighbours_are_merged_with_an_empty_line_between():
    result = msgkit.convert({"messages": [*TALK[:1], *TALK[:1], *TALK[2:]]}, "openai", merge=True)
    roles = [message["role"] for message in result.payload["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert result.payload["messages"][0]["content"] == "a\n\na"
    assert result.payload["messages"][1] == {"role": "assistant", "content": "d", "tool_calls": [CALL]}


@pytest.mark.parametrize("target", ["openai", "anthropic", "sharegpt", "chatml", "harmony", "gemini"])
def test_a_filler_stands_where_the_assistant_would_speak_first_or_twice(target):
    row = {"messages": [{"role": "system", "content": "s"}, *TALK[2:3], *TALK[2:3], *TALK[:1]]}
    result = msgkit.convert(row, target, filler="Go on.")
    assert json.dumps(result.payload).count("Go on.") == 2
    assert back(result) == row


def test_keys_are_set_in_each_body_and_taken_away_again():
    row = {"custom_id": "a", "body": {"model": "m", "messages": TALK[:1]}}
    result = msgkit.convert(row, "anthropic", set_keys={"max_tokens": 9})
    assert result.payload["params"]["max_tokens"] == 9
    assert back(result) == row
    result = msgkit.convert(TALK[:1], "gemini", set_keys={"generationConfig.maxOutputTokens": 9})
    assert result.payload["generationConfig"] == {"maxOutputTokens": 9}
    assert back(result) == TALK[:1]


names = st.sampled_from(["a", "b", "a.b", "a.b.c", "c.d"])
values = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=2))


@given(st.dictionaries(st.sampled_from("abc"), values), st.dictionaries(names, values))
def test_set_keys_are_undone_exactly(body, keys):
    new, record = set_keys(body, keys)
    assert unset_keys(new, record) == body


messages = st.lists(
    st.tuples(st.sampled_from(["user", "assistant"]), st.text("ab\n", max_size=4), st.booleans()),
    min_size=1,
    max_size=6,
)


@given(messages, st.booleans(), st.sampled_from([None, "Go on."]), st.sampled_from(["openai", "anthropic", "chatml"]))
def test_whatever_was_asked_for_is_undone_exactly(talk, merge, filler, target):
    row = {
        "messages": [
            {"role": role, "content": [{"type": "text", "text": text}] if in_parts else text}
            for role, text, in_parts in talk
        ]
    }
    try:
        result = msgkit.convert(row, target, merge=merge, filler=filler, on_loss="drop")
    except msgkit.InvalidMessageError:
        return
    assert back(result) == row


def test_parts_that_only_one_receiver_of_a_format_takes_are_written_for_it_alone():
    file = {"fileData": {"mimeType": "video/mp4", "fileUri": "https://example.com/a.mp4"}}
    row = {"contents": [{"role": "user", "parts": [file, {"text": "What happens?"}]}]}
    result = msgkit.convert(row, "openai", target="vllm")
    assert [part["type"] for part in result.payload["messages"][0]["content"]] == ["video_url", "text"]
    assert not result.losses
    assert msgkit.restore(result.payload, result.losses) == row
    with pytest.raises(msgkit.LossError):
        msgkit.convert(row, "openai")


def test_a_receiver_of_another_format_is_refused():
    with pytest.raises(ValueError, match="takes openai, not gemini"):
        msgkit.convert({"messages": [{"role": "user", "content": "Hello"}]}, "gemini", target="vllm")


CALL_OF_W = {"id": "c1", "type": "function", "function": {"name": "w", "arguments": "{}"}}
PREAMBLE = [
    {"role": "user", "content": "Q"},
    {"role": "assistant", "content": "I look.", "tool_calls": [CALL_OF_W]},
    {"role": "tool", "tool_call_id": "c1", "content": "5"},
    {"role": "assistant", "content": "Five."},
]


def test_a_row_that_a_trainer_skips_is_told_and_refused_where_the_trainer_is_named():
    row = {"messages": PREAMBLE}
    assert [issue.code for issue in msgkit.convert(row, "sharegpt").skipped] == ["role-order"]
    with pytest.raises(msgkit.InvalidMessageError, match="role-order"):
        msgkit.convert(row, "sharegpt", target="llamafactory")
    assert not msgkit.convert(row, "llamafactory", target="llamafactory").skipped
