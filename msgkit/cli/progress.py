"""The progress bar: rows, bytes, rate, time left; on a terminal only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgkit.pipeline.report import OnProgress, Progress
from msgkit.rows import Row, Source

_EVERY = 256  # rows between two steps of the bar


@contextmanager
def bar(name: str, options: Any) -> Iterator[OnProgress | None]:
    """
    Show a progress bar while the block runs; yield what takes the progress, or None where no bar is shown.

    Args:
        name: What is done.

        options: ``quiet`` and ``no_progress`` decide, beside whether standard error is a terminal.
    """
    if options.quiet or options.no_progress or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=name, unit="B", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr) as shown:

        def on_progress(progress: Progress) -> None:
            shown.total = progress.total
            shown.set_postfix_str(f"{progress.rows:,} rows", refresh=False)
            shown.update(progress.done - shown.n)

        yield on_progress


def following(source: Source, on_progress: OnProgress | None) -> Iterator[Row]:
    """Yield the rows of *source*, and say now and then how far it is read."""
    for index, row in enumerate(source, 1):
        yield row
        if on_progress is not None and index % _EVERY == 0:
            on_progress(Progress(index, source.tell(), source.size))
