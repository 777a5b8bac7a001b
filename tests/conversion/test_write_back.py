"""edits.py: a conversation that was loaded and then edited is written whole, or not at all."""

import json
import pickle
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import msgkit
from msgkit import formats
from msgkit.jsontext.values import same
from tests.formats.rich import RICH
from tests.strategies import WAVS, messages

SAMPLES = {
    name: json.loads((Path(__file__).parent.parent / "samples" / f"{name}.json").read_text())
    for name in formats.FORMATS
}
SOUND = msgkit.from_dict({"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}})
PDF_PART = msgkit.from_dict({"type": "file", "file": {"file_id": "a"}})
CALL = msgkit.from_dict({"id": "a", "type": "function", "function": {"name": "now", "arguments": "{}"}})
ANTHROPIC = {"system": "Be brief.", "messages": [{"role": "user", "content": "Hello"}], "model": "m", "max_tokens": 9}


def with_more(talk, *more):
    return attrs.evolve(talk, messages=(*talk.messages, *more))


def test_a_part_that_the_own_format_has_no_place_for_is_refused_with_its_path():
    talk = with_more(msgkit.load(ANTHROPIC), msgkit.user("Listen.", SOUND))
    for write in (msgkit.dump, msgkit.dumps):
        with pytest.raises(msgkit.LossError) as caught:
            write(talk)
        (loss,) = caught.value.losses
        assert (loss.path, loss.value) == (("messages", 2, "content", 1), msgkit.to_dict(SOUND))


def test_and_still_goes_to_a_format_that_has_one():
    talk = with_more(msgkit.load(ANTHROPIC), msgkit.user("Listen.", SOUND))
    assert msgkit.dump(talk, "openai")["messages"][2]["content"][1] == msgkit.to_dict(SOUND)
    assert WAVS[0] in str(msgkit.dump(talk, "gemini"))
    assert WAVS[0] in str(msgkit.convert(talk, "gemini").payload)
    with pytest.raises(msgkit.LossError, match=r"messages\[2\].content\[1\]"):
        msgkit.dump(talk, "chatml")


def test_such_a_conversation_is_checked_by_the_rules_of_its_own_target():
    talk = with_more(msgkit.load(ANTHROPIC), msgkit.user("Listen.", SOUND))
    issues = msgkit.check(talk, ignore=["key-missing"])
    found = {issue.code: issue.path for issue in issues if issue.severity == "error"}
    assert found == {"part-not-allowed": "messages[2].content[1]"}


def test_moving_the_media_of_such_a_conversation_loses_nothing(tmp_path):
    talk = with_more(msgkit.load(ANTHROPIC), msgkit.user("Listen.", SOUND))
    light = msgkit.extract(talk, tmp_path / "media")
    assert msgkit.inline(light, root=tmp_path).messages == talk.messages


@pytest.mark.parametrize("name", sorted(set(formats.FORMATS) - {"openai"}))
def test_a_conversation_that_was_only_passed_on_is_written_as_it_was(name):
    for row in SAMPLES[name]:
        for talk in (msgkit.load(row, name), pickle.loads(pickle.dumps(msgkit.load(row, name)))):
            again = attrs.evolve(talk, messages=(*talk.messages,))
            assert same(msgkit.dump(again), row)


NAMED = msgkit.user("Hello?", name="Ann")
THOUGHT = attrs.evolve(msgkit.assistant("Hi."), reasoning="Greet.")
REFUSED = attrs.evolve(msgkit.assistant("Hi."), refusal="No.")
EDITS = {
    "anthropic": [NAMED, THOUGHT, msgkit.developer("Be kind.")],
    "responses": [NAMED, THOUGHT, msgkit.user(SOUND)],
    "gemini": [NAMED, REFUSED],
    "mistral": [NAMED, REFUSED],
    "harmony": [msgkit.user(SOUND), msgkit.assistant(tool_calls=[CALL])],
    "harmony-text": [msgkit.user("Hello", SOUND), msgkit.user("<|end|>")],
    "chatml": [msgkit.user("Hello", SOUND), msgkit.user("<|im_end|>")],
    "transformers": [REFUSED, msgkit.user(PDF_PART)],
    "sharegpt": [NAMED, msgkit.user(PDF_PART)],
    "llamafactory": [NAMED, msgkit.user(PDF_PART)],
}


@pytest.mark.parametrize(("name", "more"), [(name, more) for name, found in EDITS.items() for more in found])
def test_what_each_format_has_no_place_for_is_refused(name, more):
    talk = msgkit.load(SAMPLES[name][0], name)
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.dump(with_more(talk, more))
    assert {loss.path[:2] for loss in caught.value.losses} == {("messages", len(talk.messages))}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(SAMPLES)), more=messages.map(msgkit.from_dict))
def test_whatever_is_added_is_written_or_refused(name, more):
    talk = with_more(msgkit.load(SAMPLES[name][0], name), more)
    try:
        row = msgkit.dump(talk)
    except msgkit.LossError:
        return
    back = msgkit.load(row, name)
    found = "".join(message.text + (message.refusal or "") for message in back)
    assert more.text + (more.refusal or "") in found
    kinds = [part.type for message in back for part in message.parts]
    assert all(part.type in kinds for part in more.parts if not isinstance(part, msgkit.TextPart))


def test_the_rich_history_appended_to_a_loaded_one_is_refused_with_every_part_that_does_not_fit():
    talk = with_more(msgkit.load(ANTHROPIC), *msgkit.load(RICH).messages[2:])
    with pytest.raises(msgkit.LossError) as caught:
        msgkit.dump(talk)
    assert {loss.path[1:] for loss in caught.value.losses} == {
        (2, "name"),
        (2, "content", 1, "image_url", "detail"),
        (2, "content", 3),
        (3, "reasoning"),
        (8, "refusal"),
    }
