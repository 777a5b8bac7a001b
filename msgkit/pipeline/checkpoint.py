"""
The journal of a run: the checkpoints that it can resume from.

Its first line identifies the run and the boot of the machine, each further line is a checkpoint. After a crash of the
program any checkpoint will do; after a power loss only one that was written after its files had been synced, which is
done beside the run, so that a loss of power costs at most a minute.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import IO, Any, Self

import attrs

from msgkit.errors import MsgkitError
from msgkit.pipeline.file_system import sync_folder
from msgkit.pipeline.report import Tally
from msgkit.rows import Position, dumps, loads

_EVERY = 30.0  # seconds between those that are brought to the disk
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class ResumeError(MsgkitError, ValueError):
    """A run cannot resume an earlier one: the input, the step or the options differ."""


@attrs.frozen(eq=False, repr=False)
class Checkpoint:
    """What a run can resume from."""

    position: Position | None = None  # where in the input; None for its start, or its end when *whole*
    file: int = 0  # which of the inputs
    sizes: tuple[int, ...] = (0, 0, 0, 0)  # the bytes of each file of the workspace that are certain
    tally: Tally = attrs.field(factory=Tally)  # the counts so far
    whole: bool = False  # true when all rows are done and only the renames are missing
    single: bool = False  # true when the input was a ``.json`` of one row
    # of each input that is done, where the output is a folder: its number, rows read, written, refused, bytes of rows
    # and of the ledger up to its end, and whether it was a .json of one row
    ends: tuple[tuple[int, ...], ...] = ()
    synced: bool = False  # true when those bytes were on disk before this was written

    @classmethod
    def load(cls, line: bytes) -> Self | None:
        """Return the checkpoint of a line of the journal; None for a truncated line."""
        data = _value(line)
        if data is None:
            return None
        position = Position(**data["position"]) if data["position"] else None
        data |= {"position": position, "sizes": tuple(data["sizes"]), "tally": Tally.load(data["tally"])}
        data["ends"] = tuple(map(tuple, data.get("ends", ())))
        return cls(**data)

    def line(self) -> bytes:
        """Return the checkpoint as a line of the journal."""
        return dumps(attrs.asdict(self)) + b"\n"


class Journal:
    """The journal of a run."""

    def __init__(self, path: Path, run: dict[str, Any]) -> None:
        self._path = path
        boot = _BOOT.read_text("ascii").strip() if _BOOT.exists() else ""
        self._run: dict[str, Any] = loads(dumps({**run, "boot": boot}))

    def last(self, is_intact: Callable[[Checkpoint], bool]) -> Checkpoint | None:
        """Return the last checkpoint to resume from; None if there is none."""
        run, lines = self._left()
        if run is None:
            return None
        if differing := self._differing(run):
            raise ResumeError(" and ".join(differing))
        same_boot = bool(self._run["boot"]) and run.get("boot") == self._run["boot"]
        checkpoints = [point for line in lines if (point := Checkpoint.load(line)) and (same_boot or point.synced)]
        checkpoints.sort(key=lambda point: (point.tally.read, point.whole))
        return next((point for point in reversed(checkpoints) if is_intact(point)), None)

    def is_left(self) -> bool:
        """Return whether the same run was begun before and killed."""
        run, _ = self._left()
        return run is not None and not self._differing(run)

    def _left(self) -> tuple[dict[str, Any] | None, list[bytes]]:
        """Return what run the journal is of, and its other lines."""
        try:
            first, *lines = self._path.read_bytes().splitlines(keepends=True)
        except (FileNotFoundError, ValueError):
            return None, []
        return _value(first), lines

    def _differing(self, run: Mapping[str, Any]) -> list[str]:
        return [name for name in self._run if name != "boot" and run.get(name) != self._run[name]]

    def start(self, checkpoint: Checkpoint | None) -> IO[bytes]:
        """Begin a new journal with the checkpoint that the run resumes from; return the file for further lines."""
        path = self._path.with_name(f".{self._path.name}.tmp") if checkpoint else self._path
        path.unlink(missing_ok=True)
        file = path.open("xb+", buffering=0)
        try:
            file.write(dumps(self._run) + b"\n" + (checkpoint.line() if checkpoint else b""))
            if checkpoint:
                os.fsync(file.fileno())
                path.replace(self._path)
        except BaseException:
            file.close()
            raise
        return file


def _value(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        value = loads(line)
    except MsgkitError:
        return None
    return value if isinstance(value, dict) else None


class Disk:
    """Files whose bytes must reach the disk before the journal says so."""

    def __init__(self, folder: Path, files: list[IO[bytes]], *, everything: bool = False) -> None:
        self._folder = folder
        self._files = files
        self._everything = everything
        self._synced = time.monotonic()
        self._thread: Thread | None = None
        self._fault: OSError | None = None

    def sync(self, checkpoint: Checkpoint) -> None:
        """Begin to bring the bytes up to *checkpoint* to the disk, if it is time again; the run goes on meanwhile."""
        if self._fault is not None:
            raise self._fault
        if time.monotonic() - self._synced < _EVERY or (self._thread is not None and self._thread.is_alive()):
            return
        self._synced = time.monotonic()
        handles = [os.dup(file.fileno()) for file in self._files]  # of our own: the run may end and close its files
        line = attrs.evolve(checkpoint, synced=True).line()
        self._thread = Thread(target=self._bring, args=(handles, line), name="msgkit-disk", daemon=True)
        self._thread.start()

    def _bring(self, handles: list[int], line: bytes) -> None:
        journal = handles[-1]
        try:
            for handle in handles:
                os.fsync(handle)
            if self._everything:
                os.sync()
            for folder in (self._folder, self._folder.parent):
                sync_folder(folder)
            os.write(journal, line)
            os.fsync(journal)
        except OSError as error:
            self._fault = error
        finally:
            for handle in handles:
                os.close(handle)
