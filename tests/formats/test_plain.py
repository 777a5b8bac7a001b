"""What is plain Chat Completions at one look is so when each format is asked."""

import ast
import json
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgkit import formats
from msgkit.api.loading import dump, load_row, read_json
from msgkit.formats.common.sniff import BODY as BODY_KEYS

_SCALAR = st.none() | st.text(max_size=2) | st.integers(0, 3) | st.booleans()
_JSON = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


def _some(*, now_and_then, **usual):
    return st.fixed_dictionaries({}, optional={**usual, **dict.fromkeys(now_and_then, _JSON)})


_PART = st.one_of(
    _some(type=st.just("text"), text=st.text(max_size=2), now_and_then=["value", "signature", "cache_control"]),
    _some(
        type=st.just("image_url"),
        image_url=_JSON | st.fixed_dictionaries({"url": st.just("u")}),
        now_and_then=["source"],
    ),
    _some(
        type=st.sampled_from(["input_audio", "thinking", "image", "audio", "tool_use", "value"]),
        input_audio=_JSON,
        now_and_then=["thinking", "source", "value", "path"],
    ),
)
_CALL = _some(
    id=st.just("1"),
    type=st.just("function"),
    function=_some(name=st.just("f"), arguments=st.just("{}") | _JSON, now_and_then=[]),
    now_and_then=["custom"],
)
_MESSAGE = _some(
    role=st.sampled_from(["user", "assistant", "tool", "system", "human"]),
    content=st.text(max_size=2) | st.lists(_PART, max_size=2) | _JSON,
    tool_calls=st.lists(_CALL, max_size=2),
    name=st.just("n"),
    now_and_then=["from", "value", "channel", "author", "prefix", "recipient", "tool_call_id", "reasoning"],
)
_BODY = _some(
    messages=st.lists(_MESSAGE, max_size=2),
    model=st.just("m"),
    tools=st.lists(_some(type=st.just("function"), function=_JSON, now_and_then=["input_schema"]), max_size=1),
    now_and_then=[
        "system",
        "contents",
        "conversations",
        "input",
        "text",
        "safe_prompt",
        "images",
        "top_k",
        "temperature",
        "stream",
        "tool_choice",
        "reasoning_effort",
        "store",
    ],
)


@settings(max_examples=50, deadline=None)
@given(_BODY)
def test_a_plain_body_is_recognized_as_openai_by_asking_each_format(body):
    if formats.is_plain(body):
        asked = [name for name in formats.FORMATS if formats.get(name).recognize(body)]
        assert asked == ["openai"]


@settings(max_examples=50, deadline=None)
@given(_BODY)
def test_what_is_loaded_fast_is_recognized_as_openai_by_asking_each_format(body):
    if read_json(json.dumps(body).encode())[1] is not None:
        asked = [name for name in formats.FORMATS if formats.get(name).recognize(body)]
        assert asked == ["openai"]


@settings(max_examples=50, deadline=None)
@given(_BODY)
def test_a_format_that_recognizes_a_body_finds_one_of_its_signs_there(body):
    asked = [name for name in formats.FORMATS if formats.get(name).recognize(body)]
    recognized = formats.recognize(body)
    assert (None if recognized is None else recognized.name) == next(iter(asked), None)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "Hi"}]},
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "u"}}],
                }
            ],
            "model": "m",
        },
        {
            "messages": [
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}],
                }
            ],
            "tools": [{"type": "function", "function": {}}],
        },
    ],
)
def test_usual_rows_are_plain(body):
    assert formats.is_plain(body)
    assert read_json(json.dumps(body).encode())[1] is not None


def test_no_messages_are_plain():
    assert formats.is_plain({"messages": []})


@pytest.mark.parametrize("key", sorted(BODY_KEYS - {"messages"}))
def test_no_other_format_recognizes_a_body_by_a_plain_key(key):
    for value in (None, True, 1, "auto", {}, {"type": "auto"}, [], ["a"]):
        body = {"messages": [{"role": "user", "content": "Hi"}], key: value}
        if formats.is_plain(body):
            assert [name for name in formats.FORMATS if formats.get(name).recognize(body)] == ["openai"], value


def _words():
    """Every word in the code of the formats that could be a key."""
    for file in Path(formats.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isprintable():
                yield node.value


_COLUMNS = sorted(word for word in set(_words()) if len(word) < 40 and formats.is_plain({"messages": [], word: 1}))
_TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]


@pytest.mark.parametrize(
    "value", [None, True, 3, "x", {"a": 1}, ["a"], [], {"messages": _TALK}, _TALK, _TALK[0]], ids=repr
)
def test_what_is_taken_for_a_column_is_one_when_each_format_is_asked(value, monkeypatch):
    monkeypatch.setattr(formats, "is_plain", lambda _: False)
    for row in ({"messages": _TALK, **dict.fromkeys(names, value)} for names in (*zip(_COLUMNS), _COLUMNS)):
        loaded = load_row(row, None)
        envelope = loaded.conversation.envelope
        assert (envelope.format, envelope.path, envelope.branches) == ("openai", (), ()), row
        assert dump(attrs.evolve(loaded.conversation, messages=())) == {**row, "messages": []}
