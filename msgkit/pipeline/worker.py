"""
A chunk through a step; and the process that does so for a pool.

Rows and media never cross between processes: a worker reads its own range and writes to its own place of the output.
"""

import mmap
import os
import pickle
import signal
import struct
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, Final

import attrs

from msgkit.errors import MsgkitError
from msgkit.pipeline.chunks import Chunk
from msgkit.pipeline.file_system import copy_into, write_at
from msgkit.pipeline.report import Tally
from msgkit.pipeline.row_runner import Files, Job, keep_memory
from msgkit.rows import Position, Source

_SLOT = struct.Struct("<qqqqd")
SLOT_SIZE = _SLOT.size
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux' prctl
_SMALL: Final = 64 << 10  # bytes of rejects, ledger or notes that are sent with the result; more go to a file
_MOST: Final = 16 << 20  # bytes of rows that are held until their place in the output is known; more go to a file


class Pipe:
    """One end of a pipe that values go through, each whole."""

    def __init__(self, descriptor: int, mode: str) -> None:
        self._file: IO[bytes] = os.fdopen(descriptor, mode)

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._file.fileno()

    def send(self, value: object) -> None:
        """Send a value."""
        self._file.write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        self._file.flush()

    def receive(self) -> Any:
        """Return the next value; EOFError if the other end is closed or died over it."""
        try:
            return pickle.load(self._file)  # noqa: S301 (it comes from a process of our own)
        except pickle.UnpicklingError as error:
            raise EOFError(str(error)) from None

    def close(self) -> None:
        """Close it."""
        with suppress(OSError):  # what is left to be written goes to no one
            self._file.close()


class Heartbeat:
    """What a worker is doing, in memory that its parent sees too: the row's position, and since when."""

    def __init__(self, memory: Any) -> None:
        self._memory = memory

    def begin(self, before: Position, after: Position) -> None:
        """Note that a row is begun."""
        _SLOT.pack_into(self._memory, 0, before.number, before.offset, after.number, after.offset, time.monotonic())

    def end(self) -> None:
        """Note that no row is being done."""
        _SLOT.pack_into(self._memory, 0, 0, 0, 0, 0, 0.0)

    def read(self) -> tuple[Position, Position, float] | None:
        """Return the positions before and after the row that is being done, and since when; None if there is none."""
        number, offset, after_number, after_offset, since = _SLOT.unpack_from(self._memory, 0)
        return (Position(number, offset), Position(after_number, after_offset), since) if since else None


@attrs.define
class Result:
    """What came of a chunk."""

    tally: Tally
    size: int  # bytes of its rows
    seconds: float  # how long it took
    # rejects, ledger and notes; None for one that is in the file ``NAME.1``, ``NAME.2``, ``NAME.3``
    extras: tuple[bytes | None, ...]


class Spill:
    """Bytes held in memory up to a limit, in a file above it."""

    def __init__(self, path: Path, most: int) -> None:
        self.size = 0
        self.pieces: list[bytes] = []
        self._path = path
        self._most = most
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Take some bytes; one piece over the limit is kept: it is in memory already."""
        if self._file is None and self.pieces and self.size + len(data) > self._most:
            self.spill()
        self.size += len(data)
        if self._file is None:
            self.pieces.append(data)
        else:
            self._file.write(data)

    def spill(self) -> None:
        """Write everything to the file, now and from now on."""
        if self._file is not None:
            return
        self._file = self._path.open("wb", buffering=_SMALL)
        self._file.writelines(self.pieces)
        self.pieces = []

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def value(self) -> bytes | None:
        """Return the bytes; None if they are in the file."""
        return b"".join(self.pieces) if self._file is None else None

    def put(self, output: int, offset: int) -> None:
        """Write the bytes to their place in the output."""
        if self._file is None:
            write_at(output, self.pieces, offset)
            return
        with self._path.open("rb") as file:
            copy_into(file.fileno(), output, offset, self.size)
        self._path.unlink()


def do_chunk(
    job: Job, chunk: Chunk, source: Source, path: Path, slot: Heartbeat | None = None, most: int = 0
) -> tuple[Result, Spill]:
    """Do a chunk; return the result, and its rows: in ``PATH.0`` unless *most* bytes of them may be held."""
    began = time.perf_counter()
    tally = Tally()
    task = job.task(chunk.file).begin()
    before = chunk.start
    with ExitStack() as stack:
        spills = [Spill(path.with_name(f"{path.name}.{i}"), _SMALL if i else most) for i in range(4)]
        for spill in spills:
            stack.callback(spill.close)
        files = Files(spills[0], spills[1], spills[2] if job.has_ledger else None, spills[3], job.names)
        for row, after in chunk.rows(source):
            if slot:
                slot.begin(before, after)
            files.add(row, task.treat(row, tally), tally, chunk.file)
            before = after
            if slot:
                slot.end()
        files.note(chunk.file, task.end())
        if spills[0].size and not most:
            spills[0].spill()
    extras = tuple(spill.value() for spill in spills[1:])
    return Result(tally, spills[0].size, time.perf_counter() - began, extras), spills[0]


def main(orders: int, results: int, slot: str, parent: int) -> None:
    """Do what the parent orders through one pipe, send results through another, until the first is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    keep_memory(_MOST)
    with suppress(EOFError, BrokenPipeError):
        _Worker(Pipe(orders, "rb"), Pipe(results, "wb"), Path(slot)).serve()


class _Worker:
    """The rows that a worker holds, and what it does when it is told to."""

    def __init__(self, orders: Pipe, results: Pipe, slot: Path) -> None:
        self._orders, self._results = orders, results
        self._folder = slot.parent
        with slot.open("r+b") as file:
            self._slot = Heartbeat(mmap.mmap(file.fileno(), SLOT_SIZE))
        self._job: Job = pickle.loads(orders.receive())  # noqa: S301 (it comes from our own parent)
        self._held: dict[str, Spill] = {}
        self._source: Source | None = None
        self._output = -1

    def serve(self) -> None:
        """Do what is ordered until the pipe is closed."""
        while True:
            places, chunk, name, watched = self._orders.receive()
            try:
                self._write(places)
                answer = None if chunk is None else self._do(chunk, name, watched)
            except OSError as error:
                self._results.send(OSError(error.errno, error.strerror, error.filename))
            except MsgkitError as error:
                self._results.send(error)
            else:
                self._results.send(answer)

    def _do(self, chunk: Chunk, name: str, watched: bool) -> Result:  # noqa: FBT001 (as it comes through the pipe)
        most, slot = 0 if self._job.output is None else _MOST, self._slot if watched else None
        result, rows = do_chunk(self._job, chunk, self._opened(chunk), self._folder / name, slot, most)
        if most and result.size:
            self._held[name] = rows
        return result

    def _opened(self, chunk: Chunk) -> Source:
        """Return the file of a chunk: the one that is open already, if it is of the same."""
        if self._source is None or self._source.path != chunk.path:
            if self._source is not None:
                self._source.close()
            self._source = self._job.open(chunk)
        return self._source

    def _write(self, places: Sequence[tuple[str, int]]) -> None:
        """Write the rows of chunks to their places in the output."""
        if places and self._output < 0:
            self._output = os.open(self._job.output or "", os.O_WRONLY)
        for name, offset in places:
            self._held.pop(name).put(self._output, offset)


def _die_with(parent: int) -> None:
    with suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
