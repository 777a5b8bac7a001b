"""Values of targets that were last looked up long ago; not in the default run: ``pytest -m freshness``."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from msgkit import targets
from msgkit.cli.targets import facts
from msgkit.targets.target import shown

DAYS = 90


def last_day(as_of):
    """The last day that a date of less than a day may mean: "2025" -> 2025-12-31."""
    parts = as_of.split("-")
    year, month, day = [*parts, *("12", "28")[len(parts) - 1 :]]
    return datetime(int(year), int(month), int(day), tzinfo=UTC)


def everything():
    for name in targets.NAMES:
        for model in (None, *map(shown, targets.get(name).models)):
            for key, fact in facts(targets.get(name, model)):
                yield f"{name}: {key}", fact


@pytest.mark.parametrize(
    ("as_of", "day"), [("2025", "2025-12-28"), ("2025-03", "2025-03-28"), ("2025-03-04", "2025-03-04")]
)
def test_a_date_counts_to_its_end(as_of, day):
    assert last_day(as_of).date().isoformat() == day


def test_every_value_has_a_date():
    assert [key for key, fact in everything() if re.fullmatch(r"\d{4}(-\d\d){0,2}", fact.as_of) is None] == []


@pytest.mark.freshness
def test_every_value_was_looked_up_of_late():
    limit = datetime.now(UTC) - timedelta(days=DAYS)
    old = {
        f"{key} = {fact.value} ({fact.as_of}: {fact.source})"
        for key, fact in everything()
        if last_day(fact.as_of) < limit
    }
    assert not old, f"{len(old)} values were last looked up more than {DAYS} days ago:\n" + "\n".join(sorted(old))
