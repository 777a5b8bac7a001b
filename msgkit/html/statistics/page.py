"""Statistics as a page: the tables, and plots drawn as inline SVG."""

from msgkit.html import render
from msgkit.html.statistics.plots import HEIGHT, WIDTH, bars, scatter
from msgkit.html.statistics.tables import tables
from msgkit.html.statistics.values import Stats

_STYLES = ("palette.css", "page.css", "stats.css")


def as_page(stats: Stats, title: str) -> str:
    """Return a self-contained HTML page; it has no script at all."""
    style = render.own(*_STYLES)
    plots = [bars(found) for found in stats.histograms]
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
