"""Whether a Python value is JSON: the fast proof and the search for faults agree."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgkit.jsontext.fast import count_strings
from msgkit.jsontext.values import MAX_DEPTH, _faults, _is_json, check_value

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=3)
    | st.sampled_from(["\ud800", b"x", float("nan")])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(st.sampled_from(["a", "\udc00", 5]), inner, max_size=2)
        | st.dictionaries(st.just("a"), inner, max_size=1).map(MappingProxyType)
    ),
    max_leaves=8,
)


@given(_VALUES, st.integers(0, 3))
def test_what_is_proved_to_be_json_has_no_fault(value, depth):
    if _is_json(value, depth):
        assert list(_faults(value, (), depth)) == []


_PLAIN = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "\udc00"]), inner, max_size=2),
    max_leaves=8,
)


@given(_PLAIN, st.integers(0, 3))
def test_dicts_and_lists_without_a_fault_are_proved_to_be_json(value, depth):
    assert _is_json(value, depth) == (not list(_faults(value, (), depth)))


def _nested(levels):
    value = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def test_the_deepest_value_that_is_allowed_is_json():
    assert _is_json(_nested(MAX_DEPTH), MAX_DEPTH)
    assert check_value(_nested(MAX_DEPTH)) == []
    assert count_strings(_nested(MAX_DEPTH), MAX_DEPTH) == MAX_DEPTH - 1


def test_one_level_more_is_too_deep():
    assert [issue.code for issue in check_value(_nested(MAX_DEPTH + 1))] == ["json-too-deep"]
    with pytest.raises(ValueError, match="too deep"):
        count_strings(_nested(MAX_DEPTH + 1), MAX_DEPTH)
