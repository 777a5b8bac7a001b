"""
To look at: the page of a file of rows, its statistics, and what notebooks show.

    page(...)                     a self-contained HTML file: messages, images, players, issues
    html(value)                   what a notebook shows of a conversation, a message, a part, a list of issues
    stats(...)                    what a file of rows holds, counted in one pass
    stats_text, stats_page        the same as tables for a terminal, as a page with plots
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "MAX_BYTES": "build.MAX_BYTES",
    "MAX_ROWS": "build.MAX_ROWS",
    "Stats": "statistics.Stats",
    "Viewed": "build.Viewed",
    "html": "notebook.html",
    "page": "build.page",
    "stats": "statistics.stats",
    "stats_page": "statistics.page.as_page",
    "stats_text": "statistics.tables.as_text",
    "write_page": "build.write_page",
}
"""Name -> where it lives; each is imported on first use: statistics need no page."""

__all__ = sorted(_HOMES)  # noqa: PLE0605 (the names are listed once)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'msgkit.html' has no attribute {name!r}")
    module, _, own = _HOMES[name].rpartition(".")
    value = getattr(import_module(f"msgkit.html.{module}"), own)
    globals()[name] = value
    return value
