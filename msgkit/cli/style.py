"""How tables and JSON values look on the command line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def table(rows: Iterable[Sequence[str]], gap: str = "  ") -> str:
    """Return rows of cells as aligned columns."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [gap.join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


_LONGEST = 200  # characters of a string that is only shown


def shorten(value: Any) -> Any:
    """Return a JSON value with the long strings in it, such as base64, cut for showing."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:40]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        return {key: shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shorten(item) for item in value]
    return value
