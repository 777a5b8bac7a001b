"""A run from inputs to output: one row after another here, or by a pool; then the names."""

import errno
import io
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import attrs

from msgkit.pipeline import publishing
from msgkit.pipeline.checkpoint import Checkpoint
from msgkit.pipeline.chunks import Chunk, Pace, Span, UsageError, cut, spans
from msgkit.pipeline.inputs import Inputs, cores
from msgkit.pipeline.options import Plan
from msgkit.pipeline.report import Progress, Refusal, Report, StoppedError, WorkerError
from msgkit.pipeline.row_runner import Files, Job, RowTask, keep_memory, read_notes, read_rejects, renumber
from msgkit.pipeline.signals import uninterrupted
from msgkit.pipeline.staging import Workspace
from msgkit.pipeline.steps.base import Step
from msgkit.rows import STANDARD, START, Position

_SMALL: Final = 4 << 20  # bytes of input that are not worth starting processes for
_EVERY: Final = 1.0  # seconds between checkpoints
_SHOWN: Final = 10  # refused rows that the report holds


def execute(plan: Plan, began: float, interrupt: Callable[[], None]) -> Report:
    """Do what *plan* says, asked for at the time *began*; *interrupt* raises what ends it early, if anything does."""
    if plan.resume and not plan.resumable:
        raise UsageError("only a run from files to files of this machine can be resumed")
    publishing.check_places(plan)
    writes = any(step.writes() if isinstance(step, Step) else True for step in plan.steps)
    with ExitStack() as stack:
        inputs = Inputs(plan, stack)
        todo = spans(plan.sources, plan.shard, max_row=plan.max_row)
        release = stack.enter_context(uninterrupted())
        space = Workspace(plan.destination, plan.identity(), resume=plan.resume, writes=writes, locked=plan.lock)
        try:
            release()  # from here on an interrupted run puts its workspace away
            run = Run(plan, inputs, space, began, interrupt)
            run.rows(todo)
            outputs = run.finish()
        except (OSError, WorkerError) as error:
            if isinstance(error, OSError) and error.filename is None and error.errno != errno.EBADF:
                # a stream that is closed has no name
                error.filename = plan.destination or str(space.folder)
            if plan.resumable and space.has_progress and not isinstance(error, BrokenPipeError):
                space.close()
                error.add_note(RESUMABLE)
            else:
                space.remove()
            raise
        except Exception:
            space.remove()
            raise
        except BaseException:  # interrupted: what was done stays, to be resumed
            space.close() if plan.resumable else space.remove()
            raise
        space.remove()
    return run.report(outputs)


RESUMABLE: Final = "what was done is kept"
"""The note of an error after which ``resume`` goes on."""


class Run:
    """A run while it goes on."""

    def __init__(
        self, plan: Plan, inputs: Inputs, space: Workspace, began: float, interrupt: Callable[[], None]
    ) -> None:
        self._plan = plan
        self._began = began
        self._interrupt = interrupt
        self._starting: float | None = None
        self._inputs = inputs
        self._space = space
        self._from = space.checkpoint
        tasks = tuple(RowTask(step, plan.max_row, plan.max_bytes) for step in plan.steps)
        names = plan.sources if len(plan.sources) > 1 else ()
        self._job = Job(tasks, None, plan.ledger is not None, plan.max_row, names)
        self._ends = {end[0]: end[1:] for end in self._from.ends}
        self._tally = self._from.tally
        self._rows: IO[bytes] = space.files[0]
        self._output = sys.stdout.buffer if plan.destination == STANDARD else self._rows
        ledger = space.files[2] if plan.ledger is not None else None
        self._files = Files(self._output, space.files[1], ledger, self, names)
        self._checked = time.monotonic()
        self._is_repeated = space.is_repeated
        """Whether rows were done more than once: what a step left on the disk the first time is not new then."""
        self._done: tuple[int, Position | None] = (0, START)
        self._refusals: tuple[Refusal, ...] = ()

    def write(self, note: bytes) -> None:
        """Take a note for whoever runs the step, and keep it for a run that resumes this one."""
        if self._plan.notes is None:
            return
        for file, text in read_notes(io.BytesIO(note)):
            self._plan.notes(file, text)
        if self._plan.resumable:
            self._space.files[3].write(note)

    def rows(self, todo: list[Span]) -> None:
        """Do all rows, from where an earlier run stopped."""
        self._replay()
        if self._from.whole:
            return
        if self._from.position is not None:
            todo = [span for span in todo if span.file >= self._from.file]
            todo[:1] = [todo[0]._replace(start=self._from.position)]
        workers = self._workers()
        here = self._in_order or self._plan.engine is None
        if workers == 1 and here and self._plan.row_seconds is None:
            self._here(todo)
        else:
            self._there(todo, workers)
        self._tally.check()
        self._save(len(self._plan.sources) - 1, None, whole=True)

    def finish(self) -> list[str]:
        """Give the files their names, the output last; return the names of the output."""
        self._check_rejects()
        for step in self._plan.steps if self._is_repeated else ():
            told = step.recount(self._space.began) if isinstance(step, Step) else {}
            for name in told.keys() & self._tally.counts.keys():
                self._tally.counts[name] = told[name]
        self._refusals = tuple(self._first_refused())
        if self._plan.parts:
            return publishing.publish_parts(self._plan, self._space, self._ends)
        publishing.publish_extras(self._plan, self._space)
        if self._plan.in_place and self._tally.refused:
            raise publishing.NotReplacedError(self._plan.sources[0], self.report([]))
        return publishing.publish(self._plan, self._space, self._tally, single=self._inputs.single or self._from.single)

    def report(self, outputs: list[str]) -> Report:
        """Return the counts."""
        tally = self._tally
        done = (tally.read, tally.written, tally.refused, dict(tally.counts), dict(tally.codes), tuple(outputs))
        return Report(*done, time.monotonic() - self._began, self._starting or 0.0, self._refusals)

    def _replay(self) -> None:
        """Hand on the notes of the run that is resumed."""
        if self._plan.notes is not None and self._from.sizes[3]:
            with self._space.path(3).open("rb") as notes:
                for file, note in read_notes(notes, self._from.sizes[3]):
                    self._plan.notes(file, note)

    @property
    def _in_order(self) -> bool:
        """Whether a step must see the rows one after another: then they are done on this machine."""
        return any(isinstance(step, Step) and step.in_order for step in self._plan.steps)

    def _workers(self) -> int:
        if self._in_order:
            return 1
        if self._plan.workers is not None:
            return self._plan.workers
        total = self._inputs.total
        return 1 if total is None or total < _SMALL else cores()

    def _here(self, todo: list[Span]) -> None:
        self._note_start(0.0)
        keep_memory()
        for span in todo:
            source = self._inputs.source(span.file)
            task = self._job.task(span.file).begin()
            for row, after in source.placed(span.start, span.stop):
                self._interrupt()
                self._files.add(row, task.treat(row, self._tally), self._tally, span.file)
                if self._tally.refused and self._plan.on_error == "stop":
                    self._stop()
                if time.monotonic() - self._checked > _EVERY:
                    self._files.note(span.file, task.end())
                    self._save(span.file, after)
            self._files.note(span.file, task.end())
            self._mark(span.file)

    def _note_start(self, worked: float) -> None:
        """Note how long it took until rows were done: the first took so many seconds until now."""
        if self._starting is None:
            self._starting = time.monotonic() - self._began - worked

    def _mark(self, file: int) -> None:
        """Note where the rows of an input end in the files of the run, for its part."""
        if self._plan.parts:
            tally, source = self._tally, self._inputs.source(file)
            sizes = (self._rows.tell(), self._space.files[2].tell())
            self._ends[file] = (tally.read, tally.written, tally.refused, *sizes, int(source.single))

    def _there(self, todo: list[Span], workers: int) -> None:
        from msgkit.pipeline import pool
        from msgkit.pipeline.processes import pieces

        pace = Pace()
        folder = self._space.scratch
        job = self._job
        if self._plan.destination not in (None, STANDARD) and self._plan.engine is None:
            job = attrs.evolve(job, output=str(self._space.path(0)))
        offset = self._rows.tell()
        engine = None if self._in_order else self._plan.engine
        working = (engine or pool.start)(job, workers, folder, self._plan.row_seconds, pace, offset)
        try:
            for task in working.run(self._chunks(todo, pace, folder), self._tick):
                self._note_start(task.result.seconds if task.result else 0.0)
                self._merge(task, pieces(folder, task))
                if self._tally.refused and self._plan.on_error == "stop":
                    self._stop()
                if task.chunk.after is not None:
                    self._done = (task.chunk.file, task.chunk.after)
                    if time.monotonic() - self._checked > _EVERY:
                        self._save(*self._done)
        finally:
            working.close()

    def _tick(self) -> None:
        self._show(*self._done)
        self._interrupt()

    def _chunks(self, todo: list[Span], pace: Pace, folder: Path) -> Iterator[Chunk]:
        for span in todo:
            try:
                yield from cut(self._inputs.source(span.file), span, pace, scratch=folder)
            except OSError as error:
                error.filename = error.filename or self._plan.sources[span.file]
                raise

    def _merge(self, task: Any, paths: list[Path]) -> None:
        """Add what came of a chunk to what came of those before it."""
        result = task.result
        with ExitStack() as stack:
            files: list[IO[bytes]] = [
                path.open("rb") if data is None else io.BytesIO(data)
                for data, path in zip(result.extras, paths[1:], strict=True)
            ]
            rejects, ledger, notes = map(stack.enter_context, files)
            if self._files.ledger is not None:
                for line in ledger:
                    self._files.ledger.write(renumber(line, self._tally.written))
            shutil.copyfileobj(rejects, self._space.files[1])
            for file, note in read_notes(notes):
                self._files.note(file, note)
        if task.offset is not None:
            self._rows.seek(task.offset + result.size)
        elif result.size:
            with paths[0].open("rb") as rows:
                publishing.append(rows, self._output)
            paths[0].unlink()
        for data, path in zip(result.extras, paths[1:], strict=True):
            if data is None:
                path.unlink()
        self._is_repeated |= task.tries > 0 or task.chunk.fault is not None
        if task.chunk.copied:
            Path(task.chunk.path).unlink()
        self._tally.add(result.tally)
        self._mark(task.chunk.file)

    def _save(self, file: int, position: Position | None, *, whole: bool = False) -> None:
        self._inputs.check_unchanged()
        single = self._inputs.single or self._from.single
        ends = tuple((file, *end) for file, end in self._ends.items())
        self._space.save(Checkpoint(position, file, (), self._tally, whole, single, ends))
        self._show(file, position)
        self._checked = time.monotonic()

    def _show(self, file: int, position: Position | None) -> None:
        if self._plan.progress is not None:
            total = self._inputs.total
            done = self._inputs.read(file, position) if position is not None else total or 0
            self._plan.progress(Progress(self._tally.read, done, total))

    def _stop(self) -> NoReturn:
        self._space.files[1].flush()
        first = next(self._first_refused())
        self._refusals = (first,)
        raise StoppedError(first.issues, first.row, self.report([]))

    def _first_refused(self) -> Iterator[Refusal]:
        there = self._space.path(1)
        path = there if there.exists() else self._plan.rejects  # which has its name already when the rest is resumed
        return read_rejects(path, _SHOWN) if path is not None else iter(())

    def _check_rejects(self) -> None:
        if not self._from.whole:
            with self._space.path(1).open("rb") as lines:
                attrs.evolve(self._tally, refused=sum(1 for _ in lines)).check()
