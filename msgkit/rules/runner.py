"""Run the rules over a loaded row, and make issues of what they find."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import attrs

from msgkit import formats, targets
from msgkit.errors import EXPECTED, Issue, UnknownNameError, internal_error, join_path
from msgkit.formats import Loaded
from msgkit.formats.branch_parts import Branches
from msgkit.formats.envelopes import list_body
from msgkit.jsontext.edit import reach
from msgkit.jsontext.values import LIST
from msgkit.model.messages import Conversation
from msgkit.rules.base import Applies, Check, Context, Finding, Grammar, Opener
from msgkit.rules.branches import answers
from msgkit.rules.fixes import is_fixable
from msgkit.rules.prefilter import find_signs
from msgkit.rules.table import CODES, FAMILIES, RUNS, WARNINGS, told
from msgkit.targets import Target

_AT = re.compile(r"(?:^|\.)messages\[(\d{1,9})\]")
_FIELD = re.compile(r"\.([A-Za-z_]+)")
_STEP = re.compile(r"\d{1,18}|[^\d.\[\]]+")


def run(
    loaded: Loaded,
    target: Target,
    *,
    row: object = None,
    opener: Opener | None = None,
    grammar: Grammar | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    ready: bool = False,
    errors_only: bool = False,
) -> list[Issue]:
    """Return every issue of a loaded row, structural ones among them, in the order of the row."""
    conversation = loaded.conversation
    checks = checks_for(conversation, target, ready=ready)
    if errors_only:
        raised = target.severity
        checks = tuple(check for check in checks if check not in WARNINGS or not WARNINGS[check].isdisjoint(raised))
    if not checks and not loaded.issues:
        return _ordered([], _wanted(select, ignore))
    warnings = not errors_only or bool(target.severity)
    context = _context(loaded, target, row, ready=ready, warnings=warnings, opener=opener, grammar=grammar)
    body = list_body(row, context.own.list_key) if isinstance(row, LIST) else row
    source = None if context.format == formats.DEFAULT else context.own.source
    issues = [_told(issue, body, source) for issue in loaded.issues]
    issues += _issues(context, checks, loaded, body)
    return _ordered(issues, _wanted(select, ignore))


def run_across(loaded: Loaded, target: Target, row: object, branched: Branches) -> list[Issue]:
    """Return the issues that the answers of a row have together."""
    return _ordered(_issues(_context(loaded, target, row, branched=branched), (answers,), loaded, row), None)


def _context(loaded: Loaded, target: Target, row: object, **about: Any) -> Context:
    conversation = loaded.conversation
    name = conversation.envelope.format if conversation.envelope else formats.DEFAULT
    own_target = targets.get(formats.get(name).target)
    return Context(
        conversation, target, name, own_target, broken=_broken(loaded), row=row, places=loaded.place, **about
    )


def unloaded(
    issues: Iterable[Issue], *, select: Iterable[str] | None = None, ignore: Iterable[str] | None = None
) -> list[Issue]:
    """Return the issues of a row of which nothing could be loaded, as ``run`` would."""
    return _ordered([_told(issue, None, None) for issue in issues], _wanted(select, ignore))


def checks_for(conversation: Conversation, target: Target, *, ready: bool = False) -> tuple[Check, ...]:
    """Return the checks that may find something."""
    signs, asked = find_signs(conversation, target, ready=ready), _NONE
    for check, applies in _quick_looks(target):
        if applies(conversation, target):
            asked = asked | {check}
    return _chosen(target, signs, asked) if signs or asked else ()


_NONE: frozenset[Check] = frozenset()


@lru_cache(maxsize=4_096)
def _chosen(target: Target, signs: int, asked: frozenset[Check]) -> tuple[Check, ...]:
    return tuple(run.check for run in RUNS if signs & run.signs(target) or run.check in asked)


@lru_cache(maxsize=64)
def _quick_looks(target: Target) -> tuple[tuple[Check, Applies], ...]:
    """Return the quick looks that can say yes for a target."""
    return tuple((run.check, applies) for run in RUNS for applies in run.looks(target))


def _issues(context: Context, checks: Iterable[Check], loaded: Loaded, body: object) -> list[Issue]:
    """Return what the checks find; where one fails, that it does: the others go on."""
    faulty = {issue.path for issue in loaded.issues}
    issues: list[Issue] = []
    for check in checks:
        try:
            for finding in check(context):
                issue = _issue(context, loaded, finding, body)
                if issue is not None:
                    issues.append(issue)
        except EXPECTED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever a rule raises costs its row alone)
            name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
            issues.append(told(internal_error(f"the rule {name}", error)))
    return [issue for issue in issues if faulty.isdisjoint(_prefixes(issue.path))] if faulty else issues


def _ordered(issues: list[Issue], wanted: frozenset[str] | None) -> list[Issue]:
    shown = [issue for issue in issues if issue.code in wanted] if wanted is not None else issues
    return sorted(shown, key=lambda issue: order(issue.path)) if len(shown) > 1 else shown


def _wanted(select: Iterable[str] | None, ignore: Iterable[str] | None) -> frozenset[str] | None:
    if select is None and ignore is None:
        return None
    chosen = set(CODES) if select is None else _codes(select) | {"internal-error"}  # it may hide what is selected
    return frozenset(chosen - _codes(ignore or ()))


def _codes(names: Iterable[str]) -> set[str]:
    chosen: set[str] = set()
    for name in names:
        if name in CODES:
            chosen.add(name)
        elif name in FAMILIES:
            chosen.update(FAMILIES[name])
        else:
            raise UnknownNameError("rule", name, (*CODES, *FAMILIES))
    return chosen


def _broken(loaded: Loaded) -> Mapping[int, frozenset[str]]:
    """Return the messages with structural faults, by their place among the values, and the fields of each."""
    if not loaded.issues:
        return {}
    broken: dict[int, set[str]] = {}
    places = loaded.places
    numbers = {join_path(place): int(path[1]) for path, place in places.items() if len(path) == len(("messages", 0))}
    for issue in loaded.issues:
        index, rest = _message_at(issue.path, numbers) if numbers else _plain_message_at(issue.path)
        if index is not None:
            field = _FIELD.match(rest)
            broken.setdefault(index, set()).add(field[1] if field else "")
    return {index: frozenset(fields) for index, fields in broken.items()}


def _plain_message_at(path: str) -> tuple[int | None, str]:
    match = _AT.search(path)
    return (int(match[1]), path[match.end() :]) if match else (None, "")


def _message_at(path: str, numbers: Mapping[str, int]) -> tuple[int | None, str]:
    above = next((above for above in _prefixes(path) if above in numbers), None)
    return (None, "") if above is None else (numbers[above], path[len(above) :])


def _prefixes(path: str) -> Iterator[str]:
    """Yield a path and all that it is below, itself first."""
    yield path
    for end in range(len(path) - 1, 0, -1):
        if path[end] in ".[":
            yield path[:end]
    if path:
        yield ""


def _told(issue: Issue, body: object, source: str | None) -> Issue:
    """Give a structural issue its source, that of the format for its shapes, and say whether it can be fixed."""
    code = CODES.get(issue.code)
    if code is None:
        return issue
    fixable = code.fixable and (issue.hint is not None if body is None else is_fixable(body, issue.code, issue.path))
    if issue.source is None and issue.code in FAMILIES["structure"]:
        issue = attrs.evolve(issue, source=source)
    return attrs.evolve(told(issue), fixable=fixable)


def _issue(context: Context, loaded: Loaded, finding: Finding, row: object) -> Issue | None:
    code = CODES[finding.code]
    own = context.target.severity.get(finding.code)
    severity = own.value if own is not None else finding.severity or code.severity
    if severity == "off":
        return None
    if finding.in_row:
        path = join_path(finding.path)
    elif finding.in_body:
        path = join_path(context.in_body(finding.path))
    else:
        place = loaded.place(finding.path)
        path = join_path(reach(row, place) if loaded.places and row is not None else place)
    fixable = code.fixable if finding.fixable is None else finding.fixable
    fixable = fixable and (row is None or is_fixable(row, finding.code, path))
    return Issue(
        path, finding.code, severity, finding.message, finding.hint or code.hint, finding.source or code.source, fixable
    )


def order(path: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that sorts paths as they are in the row."""
    return tuple((0, int(step)) if step.isdecimal() else (1, step) for step in _STEP.findall(path))
