"""The progress bar: rows, bytes, rate, time left; on a terminal only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgkit.pipeline.report import OnProgress, Progress


@contextmanager
def bar(name: str, options: Any) -> Iterator[OnProgress | None]:
    """Show a progress bar while the block runs; yield what takes the progress, or None where no bar is shown."""
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


@contextmanager
def hidden() -> Iterator[None]:
    """Take the progress bar from the terminal while the block prints."""
    if "tqdm" not in sys.modules:
        yield
        return
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stdout):
        yield
