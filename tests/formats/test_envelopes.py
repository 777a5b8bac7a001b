"""envelopes.py: where the messages stand in a row, and the columns of media beside them."""

import copy

import pytest

import msgkit
from msgkit import check, dump, formats, load
from msgkit.errors import InvalidMessageError
from msgkit.formats.common.placeholders import fill_body as fill_placeholders
from msgkit.formats.envelopes import close_row, open_row

HELLO = [{"role": "user", "content": "Hello"}]
ROWS = [
    HELLO,
    {"messages": HELLO},
    {"model": "m", "temperature": 0.5, "messages": HELLO, "tools": [{"type": "function", "function": {"name": "f"}}]},
    {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": HELLO}},
    {"messages": HELLO, "body": "not a body", "id": 5},
    {"messages": [{"author": {"role": "user"}, "content": "Hello"}], "id": None},
    {"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}}, "modelId": "m"},
]


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_a_row_comes_back_as_it_was(row):
    before = copy.deepcopy(row)
    body, envelope = open_row(row)
    assert close_row(dict(body), envelope) == row
    assert dump(load(row)) == row == before


@pytest.mark.parametrize("name", ["body", "modelInput"])
def test_a_body_says_its_version_of_anthropic(name):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": HELLO}
    assert load(body).envelope.format == load({name: body}).envelope.format == "anthropic"


def test_a_request_for_embeddings_is_named():
    with pytest.raises(InvalidMessageError, match="a request for embeddings"):
        load({"texts": ["Hello"], "input_type": "search_query"})


def test_a_prompt_alone_is_named():
    with pytest.raises(InvalidMessageError, match="InvokeModel of Titan"):
        load({"inputText": "Hello", "textGenerationConfig": {"temperature": 0}})
    with pytest.raises(InvalidMessageError, match="Cohere's API v1"):
        load({"message": "Hello", "chat_history": []})


def test_an_answer_and_a_message_by_themselves_are_named():
    with pytest.raises(InvalidMessageError, match=r"append its choices\[0\].message"):
        load({"id": "a", "choices": [{"message": HELLO[0]}]})
    with pytest.raises(InvalidMessageError, match="put it in a list"):
        load(HELLO[0])


@pytest.mark.parametrize("row", [None, 5, "x", True])
def test_a_row_that_is_neither_object_nor_list(row):
    with pytest.raises(InvalidMessageError) as caught:
        load(row)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("messages", "messages-missing")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "messages-missing"),
        ({"messages": None}, "messages-missing"),
        ({"messages": {}}, "messages-missing"),
        ({"messages": "x"}, "messages-missing"),
        ({"messages": []}, "messages-empty"),
        ([], "messages-empty"),
    ],
)
def test_messages_missing_or_empty(row, code):
    with pytest.raises(InvalidMessageError) as caught:
        load(row)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("messages", code)]


def test_paths_in_a_batch_line_begin_with_body():
    with pytest.raises(InvalidMessageError) as caught:
        load({"custom_id": "a", "body": {"messages": [{"role": "usr"}]}})
    assert caught.value.issues[0].path == "body.messages[0].role"


def text(words):
    return {"type": "text", "text": words}


def image(url):
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    ("content", "images", "expected"),
    [
        ("<image>Who?", ["a"], [image("a"), text("Who?")]),
        ("Who?<image>", ["a"], [text("Who?"), image("a")]),
        (" a <image>\n<image> b", ["a", "b"], [text(" a "), image("a"), text("\n"), image("b"), text(" b")]),
        ("<image>", ["a"], [image("a")]),
        ("<image><image>", ["a", "b"], [image("a"), image("b")]),
        ([text("<image>x"), {"type": "other"}], ["a"], [image("a"), text("x"), {"type": "other"}]),
        (
            [{"type": "text", "text": "x<image>", "cache_control": {"type": "ephemeral"}}],
            ["a"],
            [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}, image("a")],
        ),
        ("<image>", [{"path": "a", "bytes": None}], [image("a")]),
    ],
)
def test_placeholders_become_parts_in_place(content, images, expected):
    row = {"messages": [{"role": "user", "content": content}], "images": images, "id": 1}
    before = copy.deepcopy(row)
    assert fill_placeholders(row) == {"messages": [{"role": "user", "content": expected}], "id": 1}
    assert row == before


def test_placeholders_are_taken_in_order_over_all_messages_and_kinds():
    row = {
        "messages": [
            {"role": "user", "content": "<audio><image>"},
            {"role": "assistant", "content": "x"},
            {"role": "user", "content": "<image>"},
        ],
        "images": ["a", "b"],
        "audios": ["c"],
    }
    filled = fill_placeholders(row)
    assert filled["messages"][0]["content"] == [{"type": "audio_url", "audio_url": {"url": "c"}}, image("a")]
    assert filled["messages"][1] == {"role": "assistant", "content": "x"}
    assert filled["messages"][2]["content"] == [image("b")]
    assert "images" not in filled


def test_a_placeholder_without_its_column_is_text():
    row = {"messages": [{"role": "user", "content": "<video> <image>"}], "images": ["a"]}
    assert fill_placeholders(row)["messages"][0]["content"] == [text("<video> "), image("a")]


@pytest.mark.parametrize(
    ("content", "images"), [([text("x")], ["a"]), ("<image>", []), ("<image><image>", ["a"]), (None, ["a"])]
)
def test_placeholders_and_entries_of_different_number_are_refused(content, images):
    with pytest.raises(InvalidMessageError) as caught:
        fill_placeholders({"messages": [{"role": "user", "content": content}], "images": images}, ("body",))
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("body.messages", "placeholder-count")]


def test_entries_that_nothing_stands_for_are_before_the_first_question():
    row = {"messages": [{"role": role, "content": "x"} for role in ("system", "user", "user")], "images": ["a", "b"]}
    filled = fill_placeholders(row)["messages"]
    assert [message["content"] for message in filled] == ["x", [image("a"), image("b"), text("x")], "x"]


def test_an_entry_that_names_nothing_is_refused_at_its_place():
    with pytest.raises(InvalidMessageError) as caught:
        fill_placeholders({"messages": [{"role": "user", "content": "<image>"}], "images": [5]})
    assert caught.value.issues[0].path == "images[0]"


CONTENTS = [{"role": "user", "parts": [{"text": "Q"}]}, {"role": "model", "parts": [{"text": "A"}]}]
ITEMS = [
    {"role": "user", "content": "Q"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "5"},
]


@pytest.mark.parametrize(("row", "name"), [(CONTENTS, "gemini"), (ITEMS, "responses")])
def test_a_bare_list_is_told_by_its_elements(row, name):
    for conversation in (load(row), load(row, name)):
        assert (conversation.envelope.format, dump(conversation)) == (name, row)
    assert check(row) == []


def test_a_body_of_interactions_is_refused_by_name():
    for more in ({"generation_config": {}}, {"input": [{"type": "image", "mime_type": "image/png", "data": "AA=="}]}):
        (issue,) = check({"model": "gemini-2.5-pro", "input": "Q", **more}, ignore=["model-unknown"])
        assert (issue.path, issue.code) == ("input", "messages-missing")
        assert "Interactions" in issue.message


def test_a_block_that_only_anthropic_has_tells_the_format():
    for name in formats.get("anthropic").opaque_parts:
        assert load([{"role": "user", "content": [{"type": name}]}]).envelope.format == "anthropic"


def test_the_state_of_a_thread_of_langgraph_is_read_and_comes_back():
    messages = [{"type": "human", "content": "Hello", "additional_kwargs": {}, "response_metadata": {}}]
    row = {"values": {"messages": messages}, "next": [], "metadata": {"source": "loop"}}
    result = msgkit.convert(row, "openai")
    assert result.payload["values"]["messages"] == [{"role": "user", "content": "Hello"}]
    assert msgkit.restore(result.payload, result.losses) == row


def test_an_object_beside_an_exchange_is_no_body():
    row = {"instruction": "Hello", "output": "Hi.", "params": {"temperature": 1}}
    assert [message.content for message in msgkit.load(row)] == ["Hello", "Hi."]
