"""Where another converter makes something else of a history than msgkit does, and who is right."""

import copy

import attrs

from msgkit import formats
from msgkit.conversion.translate import Translator
from msgkit.errors import join_path
from msgkit.jsontext.diff import ABSENT, diff


def written(body, source, target):
    """The body as it is written in another format, also one that its receiver would refuse."""
    found = formats.get(source)
    return Translator(found, formats.get(target)).write(found.load(body, ()).conversation).body


@attrs.frozen
class Disagreement:
    """One difference: where (a path in what msgkit makes), what each makes of it, who is right, and why."""

    history: str
    path: str
    ours: object
    theirs: object
    right: str
    why: str


def short(value):
    """A value with its media cut short, so that a list of differences can be read."""
    if isinstance(value, str):
        return value if len(value) <= 60 else value[:20] + "..."
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    return [short(item) for item in value] if isinstance(value, list | tuple) else value


def found(ours, theirs):
    """Path -> what each of two normalized conversions has there; None where it has nothing."""
    out = {}
    for step in diff(ours, theirs):
        there = None if step.change == "insert" or step.other is ABSENT else step.other
        pair = (None, step.value) if step.change == "delete" else (step.value, there)
        out[join_path(step.path)] = tuple(map(short, pair))
    return out


def judge(history, ours, theirs, listed):
    """Compare two conversions; every difference must be listed, and every listed one be there."""
    told = {one.path: (one.ours, one.theirs) for one in listed if one.history == history}
    assert found(copy.deepcopy(ours), copy.deepcopy(theirs)) == told
