"""Counters that stay small however many rows there are, and the figures that are made of them."""

import math
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, Generic, TypeVar

import attrs

from msgkit.model.base import NOTHING
from msgkit.pipeline.report import Refusal

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


@attrs.frozen
class MediaStats:
    """The media of one type."""

    count: int  # parts that hold or name such media
    sizes: Spread  # bytes of one, as a file
    base64: int  # characters of all of them as base64
    pixels: Spread  # width x height of one image, in pixels
    width: Spread  # pixels of one image
    height: Spread
    seconds: Spread  # seconds of one audio


@attrs.frozen
class Repeats:
    """Media that are in the rows as base64, and what taking them out would save."""

    media: int = 0  # how many there are
    distinct: int = 0  # how many different ones
    base64: int = 0  # characters of all of them
    files: int = 0  # bytes of the different ones as files
    saved: int = 0  # what the rows and the files would be smaller than the rows are now, in bytes
    exact: bool = True  # false when there are so many different ones that repeats were missed


@attrs.frozen
class TokenStats:
    """What all rows cost at a target, in tokens."""

    text: int  # by the rule that ``Stats.text_tokens_by`` names
    images: int | None = None  # by the target's formula; None without one
    audio: int | None = None  # by the target's formula; None without one
    uncounted: int = 0  # media whose pixels or seconds are not known, so that they are missing in the sums
    largest_row: int = 0  # of the row that has most
    # the context window of the model; the smallest where the rows name several, None when not known
    context: int | None = None
    # rows that are larger than the context window of their model; None when it is not known
    beyond_context: int | None = None
    # US dollars for all rows as input, by genai-prices; None without the extra ``prices``, or without a model
    cost: float | None = None

    @property
    def total(self) -> int:
        """Tokens of all kinds."""
        return self.text + (self.images or 0) + (self.audio or 0)


@attrs.frozen
class Histogram:
    """How many values fall in each bin."""

    title: str  # what was counted
    unit: str  # ``bytes``, ``pixels``, ``seconds`` or empty
    edges: tuple[float, ...]  # the lower edge of each bin, and the upper edge of the last
    counts: tuple[int, ...]  # one for each bin
    whole: bool = False  # true when each bin holds one whole number: its lower edge


@attrs.frozen
class Stats:
    """What a file of rows holds."""

    rows: int  # rows read
    unreadable: int  # those that are no JSON, or hold no messages
    messages: Spread  # messages in one row
    row_sizes: Spread  # bytes of one row's JSON
    roles: Mapping[str, int]  # how many messages of each role and channel, and content parts of each type
    channels: Mapping[str, int]
    parts: Mapping[str, int]
    # how many media are in the rows (``inline``), are named (``file``, ``remote``), or are ``invalid``
    sources: Mapping[str, int]
    # by media type, as detected from the bytes; ``unknown`` for what was not opened or is of no known type
    media: Mapping[str, MediaStats]
    repeats: Repeats  # what ``extract`` would save
    equal_rows: int  # rows that are equal to one before, but for their ids
    verdicts: Mapping[str, Mapping[str, int]]  # target -> ``no issues``, ``warnings`` or ``errors`` -> rows
    tokens: Mapping[str, TokenStats]  # by target
    text_tokens_by: str  # how text was counted
    over: Mapping[str, Mapping[str, int]]  # target -> limit as named in the target's file -> rows beyond it
    limits: Mapping[str, Mapping[str, float]]  # target -> limit that rows are beyond -> its value
    masks: Mapping[str, int] = NOTHING  # how many messages are ``trained`` on and ``masked``, where rows say so
    histograms: tuple[Histogram, ...] = ()  # how values are spread
    dimensions: tuple[tuple[int, int], ...] = ()  # width and height of a sample of the images, in pixels
    failed: int = 0  # rows at which msgkit itself failed: ``internal-error``
    failures: tuple[Refusal, ...] = ()  # the first of them, at most ten

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return attrs.asdict(self)
