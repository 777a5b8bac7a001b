"""Statistics as tables: on the terminal and on the page alike."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from msgkit.escaping import byte_size, duration, plain, table
from msgkit.html.statistics.counters import MediaStats, Spread, Stats, TokenStats

Row = tuple[str, ...]

_ENDS = ("min", "median", "95 %", "max")
_WIDTH = 100  # characters of a note on a terminal
_SOURCES = {
    "inline": "in the rows, as base64",
    "file": "named: a local file",
    "remote": "named: a remote URL",
    "invalid": "no valid media",
}


class Table(NamedTuple):
    """A table."""

    title: str  # what it tells
    header: Row  # names of the columns; the first column holds names, the others numbers
    rows: tuple[Row, ...]
    note: str = ""  # what is to be known of it


def tables(stats: Stats) -> Iterator[Table]:
    """Yield the tables of *stats*; what does not occur has none."""
    yield _rows(stats)
    if stats.verdicts:
        yield _verdicts(stats.verdicts)
    for title, counts in (
        ("Messages by role", stats.roles),
        ("Messages by channel", stats.channels),
        ("Messages by mask of the loss", stats.masks),
        ("Content parts by type", stats.parts),
        ("Media by place", {_SOURCES.get(name, name): count for name, count in stats.sources.items()}),
    ):
        if counts:
            yield Table(title, ("", "count"), tuple((name, f"{count:,}") for name, count in counts.items()))
    if stats.media:
        yield _media(stats.media)
    spreads = tuple(_spreads(stats.media))
    if spreads:
        note = "" if all(media.sizes.exact for media in stats.media.values()) else _SAMPLED
        yield Table("Sizes, pixels and seconds by media type", ("", *_ENDS), spreads, note)
    if stats.repeats.media:
        yield _repeats(stats)
    yield _tokens(stats.tokens, stats.text_tokens_by)
    yield _over(stats)


_SAMPLED = "Median and 95 % are those of a sample of 10,000."


def _rows(stats: Stats) -> Table:
    rows = (
        ("rows", f"{stats.rows:,}", "", "", "", ""),
        ("no JSON, or no messages", f"{stats.unreadable:,}", "", "", "", ""),
        ("equal to a row before, but for its id", f"{stats.equal_rows:,}", "", "", "", ""),
        ("messages in a row", f"{stats.messages.total:,}", *_ends(stats.messages, _number)),
        ("size of a row", byte_size(stats.row_sizes.total), *_ends(stats.row_sizes, byte_size)),
    )
    return Table("Rows", ("", "in all", *_ENDS), rows, "" if stats.messages.exact else _SAMPLED)


_VERDICTS = ("no issues", "warnings", "errors")


def _verdicts(verdicts: Mapping[str, Mapping[str, int]]) -> Table:
    rows = tuple((name, *(f"{counts.get(said, 0):,}" for said in _VERDICTS)) for name, counts in verdicts.items())
    return Table("Rows by verdict of a target", ("", *_VERDICTS), rows, "As msgkit check says for each target.")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _ends(spread: Spread, show: Callable[[float], str]) -> Row:
    if not spread.count:
        return ("",) * len(_ENDS)
    return tuple(show(value) for value in (spread.smallest, spread.median, spread.p95, spread.largest))


def _media(media: Mapping[str, MediaStats]) -> Table:
    rows = tuple((name, *_media_cells(stats)) for name, stats in media.items())
    note = "Sizes and seconds are those of media that could be opened." if "unknown" in media else ""
    return Table("Media by type", ("", "count", "bytes", "as base64", "seconds"), rows, note)


def _media_cells(stats: MediaStats) -> Row:
    seconds = duration(stats.seconds.total) if stats.seconds.count else ""
    return f"{stats.count:,}", byte_size(stats.sizes.total), byte_size(stats.base64), seconds


def _spreads(media: Mapping[str, MediaStats]) -> Iterator[Row]:
    for name, spreads in media.items():
        if spreads.sizes.count:
            yield (f"{name}, size", *_ends(spreads.sizes, byte_size))
        if spreads.pixels.count:
            yield (f"{name}, width", *_ends(spreads.width, _number))
            yield (f"{name}, height", *_ends(spreads.height, _number))
            yield (f"{name}, megapixels", *_ends(spreads.pixels, lambda value: f"{value / 1e6:,.2f}"))
        if spreads.seconds.count:
            yield (f"{name}, length", *_ends(spreads.seconds, duration))


def _repeats(stats: Stats) -> Table:
    repeats = stats.repeats
    rows = (
        ("media in the rows", f"{repeats.media:,}"),
        ("of these different", f"{repeats.distinct:,}"),
        ("their base64", byte_size(repeats.base64)),
        ("as files, each once", byte_size(repeats.files)),
        ("saved by extract", byte_size(repeats.saved)),
    )
    note = "" if repeats.exact else "There are more different media than are kept apart: repeats were missed."
    return Table("Repeats, and what extract would save", ("", ""), rows, note)


def _tokens(tokens: Mapping[str, TokenStats], by: str) -> Table:
    rows = tuple((name, *_token_cells(stats)) for name, stats in tokens.items())
    left = max((stats.uncounted for stats in tokens.values()), default=0)
    note = f"Text by {by}. Images and audio by the target's formula (default model, or the row's); - where it has none."
    if left:
        note += f" Up to {left:,} media are left out: no formula, or they were not opened."
    header = ("", "text", "images", "audio", "in all", "largest row", "context", "largest / context", "cost in $")
    return Table("Tokens by target", header, rows, note)


def _token_cells(stats: TokenStats) -> Iterator[str]:
    for count in (stats.text, stats.images, stats.audio, stats.total, stats.largest_row, stats.context):
        yield "-" if count is None else f"{count:,}"
    yield f"{stats.largest_row / stats.context:.1%}" if stats.context else "-"
    yield "" if stats.cost is None else f"{stats.cost:,.4f}"


def _over(stats: Stats) -> Table:
    rows = tuple(
        (f"{target}, {limit}", _limit(limit, stats.limits[target][limit]), f"{count:,}")
        for target, counts in stats.over.items()
        for limit, count in counts.items()
    )
    return Table("Requests beyond a target's limits", ("", "limit", "rows"), rows, "" if rows else "None.")


def _limit(name: str, value: float) -> str:
    return byte_size(int(value)) if name.endswith(".max_bytes") else f"{value:,}"


def as_text(stats: Stats) -> str:
    """Return the tables for a terminal."""
    return "\n\n".join(map(_table_text, tables(stats)))


def _table_text(shown: Table) -> str:
    rows = [tuple(map(plain, row)) for row in (shown.header, *shown.rows) if any(row)] if shown.rows else []
    lines = table(rows, right=True).split("\n") if rows else []
    return "\n  ".join([shown.title, *lines, *textwrap.wrap(plain(shown.note), _WIDTH)])
