"""A run from input to output: one after another here, or by a pool; then the names."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import attrs
import msgspec

from msgkit.errors import Issue
from msgkit.pipeline.checkpoint import Checkpoint
from msgkit.pipeline.chunks import Span, UsageError, cut, shard
from msgkit.pipeline.options import Plan
from msgkit.pipeline.outputs import Files
from msgkit.pipeline.report import Progress, Refusal, Report, StoppedError
from msgkit.pipeline.row_runner import RowTask, keep_memory
from msgkit.pipeline.staging import Workspace
from msgkit.pipeline.steps import Step
from msgkit.rows import (
    STANDARD,
    START,
    Position,
    SameFileError,
    Source,
    check_apart,
    check_place,
    kind,
    loads,
    raw_row,
    writing,
)

_SMALL: Final = 4 << 20  # bytes of input that are not worth starting processes for
_EVERY: Final = 1.0  # seconds between places to go on from
_SHOWN: Final = 10  # refused rows that the report holds
_encode = msgspec.json.Encoder().encode


def execute(plan: Plan) -> Report:
    """Do what *plan* says; see :func:`msgkit.pipeline.run`."""
    began = time.monotonic()
    if plan.resume and STANDARD in (plan.source, plan.destination):
        raise UsageError("a run from standard input or to standard output cannot be resumed")
    _check_places(plan)
    with closing(Source(plan.source, max_row=plan.max_row, reader=raw_row)) as source:
        span = shard(plan.source, *plan.shard, max_row=plan.max_row) if plan.shard else Span()
        writes = plan.step.writes() if isinstance(plan.step, Step) else True
        space = Workspace(plan.destination, plan.identity(), resume=plan.resume, writes=writes)
        try:
            run = Run(plan, source, space)
            run.rows(span)
            outputs = run.finish()
        except Exception:
            space.remove()
            raise
        except BaseException:  # interrupted: what was done stays, to go on from
            space.close() if source.path != STANDARD else space.remove()
            raise
        space.remove()
    return run.report(outputs, time.monotonic() - began)


def _check_places(plan: Plan) -> None:
    """Refuse outputs that cannot be written, or would take the place of each other, or of the input."""
    kind(plan.destination)
    extras = [path for path in (plan.rejects, plan.ledger) if path is not None]
    for path in extras:
        check_place(path)
    kept = [] if plan.destination == STANDARD else Workspace.names(plan.destination)
    numbered = [] if plan.max_bytes is None and plan.max_rows is None else [plan.destination]
    try:
        check_apart([plan.source], [plan.destination, *extras, *kept], numbered)
    except SameFileError as error:
        raise UsageError(str(error)) from None


class Run:
    """
    A run while it goes on.

    Args:
        plan: What was asked for.

        source: The input.

        space: What has been done.
    """

    def __init__(self, plan: Plan, source: Source, space: Workspace) -> None:
        self._plan = plan
        self._source = source
        self._space = space
        self._from = space.checkpoint
        self._job = RowTask(plan.step, plan.max_row, plan.max_bytes)
        self._tally = self._from.tally
        self._files = Files(*space.files)
        if plan.destination == STANDARD:
            self._files = attrs.evolve(self._files, rows=sys.stdout.buffer)
        self._ticked = time.monotonic()
        self._done = START
        self._refusals: tuple[Refusal, ...] = ()

    def rows(self, span: Span) -> None:
        """Do all rows, from where an earlier run stopped."""
        if self._from.whole:
            return
        if self._from.position is not None:
            span = attrs.evolve(span, start=self._from.position)
        workers = self._workers()
        if workers == 1 and self._plan.row_seconds is None and self._plan.engine is None:
            self._here(span)
        else:
            self._there(span, workers)
        self._tally.check()
        self._save(None, whole=True)

    def finish(self) -> list[str]:
        """Give the files their names, the output last; return the names of the output."""
        plan = self._plan
        self._check_rejects()
        self._refusals = tuple(self._first_refused())
        for index, name in ((1, plan.rejects), (2, plan.ledger)):
            if name is not None:
                self._space.publish(index, name)
        if plan.destination == STANDARD:
            sys.stdout.buffer.flush()
            return []
        form = kind(plan.destination)
        if form.format == "jsonl" and form.compression is None and plan.max_bytes is None and plan.max_rows is None:
            self._space.publish(0, plan.destination)
            return [plan.destination]
        single = self._source.single or self._from.single
        options = {"max_bytes": plan.max_bytes, "max_rows": plan.max_rows, "single": single}
        with writing(plan.destination, folder=str(self._space.folder), **options) as out:
            written = 0
            with self._space.path(0).open("rb") as lines:
                for written, line in enumerate(lines, 1):  # noqa: B007
                    out.write(line)
            attrs.evolve(self._tally, written=written).check()
        return out.names

    def report(self, outputs: list[str], seconds: float) -> Report:
        """Return the numbers."""
        tally = self._tally
        counts, codes = dict(tally.counts), dict(tally.codes)
        return Report(tally.read, tally.written, tally.refused, counts, codes, tuple(outputs), seconds, self._refusals)

    def _workers(self) -> int:
        if self._plan.workers is not None:
            return self._plan.workers
        return 1 if self._source.size is None or self._source.size < _SMALL else len(os.sched_getaffinity(0))

    def _here(self, span: Span) -> None:
        keep_memory()
        for row, after in self._source.placed(span.start, span.stop):
            self._files.add(row, self._job.treat(row, self._tally), self._tally)
            if self._tally.refused and self._plan.on_error == "stop":
                self._stop()
            if time.monotonic() - self._ticked > _EVERY:
                self._save(after)

    def _there(self, span: Span, workers: int) -> None:
        from msgkit.pipeline import pool

        self._done = span.start
        folder = self._space.scratch
        working = (self._plan.engine or pool.start)(self._job, workers, folder, self._plan.row_seconds)
        try:
            for task in working.run(cut(self._source, span, scratch=folder), lambda: self._show(self._done)):
                self._merge(task, pool.pieces(folder, task))
                if self._tally.refused and self._plan.on_error == "stop":
                    self._stop()
                if task.chunk.after is not None:
                    self._done = task.chunk.after
                    self._save(self._done)
        finally:
            working.close()

    def _merge(self, task: Any, pieces: list[Path]) -> None:
        """Add what became of a chunk to what became of those before it."""
        rows, rejects, ledger = pieces
        with ledger.open("rb") as lines:
            for line in lines:
                loss = loads(line)
                self._files.ledger.write(_encode({**loss, "row": loss["row"] + self._tally.written}) + b"\n")
        _append(rejects, self._files.rejects)
        _append(rows, self._files.rows)
        for piece in (rows, rejects, ledger):
            piece.unlink()
        if task.chunk.copied:
            Path(task.chunk.path).unlink()
        if task.tally is not None:
            self._tally.add(task.tally)

    def _save(self, position: Position | None, *, whole: bool = False) -> None:
        single = self._source.single or self._from.single
        self._space.save(Checkpoint(position, (), self._tally, whole, single))
        self._show(position)

    def _show(self, position: Position | None) -> None:
        self._ticked = time.monotonic()
        if self._plan.progress is not None:
            total = self._source.size
            told = position.offset if position is not None and self._source.plain else self._source.tell()
            done = total or 0 if position is None else told
            self._plan.progress(Progress(self._tally.read, done, total))

    def _stop(self) -> NoReturn:
        self._files.rejects.flush()
        first = next(self._first_refused())
        raise StoppedError(first.issues, first.row, self.report([], 0.0))

    def _first_refused(self) -> Iterator[Refusal]:
        there = self._space.path(1)
        path = there if there.exists() else self._plan.rejects  # which has its name already when the rest is resumed
        if path is not None:
            with Path(path).open("rb") as lines:
                for line in islice(lines, _SHOWN):
                    found = loads(line)
                    yield Refusal(found["row"], tuple(Issue(**issue) for issue in found["issues"]))

    def _check_rejects(self) -> None:
        if not self._from.whole:
            with self._space.path(1).open("rb") as lines:
                attrs.evolve(self._tally, refused=sum(1 for _ in lines)).check()


def _append(piece: Path, file: IO[bytes]) -> None:
    with piece.open("rb") as found:
        if file is sys.stdout.buffer:
            shutil.copyfileobj(found, file, 1 << 20)
            return
        file.flush()
        left = os.fstat(found.fileno()).st_size
        while left:
            left -= os.copy_file_range(found.fileno(), file.fileno(), left)
        file.seek(0, os.SEEK_END)
