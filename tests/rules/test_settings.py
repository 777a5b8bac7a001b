"""Rules about settings: any value at any path is judged."""

from hypothesis import given
from hypothesis import strategies as st

from msgkit import formats, targets
from msgkit.model.messages import Conversation
from msgkit.rules import settings
from msgkit.rules.base import Context

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "name", "role", "content", "function", "parts"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(name=st.sampled_from(targets.NAMES), value=VALUES)
def test_any_value_is_judged(name, value):
    target = targets.get(name)
    own = formats.get(target.format)
    keys = {path.partition(".")[0].partition("[")[0].partition("|")[0] for path in target.settings}
    body = {"model": "m", **dict.fromkeys(keys, value)}
    context = Context(Conversation(()), target, own.name, target, row=body, ready=True)
    issues = [*settings.settings(context), *settings.contents(context)]
    assert all(issue.source for issue in issues)
