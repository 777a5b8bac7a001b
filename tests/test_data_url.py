"""data_url.py: data URLs, strict base64, what a string is. Threat families D, P."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit import data_url
from msgkit.data_url import Kind
from msgkit.errors import MediaError


@given(st.binary(min_size=1))
def test_decode_is_the_inverse_of_encode_and_agrees_with_the_standard_library(data):
    text = data_url.encode(data)
    assert text == base64.b64encode(data).decode()
    assert data_url.decode(text) == data


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("aGVsbG8", "wrong padding at offset 7"),
        pytest.param("aGVs bG8=", "' ' at offset 4", id="space"),
        pytest.param("aGVs\nbG8=", "'\\n' at offset 4", id="newline"),
        pytest.param("_-8=", "URL-safe alphabet"),
        pytest.param("aGVsbG8=xx", "'=' at offset 7", id="after"),
        pytest.param("AA===", "at most two '='", id="many"),
        pytest.param("aGVsbG9=", "offset 6"),
        pytest.param("aGVsé8==", "'é' at offset 4", id="non-ascii"),
        pytest.param("aGVs\ud8008==", "'\\ud800' at offset 4", id="surrogate"),
    ],
)
def test_base64_that_is_not_canonical_is_refused_with_its_offset(text, says):
    with pytest.raises(MediaError, match="expected") as caught:
        data_url.decode(text)
    assert caught.value.code == "base64-invalid"
    assert says in str(caught.value)


def test_empty_data_have_a_code_of_their_own():
    for act in (lambda: data_url.decode(""), lambda: data_url.split("data:image/png;base64,")):
        with pytest.raises(MediaError) as caught:
            act()
        assert caught.value.code == "media-empty"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("data:", "comma", id="nothing"),
        pytest.param("data:image/png;base64", "comma", id="no-comma"),
        pytest.param("data:,", "';base64'", id="empty"),
        pytest.param("data:image/png,AAAA", "';base64'", id="not-base64"),
        pytest.param("data:text/plain,%41", "';base64'", id="percent"),
        pytest.param("data:image/png\r\nX: y;base64,AAAA", "media type", id="crlf"),
        pytest.param("data:image/../../x;base64,AAAA", "media type", id="path"),
        pytest.param("data:" + "a" * 5000 + ";base64,AAAA", "comma", id="long"),
        pytest.param("data:image/png;a b=c;base64,AAAA", "name=value", id="parameter"),
    ],
)
def test_data_urls_of_the_wrong_form_are_refused_each_with_its_message(url, says):
    with pytest.raises(MediaError) as caught:
        data_url.split(url)
    assert caught.value.code == "data-url-invalid"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;BASE64,AAAA",
        "data:image/png; base64,AAAA",
        "DATA:image/PNG;base64,AAAA",
        "data:image/png;charset=utf-8;base64,AAAA",
    ],
)
def test_spellings_of_rfc_2397_are_taken(url):
    found = data_url.split(url)
    assert (found.media_type, found.payload) == ("image/png", "AAAA")


def test_data_url_parameters_are_kept_as_written():
    assert data_url.split('data:text/plain;charset=utf-8;a="b c";base64,AAAA').parameters == ';charset=utf-8;a="b c"'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cat.jpg", Kind.REFERENCE),
        ("../cat.jpg", Kind.REFERENCE),
        ("/etc/passwd", Kind.REFERENCE),
        ("file:///etc/passwd", Kind.REFERENCE),
        ("FILE:etc", Kind.REFERENCE),
        ("~/.ssh/id_rsa", Kind.REFERENCE),
        ("data:image/png;base64,AAAA", Kind.DATA),
        ("Data:,", Kind.DATA),
        ("https://example.com/cat.jpg", Kind.REMOTE),
        ("HTTP://127.0.0.1\\@example.com/", Kind.REMOTE),
        ("s3://bucket/cat.jpg", Kind.SCHEME),
        ("hf://datasets/x", Kind.SCHEME),
        ("concat:/etc/passwd", Kind.SCHEME),
        ("subfile,,start,0,end,0,,:/etc/passwd", Kind.REFERENCE),
        ("javascript:alert(1)", Kind.SCHEME),
        ("C:x.png", Kind.REFERENCE),
        ("", Kind.EMPTY),
    ],
)
def test_the_grammar_alone_tells_what_a_string_is(text, kind):
    assert data_url.classify(text) is kind


def test_bare_base64_is_a_string_wholly_of_its_alphabet():
    assert data_url.classify("AAAA", bare_base64=True) is Kind.BASE64
    assert data_url.classify("aGVsbG8=xx", bare_base64=True) is Kind.BASE64
    assert data_url.classify("purr.wav", bare_base64=True) is Kind.REFERENCE
    assert data_url.classify("AAAA\n", bare_base64=True) is Kind.REFERENCE
    assert data_url.classify("AAAA") is Kind.REFERENCE


@pytest.mark.parametrize("unit", ["A", "data:", ";a=b", "image/png;", "=", "\n"])
def test_time_grows_with_the_length_only_and_not_with_its_square(unit):
    """A megabyte of any of these is settled at once: no expression backtracks."""
    text = unit * (1_000_000 // len(unit))
    for act in (
        data_url.classify,
        data_url.split,
        data_url.decode,
        lambda text: data_url.classify(text, bare_base64=True),
    ):
        try:
            act(text)
        except MediaError as error:
            assert len(str(error)) < 500


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" data:image/png;base64,-_8=", id="space-before"),
        pytest.param("\ufeffdata:image/png;base64,+_8=\n", id="byte-order-mark"),
        pytest.param('"data:image/png;base64,+/8="', id="quotes"),
        pytest.param("data:image/png;base64,data:image/png;base64,+/8", id="two-heads"),
        pytest.param("data:image/png;base64,%2B%2F8%3D", id="percent-coded"),
        pytest.param("data:base64,+/8=", id="no-type"),
    ],
)
def test_what_is_certain_of_a_data_url_is_repaired(text):
    assert data_url.classify(text) is Kind.DATA
    assert data_url.repair(text) == "+/8="


def test_long_base64_of_another_alphabet_is_base64_where_it_may_stand_bare():
    text = " " + "-_8A" * 100
    assert data_url.classify(text, bare_base64=True) is Kind.BASE64
    assert data_url.classify("a-name_of_a-file", bare_base64=True) is Kind.REFERENCE


@given(
    data=st.binary(min_size=200, max_size=300),
    at=st.integers(0, 250),
    char=st.sampled_from(["A", "=", "-", " ", ".", "é"]),
)
def test_a_long_string_is_base64_where_its_characters_are(data, at, char):
    text = base64.b64encode(data).decode()
    text = text[:at] + char + text[at + 1 :]
    is_base64 = data_url._ALPHABET.fullmatch(text) or data_url._LOOSE.fullmatch(text)
    assert (data_url.classify(text, bare_base64=True) is Kind.BASE64) == bool(is_base64)
