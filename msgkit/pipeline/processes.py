"""A worker process: how it is started on any system, what it is told, how it ends; and the chunks that it has."""

import gc
import mmap
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import attrs

from msgkit.pipeline.chunks import Chunk, Pace
from msgkit.pipeline.report import WorkerError
from msgkit.pipeline.worker import SLOT_SIZE, Heartbeat, Result, main, main_of_descriptors

_HELD: Final = 8 << 20  # bytes of rows that a worker may hold and still get another chunk


class WorkerProcess:
    """A process that does one chunk at a time, and writes rows of earlier ones when their place is known."""

    def __init__(self, job: bytes, slot: Path) -> None:
        slot.write_bytes(bytes(SLOT_SIZE))
        with slot.open("r+b") as file:
            self.slot = Heartbeat(mmap.mmap(file.fileno(), SLOT_SIZE))
        their_orders, orders = os.pipe()
        results, their_results = os.pipe()
        self.results = Connection(results, writable=False)
        self._orders = Connection(orders, readable=False)
        start = _fork if can_fork() else _start_frozen if getattr(sys, "frozen", False) else _start
        self._end = ""
        self._process = start(their_orders, their_results, str(slot))
        with suppress(BrokenPipeError):
            self._orders.send_bytes(job)

    def order(self, *order: Any) -> None:
        """Order a chunk to be done, or its rows to be written."""
        with suppress(BrokenPipeError):
            self._orders.send(order)

    def kill(self) -> str:
        """End it, and say how it ended; once, for its number may be another's by then."""
        if self._end:
            return self._end
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._orders.close()
        self.results.close()
        status = _wait(self._process)
        self._end = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
        return self._end


_THREADS = Path("/proc/self/task")


def can_fork() -> bool:
    """Return whether a worker can be a copy of this process, which spares it all imports."""
    return sys.platform == "linux" and _THREADS.is_dir() and len(os.listdir(_THREADS)) == 1  # noqa: PTH208 (names)


class _Forked:
    """A copy of this process, with what is used of ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _fork(orders: int, results: int, slot: str) -> _Forked:
    parent = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    # what a signal's handler raises in the hooks that modules register for forks would be lost
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    pid = os.fork()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if pid == 0:
        try:
            gc.freeze()  # whatever the parent has dropped must not close a descriptor here
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            _close_all_but(orders, results)
            main_of_descriptors(orders, results, slot, parent)
        except BaseException:  # noqa: BLE001 (nothing of the parent's may run here)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(orders)
    os.close(results)
    return _Forked(pid)


def _close_all_but(*kept: int) -> None:
    """Close what else the parent has open: pipes of other workers, the lock."""
    start = 3
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, max(map(int, os.listdir("/proc/self/fd"))) + 1)  # noqa: PTH208 (names)


def _start(orders: int, results: int, slot: str) -> Any:
    arguments = f"{orders}, {results}, {slot!r}, {os.getpid()}"
    work = f"from msgkit.pipeline.worker import main_of_descriptors; main_of_descriptors({arguments})"
    process = subprocess.Popen(  # noqa: S603 (our own interpreter and our own code)
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {work}"],
        stdin=subprocess.DEVNULL,
        stdout=2,
        pass_fds=(orders, results),
        start_new_session=True,
    )
    os.close(orders)
    os.close(results)
    return process


def _start_frozen(orders: int, results: int, slot: str) -> Any:
    """In a frozen program the interpreter is the program: start it as multiprocessing does, whose hook it calls."""
    theirs = (Connection(orders, writable=False), Connection(results, readable=False))
    process = multiprocessing.get_context("spawn").Process(
        target=_main_in_own_session, args=(*theirs, slot, os.getpid()), daemon=True
    )
    process.start()
    for connection in theirs:
        connection.close()
    return process


def _main_in_own_session(orders: Connection, results: Connection, slot: str, parent: int) -> None:
    os.setsid()
    main(orders, results, slot, parent)


def _wait(process: Any) -> int:
    if isinstance(process, subprocess.Popen | _Forked):
        return process.wait()
    process.join()
    return int(process.exitcode or 0)


@attrs.define(eq=False)
class Task:
    """A chunk on its way."""

    chunk: Chunk
    name: str  # how the names of its files begin
    result: Result | None = None  # what came of it, once it is done
    offset: int | None = None  # where in the output its rows go, once that is known
    size: int = 0  # bytes of its rows, once they have their place
    ordered: bool = False
    written: bool = False  # whether its rows are in the output
    worker: "Worker | None" = None  # who has it
    tries: int = 0  # how often a worker died with it, between rows


class Worker:
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


def learn(pace: Pace, task: Task) -> None:
    """Tell *pace* what a chunk cost."""
    if task.result is not None and not task.chunk.copied:
        size = task.chunk.stop - task.chunk.start.offset
        pace.learn(size, task.result.seconds, task.result.size)


def pieces(folder: Path, task: Task) -> list[Path]:
    """Return the files of a task: rows, rejects, ledger, notes; those of small ones are not there."""
    return [folder / f"{task.name}.{i}" for i in range(4)]
