"""
Ray Data: the same run, its chunks done on a cluster.

Chunks of the input are what goes through Ray, rows and media are not: each actor reads its own ranges and writes its
own files, so input and output must be where every node sees them. Order, rejects, counts, parts and resume are those
of local runs, and so is what becomes of a row whose worker dies.
"""

import logging
import pickle
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs

from msgkit.errors import needing
from msgkit.escaping import quote
from msgkit.pipeline.chunks import Chunk, Pace, UsageError
from msgkit.pipeline.pool import Processes, sendable
from msgkit.pipeline.processes import Task
from msgkit.pipeline.report import WorkerError
from msgkit.pipeline.row_runner import Job

_CHUNK: Final = 1 << 20  # bytes of input that go to an actor at a time


def on_ray(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a run with those by which actors of Ray do its chunks."""
    with needing("ray", "ray", "to run on Ray"):
        import_module("ray.data")
        ray = import_module("ray")
    if not ray.is_initialized():
        for name in ("ray", "ray.data"):  # what it tells of itself would be between the rows that are refused
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            ray.init(include_dashboard=False, log_to_driver=False, configure_logging=False)
        except Exception as error:  # noqa: BLE001 (it raises bare Exceptions, too)
            raise WorkerError(f"Ray did not start: {quote(str(error))}") from None
    workers = options.get("workers")
    if workers is None:
        workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
    return {**options, "workers": workers, "engine": partial(_Actors, ray)}


class _Actors:
    """Chunks done by actors of Ray Data; as :class:`~msgkit.pipeline.pool.Processes` does them."""

    def __init__(
        self, ray: ModuleType, job: Job, workers: int, folder: Path, row_seconds: float | None, pace: Pace, _: int
    ) -> None:
        sent = sendable(job)
        if sent is None:
            raise UsageError("Ray needs a step that can be pickled and is defined in a module")
        self._ray = ray
        self._workers = workers
        self._actor = (sent, str(folder.absolute()), row_seconds)
        pace.size = _CHUNK

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """Yield each chunk's task once it is done, in the order of the chunks."""
        rows = [{"chunk": pickle.dumps(chunk)} for chunk in chunks]
        if not rows:
            return
        data = self._ray.data
        context = data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        results = data.from_items(rows, override_num_blocks=len(rows)).map(
            _Actor,
            fn_constructor_args=self._actor,
            compute=data.ActorPoolStrategy(min_size=1, max_size=min(self._workers, len(rows))),
        )
        for row in results.iter_rows():
            tick()
            yield from pickle.loads(row["tasks"])  # noqa: S301 (our own actors wrote it)

    def close(self) -> None:
        """Leave it to Ray, which ends its actors with the iteration."""


class _Actor:
    """One worker process, kept by an actor: whatever kills it does not kill the actor."""

    def __init__(self, job: bytes, folder: str, row_seconds: float | None) -> None:
        self._pool = Processes(job, 1, Path(folder), row_seconds, prefix=uuid.uuid4().hex)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do a chunk; it may have come in several pieces."""
        chunk = pickle.loads(row["chunk"])  # noqa: S301 (our own driver wrote it)
        tasks = [attrs.evolve(task, worker=None) for task in self._pool.run(iter([chunk]), lambda: None)]
        return {"tasks": pickle.dumps(tasks)}
