"""differences.py: what two JSON values differ in, and the way from one to the other."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgkit.jsontext.diff import diff
from msgkit.jsontext.edit import patch
from msgkit.jsontext.values import same
from tests.strategies import json_values

LISTS = st.lists(
    json_values
    | st.builds(lambda role, text: {"role": role, "content": text}, st.sampled_from("ua"), st.text(max_size=2)),
    max_size=5,
)


@settings(max_examples=50, deadline=None)
@given(json_values | LISTS, json_values | LISTS)
def test_patching_the_second_with_the_difference_gives_the_first(first, second):
    before = copy.deepcopy(second)
    assert same(patch(second, list(diff(first, second))), first)
    assert same(second, before)


@given(json_values)
def test_equal_values_do_not_differ(value):
    assert list(diff(value, copy.deepcopy(value))) == []


@pytest.mark.parametrize(("one", "two"), [(1, True), (0, False), (1, 1.0), (None, False), ("1", 1), ([], {})])
def test_values_of_different_types_are_not_the_same(one, two):
    assert not same(one, two)
    assert len(list(diff([one], [two]))) == 1


def test_an_entry_missing_in_the_middle_is_one_insertion():
    first = [{"role": "user", "content": text} for text in "abcd"]
    (found,) = diff(first, [first[0], first[1], first[3]])
    assert (found.path, found.change, found.value) == ((2,), "insert", first[2])


def test_an_entry_too_many_is_one_deletion_where_it_stands():
    first = [{"role": "user", "content": text} for text in "ab"]
    (found,) = diff(first, [first[0], {"role": "tool", "content": "x"}, first[1]])
    assert (found.path, found.change) == ((1,), "delete")


def test_entries_are_compared_with_those_most_like_them():
    first = [{"role": "system", "content": "s"}, {"role": "user", "content": "long question", "name": "Ann"}]
    (one, two) = diff(first, [{"role": "user", "content": "long question"}])
    assert (one.path, one.change) == ((0,), "insert")
    assert (two.path, two.change, two.value) == ((1, "name"), "set", "Ann")


def test_long_lists_are_compared_piece_by_piece_without_a_table_of_all_pairs():
    first = [{"role": "user", "content": str(i)} for i in range(3000)]
    second = [{"role": "user", "content": str(-i)} for i in range(2990)]
    assert same(patch(second, list(diff(first, second))), first)


def user(*texts):
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


def test_entries_that_became_one_are_taken_apart_before_what_each_lost_is_told():
    first = [user("a", "b"), {"role": "user", "content": "c"}, {**user("d"), "name": "Ann"}]
    found = list(diff(first, [user("a", "c", "d")]))
    assert [(step.path, step.change, step.value) for step in found if not step.joined] == [
        ((0, "content", 1), "insert", {"type": "text", "text": "b"}),
        ((2, "name"), "set", "Ann"),
    ]
    assert [step.path for step in found if step.joined and step.change == "insert"] == [(1,), (2,)]
    assert same(patch([user("a", "c", "d")], found), first)


def test_an_entry_of_which_nothing_is_left_is_no_part_of_what_its_neighbours_became():
    first = [user("a"), {"role": "tool", "content": "x"}, user("b"), user("c")]
    found = list(diff(first, [user("a", "b", "c")]))
    assert [(step.path, step.value) for step in found if not step.joined] == [((1,), first[1])]
    assert same(patch([user("a", "b", "c")], found), first)


TEXTS = st.lists(st.sampled_from("abc"), max_size=3).map(lambda texts: user(*texts)) | st.sampled_from(
    [{"role": "user", "content": "a"}, {"role": "tool", "content": "x"}, {"role": "user", "content": None, "name": "n"}]
)


@settings(max_examples=66, deadline=None)
@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=3))
def test_whatever_was_joined_comes_apart_as_it_was(first, second):
    assert same(patch(second, list(diff(first, second))), first)


def test_an_object_is_not_the_same_as_what_stands_in_it():
    inner = {"b": 1}
    assert not same({"a": inner}, inner)
    assert not same(inner, {"a": inner})
