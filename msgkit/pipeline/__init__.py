"""
Steps over files: order kept, memory bounded, output whole or absent, numbers that must add up.

A run is a :class:`~msgkit.pipeline.options.Plan`. ``runner`` does it: it has the inputs and the workspace opened, does
all rows, and has the files named. Five modules tell the rest:

* ``row_runner``: one row through a step, and where what came of it goes.
* ``staging``: the workspace, a hidden folder beside the output; its journal, in ``checkpoint``, is what resume reads.
* ``chunks``: the input cut into pieces that can be done apart.
* ``pool``: chunks to workers and back in order, each row to its place in the one output. A worker that dies is
  replaced, and what it held is done again. ``processes`` starts workers and ``worker`` is what they run; on a cluster
  ``ray`` takes their place.
* ``publishing``: the names, at the end, the output last.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

from msgkit.escaping import built
from msgkit.pipeline.checkpoint import ResumeError
from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.options import Options, Place, Plan
from msgkit.pipeline.publishing import NotReplacedError
from msgkit.pipeline.report import MiscountError, Progress, Refusal, Report, StoppedError, WorkerError
from msgkit.pipeline.runner import RESUMABLE, execute
from msgkit.pipeline.signals import terminable
from msgkit.rows import InputChangedError

__all__ = [
    "RESUMABLE",
    "InputChangedError",
    "MiscountError",
    "NotReplacedError",
    "Options",
    "Progress",
    "Refusal",
    "Report",
    "ResumeError",
    "StoppedError",
    "UsageError",
    "WorkerError",
    "run",
]


def run(
    step: Callable[[Any], Any] | Sequence[Callable[[Any], Any]],
    source: Place | Sequence[Place],
    destination: Place | None,
    **options: Unpack[Options],
) -> Report:
    """
    Put every row of *source* through *step* and write the results to *destination*, in order.

    Args:
        step: A step of :mod:`msgkit.pipeline.steps`, or any callable row -> row. What it raises refuses the row. A list
            has one for each input.

        source: ``.jsonl``, ``.json`` or ``.parquet``, each also ``.gz`` or ``.zst``; ``-`` is standard input; or a list
            of such files.

        destination: The same, by suffix; ``-`` is standard output. The file is whole or absent. None writes no rows.

        options: ``workers``, ``on_error``, ``rejects``, ``resume`` and more: see :class:`Options`.

    Raises:
        OSError: The input cannot be read or the output not written. What was done may be kept for ``resume``.

        InputChangedError: An input changed while it was read.

        NotReplacedError: ``in_place`` and a row was refused.

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
    began = time.monotonic()
    given: Mapping[str, Any] = options
    if options.get("engine") == "ray":
        from msgkit.pipeline.ray import on_ray

        given = on_ray(options)
    plan = built(Plan, "run", given, steps=step, sources=source, destination=destination)
    with terminable() as interrupt:
        return execute(plan, began, interrupt)
