"""Fast checks of the formats: where they accept, the thorough way gives the same."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit import formats
from msgkit.formats import sharegpt
from msgkit.formats.common import calls, media
from msgkit.formats.common.cut import cut
from msgkit.formats.common.rewording import _is_usual, _Rewording
from msgkit.formats.gemini import functions
from msgkit.formats.gemini.names import spelled_as
from msgkit.jsontext.values import same
from msgkit.model.base import PLAIN
from tests.formats.histories import ODD, RESULTS, SIGNED
from tests.formats.rich import RICH

HISTORIES = [RICH, {"messages": RESULTS}, {"messages": ODD}, {"messages": SIGNED}]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters())
VALUES = (
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["raw_arguments", "é", "a"]), SCALARS)
)


@given(st.dictionaries(st.sampled_from(["raw_arguments", "\ud800", "a"]), VALUES))
def test_arguments_that_surely_come_back_do(value):
    if calls.comes_back(value):
        assert same(calls.to_object(calls.from_object(value)), value)


@given(st.dictionaries(st.sampled_from(["output", "result", "error", "é"]), VALUES | st.just('{"a": 1}'), max_size=2))
def test_a_response_of_gemini_that_surely_comes_back_does(response):
    if functions._comes_back(response):
        message = functions._load_response({"response": response}, spelled_as(PLAIN))
        assert same(functions._dump_response(message, spelled_as(PLAIN))["response"], response)


@given(st.text("ag/+;,=é A", max_size=6) | st.sampled_from(["image/png", "a/b;c", "a/b,c", "A/b"]), st.text(max_size=5))
def test_base64_that_surely_comes_back_does(media_type, data):
    if media.comes_back(media_type, data):
        assert media.split(media.join(media_type, data)) == (media_type, data)


@pytest.mark.parametrize("back", [False, True])
def test_a_message_that_surely_stays_is_not_cut(back):
    for row, (source, target) in product(HISTORIES, product(formats.FORMATS, repeat=2)):
        own, other = formats.get(source).capabilities, formats.get(target).capabilities
        knife = cut(own, other, (source, target, formats.get(target).list_key), back)
        for message in formats.get("openai").load(row, ()).conversation.messages:
            assert not knife.stays(message) or knife.reduced(message) == message


def test_a_message_that_is_surely_not_reworded_stays():
    for row, name in product(HISTORIES, formats.FORMATS):
        messages = formats.get("openai").load(row, ()).conversation.messages
        usual = tuple(filter(_is_usual, messages))
        assert tuple(_Rewording(formats.get(name).capabilities).messages(usual)) == usual


TEXTS = {"id": 7, "conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "é"}]}


@pytest.mark.parametrize("row", [TEXTS, {"conversations": [{"from": "gpt", "value": ""}]}])
def test_rows_of_texts_are_read_and_written_alike_in_both_ways(row):
    fast, thorough = sharegpt.load_plain(row, ("body",)), sharegpt.load_any(row, ("body",))
    assert (fast.conversation, fast.issues) == (thorough.conversation, thorough.issues)
    assert dict(fast.places) == dict(thorough.places)
    assert sharegpt.dump_plain(fast.conversation) == sharegpt.dump_any(fast.conversation) == row
