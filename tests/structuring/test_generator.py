"""A value changed is the one that attrs.evolve makes."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from msgkit import load
from msgkit.structuring.wire import changed
from tests.strategies import bodies


@given(bodies, st.sampled_from(["content", "name", "reasoning", "extra", "form"]))
def test_a_changed_value_is_what_attrs_makes_of_it(body, field):
    for message in load(body, "openai").messages:
        value = {"name": message.author, "extra": {"a": 1}, "form": frozenset("a")}.get(field, "x")
        changes = {"author" if field == "name" else field: value}
        new, expected = changed(message, **changes), attrs.evolve(message, **changes)
        assert (new, new.form, type(new)) == (expected, expected.form, type(expected))
        assert hash(new.author) == hash(expected.author)
