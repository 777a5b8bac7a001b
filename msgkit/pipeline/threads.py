"""Workers as threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from msgkit.pipeline.chunks import Chunk, Pace
from msgkit.pipeline.row_runner import Job
from msgkit.pipeline.tasks import Task, learn
from msgkit.pipeline.worker import do_chunk


class Threads:
    """Workers as threads: for steps that cannot be pickled or stand in the script itself."""

    def __init__(self, job: Job, workers: int, folder: Path, pace: Pace) -> None:
        self._job = job
        self._folder = folder
        self._pace = pace
        self._ahead = workers * 2
        self._executor = ThreadPoolExecutor(workers, "msgkit")

    def run(self, chunks: Iterator[Chunk], tick: Callable[[], object]) -> Iterator[Task]:
        """See :class:`~msgkit.pipeline.pool.Pool`."""
        names = (f"thread-{i}" for i in count())
        line = []
        for chunk in chunks:
            task = Task(chunk, next(names))
            line.append((task, self._executor.submit(do_chunk, self._job, chunk, self._folder, task.name)))
            while len(line) >= self._ahead:
                task, done = line.pop(0)
                task.result, _ = done.result()
                learn(self._pace, task)
                tick()
                yield task
        for task, done in line:
            task.result, _ = done.result()
            yield task

    def close(self) -> None:
        """See :class:`~msgkit.pipeline.pool.Pool`."""
        self._executor.shutdown(wait=True, cancel_futures=True)
