"""Chunks to workers and back, in order: processes that may die, or threads for steps that cannot be sent to one."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Protocol

import attrs

from msgkit.errors import Issue
from msgkit.pipeline.chunks import Chunk, UsageError
from msgkit.pipeline.report import Tally, WorkerError
from msgkit.pipeline.row_runner import RowTask
from msgkit.pipeline.worker import SLOT_SIZE, Heartbeat, do_chunk

_AHEAD: Final = 4  # chunks for each worker that may be done and wait for one before them
_TICK: Final = 0.1  # seconds between looks at the clock
_TRIES: Final = 3


@attrs.define(eq=False)
class Task:
    """
    A chunk on its way.

    Args:
        chunk: The chunk.

        name: What its files are called.

        tally: Its numbers, once it is done.

        begun: Whether a worker has it.

        tries: How often a worker died with it, between rows.
    """

    chunk: Chunk
    name: str
    tally: Tally | None = None
    begun: bool = False
    tries: int = 0


class Pool(Protocol):
    """What does chunks side by side."""

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """Yield each chunk's task once it is done, in the order of the chunks; call *tick* while waiting."""

    def close(self) -> None:
        """Stop at once."""


def start(job: RowTask, workers: int, folder: Path, row_seconds: float | None) -> Pool:
    """
    Return processes; threads if the step cannot be sent to a process.

    Args:
        job: What to do.

        workers: How many at a time.

        folder: Where files go.

        row_seconds: How long a row may take.

    Raises:
        UsageError: A time limit needs processes, and the step cannot be sent to one.
    """
    sent = sendable(job)
    if sent is not None:
        return Processes(sent, workers, folder, row_seconds)
    if row_seconds is not None:
        raise UsageError("a time limit needs a step that can be pickled and is defined in a module")
    return Threads(job, workers, folder)


def sendable(job: RowTask) -> bytes | None:
    """Return *job* as another process can read it; None if it cannot be pickled or stands in the script itself."""
    try:
        sent = pickle.dumps(job)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return None if b"__main__" in sent else sent


class Threads:
    """Workers as threads: for steps that cannot be pickled or stand in the script itself."""

    def __init__(self, job: RowTask, workers: int, folder: Path) -> None:
        self._job = job
        self._folder = folder
        self._ahead = workers * _AHEAD
        self._executor = ThreadPoolExecutor(workers, "msgkit")

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """See :class:`Pool`."""
        names = (f"thread-{i}" for i in count())
        line = []
        for chunk in chunks:
            task = Task(chunk, next(names))
            line.append((task, self._executor.submit(do_chunk, self._job, chunk, self._folder, task.name)))
            while len(line) >= self._ahead:
                task, done = line.pop(0)
                task.tally = done.result()
                tick()
                yield task
        for task, done in line:
            task.tally = done.result()
            yield task

    def close(self) -> None:
        """See :class:`Pool`."""
        self._executor.shutdown(wait=True, cancel_futures=True)


class Processes:
    """
    Workers as processes; one that dies or takes too long costs the row that it was doing, and is replaced.

    Args:
        job: What to do, as :func:`sendable` gives it.

        workers: How many at a time.

        folder: Where files go.

        row_seconds: How long a row may take.

        prefix: How the names of the files begin.
    """

    def __init__(
        self, job: bytes, workers: int, folder: Path, row_seconds: float | None, prefix: str = "piece"
    ) -> None:
        self._prefix = prefix
        self._job = job
        self._most = workers
        self._folder = folder
        self._row_seconds = row_seconds
        self._workers: list[_Worker] = []
        self._names = count()
        self._tasks: list[Task] = []

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """See :class:`Pool`."""
        more = True
        while more or self._tasks:
            while more and len(self._tasks) < self._most * _AHEAD:
                chunk = next(chunks, None)
                more = chunk is not None
                if chunk is not None:
                    self._tasks.append(self._task(chunk))
            self._assign()
            while self._tasks and self._tasks[0].tally is not None:
                yield self._tasks.pop(0)
                self._assign()
            if self._tasks:
                self._wait()
                tick()

    def close(self) -> None:
        """See :class:`Pool`."""
        for worker in self._workers:
            worker.kill()
        self._workers = []

    def _task(self, chunk: Chunk, tries: int = 0) -> Task:
        return Task(chunk, f"{self._prefix}-{next(self._names)}", tries=tries)

    def _assign(self) -> None:
        waiting = [task for task in self._tasks if not task.begun]
        for task in waiting:
            worker = next((worker for worker in self._workers if worker.task is None), None)
            if worker is None:
                if len(self._workers) >= self._most:
                    return
                worker = _Worker(self._job, self._folder / f"{self._prefix}-slot-{next(self._names)}")
                self._workers.append(worker)
            worker.begin(task, self._folder)

    def _wait(self) -> None:
        busy = {worker.results: worker for worker in self._workers if worker.task is not None}
        for ready in wait(list(busy), _TICK):
            worker = busy[ready]  # type: ignore[index]
            try:
                result = worker.results.recv()
            except (EOFError, OSError):
                self._bury(worker, "the worker died ({})")
                continue
            if isinstance(result, OSError):
                raise result
            worker.task.tally = result  # type: ignore[union-attr]
            worker.task = None
        if self._row_seconds is not None:
            self._stop_the_late(self._row_seconds)

    def _stop_the_late(self, limit: float) -> None:
        for worker in [worker for worker in self._workers if worker.task is not None]:
            doing = worker.slot.read()
            if doing and time.monotonic() - doing[2] > limit and not worker.results.poll():
                worker.kill()
                again = worker.slot.read()
                late = again is not None and again[2] == doing[2]
                self._bury(worker, f"took longer than {limit:g} s" if late else "", "row-timeout")

    def _bury(self, worker: "_Worker", message: str, code: str = "worker-crashed") -> None:
        """Replace the task of a dead worker by what is left of it: the row that it was doing is refused."""
        self._workers.remove(worker)
        ended = worker.kill()
        task = worker.task
        if task is None:
            return
        doing = worker.slot.read()
        at = self._tasks.index(task)
        if doing and message:
            fault = Issue("", code, "error", f"expected the row to be done, but {message.format(ended)}")
            pieces = task.chunk.split(doing[0], doing[1], fault)
            self._tasks[at : at + 1] = [self._task(piece) for piece in pieces]
        elif task.tries + 1 < _TRIES:
            self._tasks[at] = self._task(task.chunk, task.tries + 1)
        else:
            where = f"after row {task.chunk.start.number:,}"
            raise WorkerError(f"workers died {_TRIES} times between rows, {where} ({ended}); see what they wrote above")


class _Worker:
    """A process that does one chunk at a time."""

    def __init__(self, job: bytes, slot: Path) -> None:
        import mmap

        slot.write_bytes(bytes(SLOT_SIZE))
        with slot.open("r+b") as file:
            self.slot = Heartbeat(mmap.mmap(file.fileno(), SLOT_SIZE))
        self.task: Task | None = None
        their_orders, orders = os.pipe()
        results, their_results = os.pipe()
        arguments = f"{their_orders}, {their_results}, {str(slot)!r}, {os.getpid()}"
        code = f"import sys; sys.path[:] = {sys.path!r}; from msgkit.pipeline.worker import main; main({arguments})"
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and our own code)
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=2,
            pass_fds=(their_orders, their_results),
            start_new_session=True,
        )
        os.close(their_orders)
        os.close(their_results)
        self.results = Connection(results, writable=False)
        self._orders = Connection(orders, readable=False)
        with suppress(BrokenPipeError):
            self._orders.send_bytes(job)

    def begin(self, task: Task, folder: Path) -> None:
        """Give it a chunk."""
        self.task = task
        task.begun = True
        self.slot.end()
        with suppress(BrokenPipeError):
            self._orders.send((task.chunk, str(folder), task.name))

    def kill(self) -> str:
        """End it, and say how it ended."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._orders.close()
        self.results.close()
        status = self._process.wait()
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"


def pieces(folder: Path, task: Task) -> list[Path]:
    """Return the files of a task: rows, rejects, ledger."""
    return [folder / f"{task.name}.{i}" for i in range(3)]
