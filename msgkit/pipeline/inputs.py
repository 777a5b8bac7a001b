"""The inputs of a run."""

import os
from contextlib import ExitStack, closing
from pathlib import Path

from msgkit.escaping import quote_path
from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.options import Plan
from msgkit.pipeline.steps.base import columns_of
from msgkit.rows import Position, Source, Stamp, is_local, raw_row


class Inputs:
    """The files of a run, each opened when it is its turn, and looked at again at the end."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self._plan = plan
        self._open = stack
        self._seen: dict[int, Source] = {}
        self._before = [0]
        self._stamps = [_look(path) for path in plan.sources]
        for stamp in self._stamps:
            self._before.append(self._before[-1] + (stamp.size if stamp else 0))
        self.countable = self._stamps[-1] is not None

    @property
    def total(self) -> int | None:
        """Bytes of all inputs, or None if that cannot be known."""
        return self._before[-1] if self.countable else None

    @property
    def single(self) -> bool:
        """Whether the input turned out to be a ``.json`` of one row."""
        return len(self._plan.sources) == 1 and any(source.single for source in self._seen.values())

    def source(self, file: int) -> Source:
        """Return an input, opened; those before it are closed but for what tells whether they change."""
        if file not in self._seen:
            for source in self._seen.values():
                if source.data_path == source.path:
                    source.close()
            told = any(getattr(step, "provenance", False) for step in self._plan.steps)
            steps, limit = self._plan.steps, self._plan.max_row
            columns = columns_of(steps[file if len(steps) > 1 else 0])
            path = self._plan.sources[file]
            source = Source(path, max_row=limit, reader=raw_row, provenance=told, columns=columns)
            self._open.callback(source.close)
            self._seen[file] = source
            _check_name(source)
            source.stamp = self._stamps[file] or source.stamp
            source.check_unchanged()
        return self._seen[file]

    def read(self, file: int, position: Position | None) -> int:
        """Return how many bytes are read when *position* of an input is reached."""
        source = self._seen.get(file)
        if source is None:
            return self._before[file]
        told = position.offset if position is not None and source.plain else source.tell()
        return min(self._before[file] + told, self._before[-1])

    def check_unchanged(self) -> None:
        """Refuse inputs that changed while they were read."""
        for source in self._seen.values():
            source.check_unchanged()


def _look(path: str) -> Stamp | None:
    """Return the stamp of a file as it is before any work, whose content must be what its name says."""
    if not is_local(path) or not Path(path).is_file():
        return None
    with closing(Source(path, reader=raw_row)) as source:
        _check_name(source)
        return source.stamp


def _check_name(source: Source) -> None:
    words = source.misnamed()
    if words is not None:
        raise UsageError(f"{quote_path(source.path)} is {words}")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
