"""Chunks to workers and back, in order: processes that may die, or threads for steps that cannot be sent to one."""

import pickle
import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Final

from msgkit.errors import Issue
from msgkit.pipeline.chunks import Chunk, Pace, UsageError
from msgkit.pipeline.processes import Task, Worker, WorkerProcess, can_fork, learn
from msgkit.pipeline.report import Tally, WorkerError
from msgkit.pipeline.row_runner import Job
from msgkit.pipeline.steps.base import Step
from msgkit.pipeline.worker import Result, do_chunk
from msgkit.rows import Row

_AHEAD: Final = 16  # chunks for each worker that may be done and wait for one before them
_TICK: Final = 0.1  # seconds between looks at the clock
_TRIES: Final = 5


def start(
    job: Job, workers: int, folder: Path, row_seconds: float | None, pace: Pace, offset: int
) -> "Processes | Threads":
    """Return processes; threads if the step cannot be sent to a process."""
    sent = sendable(job)
    if sent is not None:
        if can_fork():
            warm(job)
        return Processes(sent, workers, folder, row_seconds, pace=pace, offset=None if job.output is None else offset)
    if row_seconds is not None:
        raise UsageError("a time limit needs a step that can be pickled and is defined in a module")
    return Threads(job, workers, folder, pace)


def warm(job: Job) -> None:
    """Import what rows will need, and do one without media, before workers are copied from this process."""
    for task in job.tasks[:1]:
        for name in task.step.modules if isinstance(task.step, Step) else ():
            import_module(name)
        if type(task.step).__module__.startswith("msgkit."):
            with suppress(Exception):
                task.begin().treat(Row(1, raw=_SAMPLE), Tally())


_SAMPLE: Final = b'{"messages":[{"role":"user","content":"Hello"}]}'


def sendable(job: Job) -> bytes | None:
    """Return *job* as another process can read it; None if it cannot be pickled or is in the script itself."""
    try:
        sent = pickle.dumps(job)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return None if b"__main__" in sent else sent


class Processes:
    """Workers as processes; one that dies is replaced, and a row that kills one twice or takes too long is refused."""

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
        self._workers: list[Worker] = []
        self._names = count()
        self._tasks: list[Task] = []
        self._more = True

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """Yield each chunk's task once it is done, in the order of the chunks; call *tick* while waiting."""
        self._more = True
        while can_fork() and len(self._workers) < self._most:
            self._start()  # now: pyarrow starts threads, and a process with threads is not copied
        while True:
            self._place()
            while self._tasks and self._tasks[0].written:
                yield self._tasks.pop(0)
            self._assign(chunks)
            if not self._tasks:
                return
            self._wait()
            tick()

    def close(self) -> None:
        """Stop at once."""
        for worker in self._workers:
            worker.process.kill()
        self._workers = []

    def _task(self, chunk: Chunk, tries: int = 0) -> Task:
        return Task(chunk, f"{self._prefix}-{next(self._names)}", tries=tries)

    def _assign(self, chunks: Iterator[Chunk]) -> None:
        """Tell each worker that is idle what to do next."""
        waiting = [task for task in self._tasks if task.worker is None]
        for worker in self._workers:
            if worker.is_idle:
                self._tell(worker, self._next(waiting, chunks) if worker.has_room else None)
        while len(self._workers) < self._most and (task := self._next(waiting, chunks)):
            self._tell(self._start(), task)

    def _tell(self, worker: Worker, task: Task | None) -> None:
        worker.tell(task, watched=self._row_seconds is not None or (task is not None and task.tries > 0))

    def _next(self, waiting: list[Task], chunks: Iterator[Chunk]) -> Task | None:
        """Return the next chunk to be done: one whose worker died, or a new one if not too many wait for others."""
        if waiting:
            return waiting.pop(0)
        if not self._more or len(self._tasks) >= self._most * _AHEAD:
            return None
        chunk = next(chunks, None)
        if chunk is None:
            self._more = False
            return None
        self._tasks.append(self._task(chunk))
        return self._tasks[-1]

    def _start(self) -> "Worker":
        process = WorkerProcess(self._job, self._folder / f"{self._prefix}-slot-{next(self._names)}")
        self._workers.append(Worker(process, in_place=self._offset is not None))
        return self._workers[-1]

    def _place(self) -> None:
        """Give the rows of chunks their places, as far as the sizes of all before them are known."""
        for task in self._tasks:
            if task.result is None and task.offset is None:
                return
            if task.result is None:
                continue  # it is done again, for the same place
            if self._offset is None or not task.result.size:
                task.written = True
            elif task.offset is None:
                task.offset, task.size = self._offset, task.result.size
                self._offset += task.size

    def _wait(self) -> None:
        busy = [worker for worker in self._workers if not worker.is_idle]
        for worker in _answering(busy, _TICK):
            try:
                answer = worker.process.results.receive()
            except (EOFError, OSError):
                self._bury(worker, "the worker died ({})")
                continue
            if isinstance(answer, Exception):
                raise answer
            task = worker.take(answer)
            if task is not None:
                learn(self._pace, task)
                _check_size(task)
        if self._row_seconds is not None:
            self._stop_the_late(self._row_seconds)

    def _stop_the_late(self, limit: float) -> None:
        for worker in [worker for worker in self._workers if worker.doing is not None]:
            doing = worker.process.slot.read()
            if doing and time.monotonic() - doing[2] > limit and not _answering([worker], 0):
                worker.process.kill()
                again = worker.process.slot.read()
                late = again is not None and again[2] == doing[2]
                self._bury(worker, f"took longer than {limit:g} s" if late else "", "row-timeout")

    def _bury(self, worker: "Worker", message: str, code: str = "worker-crashed") -> None:
        """Have the tasks of a dead worker done again; if a row was noted as begun, it is refused."""
        self._workers.remove(worker)
        ended = worker.process.kill()
        for done in worker.held:
            done.worker, done.result = None, None
        task = worker.doing
        if task is None:
            return
        doing = worker.process.slot.read()
        at = self._tasks.index(task)
        if doing and message and task.offset is None:
            fault = Issue("", code, "error", f"expected the row to be done, but {message.format(ended)}")
            pieces = task.chunk.split(doing[0], doing[1], fault)
            self._tasks[at : at + 1] = [self._task(piece, tries=1) for piece in pieces]
        elif task.tries + 1 < _TRIES:
            task.worker, task.tries = None, task.tries + 1
        else:
            where = f"after row {task.chunk.start.number:,}"
            raise WorkerError(f"workers died {_TRIES} times, {where} ({ended}); see what they wrote above")


def _answering(workers: Sequence[Worker], seconds: float) -> list[Worker]:
    """Return the workers that have answered, or died, waiting so long for the first."""
    by_pipe = {worker.process.results.fileno(): worker for worker in workers}
    poll = select.poll()
    for pipe in by_pipe:
        poll.register(pipe, select.POLLIN)
    return [by_pipe[pipe] for pipe, _ in poll.poll(seconds * 1000)]


def _check_size(task: Task) -> None:
    """A chunk that is done again must give as many bytes as before: the place of those after it is known."""
    if task.offset is not None and task.result is not None and task.result.size != task.size:
        message = f"the rows after {task.chunk.start.number:,} gave another result when they were processed again"
        raise WorkerError(message)


class Threads:
    """Workers as threads: for steps that cannot be pickled or are in the script itself."""

    def __init__(self, job: Job, workers: int, folder: Path, pace: Pace) -> None:
        self._job = job
        self._folder = folder
        self._pace = pace
        self._ahead = workers * 2
        from concurrent.futures import ThreadPoolExecutor

        self._executor = ThreadPoolExecutor(workers, "msgkit")

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """Do as :meth:`Processes.run` does."""
        names = (f"thread-{i}" for i in count())
        line = []
        for chunk in chunks:
            task = Task(chunk, next(names))
            line.append((task, self._executor.submit(self._do, chunk, task.name)))
            while len(line) >= self._ahead:
                task, done = line.pop(0)
                task.result = done.result()
                learn(self._pace, task)
                tick()
                yield task
        for task, done in line:
            task.result = done.result()
            yield task

    def _do(self, chunk: Chunk, name: str) -> Result:
        with closing(self._job.open(chunk)) as source:
            return do_chunk(self._job, chunk, source, self._folder / name)[0]

    def close(self) -> None:
        """Stop at once."""
        self._executor.shutdown(wait=True, cancel_futures=True)
