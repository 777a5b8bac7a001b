"""The fast ways between JSON and values: no opinion, or exactly what the hooks that explain say."""

# ruff: noqa: E501 (tables of rows; both ways are compared)

import json
import re

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import msgkit
from msgkit.api.fast import load_plain
from msgkit.api.loading import load_row, read_json
from msgkit.jsontext.values import check_value
from msgkit.model.messages import Message, user
from msgkit.model.parts import PARTS, TextPart
from msgkit.structuring import dump_messages, dump_value, load_messages
from msgkit.structuring.dumper import written
from msgkit.structuring.explain import FaultsError, converter

MESSAGES = tuple[Message, ...]


def explained(data):
    return converter().get_structure_hook(MESSAGES)(data, MESSAGES)


def loaded_fast(raw):
    try:
        return read_json(raw)[1]
    except msgkit.InvalidMessageError:
        return None


def whole(value):
    """Everything in a value: the classes, and the forms, which equality leaves out; not what it was loaded as."""
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value)) if field.name != "loaded"]
        return (type(value), *[(name, whole(getattr(value, name))) for name in names])
    return tuple(map(whole, value)) if isinstance(value, tuple) else value


_JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.lists(st.text(max_size=2), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.none(), max_size=2)
)
_TEXT = st.text(max_size=3)


def _some(required, **keys):
    """Objects with *keys*, now and then one of another type, and with keys that no class knows."""
    keys = {name: values | (_JSON if name in {"detail", "name", "id"} else values) for name, values in keys.items()}
    must = {name: keys.pop(name) for name in required}
    return st.fixed_dictionaries(must, optional={**keys, "mood": _JSON, "cache_control": _JSON})


_URL = _some(("url",), url=_TEXT, detail=_TEXT)
_PART = st.one_of(
    _some(("type", "text"), type=st.just("text"), text=_TEXT),
    _some(("type", "image_url"), type=st.just("image_url"), image_url=_URL | _TEXT | st.none()),
    _some(("type", "input_audio"), type=st.just("input_audio"), input_audio=_some(("data",), data=_TEXT, format=_TEXT)),
    _some(
        ("type", "file"),
        type=st.just("file"),
        file=_some((), file_data=_TEXT, file_id=_TEXT | st.none(), filename=_TEXT),
    ),
    _some(("type", "thinking"), type=st.just("thinking"), thinking=_TEXT, closed=st.booleans() | st.none() | _TEXT),
    _some(("type",), type=st.sampled_from([*PARTS, "other", "", None, 5])),
    _JSON,
)
_CALL = st.one_of(
    _some(
        ("id", "type", "function"),
        id=_TEXT,
        type=st.just("function"),
        function=_some(("name", "arguments"), name=_TEXT, arguments=_TEXT),
    ),
    _some(
        ("type",),
        type=st.sampled_from(["function", "custom", "other"]),
        id=_TEXT,
        custom=_some(("name", "input"), name=_TEXT, input=_TEXT),
    ),
)
_ROLE = st.sampled_from(["user", "assistant", "system", "tool", "function", "User", "", None, 5, ["user"], {}])
_MESSAGE = _some(
    ("role",),
    role=st.sampled_from(["user", "assistant", "tool"]) | _ROLE,
    name=_TEXT,
    content=_TEXT | st.none() | st.lists(_PART, max_size=3),
    tool_calls=st.lists(_CALL, max_size=2) | st.none(),
    tool_call_id=_TEXT,
    channel=_TEXT | st.none(),
    audio=st.dictionaries(_TEXT, _JSON, max_size=1),
    function_call=_some(("name", "arguments"), name=_TEXT, arguments=_TEXT),
    reasoning=_TEXT,
    reasoning_content=_TEXT,
    author=_some(("role",), role=_ROLE, name=_TEXT),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_MESSAGE, max_size=3))
def test_where_the_fast_way_gives_values_the_explaining_way_gives_the_same(data):
    fast = load_messages(data)
    if fast is not None:
        assert whole(fast) == whole(explained(data))
        assert dump_value(fast) == data


PLAIN = [
    {"role": "user", "content": "Hello"},
    {"role": "user", "name": "ann", "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "u", "detail": None}}]},
    {"name": "functions.f", "role": "tool", "content": None, "mood": {"a": [1]}, "channel": "final", "recipient": None},
    {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}, {"type": "other"}]},
    {"role": "system", "content": [{"type": "system_content", "tools": {"a": {"name": "a", "tools": [{"name": "t", "parameters": {"x": None}}]}}}]},
    {"role": "user", "content": [{"type": "new", "x": 1}, {"type": "file", "file": {}}, {"type": "thinking", "thinking": "", "closed": False}]},
    {"role": "assistant", "content": "x", "reasoning_content": "y", "weight": 0},
]  # fmt: skip


@pytest.mark.parametrize("message", PLAIN, ids=lambda message: message["role"])
def test_messages_as_they_mostly_are_take_the_fast_way(message):
    fast = load_messages([message])
    assert fast is not None
    assert whole(fast) == whole(explained([message]))
    assert fast[0].__class__ is Message
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        fast[0].content = "other"


@pytest.mark.parametrize(
    "data",
    [None, {}, "text", [5], [{"role": "usr"}], [{"content": "x"}], [{"role": "user", "content": 5}], [{"role": None}]],
)
def test_faults_are_left_to_the_explaining_way(data):
    assert load_messages(data) is None
    with pytest.raises(FaultsError):
        explained(data)


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "\ud800"},
        {"role": "user", "name": "\ud800", "content": "x"},
        {"role": "user", "content": [{"type": "text", "text": "\ud800"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "\ud800"}}]},
    ],
)
def test_a_payload_with_a_lone_surrogate_is_never_loaded_fast(message):
    assert load_plain([message]) is None
    with pytest.raises(msgkit.InvalidMessageError, match="json-lone-surrogate"):
        msgkit.load([message])


def test_what_is_built_holds_no_reference_to_its_data():
    message = {"role": "user", "content": [{"type": "text", "text": "x", "mood": [1]}], "mood": {"a": []}}
    (built,) = load_messages([message])
    message["mood"]["a"].append(1)
    message["content"][0]["mood"].append(2)
    assert dump_value(built) == {
        "role": "user",
        "content": [{"type": "text", "text": "x", "mood": [1]}],
        "mood": {"a": []},
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(_MESSAGE, max_size=3))
def test_values_go_back_out_the_fast_way_as_the_explaining_way_writes_them(data):
    try:
        values = explained(data)
    except FaultsError:
        return
    fast = dump_messages(values)
    if fast is not None:
        assert fast == written(values, noted=False) == data
        assert json.dumps(fast) == json.dumps(written(values, noted=False))


@pytest.mark.parametrize("message", PLAIN, ids=lambda message: message["role"])
def test_most_values_go_out_the_fast_way(message):
    values = explained([message])
    assert dump_messages(values) is not None
    assert dump_messages(values, noted=True) is not None


@settings(max_examples=40, deadline=None)
@given(st.lists(_MESSAGE, max_size=3))
def test_notes_go_out_and_come_back_fast_as_the_hooks_write_and_read_them(data):
    try:
        values = explained(data)
    except FaultsError:
        return
    noted = written(values, noted=True)
    fast = dump_messages(values, noted=True)
    assert fast is None or str(fast) == str(noted)
    loaded = load_messages(noted)
    assert loaded is None or whole(loaded) == whole(explained(noted))


@pytest.mark.parametrize("wrong", [5, b"x", ["x"], {"type": "text"}])
def test_a_value_of_the_wrong_type_is_left_to_the_explaining_way(wrong):
    assert dump_messages((Message(user("x").author, wrong),)) is None
    assert dump_messages((attrs.evolve(user("x"), channel=wrong),)) is None
    assert dump_messages((user(TextPart(wrong)),)) is None


def _plain(required, **keys):
    """Objects with *keys* alone, those that are not required now and then absent or null."""
    must = {name: keys.pop(name) for name in required}
    return st.fixed_dictionaries(must, optional={name: values | st.none() for name, values in keys.items()})


def _of_type(kind, **keys):
    return _plain(("type", *keys), type=st.just(kind), **keys)


_PLAIN_PART = st.one_of(
    _of_type("text", text=st.text()),
    _of_type("image_url", image_url=_plain(("url",), url=_TEXT, detail=_TEXT)),
    _of_type("input_audio", input_audio=_plain(("data",), data=_TEXT, format=_TEXT)),
    _of_type("file", file=_plain((), file_data=_TEXT, file_id=_TEXT, filename=_TEXT)),
)
_PLAIN_CALL = _of_type("function", id=_TEXT, function=_plain(("name", "arguments"), name=_TEXT, arguments=st.text()))
_CONTENT = st.text() | st.lists(_PLAIN_PART, max_size=3)
_PLAIN_MESSAGE = st.one_of(
    _plain(("role",), role=st.sampled_from(["user", "system", "developer"]), content=_CONTENT),
    _plain(("role", "name"), role=st.sampled_from(["user", "assistant"]), name=_TEXT, content=_CONTENT),
    _plain(("role",), role=st.just("assistant"), content=_CONTENT, refusal=_TEXT, tool_calls=st.lists(_PLAIN_CALL)),
    _plain(("role",), role=st.just("tool"), content=_CONTENT, tool_call_id=_TEXT),
)
_BESIDE = st.sampled_from([{}, {"model": "m"}, {"temperature": 0.5, "id": {"a": ["b"]}}, {"tools": [], "seed": None}])


@settings(max_examples=50, deadline=None)
@given(st.lists(_PLAIN_MESSAGE, min_size=1, max_size=3), st.booleans(), st.booleans(), _BESIDE)
def test_text_of_plain_rows_is_loaded_the_fast_way_as_the_usual_way_loads_it(messages, bare, ascii_only, beside):
    row = messages if bare else {**beside, "messages": messages}
    raw = json.dumps(row, ensure_ascii=ascii_only).encode()
    assume(b'\\\\"' not in raw)  # the one text that cannot be proved by counting
    assert whole(loaded_fast(raw)) == whole(load_row(row, None).conversation)


@settings(max_examples=40, deadline=None)
@given(st.lists(_MESSAGE | _PLAIN_MESSAGE, max_size=2), st.booleans(), st.booleans(), _BESIDE)
def test_text_loads_the_fast_way_as_the_usual_way_loads_it(messages, bare, ascii_only, beside):
    row = messages if bare else {**beside, "messages": messages}
    raw = json.dumps(row, ensure_ascii=ascii_only).encode()
    fast = loaded_fast(raw)
    if fast is not None:
        usual = load_row(row, None)
        assert usual.issues == ()
        assert whole(fast) == whole(usual.conversation)
        assert msgkit.dump(fast) == row
        assert json.loads(msgkit.dumps(fast)) == row


@settings(max_examples=40, deadline=None)
@given(st.lists(_MESSAGE | _PLAIN_MESSAGE, max_size=2), st.booleans(), _BESIDE)
def test_a_plain_payload_is_loaded_fast_as_its_format_loads_it(messages, bare, beside):
    row = messages if bare else {**beside, "messages": messages}
    fast = load_plain(row)
    if fast is not None:
        usual = load_row(row, None)
        assert check_value(row) == []
        assert usual.issues == ()
        assert whole(fast) == whole(usual.conversation)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PLAIN_MESSAGE, min_size=1, max_size=2), st.data())
def test_a_key_written_twice_anywhere_is_never_loaded_the_fast_way(messages, data):
    text = json.dumps(messages)
    opening = data.draw(st.sampled_from([i for i, mark in enumerate(text) if text.startswith('{"', i)]))
    pair = re.match(r'"(?:[^"\\]|\\.)*": (?=("(?:[^"\\]|\\.)*"|null))', text[opening + 1 :])
    assume(pair)
    doubled = f"{text[: opening + 1]}{pair[0]}{pair[1]}, {text[opening + 1 :]}".encode()
    assume(json.loads(doubled) == messages)  # no brace within a string
    assert loaded_fast(doubled) is None


def test_what_the_fast_way_gives_is_frozen():
    talk = msgkit.loads(b'{"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}')
    for value in (talk, talk.messages[0], talk.messages[0].content[0]):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            value.extra = {}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"messages":[{"role":"user","role":"system","content":"x"}]}',
        b'{"messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"y"}]}',
        b'{"messages":[{"role":"user","content":"x","content":[]}],"model":"m"}',
        b'{"messages":[{"role":"user","content":"x"}],"metadata":{"a":1,"a":2}}',
        b'[{"role":"user","content":[{"type":"text","text":"\\"","text":"b"}]}]',
        b'[{"role":"user","content":"x","mood":{"k":"v","k":"v"}}]',
        b'[{"role":"user","content":"\\\\","content":"\\\\"}]',
    ],
)
def test_equal_keys_are_never_loaded_the_fast_way(raw):
    assert loaded_fast(raw) is None
    with pytest.raises(msgkit.InvalidMessageError, match="json-duplicate-key"):
        msgkit.loads(raw)


def test_usual_text_is_loaded_the_fast_way():
    for row in (
        [{"role": "user", "content": 'say "hi" \\ to\nthem'}],
        {
            "model": "m",
            "messages": [*PLAIN[:1], {"role": "assistant", "content": None, "tool_calls": PLAIN[3]["tool_calls"][:1]}],
        },
    ):
        assert loaded_fast(json.dumps(row).encode()) is not None


def test_half_a_surrogate_in_a_string_is_an_issue():
    with pytest.raises(msgkit.InvalidMessageError, match="encoding-invalid"):
        msgkit.loads('[{"role": "user", "content": "\ud800"}]')
    with pytest.raises(msgkit.InvalidMessageError, match="json-lone-surrogate"):
        msgkit.dumps(msgkit.Conversation([user("\ud800")]))
