"""A worker process: how it is started on any system, what it is told, how it ends; and the chunks that it has."""

import gc
import mmap
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import attrs

from msgkit.pipeline.chunks import Chunk, Pace
from msgkit.pipeline.report import WorkerError
from msgkit.pipeline.signals import uninterrupted
from msgkit.pipeline.worker import SLOT_SIZE, Heartbeat, Pipe, Result, main

_HELD: Final = 8 << 20  # bytes of rows that a worker may hold and still get another chunk


class WorkerProcess:
    """A process that does one chunk at a time, and writes rows of earlier ones when their place is known."""

    def __init__(self, job: bytes, slot: Path) -> None:
        slot.write_bytes(bytes(SLOT_SIZE))
        with slot.open("r+b") as file:
            self.slot = Heartbeat(mmap.mmap(file.fileno(), SLOT_SIZE))
        their_orders, orders = os.pipe()
        results, their_results = os.pipe()
        self.results = Pipe(results, "rb")
        self._orders = Pipe(orders, "wb")
        start = _fork if can_fork() else _Spawned if getattr(sys, "frozen", False) else _start
        self._end = ""
        self._process = start(their_orders, their_results, str(slot))
        self.send(job)

    def send(self, value: object) -> None:
        """Send the job, and then orders, as :meth:`Worker.tell` makes them."""
        with suppress(BrokenPipeError):
            self._orders.send(value)

    def kill(self) -> str:
        """End it, and say how it ended; once, for its number may be another's by then."""
        if self._end:
            return self._end
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._orders.close()
        self.results.close()
        status = self._process.wait()
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
    with uninterrupted():
        pid = os.fork()
        if pid == 0:
            _be_worker(orders, results, slot, parent)
    os.close(orders)
    os.close(results)
    return _Forked(pid)


def _be_worker(orders: int, results: int, slot: str, parent: int) -> NoReturn:
    try:
        gc.freeze()  # whatever the parent has dropped must not close a descriptor here
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        _close_all_but(orders, results)
        main(orders, results, slot, parent)
    except BaseException:  # noqa: BLE001 (nothing of the parent's may run here)
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Close what else the parent has open: pipes of other workers, the lock."""
    start = 3
    for descriptor in sorted(kept):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, max(map(int, os.listdir("/proc/self/fd"))) + 1)  # noqa: PTH208 (names)


def _start(orders: int, results: int, slot: str) -> Any:
    import subprocess

    arguments = f"{orders}, {results}, {slot!r}, {os.getpid()}"
    work = f"from msgkit.pipeline.worker import main; main({arguments})"
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


class _Spawned:
    """In a frozen program the interpreter is the program: start it as multiprocessing does, whose hook it calls."""

    def __init__(self, orders: int, results: int, slot: str) -> None:
        from multiprocessing import connection, get_context

        theirs = connection.Connection(orders, writable=False), connection.Connection(results, readable=False)
        self._process = get_context("spawn").Process(target=_main_in_own_session, args=(*theirs, slot, os.getpid()))
        self._process.daemon = True
        self._process.start()
        for one in theirs:
            one.close()
        self.pid = self._process.pid or 0
        self.kill = self._process.kill

    def wait(self) -> int:
        self._process.join()
        return int(self._process.exitcode or 0)


def _main_in_own_session(orders: Any, results: Any, slot: str, parent: int) -> None:
    os.setsid()
    main(os.dup(orders.fileno()), os.dup(results.fileno()), slot, parent)


@attrs.define(eq=False)
class Task:
    """A chunk on its way."""

    chunk: Chunk
    name: str  # how the names of its files begin
    result: Result | None = None  # what came of it, once it is done
    offset: int | None = None  # where in the output its rows go, once that is known
    size: int = 0  # bytes of its rows, once they have their place
    written: bool = False  # whether its rows are in the output
    worker: "Worker | None" = None  # who has it
    tries: int = 0  # how often a worker died with it; then each row is noted that is begun, to know whose fault it is


class Worker:
    """A worker process and the chunks that it has; it is told one thing at a time."""

    def __init__(self, process: WorkerProcess, *, in_place: bool) -> None:
        self.process = process
        self.doing: Task | None = None
        self.held: list[Task] = []  # done, but not written
        self.writing: list[Task] = []  # those of them that it has been told to write
        self._in_place = in_place

    @property
    def is_idle(self) -> bool:
        """Whether it waits to be told something."""
        return self.doing is None and not self.writing

    @property
    def has_room(self) -> bool:
        """Whether it may do another chunk, beside rows that it holds until their place is known."""
        return sum(task.result.size for task in self.held if task.result and task.offset is None) <= _HELD

    def tell(self, task: Task | None, *, watched: bool = False) -> None:
        """Have it write what has a place, then do a chunk; it notes each row if it is watched."""
        self.writing = [one for one in self.held if one.offset is not None]
        if task is None and not self.writing:
            return
        places = [(one.name, one.offset) for one in self.writing if one.offset is not None]
        if task is not None:
            self.doing, task.worker = task, self
            self.process.slot.end()
        self.process.send((places, task.chunk if task else None, task.name if task else "", watched))

    def take(self, answer: Result | None) -> Task | None:
        """Note that it has done what it was told; return the task that is done by that."""
        for written in self.writing:
            written.written = True
            self.held.remove(written)
        task, self.doing, self.writing = self.doing, None, []
        if (task is None) != (answer is None):
            raise WorkerError("a worker answered without having been asked")
        if task is not None and answer is not None:
            task.result = answer
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
