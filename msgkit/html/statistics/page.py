"""Statistics as a page: the tables, and histograms and a scatter plot drawn as inline SVG."""

import math
from collections.abc import Callable, Sequence

import attrs

from msgkit.escaping import byte_size, duration
from msgkit.html import render
from msgkit.html.statistics.counters import Histogram, Stats
from msgkit.html.statistics.tables import tables

WIDTH, HEIGHT = 560, 240
_STYLES = ("palette.css", "page.css", "stats.css")
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 24, 12, 34
_GAP = 2
_TICKS = 4
_LABELS = 9  # edges that are named
_MINUTE = 60


@attrs.frozen
class Bar:
    """A bar: its place, and what it says."""

    x: float
    y: float
    width: float
    height: float
    text: str


@attrs.frozen
class Tick:
    """A mark on an axis: where, and its label."""

    at: float
    label: str


@attrs.frozen
class Plot:
    """A drawing."""

    title: str  # what it shows
    x_title: str  # what its horizontal axis counts
    bars: tuple[Bar, ...] = ()  # of a histogram
    points: tuple[tuple[float, float], ...] = ()  # of a scatter plot: x, y
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()  # the same as a table: what, how many


def show(unit: str) -> Callable[[float], str]:
    """Return what writes a value of *unit*."""
    if unit == "bytes":
        return byte_size
    if unit == "seconds":
        return lambda value: duration(value) if value >= _MINUTE else f"{value:g} s"
    return lambda value: f"{value:,g}"


def bars(histogram: Histogram) -> Plot:
    """Draw a histogram."""
    name = show(histogram.unit)
    across = (WIDTH - _LEFT - _RIGHT) / len(histogram.counts)
    y_ticks, top = _y_ticks(max(histogram.counts))
    room = (HEIGHT - _TOP - _BOTTOM) / top
    drawn, cells = [], []
    for k, count in enumerate(histogram.counts):
        text = name(histogram.edges[k]) + ("" if histogram.whole else f" to {name(histogram.edges[k + 1])}")
        high = room * count
        bar = Bar(_LEFT + k * across + _GAP / 2, HEIGHT - _BOTTOM - high, across - _GAP, high, f"{text}: {count:,}")
        drawn.append(bar)
        cells.append((text, f"{count:,}"))
    unit = histogram.unit if histogram.unit == "pixels" else ""  # which the marks of others carry
    return Plot(histogram.title, unit, tuple(drawn), (), _marks(histogram, across), y_ticks, tuple(cells))


def _marks(histogram: Histogram, across: float) -> tuple[Tick, ...]:
    name = show(histogram.unit)
    edges = histogram.edges[:-1] if histogram.whole else histogram.edges
    shift = across / 2 if histogram.whole else 0
    every = math.ceil(len(edges) / (2 * _LABELS if histogram.whole else _LABELS))
    return tuple(Tick(_LEFT + k * across + shift, name(edges[k])) for k in range(0, len(edges), every))


def _y_ticks(most: int) -> tuple[tuple[Tick, ...], int]:
    """Return the marks, and the count at the last."""
    step = nice(most / _TICKS)
    count = math.ceil(most / step)
    room = HEIGHT - _TOP - _BOTTOM
    marks = (Tick(HEIGHT - _BOTTOM - room * k / count, f"{k * step:,}") for k in range(count + 1))
    return tuple(marks), count * step


def nice(step: float) -> int:
    """Return the next of 1, 2, 5, 10, 20, 50 and so on."""
    if step <= 1:
        return 1
    power = int(10 ** math.floor(math.log10(step)))
    return next(lead * power for lead in (1, 2, 5, 10) if lead * power >= step)


def scatter(points: Sequence[tuple[int, int]]) -> Plot:
    """Draw the widths and heights of images on logarithmic axes."""
    low, high = min(min(point) for point in points), max(max(point) for point in points)
    first, last = math.floor(math.log2(low)), max(math.ceil(math.log2(high)), math.floor(math.log2(low)) + 1)
    across, up = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def place(value: float) -> float:
        return (math.log2(value) - first) / (last - first)

    every = math.ceil((last - first) / _LABELS)
    marks = [2**power for power in range(first, last + 1, every)]
    return Plot(
        "Width and height of images",
        "pixels across",
        points=tuple((_LEFT + across * place(wide), HEIGHT - _BOTTOM - up * place(high)) for wide, high in points),
        x_ticks=tuple(Tick(_LEFT + across * place(mark), f"{mark:,}") for mark in marks),
        y_ticks=tuple(Tick(HEIGHT - _BOTTOM - up * place(mark), f"{mark:,}") for mark in marks),
    )


def as_page(stats: Stats, title: str) -> str:
    """Return a self-contained HTML page; it has no script at all."""
    style = render.own(*_STYLES)
    plots = [bars(histogram) for histogram in stats.histograms]
    if stats.dimensions:
        plots.append(scatter(stats.dimensions))
    return render.template(
        "stats.html",
        title=title,
        rows=stats.rows,
        tables=list(tables(stats)),
        plots=plots,
        width=WIDTH,
        height=HEIGHT,
        style=style,
        policy=render.policy([style], []),
    )
