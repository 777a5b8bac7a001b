"""Counters that stay small however many rows there are."""

import math
from collections import Counter
from random import Random
from typing import Generic, TypeVar

import attrs

T = TypeVar("T")

KEPT = 10_000
"""Values that are kept to tell the median; of more, a fair sample of this size is."""

SMALL = 20
"""Whole numbers up to here get a bin each."""

_MOST_NAMES = 500  # distinct names of roles, channels, part types: they come from the input
_LONGEST_NAME = 60
_MOST_DISTINCT = 500_000
_STEPS = (1, 2, 5)


@attrs.frozen
class Spread:
    """How values are spread."""

    count: int = 0  # how many there are
    total: float = 0
    smallest: float = 0  # the value that none, half, 95 % and all are at most
    median: float = 0
    p95: float = 0
    largest: float = 0
    exact: bool = True  # false when median and 95 % come from a sample


class Values:
    """Numbers: their count, sum and ends exactly, their middle from a sample when there are many."""

    def __init__(self) -> None:
        self._sample: Sample[float] = Sample()
        self._total: float = 0
        self._ends: tuple[float, float] | None = None
        self.bins: Counter[int] = Counter()
        self.small: Counter[int] = Counter()
        """Whole numbers up to SMALL, each for itself."""

    def add(self, value: float) -> None:
        """Count a value that is not negative."""
        if value <= SMALL and value == int(value):
            self.small[int(value)] += 1
        self._sample.add(value)
        self._total += value
        low, high = self._ends or (value, value)
        self._ends = (min(low, value), max(high, value))
        self.bins[bin_of(value)] += 1

    def spread(self) -> Spread:
        """Return how the values are spread."""
        if self._ends is None:
            return Spread()
        kept = sorted(self._sample.kept)
        count = self._sample.count
        low, high = self._ends
        p95 = kept[math.ceil(0.95 * len(kept)) - 1]
        return Spread(count, self._total, low, _median(kept), p95, high, count <= KEPT)


def _median(kept: list[float]) -> float:
    middle = len(kept) // 2
    if len(kept) % 2:
        return kept[middle]
    both = (kept[middle - 1] + kept[middle]) / 2
    return int(both) if both == int(both) and isinstance(kept[middle], int) else both


class Sample(Generic[T]):
    """Of many values a fair sample, the same at every run."""

    def __init__(self, size: int = KEPT) -> None:
        self.count = 0
        self.kept: list[T] = []
        self._size = size
        self._random = Random(0)  # noqa: S311 (a sample, not a secret)

    def add(self, value: T) -> None:
        """Take the value, or let it go."""
        self.count += 1
        if len(self.kept) < self._size:
            self.kept.append(value)
        else:
            at = self._random.randrange(self.count)
            if at < self._size:
                self.kept[at] = value


class Names:
    """How often each name occurs; of very many names the later ones count as ``(other)``."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """Count a name."""
        name = name[:_LONGEST_NAME]
        self.counts[name if name in self.counts or len(self.counts) < _MOST_NAMES else "(other)"] += 1


class Distinct:
    """Which payloads were there before: exactly up to half a million distinct ones, then a lower bound of repeats."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self.is_exact = True

    def is_new(self, payload: str | bytes) -> bool:
        """Note a payload; return whether it was not there before."""
        mark = hash(payload)
        if mark in self._seen:
            return False
        if len(self._seen) >= _MOST_DISTINCT:
            self.is_exact = False
        else:
            self._seen.add(mark)
        return True


def bin_of(value: float) -> int:
    """Return the bin that a value falls in: the steps are 1, 2, 5, 10, 20, 50 and so on."""
    if value <= 0:
        return -(10**6)
    power = math.floor(math.log10(value) + 1e-12)
    lead = value / math.pow(10, power) + 1e-9
    return 3 * power + sum(lead >= step for step in _STEPS) - 1


def edge(number: int) -> float:
    """Return the lower edge of a bin."""
    if number <= -(10**6):
        return 0
    power, step = divmod(number, 3)
    bound: float = _STEPS[step] * 10.0**power
    return int(bound) if bound >= 1 else round(bound, -power)
