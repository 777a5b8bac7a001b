"""Rules across the branches of a row: a prompt and its answers."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from msgkit.errors import describe
from msgkit.formats.branch_parts import ANSWERS, WORSE, pieces, repeating
from msgkit.formats.branches import find
from msgkit.jsontext.values import same
from msgkit.rules.base import Context, Finding, Rule
from msgkit.rules.examples import assistant, user
from msgkit.rules.prefilter import Sign

_SOURCE = "TRL docs/source/dataset_formats; LLaMA-Factory data/README.md"


def answers(context: Context) -> Iterator[Finding]:
    """Report answers that are empty or equal, and a label that is no boolean."""
    envelope, value = context.conversation.envelope, context.branched
    if value is None and envelope is not None and envelope.branches:
        value = find(envelope.row)
    if value is None:
        return
    known = [(branch, items) for branch, items in pieces(value) if branch.path[-1] in ANSWERS]
    for branch, items in known:
        if not items or (branch.shape == "text" and not _text(items[0])):
            yield Finding(branch.path, "branch-empty", "expected at least one message, got none")
    repeated = repeating(value)
    if value.branches[0].shape == "text" and {("chosen",), ("rejected",)} <= set(repeated):
        repeated = []  # TRL takes the prompt out of both answers
    for path in repeated:
        text = "expected the answer alone, got the prompt before it: a trainer puts the prompt there, too"
        yield Finding(path, "prompt-repeated", text)
    better = [items for branch, items in known if branch.path[-1] not in WORSE and items]
    for branch, items in known:
        if branch.path[-1] in WORSE and any(same(items, one) for one in better):
            yield Finding(branch.path, "branches-equal", "expected an answer that differs from the chosen one")
    label = value.rest.get("label", False)
    if not isinstance(label, bool) and any(branch.path[-1] == "completion" for branch, _ in known):
        yield Finding(("label",), "label-invalid", f"expected true or false, got {describe(label)}")


def _text(item: Mapping[str, Any]) -> Any:
    return item.get("content", item.get("value", item.get("parts")))


_rule = partial(Rule, signs=Sign.AROUND, check=answers)

RULES = (
    _rule(
        "branch-empty",
        "An answer of the row has no messages: trainers skip the row or learn an empty answer.",
        _SOURCE,
        at="rejected",
        bad={"prompt": [user("Hello")], "chosen": [assistant("Hello.")], "rejected": []},
        good={"prompt": [user("Hello")], "chosen": [assistant("Hello.")], "rejected": [assistant("What?")]},
    ),
    _rule(
        "prompt-repeated",
        "An answer begins with the prompt that stands beside it, so that it is there twice.",
        _SOURCE,
        severity="warning",
        at="completion",
        bad={"prompt": "Hello", "completion": [user("Hello"), assistant("Hello.")]},
        good={"prompt": "Hello", "completion": [assistant("Hello.")]},
    ),
    _rule(
        "branches-equal",
        "The chosen and the rejected answer are equal.",
        _SOURCE,
        severity="warning",
        at="rejected",
        bad={"prompt": [user("Hello")], "chosen": [assistant("Hello.")], "rejected": [assistant("Hello.")]},
        good={"prompt": [user("Hello")], "chosen": [assistant("Hello.")], "rejected": [assistant("What?")]},
    ),
    _rule(
        "label-invalid",
        "The label of a completion is not true or false.",
        _SOURCE,
        at="label",
        bad={"prompt": [user("Hello")], "completion": [assistant("Hello.")], "label": "good"},
        good={"prompt": [user("Hello")], "completion": [assistant("Hello.")], "label": True},
    ),
)
