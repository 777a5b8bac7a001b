"""What commands show on a terminal: the progress bar (rows, bytes, rate, time left), and values cut short."""

import sys
from collections.abc import Iterator, Mapping
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

    begun = f"{name}, starting"
    with tqdm(desc=begun, unit="B", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr) as shown:

        def on_progress(progress: Progress) -> None:
            first = progress.rows > 0 and shown.desc == begun
            if first:
                shown.set_description(name, refresh=False)
                shown.unpause()  # the rate is that of the rows, without the time to start
            shown.total = progress.total
            shown.set_postfix_str(f"{progress.rows:,} rows", refresh=False)
            shown.update(progress.done - shown.n)
            if first:
                shown.refresh()

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
