"""How numbers, sizes, names and tables look on the command line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def count(number: int, singular: str, plural: str | None = None) -> str:
    """
    Return a number and its noun.

    >>> count(1, "row"), count(10_000, "row"), count(2, "history", "histories")
    ('1 row', '10,000 rows', '2 histories')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def size(number: int) -> str:
    """
    Return a number of bytes in the unit that reads best, 1 kB being 1,000 bytes.

    >>> size(900), size(116_325), size(4_100_000_000)
    ('900 B', '116.3 kB', '4.1 GB')
    """
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 (what a thousand is)
            return f"{number} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def table(rows: Iterable[Sequence[str]], gap: str = "  ") -> str:
    """
    Return rows of cells as aligned columns.

    >>> print(table([("openai", "Chat Completions"), ("harmony", "Harmony")]))
    openai   Chat Completions
    harmony  Harmony
    """
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [gap.join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


_LONGEST = 200  # characters of a string that is only shown


def shorten(value: Any) -> Any:
    """
    Return a JSON value with the long strings in it, such as base64, cut for showing.

    >>> shorten({"url": "data:image/png;base64," + 1000 * "A"})
    {'url': 'data:image/png;base64,AAAAAAAAAAAAAAAAAA… (1,022 characters)'}
    """
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:40]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        return {key: shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shorten(item) for item in value]
    return value
