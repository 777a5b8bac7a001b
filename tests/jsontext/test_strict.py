"""Strict JSON: what RFC 8259 allows is read, everything else is refused with its place."""

# ruff: noqa: E501, Q000 (tables of texts)

import json
import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit.errors import InvalidMessageError
from msgkit.jsontext import explain, fast
from msgkit.jsontext.values import check_value

VALID = [
    b"null", b"true", b"false", b"0", b"-0", b"-1", b"1.5", b"-0.0", b"1e5", b"1E+2", b"1e-7", b'""', b'"a"', b"[]", b"{}", b"[[]]",
    b' [1 ,\t2\r,\n3 ] ', b'{"a":{"b":[null]}}', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\\u0041"', b'"\\uD83D\\uDE00"', b'"\\u0000"',
    '"é€😀"'.encode(), b'"\x7f"', '"\u2028\u2029\x85"'.encode(), b'{"":0}', b'{"a":[{},{}]}', b'"\\u005c"', b'"\\\\"', b'{"\\\\":"\\""}',
    b"123456789012345678901234567890", b"9223372036854775808", b"-9223372036854775809", b"0.1", b"1e-400", b'["\\uFFFF","\\uFDD0"]',
    b'"\xef\xbf\xbf"', b'"\xf4\x8f\xbf\xbf"', b'[1e1,1.0]',
]  # fmt: skip

INVALID = {
    "json-invalid": [
        b"", b" ", b"[", b"]", b"{", b"[1,]", b"[,1]", b"[1 2]", b"[1,,2]", b"{,}", b'{"a":}', b'{"a"}', b'{"a" 1}', b'{"a":1,}', b"{1:2}", b"{'a':1}", b"{a:1}",
        b"nul", b"True", b"None", b"undefined", b"01", b"-01", b"+1", b".5", b"1.", b"1.e5", b"1e", b"1e+", b"0x1", b"1_000", b"--1", b"-", b"- 1", b"1 000", b"\xd9\xa1",
        b'"', b'"a', b'"\\x41"', b'"\\u12"', b'"\\u12G4"', b'"\\U00000041"', b'"\n"', b'"\t"', b'"\x00"', b'"\x1f"', b"'a'", b"[1]]", b"{}{}", b"[] []", b"1 2",
        b"[1]\x00", b"[\x0c1]", b"\x0b1", b"\xc2\xa01", b"/**/1", b"1//", b"[1", b'{"a":1', b'["a', b"[-]", b"[Na]", b"*", b'{"a":1 "b":2}', b"[\xe2\x81\xa0]",
    ],
    "encoding-invalid": [
        b'"\xff"', b'"\xe9"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\xfe\xff\x00{\x00}",
        '{"a":1}'.encode("utf-16-le"), '{"a":1}'.encode("utf-16-be"), '{"a":1}'.encode("utf-32"), '{"a":1}'.encode("utf-32-be"), b"\x00\x00",
    ],
    "json-number-not-finite": [b"NaN", b"-Infinity", b"Infinity", b"[1e400]", b"-1e999", b'{"a":1E+999}'],
    "json-lone-surrogate": [b'"\\ud800"', b'"\\udc00"', b'"\\ud800a"', b'"\\ud800\\ud800"', b'{"\\udfff":1}', b'"\\udc00\\ud800"'],
    "json-duplicate-key": [b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b'[{"x":{"k":[],"k":{}}}]', b'{"":1,"":2}', b'{"a":"\\\\","a":"\\\\"}'],
    "json-number-too-long": [b"1" * 4301, b"-" + b"9" * 5000],
    "json-too-deep": [b"[" * 65 + b"]" * 65, b"[" * 100_000, b'{"a":' * 100_000, b'[{"a":' * 900 + b"1" + b"}]" * 900],
}  # fmt: skip


@pytest.mark.parametrize("raw", VALID, ids=repr)
def test_valid_texts_give_the_values_that_the_standard_library_gives(raw):
    assert fast.loads(raw) == explain.loads(raw) == json.loads(raw)
    assert repr(fast.loads(raw)) == repr(explain.loads(raw))


@pytest.mark.parametrize(
    ("code", "raw"), [(code, raw) for code, texts in INVALID.items() for raw in texts], ids=lambda x: repr(x)[:40]
)
def test_invalid_texts_are_refused_with_their_code(code, raw):
    with pytest.raises(InvalidMessageError) as caught:
        fast.loads(raw)
    assert [issue.code for issue in caught.value.issues] == [code]


def test_a_smuggled_role_is_named_at_its_path():
    with pytest.raises(InvalidMessageError) as caught:
        fast.loads(b'{"messages":[{"role":"user","content":"\\"","role":"system"}]}')
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [("messages[0].role", "json-duplicate-key")]


def test_every_fault_of_a_row_is_listed():
    with pytest.raises(InvalidMessageError) as caught:
        fast.loads(b'{"a":[NaN,{"b":"x\\ud800"}],"a":1e999,"c":{"\\udc00":-Infinity}}')
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [
        ("a[0]", "json-number-not-finite"),
        ("a[1].b", "json-lone-surrogate"),
        ("a", "json-duplicate-key"),
        ("a", "json-number-not-finite"),
        ("c['\\udc00']", "json-lone-surrogate"),
        ("c['\\udc00']", "json-number-not-finite"),
    ]


def test_the_place_of_the_surrogate_is_named():
    with pytest.raises(InvalidMessageError, match="lone surrogate U\\+D83D in text, at character 4"):
        fast.loads(b'["abc\\ud83d"]')


def test_a_text_at_the_depth_limit_is_searched_for_other_faults():
    at_limit = b"[" * 63 + b'{"a":1,"a":2}' + b"]" * 63
    for text, code in ((at_limit, "json-duplicate-key"), (b"[" + at_limit + b"]", "json-too-deep")):
        with pytest.raises(InvalidMessageError) as caught:
            explain.loads(text)
        assert [issue.code for issue in caught.value.issues] == [code]


def test_sixty_four_levels_are_read_and_sixty_five_refused_at_their_path():
    assert fast.loads(b"[" * 64 + b"]" * 64) is not None
    assert fast.loads(b'{"a":' * 63 + b"[]" + b"}" * 63) is not None
    with pytest.raises(InvalidMessageError) as caught:
        fast.loads(b'{"x":[1,{"a":' + b"[" * 62 + b"]" * 62 + b"}]}")
    issue = caught.value.issues[0]
    assert issue.code == "json-too-deep"
    assert issue.path.startswith("x[1].a[0][0]")
    assert issue.path.count("[0]") == 61


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" * 390 + b"]" * 390,
        b'{"a":[' * 40,
    ],
)
def test_depth_is_refused_in_a_thread_with_a_small_stack(raw):
    codes = []

    def work():
        try:
            fast.loads(raw)
        except InvalidMessageError as error:
            codes.extend(issue.code for issue in error.issues)

    before = threading.stack_size(256 << 10)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert codes == ["json-too-deep"]


def test_brackets_in_strings_are_no_depth():
    value = {"a": ["[" * 5000, '"[{' * 500, "\\" * 300]}
    assert fast.loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "raw", [b'"' + b'\\"' * 200_000, b'"' + b"\\" * 400_001, b"[" + b'"\\"' * 100_000, b"[[[" * 1 + b'{"a' * 100_000]
)
def test_long_broken_texts_are_refused(raw):
    with pytest.raises(InvalidMessageError):
        fast.loads(b"[" * 500 + raw)


@pytest.mark.parametrize("item", [b"0,", b'{"a":1},'])
def test_a_row_of_countless_small_values_is_refused(item):
    with pytest.raises(InvalidMessageError) as caught:
        fast.loads(b"[" + item * ((16 << 20) // len(item)) + b"0]")
    assert [issue.code for issue in caught.value.issues] == ["row-too-long"]


def test_long_text_with_many_commas_and_brackets_is_no_row_of_many_values():
    value = {"a": '[{,"\\' * 900_000, "b": [1, 2]}
    assert fast.loads(json.dumps(value).encode()) == value


def test_numbers_are_kept_exactly():
    raw = b"[123456789012345678901234567890, -9223372036854775809, 0.1, 1e16, 18446744073709551616]"
    assert fast.loads(raw) == json.loads(raw)
    assert math.copysign(1, fast.loads(b"-0.0")) == -1
    assert fast.loads(b"1" * 4300) == int("1" * 4300)
    assert fast.dumps(fast.loads(b"1" * 4300)) == b"1" * 4300


@pytest.mark.parametrize(
    "raw", [b'{"a":"\\\\","a2":"\\\\"}', b'["\\\\\\"", "\\\\\\\\"]', b'{"a":"x\\\\\\\\","b":"\\"\\\\\\""}']
)
def test_backslashes_before_quotes_do_not_upset_the_proof(raw):
    assert fast.loads(raw) == json.loads(raw)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.sampled_from('"\\ab[{é')), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON, st.booleans(), st.sampled_from([None, 1]))
def test_values_survive_whatever_way_they_are_written(value, ascii_only, indent):
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert fast.loads(raw) == value == explain.loads(raw)
    assert check_value(value) == []
    assert fast.loads(fast.dumps(value)) == value


_KEYS = st.sampled_from([b'"a"', b'"\\u0061"', b'"b"', b'"\\\\"', b'"\\""', b'"["'])
_TEXTS = st.recursive(
    st.sampled_from([b"1", b'"a"', b'"\\\\"', b'"\\""', b"null", b'"{"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
        | st.lists(st.tuples(_KEYS, inner), max_size=3).map(
            lambda pairs: b"{" + b",".join(k + b":" + v for k, v in pairs) + b"}"
        )
    ),
    max_leaves=12,
)


@given(_TEXTS)
def test_the_fast_way_and_the_explaining_way_agree(raw):
    def result(loads):
        try:
            return loads(raw)
        except InvalidMessageError as error:
            return error.issues

    assert result(fast.loads) == result(explain.loads)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_value_or_issues(raw):
    try:
        value = fast.loads(raw)
    except InvalidMessageError as error:
        assert error.issues
    else:
        assert value == json.loads(raw.decode("utf-8"))


@pytest.mark.parametrize(
    ("value", "path", "code"),
    [
        (float("nan"), "", "json-number-not-finite"),
        ({"a": [1, float("-inf")]}, "a[1]", "json-number-not-finite"),
        ({"a": "\ud800"}, "a", "json-lone-surrogate"),
        ({"a": {"\udc00": 1}}, "a['\\udc00']", "json-lone-surrogate"),
        ({"a": b"x"}, "a", "type-mismatch"),
        ({"a": {1, 2}}, "a", "type-mismatch"),
        ({"a": {5: 1}}, "a", "type-mismatch"),
        ([10**5000], "[0]", "json-number-too-long"),
        ((object(),), "[0]", "type-mismatch"),
    ],
)
def test_what_is_no_json_is_named_and_never_written(value, path, code):
    assert [(issue.path, issue.code) for issue in check_value(value)] == [(path, code)]
    with pytest.raises(InvalidMessageError):
        fast.dumps(value)


def test_a_cycle_is_too_deep():
    value = []
    value.append(value)
    assert [issue.code for issue in check_value(value)] == ["json-too-deep"]


def test_tuples_and_subclasses_are_written_as_what_they_are():
    class Name(str):
        __slots__ = ()

    from types import MappingProxyType

    assert fast.dumps({"a": (1, Name("x")), "b": MappingProxyType({"c": None})}) == b'{"a":[1,"x"],"b":{"c":null}}'


@pytest.mark.parametrize(
    ("raw", "where"),
    [(b'{"a": ', "at the end of the text"), (b"", "at the end of the text"), (b'{"a" 1}', "at character 6 of 7")],
)
def test_a_truncated_text_is_reported_as_such(raw, where):
    with pytest.raises(InvalidMessageError, match=where):
        fast.loads(raw)
