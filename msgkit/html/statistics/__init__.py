"""
The statistics of a file of rows: counted in one pass, shown as a table, as JSON, or as a page with plots.

To add a figure: count it in collecting.py, name it in counters.py, show it in tables.py.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from msgkit import formats
from msgkit import targets as known
from msgkit.api.receivers import Receiver, receivers, target_with
from msgkit.html.rows import each_note, listed
from msgkit.html.statistics.collecting import Collector
from msgkit.html.statistics.counters import Histogram, MediaStats, Repeats, Spread, Stats, TokenStats
from msgkit.html.statistics.facts import Facts
from msgkit.html.statistics.tokens import TokenizerError, text_counter
from msgkit.pipeline.report import OnProgress
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
