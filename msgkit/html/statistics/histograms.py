"""Counted values -> histograms of at most a few dozen bins."""

from msgkit.html.statistics.counters import SMALL, Values, bin_of, edge
from msgkit.html.statistics.values import Histogram

_MOST = 24  # bins
_LEAST = 6


def histogram(title: str, unit: str, values: Values) -> Histogram | None:
    """Return how *values* are spread; None when there are none."""
    if not values.bins:
        return None
    if not unit and values.spread().largest <= SMALL:
        return _whole(title, values)
    zero = bin_of(0)
    bins = sorted(number for number in values.bins if number != zero) or [bin_of(1)]
    first, last = _widened(max(bins[0], bins[-1] - _MOST + 1), bins[-1])
    numbers = range(first, last + 1)
    counts = [values.bins[number] for number in numbers]
    below = sum(count for number, count in values.bins.items() if number < first)
    edges = [edge(number) for number in (*numbers, last + 1)]
    return Histogram(title, unit, (0 if below else edges[0], *edges[1:]), (counts[0] + below, *counts[1:]))


def _whole(title: str, values: Values) -> Histogram:
    last = max(_LEAST, *values.small)
    edges = range(min(1, *values.small), last + 2)
    return Histogram(title, "", tuple(edges), tuple(values.small[number] for number in edges[:-1]), whole=True)


def _widened(first: int, last: int) -> tuple[int, int]:
    missing = max(0, _LEAST - (last - first + 1))
    return first - missing // 2, last + missing - missing // 2
