"""Rules about settings: what is taken at a glance is what no rule refuses."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from msgkit import formats, targets
from msgkit.model.messages import Conversation
from msgkit.rules import settings
from msgkit.rules.base import Context

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.text(max_size=3),
    st.lists(st.text(max_size=3), max_size=5), st.dictionaries(st.text(max_size=3), st.booleans(), max_size=2),
)  # fmt: skip


@given(name=st.sampled_from(targets.NAMES), value=VALUES, beside=st.booleans())
def test_a_value_that_is_taken_at_once_is_refused_by_no_rule(name, value, beside):
    target = targets.get(name)
    own = formats.get(target.format)
    for path, setting in target.settings.items():
        named = () if setting.values is None else setting.values.value
        needed = {} if setting.needs is None or not beside else {setting.needs.value: True}
        body = {"model": "m", own.list_key: [], **needed}
        context = Context(Conversation(()), target, own.name, target, row=body, ready=True)
        taken = settings._taken(setting)
        for one in chain((value, [value]), named, [list(named)]):
            if taken is not None and taken.surely(one, body):
                keys = tuple(path.split("."))
                assert not list(settings._refused(context, setting, keys, one))
                assert not list(settings._of_body(context, setting, keys, one))
