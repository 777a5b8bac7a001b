"""
The journal of a run: the places that it can go on from.

Its first line says what the run is and since when the machine is up, each further line is a place. After a crash of the
program any place will do; after a loss of power only one that was noted when its files had reached the disk.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self

import attrs

from msgkit.errors import MsgkitError
from msgkit.pipeline.report import Tally
from msgkit.rows import Position, dumps, loads

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class ResumeError(MsgkitError, ValueError):
    """A run cannot go on from what an earlier one left: the input or the options are others."""


@attrs.frozen
class Checkpoint:
    """
    A place that a run can go on from.

    Args:
        position: Where in the input; None for its start, or its end when *whole*.

        sizes: The bytes of each file of the workspace that are certain.

        tally: The numbers so far.

        whole: True when all rows are done and only the names are missing.

        single: True when the input was a ``.json`` of one row.

        synced: True when those bytes had reached the disk before this was noted.
    """

    position: Position | None = None
    sizes: tuple[int, ...] = (0, 0, 0)
    tally: Tally = attrs.field(factory=Tally)
    whole: bool = False
    single: bool = False
    synced: bool = False

    @classmethod
    def load(cls, line: bytes) -> Self | None:
        """Return the place that a line of the journal notes; None for one that was cut off."""
        found = _value(line)
        if found is None:
            return None
        position = Position(**found["position"]) if found["position"] else None
        found |= {"position": position, "sizes": tuple(found["sizes"]), "tally": Tally.load(found["tally"])}
        return cls(**found)

    def line(self) -> bytes:
        """Return the place as a line of the journal."""
        return dumps(attrs.asdict(self)) + b"\n"


class Journal:
    """
    The journal of a run.

    Args:
        path: Where it lies.

        run: What the run is: input, step, options; a run with another cannot be resumed.
    """

    def __init__(self, path: Path, run: dict[str, Any]) -> None:
        self._path = path
        boot = _BOOT.read_text("ascii").strip() if _BOOT.exists() else ""
        self._run: dict[str, Any] = loads(dumps({**run, "boot": boot}))

    def last(self, holds: Callable[[Checkpoint], bool]) -> Checkpoint | None:
        """
        Return the furthest place to go on from; None if there is none.

        Args:
            holds: Tells whether the files are as a place says.

        Raises:
            ResumeError: If the journal is of another run; the words are what differs.
        """
        try:
            first, *lines = self._path.read_bytes().splitlines(keepends=True)
        except (FileNotFoundError, ValueError):
            return None
        told = _value(first)
        if told is None:
            return None
        differing = [name for name in self._run if name != "boot" and told.get(name) != self._run[name]]
        if differing:
            raise ResumeError(" and ".join(differing))
        certain = bool(self._run["boot"]) and told.get("boot") == self._run["boot"]
        found = [place for line in lines if (place := Checkpoint.load(line)) and (certain or place.synced)]
        found.sort(key=lambda place: (place.tally.read, place.whole))
        return next((place for place in reversed(found) if holds(place)), None)

    def start(self, checkpoint: Checkpoint | None) -> IO[bytes]:
        """Begin anew, with the place that the run goes on from; return the file that takes further lines."""
        place = self._path.with_name(f".{self._path.name}.tmp") if checkpoint else self._path
        place.unlink(missing_ok=True)
        file = place.open("xb+", buffering=0)
        try:
            file.write(dumps(self._run) + b"\n" + (checkpoint.line() if checkpoint else b""))
            if checkpoint:
                os.fsync(file.fileno())
                place.replace(self._path)
        except BaseException:
            file.close()
            raise
        return file


def _value(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        found = loads(line)
    except MsgkitError:
        return None
    return found if isinstance(found, dict) else None
