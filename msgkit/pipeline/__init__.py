"""
Steps over files: order kept, memory bounded, output whole or absent, numbers that must add up.

One process does pass-through work as fast as several when the disk is the limit; several share ranges of the input.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal, NoReturn

from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.report import MiscountError, OnProgress, Progress, Report, WorkerError
from msgkit.pipeline.runner import Plan, StoppedError, execute
from msgkit.pipeline.workspace import ResumeError
from msgkit.records import MAX_ROW

__all__ = ["MiscountError", "Progress", "Report", "ResumeError", "StoppedError", "UsageError", "WorkerError", "run"]


def run(  # noqa: PLR0913 (each is an option of its own, and all but three have defaults)
    step: Callable[[Any], Any],
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    *,
    workers: int | None = None,
    on_error: Literal["skip", "stop"] = "skip",
    rejects: str | os.PathLike[str] | None = None,
    ledger: str | os.PathLike[str] | None = None,
    resume: bool = False,
    shard: tuple[int, int] | None = None,
    max_bytes: int | None = None,
    max_rows: int | None = None,
    max_row: int = MAX_ROW,
    row_seconds: float | None = None,
    progress: OnProgress | None = None,
    engine: Callable[..., Any] | None = None,
) -> Report:
    """
    Put every row of *source* through *step* and write the results to *destination*, in order.

    Args:
        step: A step of :mod:`msgkit.steps`, or any callable row -> row. What it raises refuses the row.

        source: ``.jsonl``, ``.json`` or ``.parquet``, each also ``.gz`` or ``.zst``; ``-`` is standard input.

        destination: The same, by suffix; ``-`` is standard output. The file is whole or absent.

        workers: How many processes; with one the rows are done here. When None: one for a small file, else one for
            each core. A step that cannot be sent to a process is done by threads.

        on_error: ``skip`` leaves refused rows out; ``stop`` ends at the first one, without output.

        rejects: Where refused rows go, as JSONL: ``{"row", "issues", "input"}``.

        ledger: Where losses go, as JSONL: ``{"row", "path", "what", "value", "change"}``; the output's row is meant.

        resume: Go on where an interrupted run of the same step, input and options stopped.

        shard: ``(i, n)``: only the i-th of n spans of the input, counted from 1.

        max_bytes: Split the output into parts ``NAME-00001.jsonl`` of at most so many bytes; a longer row is refused.

        max_rows: Split the output into parts of at most so many rows.

        max_row: Bytes that a row of the input may have.

        row_seconds: How long a row may take; needs a process of its own even for one worker.

        progress: Called now and then with a :class:`Progress`.

        engine: What does chunks side by side; see :mod:`msgkit.engines`. msgkit's own workers when None.

    Raises:
        OSError: The input cannot be read or the output not written; nothing is left behind.

        StoppedError: ``on_error="stop"`` and a row was refused.

        ResumeError: There is an interrupted run, but of another step, input or options.

        MiscountError: Rows were lost or doubled: a bug.

    >>> import tempfile
    >>> from msgkit.steps import Check
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = run(Check(), "examples/history.jsonl", f"{folder}/checked.jsonl")
    >>> report.read == report.written + report.refused
    True
    """
    names = {"source": source, "destination": destination, "rejects": rejects, "ledger": ledger}
    with _terminable():
        return execute(
            Plan(
                step=step,
                **{name: None if path is None else os.fspath(path) for name, path in names.items()},  # type: ignore[arg-type]
                workers=workers,
                on_error=on_error,
                resume=resume,
                shard=shard,
                max_bytes=max_bytes,
                max_rows=max_rows,
                max_row=max_row,
                row_seconds=row_seconds,
                progress=progress,
                engine=engine,
            )
        )


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a run as SIGINT does: workers stopped, what was done kept; exit code 143."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
