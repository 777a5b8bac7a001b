"""converters.py: strict in, everything kept, all faults at once."""

import enum
import pickle

import pytest

from msgkit import assistant, from_dict, system, to_dict, user
from msgkit.errors import InvalidMessageError
from msgkit.model.base import UnknownPart
from msgkit.model.calls import CustomToolCall, ToolCall
from msgkit.model.messages import Author, Message, Role
from msgkit.model.parts import AudioPart, ImagePart, TextPart
from msgkit.structuring import dump_value, load_value

MESSAGES = [
    {"role": "user", "content": "Hello"},
    {"role": "user", "content": ""},
    {"role": "user", "content": None, "name": None},
    {"role": "user", "content": []},
    {"role": "system", "name": "rules", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "cat.jpg", "detail": None}}]},
    {"role": "user", "content": [{"type": "image_url", "image_url": "cat.jpg", "uuid": "x"}]},
    {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]},
    {
        "role": "user",
        "content": [{"type": "audio_url", "audio_url": {"url": "a.ogg"}}, {"type": "video_url", "video_url": "v.mp4"}],
    },
    {"role": "user", "content": [{"type": "file", "file": {"file_id": "f", "filename": None}}]},
    {"role": "user", "content": [{"type": "hologram", "depth": [1, {"x": None}]}]},
    {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "closed": True}]},
    {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{not json"}, "index": 0}
        ],
    },
    {
        "role": "assistant",
        "tool_calls": [
            {"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}},
            {"type": "later", "id": 5},
        ],
    },
    {"role": "assistant", "tool_calls": []},
    {"role": "assistant", "content": "Hi", "reasoning": "Hm.", "audio": {"id": "audio_1"}},
    {"role": "assistant", "content": "Hi", "reasoning_content": "Hm.", "weight": 0},
    {"role": "assistant", "content": "Hi", "reasoning_content": "Hm.", "reasoning": "Ha."},
    {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ""}},
    {"role": "function", "name": "f", "content": "x"},
    {"role": "tool", "tool_call_id": "a", "content": "12"},
    {
        "role": "assistant",
        "channel": "analysis",
        "recipient": None,
        "content_type": "<|constrain|>json",
        "content": "{}",
    },
    {"author": {"role": "assistant", "name": None, "id": 7}, "channel": None, "content": "x"},
    {
        "author": {"role": "tool", "name": "functions.f"},
        "recipient": "assistant",
        "content": [{"type": "text", "text": "x"}],
    },
    {"role": "user", "author": "Ada", "content": "x"},
    {
        "role": "system",
        "content": [
            {
                "type": "system_content",
                "model_identity": None,
                "reasoning_effort": "Low",
                "channel_config": {"valid_channels": ["final"], "channel_required": True},
                "tools": {"python": {"name": "python", "description": None, "tools": []}},
            }
        ],
    },
    {
        "role": "developer",
        "content": [
            {
                "type": "developer_content",
                "instructions": "x",
                "tools": {
                    "functions": {
                        "name": "functions",
                        "tools": [{"name": "f", "description": "d", "parameters": {"type": "object"}}],
                    }
                },
            }
        ],
    },
]


@pytest.mark.parametrize("data", MESSAGES, ids=range(len(MESSAGES)))
def test_dump_gives_back_what_was_loaded(data):
    value = load_value(data, Message)
    assert dump_value(value) == data
    again = pickle.loads(pickle.dumps(value))
    assert again == value
    assert dump_value(again) == data


def test_values_know_the_type_of_each_part():
    message = load_value(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": "b"},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "x"},
            ],
        },
        Message,
    )
    assert [type(part) for part in message.parts] == [TextPart, ImagePart, AudioPart, UnknownPart]


def test_null_and_absent_are_both_none_and_both_come_back():
    null, absent = (
        load_value({"role": "user", "content": "x", "name": None}, Message),
        load_value({"role": "user", "content": "x"}, Message),
    )
    assert null == absent
    assert "name" in dump_value(null)
    assert "name" not in dump_value(absent)


def test_values_do_not_share_what_may_change_with_the_payload():
    data = {"role": "user", "content": [{"type": "x", "deep": [1]}], "mood": {"glad": [1]}}
    value = load_value(data, Message)
    data["content"][0]["deep"].append(2)
    data["mood"]["glad"].append(2)
    dump_value(value)["mood"]["glad"].append(3)
    assert dump_value(value) == {"role": "user", "content": [{"type": "x", "deep": [1]}], "mood": {"glad": [1]}}


def faults(data, cls=Message):
    with pytest.raises(InvalidMessageError) as caught:
        load_value(data, cls, ("messages", 3))
    return [(issue.path, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize("role", ["User", "SYSTEM", " user", "human", "ai", "", None, 5, ["user"], {"role": "user"}])
def test_a_role_that_is_none_of_ours(role):
    assert faults({"role": role, "content": "x"}) == [("messages[3].role", "role-unknown")]


@pytest.mark.parametrize(
    ("role", "near"),
    [("User", "user"), (" user", "user"), ("human", "user"), ("ai", "assistant"), ("asistant", "assistant")],
)
def test_the_nearest_role_is_named(role, near):
    with pytest.raises(InvalidMessageError, match=f"did you mean '{near}'"):
        load_value({"role": role, "content": "x"}, Message)


def test_a_nested_author_is_named_in_the_path():
    assert faults({"author": {"role": "usr"}, "content": "x"}) == [("messages[3].author.role", "role-unknown")]
    assert faults({"author": 5, "content": "x"}) == [("messages[3].author", "type-mismatch")]


@pytest.mark.parametrize("data", [5, "x", None, ["role", "user"], True])
def test_a_message_that_is_no_object(data):
    assert faults(data) == [("messages[3]", "type-mismatch")]


@pytest.mark.parametrize("content", [5, True, 1.5, {"type": "text", "text": "x"}])
def test_content_is_never_coerced(content):
    assert faults({"role": "user", "content": content}) == [("messages[3].content", "type-mismatch")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 5),
        ("channel", ["final"]),
        ("recipient", {}),
        ("content_type", True),
        ("tool_call_id", 7),
        ("tool_calls", "x"),
        ("refusal", []),
        ("audio", "x"),
        ("reasoning", 5),
    ],
)
def test_strings_are_never_made_of_other_things(key, value):
    assert faults({"role": "assistant", "content": "x", key: value}) == [(f"messages[3].{key}", "type-mismatch")]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param({"text": "x"}, [("type", "key-missing")], id="no-type"),
        pytest.param({"type": 5}, [("type", "type-mismatch")], id="type-number"),
        pytest.param({"type": "text"}, [("text", "key-missing")], id="no-text"),
        pytest.param({"type": "text", "text": None}, [("text", "type-mismatch")], id="null-text"),
        pytest.param({"type": "text", "text": ["x"]}, [("text", "type-mismatch")], id="list-text"),
        pytest.param({"type": "image_url"}, [("image_url", "key-missing")], id="no-image"),
        pytest.param({"type": "image_url", "image_url": {}}, [("image_url.url", "key-missing")], id="no-url"),
        pytest.param(
            {"type": "image_url", "image_url": {"url": 1, "detail": 2}},
            [("image_url.url", "type-mismatch"), ("image_url.detail", "type-mismatch")],
            id="two",
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": "AAAA"}, [("input_audio", "type-mismatch")], id="audio-string"
        ),
        pytest.param({"type": "file", "file": {"file_data": 5}}, [("file.file_data", "type-mismatch")], id="file"),
    ],
)
def test_parts_of_the_wrong_shape(part, expected):
    found = faults({"role": "user", "content": [{"type": "text", "text": "fine"}, part]})
    assert found == [(f"messages[3].content[1].{path}", code) for path, code in expected]


def test_parts_that_are_no_objects():
    assert faults({"role": "user", "content": ["x", None]}) == [
        ("messages[3].content[0]", "type-mismatch"),
        ("messages[3].content[1]", "type-mismatch"),
    ]


def test_tool_calls_of_the_wrong_shape():
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    assert faults({"role": "assistant", "tool_calls": [call]}) == [
        ("messages[3].tool_calls[0].function.arguments", "type-mismatch")
    ]
    assert faults({"role": "assistant", "tool_calls": [{"id": "a", "function": {}}]}) == [
        ("messages[3].tool_calls[0].type", "key-missing")
    ]


def test_every_fault_of_a_list_is_told_at_once():
    messages = [{"role": "usr", "content": 5}, {"content": "x"}, 7, {"role": "user", "content": [{}]}]
    with pytest.raises(InvalidMessageError) as caught:
        load_value(messages, tuple[Message, ...], ("messages",))
    assert [issue.path for issue in caught.value.issues] == [
        "messages[0].role",
        "messages[0].content",
        "messages[1].role",
        "messages[2]",
        "messages[3].content[0].type",
    ]


def test_single_values_go_through_to_dict_and_from_dict():
    for value in (
        user("x"),
        system("a", "b"),
        assistant("x", channel="final"),
        TextPart("x"),
        ToolCall.new("a", "f"),
        UnknownPart("x", {"type": "x"}),
    ):
        assert from_dict(to_dict(value)) == value
    assert isinstance(from_dict({"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}), CustomToolCall)


def test_an_enum_of_an_sdk_is_its_value():
    class Their(str, enum.Enum):  # noqa: UP042 (as openai-harmony has it)
        USER = "user"

    assert load_value({"role": Their.USER, "content": "x"}, Message).author == Author(Role.USER)


def test_author_takes_the_role_as_a_string():
    assert Author("user").role is Role.USER
