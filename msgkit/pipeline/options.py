"""What a run is asked for."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypedDict

import attrs

from msgkit.pipeline.report import OnProgress
from msgkit.rows import MAX_ROW, STANDARD

_Place = str | os.PathLike[str]
_OnError = Literal["skip", "stop"]


class Options(TypedDict, total=False):
    """The options of :func:`msgkit.pipeline.run`; each may be left out."""

    workers: int | None
    """How many processes; with one the rows are done here. When None: one for a small file, else one for each core.
    A step that cannot be sent to a process is done by threads."""

    on_error: _OnError
    """``skip`` (the default) leaves refused rows out; ``stop`` ends at the first one, without output."""

    rejects: _Place | None
    """Where refused rows go, as JSONL: ``{"row", "issues", "input"}``."""

    ledger: _Place | None
    """Where losses go, as JSONL: ``{"row", "path", "what", "value", "change"}``; the row is that of the output."""

    resume: bool
    """Go on where an interrupted run of the same step, input and options stopped."""

    shard: tuple[int, int] | None
    """``(i, n)``: only the i-th of n spans of the input, counted from 1."""

    max_bytes: int | None
    """Split the output into parts ``NAME-00001.jsonl`` of at most so many bytes; a longer row is refused."""

    max_rows: int | None
    """Split the output into parts of at most so many rows."""

    max_row: int
    """Bytes that a row of the input may have: 64 MiB."""

    row_seconds: float | None
    """How long a row may take; needs a process of its own even for one worker."""

    progress: OnProgress | None
    """Called now and then with a :class:`~msgkit.pipeline.report.Progress`."""

    engine: Callable[..., Any] | None
    """What does chunks side by side; see :mod:`msgkit.engines`. msgkit's own workers when None."""


def _path(place: _Place) -> str:
    return os.fspath(place)


def _path_or_none(place: _Place | None) -> str | None:
    return None if place is None else os.fspath(place)


@attrs.frozen(kw_only=True)
class Plan:
    """All that a run is asked for; see :class:`Options`."""

    step: Callable[[Any], Any]
    source: str = attrs.field(converter=_path)
    destination: str = attrs.field(converter=_path)
    workers: int | None = None
    on_error: _OnError = attrs.field(default="skip", validator=attrs.validators.in_(("skip", "stop")))
    rejects: str | None = attrs.field(default=None, converter=_path_or_none)
    ledger: str | None = attrs.field(default=None, converter=_path_or_none)
    resume: bool = False
    shard: tuple[int, int] | None = None
    max_bytes: int | None = None
    max_rows: int | None = None
    max_row: int = MAX_ROW
    row_seconds: float | None = None
    progress: OnProgress | None = None
    engine: Callable[..., Any] | None = None

    def identity(self) -> dict[str, Any]:
        """Return what another run must have the same to go on with this one."""
        if self.source == STANDARD:
            found: dict[str, Any] = {"the input": STANDARD}
        else:
            told = Path(self.source).stat()
            found = {"the input": [ascii(str(Path(self.source).absolute())), told.st_size, told.st_mtime_ns]}
        limits = [self.shard, self.max_bytes, self.max_rows, self.max_row, self.on_error]
        return {"version": 1, **found, "the step": _name(self.step), "the options": limits}


def _name(step: Callable[[Any], Any]) -> str:
    """What tells a step from another, today and tomorrow."""
    if attrs.has(type(step)):
        return repr(step)
    return f"{step.__module__}.{getattr(step, '__qualname__', type(step).__name__)}"
