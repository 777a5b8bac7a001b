"""
To look at: the page of a file of rows, its statistics, and what notebooks show.

    page(...)                     a self-contained HTML file: messages, images, players, issues
    html(value)                   what a notebook shows of a conversation, a message, a part, a list of issues
    stats(...)                    what a file of rows holds, counted in one pass
    stats_text, stats_page        the same as tables for a terminal, as a page with plots
"""

from msgkit.html.build import MAX_BYTES, MAX_ROWS, Viewed, page, write_page
from msgkit.html.notebook import html
from msgkit.html.statistics import Stats, stats
from msgkit.html.statistics import as_page as stats_page
from msgkit.html.statistics import as_text as stats_text

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Stats",
    "Viewed",
    "html",
    "page",
    "stats",
    "stats_page",
    "stats_text",
    "write_page",
]
