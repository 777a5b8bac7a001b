"""Chunks to workers and back, in order: processes that may die, or threads for steps that cannot be sent to one."""

import pickle
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Protocol

import attrs

from msgkit.errors import Issue
from msgkit.pipeline.chunks import Chunk, Pace, UsageError
from msgkit.pipeline.processes import WorkerProcess
from msgkit.pipeline.report import WorkerError
from msgkit.pipeline.worker import Job, Result, do_chunk

_AHEAD: Final = 16  # chunks for each worker that may be done and wait for one before them
_HELD: Final = 8 << 20  # bytes of rows that a worker may hold and still get another chunk
_TICK: Final = 0.1  # seconds between looks at the clock
_TRIES: Final = 3


@attrs.define(eq=False)
class Task:
    """
    A chunk on its way.

    Args:
        chunk: The chunk.

        name: How the names of its files begin.

        result: What came of it, once it is done.

        offset: Where in the output its rows go, once that is known.

        size: Bytes of its rows, once they have their place.

        written: Whether its rows are in the output.

        worker: Who has it.

        tries: How often a worker died with it, between rows.
    """

    chunk: Chunk
    name: str
    result: Result | None = None
    offset: int | None = None
    size: int = 0
    ordered: bool = False
    written: bool = False
    worker: "_Worker | None" = None
    tries: int = 0


class Pool(Protocol):
    """What does chunks in parallel."""

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """Yield each chunk's task once it is done, in the order of the chunks; call *tick* while waiting."""

    def close(self) -> None:
        """Stop at once."""


def start(job: Job, workers: int, folder: Path, row_seconds: float | None, pace: Pace, offset: int) -> Pool:
    """
    Return processes; threads if the step cannot be sent to a process.

    Args:
        job: What to do.

        workers: How many at a time.

        folder: Where files go.

        row_seconds: How long a row may take.

        pace: Is told what chunks cost.

        offset: Where in the output the first rows go.

    Raises:
        UsageError: A time limit needs processes, and the step cannot be sent to one.
    """
    sent = sendable(job)
    if sent is not None:
        return Processes(sent, workers, folder, row_seconds, pace=pace, offset=None if job.output is None else offset)
    if row_seconds is not None:
        raise UsageError("a time limit needs a step that can be pickled and is defined in a module")
    return Threads(job, workers, folder, pace)


def sendable(job: Job) -> bytes | None:
    """Return *job* as another process can read it; None if it cannot be pickled or stands in the script itself."""
    try:
        sent = pickle.dumps(job)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return None if b"__main__" in sent else sent


class Threads:
    """Workers as threads: for steps that cannot be pickled or stand in the script itself."""

    def __init__(self, job: Job, workers: int, folder: Path, pace: Pace) -> None:
        self._job = job
        self._folder = folder
        self._pace = pace
        self._ahead = workers * 2
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
                task.result, _ = done.result()
                _learn(self._pace, task)
                tick()
                yield task
        for task, done in line:
            task.result, _ = done.result()
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

        pace: Is told what chunks cost.

        offset: Where in the output the first rows go; None if the rows of each chunk go to a file of its own.
    """

    def __init__(
        self,
        job: bytes,
        workers: int,
        folder: Path,
        row_seconds: float | None,
        *,
        prefix: str = "piece",
        pace: Pace | None = None,
        offset: int | None = None,
    ) -> None:
        self._prefix = prefix
        self._job = job
        self._most = workers
        self._folder = folder
        self._row_seconds = row_seconds
        self._pace = pace or Pace()
        self._offset = offset
        self._workers: list[_Worker] = []
        self._names = count()
        self._tasks: list[Task] = []
        self._more = True

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """See :class:`Pool`."""
        self._more = True
        while self._assign(chunks):
            self._place()
            while self._tasks and self._tasks[0].written:
                yield self._tasks.pop(0)
            if self._tasks:
                self._wait()
                tick()

    def close(self) -> None:
        """See :class:`Pool`."""
        for worker in self._workers:
            worker.process.kill()
        self._workers = []

    def _task(self, chunk: Chunk, tries: int = 0) -> Task:
        return Task(chunk, f"{self._prefix}-{next(self._names)}", tries=tries)

    def _assign(self, chunks: Iterator[Chunk]) -> bool:
        """Give each worker that is free the next chunk; return whether anything is left to be done."""
        waiting = [task for task in self._tasks if task.worker is None]
        while waiting or (self._more and len(self._tasks) < self._most * _AHEAD):
            worker = next((worker for worker in self._workers if worker.is_free()), None)
            if worker is None and len(self._workers) >= self._most:
                break
            task = waiting.pop(0) if waiting else self._cut(chunks)
            if task is None:
                break
            worker = worker or self._start()
            worker.begin(task, self._folder)
        return bool(self._tasks) or self._more

    def _cut(self, chunks: Iterator[Chunk]) -> Task | None:
        chunk = next(chunks, None)
        if chunk is None:
            self._more = False
            return None
        self._tasks.append(self._task(chunk))
        return self._tasks[-1]

    def _start(self) -> "_Worker":
        process = WorkerProcess(self._job, self._folder / f"{self._prefix}-slot-{next(self._names)}")
        self._workers.append(_Worker(process, in_place=self._offset is not None))
        return self._workers[-1]

    def _place(self) -> None:
        """Tell workers where the rows of chunks go, as far as the sizes of all before them are known."""
        for task in self._tasks:
            if task.result is None and task.offset is None:
                return
            if task.result is None or task.worker is None:
                continue  # it is done again, for the same place
            if self._offset is None or not task.result.size:
                task.written = True
                continue
            if task.offset is None:
                task.offset, task.size = self._offset, task.result.size
                self._offset += task.size
            if not task.ordered:
                task.ordered = True
                task.worker.process.order(task.name, task.offset)

    def _wait(self) -> None:
        busy = {worker.process.results: worker for worker in self._workers if worker.doing or worker.held}
        for ready in wait(list(busy), _TICK):
            worker = busy[ready]  # type: ignore[index]
            try:
                answer = worker.process.results.recv()
            except (EOFError, OSError):
                self._bury(worker, "the worker died ({})")
                continue
            if isinstance(answer, Exception):
                raise answer
            task = worker.take(answer)
            if isinstance(answer, Result):
                _learn(self._pace, task)
                _check_size(task)
        if self._row_seconds is not None:
            self._stop_the_late(self._row_seconds)

    def _stop_the_late(self, limit: float) -> None:
        for worker in [worker for worker in self._workers if worker.doing is not None]:
            doing = worker.process.slot.read()
            if doing and time.monotonic() - doing[2] > limit and not worker.process.results.poll():
                worker.process.kill()
                again = worker.process.slot.read()
                late = again is not None and again[2] == doing[2]
                self._bury(worker, f"took longer than {limit:g} s" if late else "", "row-timeout")

    def _bury(self, worker: "_Worker", message: str, code: str = "worker-crashed") -> None:
        """Replace the tasks of a dead worker by what is left of them: the row that it was doing is refused."""
        self._workers.remove(worker)
        ended = worker.process.kill()
        for held in worker.held:
            held.worker, held.result, held.ordered = None, None, False
        task = worker.doing
        if task is None:
            return
        doing = worker.process.slot.read()
        at = self._tasks.index(task)
        if doing and message and task.offset is None:
            fault = Issue("", code, "error", f"expected the row to be done, but {message.format(ended)}")
            pieces = task.chunk.split(doing[0], doing[1], fault)
            self._tasks[at : at + 1] = [self._task(piece) for piece in pieces]
        elif task.tries + 1 < _TRIES:
            task.worker, task.tries = None, task.tries + 1
        else:
            where = f"after row {task.chunk.start.number:,}"
            raise WorkerError(f"workers died {_TRIES} times between rows, {where} ({ended}); see what they wrote above")


class _Worker:
    """A worker process and the chunks that it has."""

    def __init__(self, process: WorkerProcess, *, in_place: bool) -> None:
        self.process = process
        self.doing: Task | None = None
        self.held: list[Task] = []
        self._in_place = in_place

    def is_free(self) -> bool:
        """Whether it can take another chunk."""
        return self.doing is None and sum(task.result.size for task in self.held if task.result) <= _HELD

    def begin(self, task: Task, folder: Path) -> None:
        """Give it a chunk."""
        self.doing = task
        task.worker = self
        self.process.slot.end()
        self.process.order(task.chunk, str(folder), task.name)

    def take(self, answer: Result | str) -> Task:
        """Note that the chunk is done, or that the rows of an earlier one are written; return it."""
        having = [self.doing] if isinstance(answer, Result) else [task for task in self.held if task.name == answer]
        task = having[0] if having else None
        if task is None:
            raise WorkerError("a worker answered without having been asked")
        if isinstance(answer, str):
            self.held.remove(task)
            task.written = True
            return task
        self.doing, task.result = None, answer
        if self._in_place and answer.size:
            self.held.append(task)
        return task


def _check_size(task: Task) -> None:
    """A chunk that is done again must give as many bytes as before: the place of those after it is known."""
    if task.offset is not None and task.result is not None and task.result.size != task.size:
        message = f"the rows after {task.chunk.start.number:,} came out differently when they were done again"
        raise WorkerError(message)


def _learn(pace: Pace, task: Task) -> None:
    if task.result is not None and not task.chunk.copied:
        size = task.chunk.stop - task.chunk.start.offset
        pace.learn(size, task.result.seconds, task.result.size)


def pieces(folder: Path, task: Task) -> list[Path]:
    """Return the files of a task: rows, rejects, ledger, notes; those of small ones are not there."""
    return [folder / f"{task.name}.{i}" for i in range(4)]
