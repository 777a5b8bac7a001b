"""Media beside a row: tokens go through the JSON codec in their place, and cannot be forged."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgkit.errors import MediaError
from msgkit.jsontext.blob_table import BlobTable

_BASE64 = st.integers(3000, 9000).map(lambda size: base64.b64encode(b"\x8a" * size).decode())
_TEXTS = st.one_of(
    _BASE64,
    _BASE64.map("data:image/png;base64,{}".format),
    _BASE64.map('"{}'.format),
    _BASE64.map("{}\\".format),
    _BASE64.map("\\u0041{}\n".format),
    _BASE64.map(lambda text: text[:-1]),
    _BASE64.map(lambda text: text + "é"),
    _BASE64.map(lambda text: f"data:{',' * 300}{text}"),
    st.text(max_size=20),
)


@settings(max_examples=20, deadline=None)
@given(
    st.recursive(
        _TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=2), max_leaves=6
    )
)
def test_what_is_lifted_is_put_back_exactly(value):
    raw = json.dumps(value).encode()
    table = BlobTable()
    lifted = table.lift(raw)
    assert b"".join(table.pieces(lifted)) == raw
    assert b"".join(table.pieces(json.dumps(json.loads(lifted)).encode())) == raw


def test_only_long_canonical_base64_is_lifted():
    table = BlobTable()
    long = base64.b64encode(bytes(6000)).decode()
    for text in (long, f"data:image/png;base64,{long}"):
        raw = json.dumps([text]).encode()
        token = json.loads(table.lift(raw))[0]
        assert len(token) < 100
        assert table.decode(token.rpartition(",")[2]) == bytes(6000)
    for text in (
        long[:400],
        long[:-4] + "AB==",
        long[:-1],
        long.replace("AAAA", "AA A", 1),
        long[:-1] + "\u00e9",
        "x" * 6001,
    ):
        raw = json.dumps([text]).encode()
        assert table.lift(raw) is raw


def test_text_of_an_input_that_looks_like_a_token_of_another_table_stays_text():
    other = BlobTable().encode(b"secret")
    table = BlobTable()
    table.encode(b"mine")
    with pytest.raises(MediaError):
        table.decode(other[:-1])
    raw = json.dumps([other]).encode()
    assert b"".join(table.pieces(table.lift(raw))) == raw


def test_tokens_read_as_base64_by_their_letters():
    token = BlobTable().encode(b"x")
    assert base64.b64decode(token, validate=True)
