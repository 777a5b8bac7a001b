"""Media columns, and what stands for their entries: the same for every command."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit.formats import get
from msgkit.formats.common.columns import entry_name, find, names_of
from msgkit.steps import Check, Inline
from tests.strategies import png

IMAGE = {"type": "image"}


def user(content):
    return {"role": "user", "content": content}


TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def codes(row, **options):
    return [(issue.path, issue.code) for issue in msgkit.check(row, **options) if issue.severity == "error"]


@pytest.fixture
def root(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(base64.b64decode(png()))
    return tmp_path


@pytest.mark.parametrize(
    "column", [{"images": "a.png"}, {"images": ["a.png"]}, {"image": "a.png"}, {"image": ["a.png"]}]
)
@pytest.mark.parametrize("content", ["<image>Who?", [IMAGE, {"type": "text", "text": "Who?"}]])
def test_a_column_of_either_name_and_shape_is_brought_in(root, column, content):
    row = {"messages": [user(content)], **column}
    assert codes(row) == []
    new = msgkit.inline(row, root)
    assert new["messages"][0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert new.keys() == {"messages"}


@pytest.mark.parametrize("column", [{}, {"image": None}, {"images": None}, {"images": []}])
def test_a_row_without_entries_is_clean_until_a_placeholder_asks_for_one(column):
    assert codes({"conversations": [{"from": "human", "value": "Hello"}], **column}) == []
    wrong = {"conversations": [{"from": "human", "value": "<image>Hello"}], **column}
    assert codes(wrong) == [("conversations", "placeholder-count")]


@pytest.mark.parametrize(
    "column", [{"image": None}, {"images": []}, {"images": ["a.png", "b.png"]}, {"audios": ["a.wav"]}]
)
@pytest.mark.parametrize("content", ["<image>Who?", [IMAGE]])
def test_a_number_that_differs_is_told_alike_by_check_and_inline(root, column, content):
    row = {"messages": [user(content)], **column}
    assert ("messages", "placeholder-count") in codes(row)
    if content == [IMAGE] and column.keys() & {"audios"}:
        return
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        msgkit.inline(row, root)
    assert "placeholder-count" in [issue.code for issue in caught.value.issues]


def test_a_placeholder_without_any_column_is_a_warning_where_the_row_is_not_sent_as_it_is():
    row = {"messages": [user("<image>\nWho?")]}
    assert [(issue.code, issue.severity) for issue in msgkit.check(row)] == [("placeholder-count", "warning")]
    assert codes(row, ready=True) == [("messages", "placeholder-count")]


@pytest.mark.parametrize("text", ["How is the <image> element of SVG drawn?", "Write <video> and <audio> for me"])
def test_a_tag_in_a_sentence_is_text(text):
    assert msgkit.check({"messages": [user(text)]}) == []


def test_the_audio_setting_of_a_request_is_no_column():
    row = {
        "model": "m",
        "messages": [user("Hello")],
        "modalities": ["audio"],
        "audio": {"voice": "ash", "format": "wav"},
    }
    assert codes(row) == []
    assert find(row) == {}


def test_an_entry_may_hold_its_bytes_as_base64():
    assert entry_name({"bytes": "iVBORw0KGgo=", "path": None}) == "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize("value", [5, {"width": 3}, [5]])
def test_a_column_that_names_nothing_is_told_at_its_place(value):
    path = "images[0]" if isinstance(value, list) else "images"
    assert (path, "type-mismatch") in codes({"messages": [user("<image>Who?")], "images": value})


@given(
    st.sampled_from(["image", "images"]),
    st.sampled_from([None, [], "a.png", ["a.png"], {"path": "a.png", "bytes": None}, [{"path": "a.png"}]]),
)
def test_sharegpt_rows_come_back_equal(name, value):
    text = "<image>Who?" if value else "Who?"
    row = {"conversations": [{"from": "human", "value": text}, {"from": "gpt", "value": "Ann"}], name: value}
    found = get("sharegpt")
    assert json.dumps(found.dump(found.load(row, ()).conversation), sort_keys=True) == json.dumps(row, sort_keys=True)


def test_names_of_further_columns_tell_their_kind():
    assert names_of(["image_path", "clip=video"])["image_path"] == "image"
    with pytest.raises(ValueError, match="clip"):
        names_of(["clip"])


ROW = {"messages": [{"role": "user", "content": "<image>Who?"}], "image_path": "https://example.com/a.png"}
OWN = {"columns": ["image_path"]}


def test_a_column_of_another_name_is_one_where_it_is_named():
    assert ("messages", "placeholder-count") in codes(ROW, ready=True)
    assert codes(ROW, ready=True, **OWN) == []
    assert msgkit.inline(ROW, **OWN)["messages"][0]["content"][0]["image_url"]["url"] == ROW["image_path"]


def test_a_row_with_a_column_of_another_name_is_converted_and_restored():
    result = msgkit.convert(ROW, to="anthropic", set_keys={"max_tokens": 9}, **OWN)
    assert result.payload["messages"][0]["content"][0]["source"]["url"] == ROW["image_path"]
    assert msgkit.restore(result.payload, result.losses) == ROW


def test_steps_take_further_columns_alone_and_in_chains():
    one = Inline(**OWN)(ROW)
    assert (Inline(**OWN) | Check(ready=True))(ROW) == one


@pytest.mark.parametrize(
    "row",
    [
        {"id": 7, "chat": [{"value": "Hi", "from": "human"}, {"from": "gpt", "value": "Hello"}]},
        {
            "chat": [
                {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                {"role": "assistant", "content": "Hello"},
            ]
        },
        {"reply": "Hello", "ask me": "Hi"},
    ],
)
def test_messages_and_texts_of_other_names_are_read_where_they_are_told(row):
    columns = ["chat=messages", "ask me=user", "reply=assistant"]
    assert codes(row, columns=columns) == []
    assert list(msgkit.inline(row, columns=columns)) == list(row)
    result = msgkit.convert(row, to="anthropic", set_keys={"max_tokens": 9}, columns=columns)
    assert [message["role"] for message in result.payload["messages"]] == ["user", "assistant"]
    assert msgkit.restore(result.payload, result.losses) == row
    result = msgkit.convert(row, to="alpaca", columns=columns)
    assert (result.payload["instruction"], result.payload["output"]) == ("Hi", "Hello")
    assert msgkit.restore(result.payload, result.losses) == row


def test_a_fault_is_told_under_the_name_that_the_row_has():
    row = {"chat": [{"role": "usr", "content": "Hi"}]}
    assert [issue.path for issue in msgkit.check(row, columns=["chat=messages"])] == ["chat[0].role"]
    two = {"chat": [{"role": "user", "content": "Hi"}], "other": [{"role": "user", "content": "Hi"}]}
    assert "'chat=messages'" in msgkit.check(two)[0].message


@pytest.mark.parametrize(
    "row",
    [
        {"traj": TALK, "reward": 1.0},
        {"dialogue": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
        {"messages": json.dumps(TALK), "id": 7},
        {"messages": json.dumps(TALK, indent=1)},
    ],
)
def test_the_only_messages_of_a_row_are_read_under_any_name_and_as_text(row):
    assert codes(row) == []
    assert msgkit.dump(msgkit.load(row)) == row
    result = msgkit.convert(row, to="gemini")
    assert [content["role"] for content in result.payload["contents"]] == ["user", "model"]
    assert msgkit.restore(result.payload, result.losses) == row


def test_media_of_a_told_column_are_content():
    with pytest.raises(msgkit.LossError, match="image_path"):
        msgkit.convert({"instruction": "<image>Who?", "output": "Ann", "image_path": "a.png"}, to="harmony", **OWN)


def test_a_list_of_conversations_may_hold_messages_of_an_api():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    items = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    items = [{"role": "user", "content": "Go"}, *items, {"role": "tool", "tool_call_id": "c1", "content": "ok"}]
    assert msgkit.convert({"conversations": items}, to="openai").payload == {"messages": items}


def test_inline_keeps_the_order_of_keys_of_training_rows(root):
    row = {"id": 1, "images": ["a.png"], "conversations": [{"value": "<image>Who?", "from": "human"}]}
    new = msgkit.inline(row, root=root)
    assert (list(new), list(new["conversations"][0])) == (list(row), ["value", "from"])


def test_a_name_that_tells_no_kind_is_refused():
    with pytest.raises(ValueError, match="whose name has image"):
        Inline(columns=["picture"])


def test_an_entry_that_names_an_empty_path_is_told(tmp_path):
    row = {"messages": [user([IMAGE])], "images": [{"bytes": None, "path": ""}]}
    assert {issue.code for issue in msgkit.check(row, root=tmp_path)} == {"media-empty"}


def test_messages_may_be_named_as_such():
    row = {"messages": [user("<image>")], "images": []}
    assert msgkit.check(row, columns=["messages=messages"]) == msgkit.check(row) != []
