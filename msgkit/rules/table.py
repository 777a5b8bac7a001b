"""The table of rules: all that is ever said of a row, each with its sentence, source, examples, check and fix."""

from collections.abc import Mapping

import attrs

from msgkit.errors import Issue
from msgkit.rules import (
    batch,
    branches,
    channels,
    content,
    definitions,
    items,
    keys,
    media,
    media_least,
    media_sizes,
    media_unknown,
    named_pairs,
    pairs,
    parameters,
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

_TABLE: Mapping[str, tuple[Rule, ...]] = {
    "reading": reported.READING,
    "structure": (*reported.STRUCTURE, *keys.RULES, *required.STRUCTURE, *items.RULES, *content.STRUCTURE),
    "roles": roles.RULES,
    "branches": branches.RULES,
    "channels": channels.RULES,
    "content": (*content.RULES, *request.LAST),
    "text": text.RULES,
    "tools": (*tools.RULES, *definitions.RULES, *schemas.RULES, *parameters.RULES, *pairs.RULES, *named_pairs.RULES),
    "references": references.RULES,
    "media": (*media.RULES, *media_sizes.RULES, *media_least.RULES, *media_unknown.RULES),
    "request": (*request.RULES, *required.RULES, *settings.RULES),
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


@attrs.frozen
class Run:
    """A check, and what must be true of a row for it to find anything: that of all rules that it serves."""

    check: Check
    signs: int  # bits of ``prefilter.Sign``, one of which the row shows
    # quick looks, one of which says yes, each with the facts that a target must have for it
    applies: tuple[tuple[tuple[str, ...], Applies], ...]


def _runs() -> tuple[Run, ...]:
    runs: dict[Check, Run] = {}
    for rule in CODES.values():
        if rule.check is not None:
            old = runs.get(rule.check, Run(rule.check, 0, ()))
            applies = old.applies if rule.applies is None else (*old.applies, (rule.facts, rule.applies))
            runs[rule.check] = Run(rule.check, old.signs | rule.signs, tuple(dict.fromkeys(applies)))
    return tuple(runs.values())


RUNS = _runs()
"""Every check once, in the order of the families."""

WARNINGS: Mapping[Check, frozenset[str]] = {
    check: frozenset(rule.code for rule in CODES.values() if rule.check is check)
    for check in (
        *(channels.channels, channels.recipients, channels.content_types),
        *(keys.keys, parameters.arguments, text.spellings, text.thoughts, request.model, required.inner_marks),
        *(media_least.least, media_unknown.unknown_places),
    )
}
"""Checks that find warnings only -> the codes of these."""


def told(issue: Issue) -> Issue:
    """Return *issue* with the source and the remedy of its rule, where it has none itself."""
    rule = CODES.get(issue.code)
    if rule is None:
        return issue
    return attrs.evolve(issue, source=issue.source or rule.source, hint=issue.hint or rule.hint)
