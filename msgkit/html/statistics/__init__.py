"""
The statistics of a file of rows: counted in one pass, shown as a table, as JSON, or as a page with plots.

To add a figure: count it here, name it in counters.py, show it in tables.py.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from msgkit import formats
from msgkit import targets as known
from msgkit.api.receivers import Receiver, receivers, target_with
from msgkit.headers import AudioHeader, ImageHeader
from msgkit.html.rows import each_note, listed
from msgkit.html.statistics.counters import (
    SMALL,
    Distinct,
    Histogram,
    MediaStats,
    Names,
    Repeats,
    Sample,
    Spread,
    Stats,
    TokenStats,
    Values,
    bin_of,
    edge,
)
from msgkit.html.statistics.facts import Facts, MediaFacts, RowFacts
from msgkit.html.statistics.tokens import TokenCounts, TokenizerError, text_counter
from msgkit.pipeline.report import OnProgress, Refusal
from msgkit.targets.tokens import RULE

__all__ = [
    "RULE",
    "Histogram",
    "MediaStats",
    "Repeats",
    "Spread",
    "Stats",
    "TokenStats",
    "TokenizerError",
    "stats",
]


def stats(
    source: str | os.PathLike[str] | Iterable[Any],
    *,
    rows: tuple[int, int] | None = None,
    root: str | Sequence[str | None] | None = None,
    target: str | Sequence[str] | None = None,
    model: str | Sequence[str] | None = None,
    format: str | None = None,  # noqa: A002 (the field's word)
    columns: Sequence[str] = (),
    tokenizer: str | None = None,
    progress: OnProgress | None = None,
    **running: Any,
) -> Stats:
    """Return what a file of rows holds, or several."""
    going = _receivers(listed(target), listed(model))
    collector = Collector([receiver.name for receiver in going], text_counter(tokenizer).name)
    checked = going if target or model else ()
    step = Facts(
        receivers=going,
        checked=checked,
        tokenizer=tokenizer,
        format=format,
        rows=rows,
        columns=columns,
        refuses=running.get("rejects") is not None,
    )
    steps = [attrs.evolve(step, root=one) for one in ([root] if root is None or isinstance(root, str) else root)]
    each_note(source, steps, collector.add, progress=progress, **running)
    return collector.stats()


def _receivers(names: list[str], models: list[str]) -> tuple[Receiver, ...]:
    if not names and models:
        likely = formats.get(formats.DEFAULT).target
        return tuple(Receiver(target_with(model, likely), model) for model in dict.fromkeys(models))
    return receivers(names or list(filter(_is_original, known.NAMES)), models)


def _is_original(name: str) -> bool:
    """Return whether a target has limits of its own: most of the others would repeat them."""
    if known.base_of(name) is not None:
        return False
    target = known.get(name)
    return bool(target.models or target.channels.required)


_MOST_BINS = 24
_LEAST_BINS = 6
_FAILURES = 10  # rows at which msgkit failed that are told
_POINTS = 1_000  # images whose dimensions are drawn
_REFERENCE = len("media/3f/.jpg") + 64  # characters of a reference to an extracted file, named by its SHA-256


class Collector:
    """Counts rows by their facts."""

    def __init__(self, names: Iterable[str], text_tokens_by: str) -> None:
        names = list(names)
        self._text_tokens_by = text_tokens_by
        self._rows = self._unreadable = self._failed = 0
        self._failures: list[Refusal] = []
        self._messages, self._sizes = Values(), Values()
        self._names = {name: Names() for name in ("roles", "channels", "parts", "sources", "masks")}
        self._media = _MediaCounts()
        self._tokens = {name: TokenCounts() for name in names}
        self._verdicts: dict[str, Counter[str]] = {}
        self._seen = Distinct()
        self._equal = 0
        self._over: dict[str, Counter[str]] = {name: Counter() for name in names}
        self._limits: dict[str, dict[str, float]] = {name: {} for name in names}

    def add(self, row: RowFacts) -> None:
        """Count a row."""
        self._rows += 1
        self._unreadable += row.unreadable
        if row.failed:
            self._failed += 1
            if self._failed <= _FAILURES:
                self._failures.append(Refusal(row.number, row.failed))
        if row.size is None:
            return
        self._sizes.add(row.size)
        self._messages.add(row.messages)
        for key, names in row.names.items():
            for name in names:
                self._names[key].add(name)
        for media in row.media:
            self._media.add(media)
        for name, tokens in row.tokens.items():
            self._tokens[name].add(tokens)
        self._equal += not self._seen.is_new(row.mark)
        for name, said in row.verdicts:
            self._verdicts.setdefault(name, Counter())[said] += 1
        for name, limit, value in row.over:
            self._over[name][limit] += 1
            self._limits[name].setdefault(limit, value)

    def stats(self) -> Stats:
        """Return what was counted."""
        return Stats(
            rows=self._rows,
            unreadable=self._unreadable,
            messages=self._messages.spread(),
            row_sizes=self._sizes.spread(),
            **{key: _sorted(names) for key, names in self._names.items()},
            media=self._media.by_type(),
            repeats=self._media.repeats(),
            equal_rows=self._equal,
            verdicts={name: dict(counts) for name, counts in self._verdicts.items()},
            tokens={name: counts.stats() for name, counts in self._tokens.items()},
            text_tokens_by=self._text_tokens_by,
            over={name: dict(sorted(counts.items())) for name, counts in self._over.items() if counts},
            limits={name: limits for name, limits in self._limits.items() if limits},
            histograms=tuple(self._histograms()),
            dimensions=tuple(self._media.points.kept),
            failed=self._failed,
            failures=tuple(self._failures),
        )

    def _histograms(self) -> Iterator[Histogram]:
        for title, unit, values in (
            ("Messages in a row", "", self._messages),
            ("Size of a row", "bytes", self._sizes),
            ("Size of an image", "bytes", self._media.image_sizes),
            ("Longer side of an image", "pixels", self._media.sides),
            ("Size of an audio file", "bytes", self._media.audio_sizes),
            ("Length of an audio file", "seconds", self._media.seconds),
        ):
            drawn = histogram(title, unit, values)
            if drawn is not None:
                yield drawn


class _MediaCounts:
    """Media by their type, repeats, and what is drawn of them."""

    def __init__(self) -> None:
        self._types: dict[str, _TypeCounts] = {}
        self._distinct = Distinct()
        self._inline = self._new = self._base64 = self._texts = self._files = 0
        self.image_sizes, self.audio_sizes, self.sides, self.seconds = Values(), Values(), Values(), Values()
        self.points: Sample[tuple[int, int]] = Sample(_POINTS)

    def add(self, facts: MediaFacts) -> None:
        self._types.setdefault(facts.media_type or "unknown", _TypeCounts()).add(facts)
        if facts.mark is not None:
            self._inline += 1
            self._base64 += facts.base64_size or 0
            self._texts += facts.text_size
            if self._distinct.is_new(facts.mark):
                self._new += 1
                self._files += facts.size or 0
        if isinstance(facts.header, ImageHeader):
            self.sides.add(max(facts.header.width, facts.header.height))
            self.points.add((facts.header.width, facts.header.height))
            self.image_sizes.add(facts.size or 0)
        elif isinstance(facts.header, AudioHeader):
            self.seconds.add(facts.header.duration)
            self.audio_sizes.add(facts.size or 0)

    def by_type(self) -> dict[str, MediaStats]:
        order = sorted(self._types.items(), key=lambda item: (-item[1].count, item[0]))
        return {name: counts.stats() for name, counts in order}

    def repeats(self) -> Repeats:
        saved = max(0, self._texts - self._inline * _REFERENCE - self._files)
        return Repeats(self._inline, self._new, self._base64, self._files, saved, self._distinct.is_exact)


class _TypeCounts:
    """The media of one type."""

    def __init__(self) -> None:
        self.count = self._base64 = 0
        self._sizes, self._pixels, self._width, self._height, self._seconds = (Values() for _ in range(5))

    def add(self, facts: MediaFacts) -> None:
        self.count += 1
        if facts.size:
            self._sizes.add(facts.size)
            self._base64 += facts.base64_size or 0
        if isinstance(facts.header, ImageHeader):
            self._pixels.add(facts.header.width * facts.header.height)
            self._width.add(facts.header.width)
            self._height.add(facts.header.height)
        elif isinstance(facts.header, AudioHeader):
            self._seconds.add(facts.header.duration)

    def stats(self) -> MediaStats:
        spreads: list[Spread] = [values.spread() for values in (self._pixels, self._width, self._height, self._seconds)]
        return MediaStats(self.count, self._sizes.spread(), self._base64, *spreads)


def _sorted(names: Names) -> dict[str, int]:
    return dict(sorted(names.counts.items(), key=lambda item: (-item[1], item[0])))


def histogram(title: str, unit: str, values: Values) -> Histogram | None:
    """Return how *values* are spread; None when there are none."""
    if not values.bins:
        return None
    if not unit and values.spread().largest <= SMALL:
        return _whole(title, values)
    zero = bin_of(0)
    bins = sorted(number for number in values.bins if number != zero) or [bin_of(1)]
    first, last = _widened(max(bins[0], bins[-1] - _MOST_BINS + 1), bins[-1])
    numbers = range(first, last + 1)
    counts = [values.bins[number] for number in numbers]
    below = sum(count for number, count in values.bins.items() if number < first)
    edges = [edge(number) for number in (*numbers, last + 1)]
    return Histogram(title, unit, (0 if below else edges[0], *edges[1:]), (counts[0] + below, *counts[1:]))


def _whole(title: str, values: Values) -> Histogram:
    last = max(_LEAST_BINS, *values.small)
    edges = range(min(1, *values.small), last + 2)
    return Histogram(title, "", tuple(edges), tuple(values.small[number] for number in edges[:-1]), whole=True)


def _widened(first: int, last: int) -> tuple[int, int]:
    missing = max(0, _LEAST_BINS - (last - first + 1))
    return first - missing // 2, last + missing - missing // 2
