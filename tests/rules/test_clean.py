"""A row of JSON text has the issues that the same row has as dicts and lists."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgkit
from msgkit import targets
from msgkit.api.checking import check_json
from msgkit.rules import CODES

SAMPLES = Path(__file__).parent.parent / "samples"
ROWS = [row for file in sorted(SAMPLES.glob("*.json")) for row in json.loads(file.read_text(encoding="utf-8"))]

FIELDS = (
    "content", "name", "channel", "recipient", "content_type", "tool_calls", "tool_call_id", "refusal", "reasoning",
    "reasoning_content", "function_call", "audio", "author", "weight", "mood",
)  # fmt: skip
words = st.sampled_from(["", " ", "Hello", "<|end|>", "<image>", "\u2028", "a" * 300, None, 5, [], "assistant"])
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "developer", "tool", "function", "usr", "", None, 5])},
    optional=dict.fromkeys(FIELDS, words),
)
bodies = st.builds(
    lambda messages, more: {"messages": messages, **more},
    st.lists(messages, max_size=4),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("images", "audios", "model", "system", "mood", "body"), words)),
)


def agrees(row, target):
    line = json.dumps(row).encode()
    try:
        value, issues = check_json(line, target)
    except msgkit.InvalidMessageError as error:
        assert [issue.code for issue in error.issues] == [issue.code for issue in msgkit.check(row, target)]
    else:
        assert value == row
        assert issues == msgkit.check(json.loads(line), target)


@given(row=bodies | st.builds(lambda body: body["messages"], bodies), target=st.sampled_from([None, *targets.NAMES]))
def test_a_row_of_text_has_the_issues_of_the_same_payload(row, target):
    agrees(row, target)


@pytest.mark.parametrize(("first", "target"), list(enumerate(targets.NAMES)))
def test_the_samples_and_examples_agree(first, target):
    rows = ROWS + [example for code in CODES.values() for example in (code.bad, code.good)]
    for row in rows[first % 4 :: 4]:  # dealt out: several targets see each row
        if not isinstance(row, str | bytes | None):
            agrees(row, target)


@pytest.mark.parametrize("code", [code for code in CODES.values() if isinstance(code.bad, str | bytes)])
def test_a_line_that_cannot_be_read_is_refused_with_its_code(code):
    if code.code != "row-too-long":
        with pytest.raises(msgkit.InvalidMessageError) as caught:
            check_json(code.bad if isinstance(code.bad, bytes) else code.bad.encode())
        assert code.code in [issue.code for issue in caught.value.issues]


@pytest.mark.parametrize(
    "line", [b'{"messages": [{"role": "user", "content": "Hello"}]}\n', b'[{"role": "user", "content": "x"}]\r\n']
)
def test_plain_text_is_clean(line):
    assert check_json(line)[1] == []
    assert check_json(line, "mistral", format="openai")[1] == []


@pytest.mark.parametrize("key", ["metadata", "column"])
def test_what_is_too_deep_beside_the_messages_is_refused(key):
    deep = b"[" * 70 + b"]" * 70
    with pytest.raises(msgkit.InvalidMessageError) as caught:
        check_json(b'{"messages": [{"role": "user", "content": "Hello"}], "%s": %s}' % (key.encode(), deep))
    assert [issue.code for issue in caught.value.issues] == ["json-too-deep"]
