"""The table of rules: all that is ever said of a row, each with its sentence, source, examples, check and fix."""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import attrgetter, or_
from typing import NamedTuple

import attrs

from msgkit.errors import Issue
from msgkit.rules import (
    batch,
    branches,
    cache_marks,
    channels,
    content,
    definitions,
    items,
    keys,
    media,
    media_sizes,
    media_unknown,
    named_pairs,
    pairs,
    references,
    reported,
    request,
    required,
    roles,
    schemas,
    settings,
    text,
    tools,
)
from msgkit.rules.base import Applies, Check, Rule
from msgkit.targets import Target

_TABLE: Mapping[str, tuple[Rule, ...]] = {
    "reading": reported.READING,
    "structure": (*reported.STRUCTURE, *keys.RULES, *required.STRUCTURE, *items.RULES, *content.STRUCTURE),
    "roles": roles.RULES,
    "branches": branches.RULES,
    "channels": channels.RULES,
    "content": (*content.RULES, *request.LAST),
    "text": text.RULES,
    "tools": (*tools.RULES, *definitions.RULES, *schemas.RULES, *pairs.RULES, *named_pairs.RULES),
    "references": references.RULES,
    "media": (*media.RULES, *media_sizes.RULES, *media_unknown.RULES),
    "request": (*request.RULES, *required.RULES, *cache_marks.RULES, *settings.RULES),
    "running": reported.RUNNING,
    "conversion": reported.CONVERSION,
    "extraction": reported.EXTRACTION,
    "batch": (*batch.RULES, *reported.BATCH),
    "targets": reported.TARGETS,
}

CODES: Mapping[str, Rule] = {rule.code: rule for rules in _TABLE.values() for rule in rules}

FAMILIES: Mapping[str, frozenset[str]] = {
    family: frozenset(rule.code for rule in rules) for family, rules in _TABLE.items()
}


class Run(NamedTuple):
    """A check, and the rules that it serves: one of them must be true of a row and its target."""

    check: Check
    rules: tuple[Rule, ...]

    def signs(self, target: Target) -> int:
        """Return what a row must show for the check to find anything for a target."""
        return reduce(or_, (rule.signs for rule in self.rules if _is_of(rule, target)), 0)

    def looks(self, target: Target) -> Iterator[Applies]:
        """Yield the quick looks, one of which says yes where the check may find something without a sign."""
        looks = (rule.applies for rule in self.rules if rule.applies is not None and _is_of(rule, target))
        yield from dict.fromkeys(looks)


def _is_of(rule: Rule, target: Target) -> bool:
    """Return whether a target says what a rule is about."""
    return not rule.facts or any(attrgetter(fact)(target) for fact in rule.facts)


def _runs() -> tuple[Run, ...]:
    runs: dict[Check, list[Rule]] = {}
    for rule in CODES.values():
        if rule.check is not None:
            runs.setdefault(rule.check, []).append(rule)
    return tuple(Run(check, tuple(rules)) for check, rules in runs.items())


RUNS = _runs()
"""Every check once, in the order of the families."""

WARNINGS: Mapping[Check, frozenset[str]] = {
    check: frozenset(rule.code for rule in CODES.values() if rule.check is check)
    for check in (
        *(channels.channels, channels.recipients, channels.content_types),
        *(keys.keys, schemas.arguments, text.spellings, text.thoughts, request.model, cache_marks.inner_marks),
        media_unknown.unknown_places,
    )
}
"""Checks that find warnings only -> the codes of these."""


def told(issue: Issue) -> Issue:
    """Return *issue* with the source and the remedy of its rule, where it has none itself."""
    rule = CODES.get(issue.code)
    if rule is None:
        return issue
    return attrs.evolve(issue, source=issue.source or rule.source, hint=issue.hint or rule.hint)
