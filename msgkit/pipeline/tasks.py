"""A chunk on its way, and the worker that has it."""

from pathlib import Path
from typing import Final

import attrs

from msgkit.pipeline.chunks import Chunk, Pace
from msgkit.pipeline.processes import WorkerProcess
from msgkit.pipeline.report import WorkerError
from msgkit.pipeline.worker import Result

_HELD: Final = 8 << 20  # bytes of rows that a worker may hold and still get another chunk


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
