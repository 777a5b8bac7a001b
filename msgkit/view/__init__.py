"""
To look at: the page of a file of rows, its statistics, and what notebooks show.

    page(...)     a self-contained HTML file: messages, pictures, players, issues
"""

from msgkit.view.making import Viewed, page

__all__ = ["Viewed", "page"]
