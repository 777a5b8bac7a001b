"""What a run is asked for."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import attrs

from msgkit.escaping import among, quote
from msgkit.pipeline.report import OnProgress
from msgkit.rows import MAX_ROW, is_folder, is_local, part_names

Place = str | os.PathLike[str]
_OnError = Literal["skip", "stop"]


class Options(TypedDict, total=False):
    """The options of :func:`msgkit.pipeline.run`; each may be left out."""

    workers: int | None
    """How many processes; with one the rows are done here. When None: one for a small file, else one for each core.
    A step that cannot be sent to a process is done by threads."""

    on_error: _OnError
    """``skip`` (the default) leaves refused rows out; ``stop`` ends at the first one, without output."""

    rejects: Place | None
    """Where refused rows go, as JSONL: ``{"row", "issues", "input"}``."""

    ledger: Place | None
    """Where losses go, as JSONL: ``{"row", "path", "what", "value", "change"}``; the row is that of the output."""

    notes: Callable[[int, bytes], object] | None
    """Called in order with each note that a step leaves: which of the inputs it is about, and the note."""

    resume: bool
    """Continue an interrupted run of the same step, input and options."""

    in_place: bool
    """The output takes the place of the input, unless a row was refused."""

    backup: str | None
    """With ``in_place``: keep the input under its name with this suffix."""

    compression: str
    """Inside a ``.parquet`` output: ``zstd`` (the default), ``snappy`` or ``none``."""

    lock: bool
    """False to go without a lock against other runs to the same output, for file systems that have none."""

    shard: tuple[int, int] | None
    """``(i, n)``: only the i-th of n parts of the input, counted from 1."""

    max_bytes: int | None
    """Split the output into parts ``NAME-00001.jsonl`` of at most so many bytes; a longer row is refused."""

    max_rows: int | None
    """Split the output into parts of at most so many rows."""

    max_row: int
    """Bytes that a row of the input may have: 64 MiB."""

    row_seconds: float | None
    """Seconds that a row may take; needs a process of its own even for one worker."""

    progress: OnProgress | None
    """Called now and then with a :class:`~msgkit.pipeline.report.Progress`."""

    engine: Callable[..., Any] | str | None
    """What does chunks in parallel: ``local`` (the default) or ``ray``."""


_Step = Callable[[Any], Any]


def _paths(place: Place | Sequence[Place]) -> tuple[str, ...]:
    places = [place] if isinstance(place, str | os.PathLike) else place
    return tuple(os.fspath(one) for one in places)


def _path_or_none(place: Place | None) -> str | None:
    return None if place is None else os.fspath(place)


def _steps(step: _Step | Sequence[_Step]) -> tuple[_Step, ...]:
    return tuple(step) if isinstance(step, Sequence) else (step,)


def _engine(engine: Callable[..., Any] | str | None) -> Callable[..., Any] | None:
    return engine if callable(engine) else None


def _callable(_: object, __: object, step: object) -> None:
    if not callable(step):
        raise TypeError(f"expected a step, or any callable from row to row, got {quote(step)}")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Plan:
    """All that a run is asked for; see :class:`Options`."""

    steps: tuple[_Step, ...] = attrs.field(
        converter=_steps, validator=attrs.validators.deep_iterable(_callable)
    )  # the step; or one for each input
    sources: tuple[str, ...] = attrs.field(converter=_paths)
    # the output; None if the step's notes are all that is wanted
    destination: str | None = attrs.field(converter=_path_or_none)
    workers: int | None = None
    on_error: _OnError = attrs.field(default="skip", validator=among("skip", "stop"))
    rejects: str | None = attrs.field(default=None, converter=_path_or_none)
    ledger: str | None = attrs.field(default=None, converter=_path_or_none)
    notes: Callable[[int, bytes], object] | None = None
    resume: bool = False
    in_place: bool = False
    backup: str | None = None
    compression: str = "zstd"
    lock: bool = True
    shard: tuple[int, int] | None = None
    max_bytes: int | None = None
    max_rows: int | None = None
    max_row: int = MAX_ROW
    row_seconds: float | None = None
    progress: OnProgress | None = None
    engine: Callable[..., Any] | None = attrs.field(default=None, converter=_engine)

    @property
    def parts(self) -> tuple[str, ...]:
        """The part of each input, where the output is a folder."""
        if self.destination is None or not is_folder(self.destination):
            return ()
        return tuple(str(Path(self.destination, name)) for name in part_names(self.sources))

    @property
    def resumable(self) -> bool:
        """Whether another run can go on from what this one has done."""
        names = (*self.sources, self.destination)
        return all(is_local(name) for name in names if name is not None)

    def identity(self) -> dict[str, Any]:
        """Return what another run must have the same to resume this one."""
        limits = [self.shard, self.max_bytes, self.max_rows, self.max_row, self.on_error, self.ledger is not None]
        steps = sorted(set(map(_name, self.steps)))
        return {"version": 2, "the input": list(map(_file, self.sources)), "the step": steps, "the options": limits}


def _file(source: str) -> list[Any]:
    if not is_local(source):
        return [source]
    status = Path(source).stat()
    return [ascii(str(Path(source).absolute())), status.st_size, status.st_mtime_ns]


def _name(step: _Step) -> str:
    """What tells a step from another, today and tomorrow."""
    if attrs.has(type(step)):
        return repr(step)
    return f"{step.__module__}.{getattr(step, '__qualname__', type(step).__name__)}"
