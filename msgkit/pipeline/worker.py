"""
A chunk through a step, into files; and the process that does so for a pool.

Rows and media never cross between processes: a worker reads its own range and writes its own files.
"""

import mmap
import os
import pickle
import signal
import struct
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from msgkit.pipeline.chunks import Chunk
from msgkit.pipeline.outputs import Files
from msgkit.pipeline.report import Tally
from msgkit.pipeline.row_runner import RowTask, keep_memory
from msgkit.rows import Position

_SLOT = struct.Struct("<qqqqd")
SLOT_SIZE = _SLOT.size
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux' prctl


class Heartbeat:
    """
    What a worker is doing, in memory that its parent sees too: the row's place, and since when.

    Args:
        memory: At least ``SLOT_SIZE`` bytes.
    """

    def __init__(self, memory: Any) -> None:
        self._memory = memory

    def begin(self, before: Position, after: Position) -> None:
        """Note that a row is begun."""
        _SLOT.pack_into(self._memory, 0, before.number, before.offset, after.number, after.offset, time.monotonic())

    def end(self) -> None:
        """Note that no row is being done."""
        _SLOT.pack_into(self._memory, 0, 0, 0, 0, 0, 0.0)

    def read(self) -> tuple[Position, Position, float] | None:
        """Return the places before and after the row that is being done, and since when; None if there is none."""
        number, offset, after_number, after_offset, since = _SLOT.unpack_from(self._memory, 0)
        return (Position(number, offset), Position(after_number, after_offset), since) if since else None


def do_chunk(job: RowTask, chunk: Chunk, folder: Path, name: str, slot: Heartbeat | None = None) -> Tally:
    """
    Do a chunk; what became of its rows is in ``NAME.0`` (rows), ``NAME.1`` (rejects), ``NAME.2`` (ledger) afterwards.

    Args:
        job: What to do.

        chunk: With which rows.

        folder: Where the files go.

        name: What they are called.

        slot: Where to note the row that is being done.
    """
    tally = Tally()
    before = chunk.start
    with ExitStack() as stack:
        files = Files(*(stack.enter_context((folder / f"{name}.{i}").open("wb", buffering=64 << 10)) for i in range(3)))
        for row, after in chunk.rows(job.max_row):
            if slot:
                slot.begin(before, after)
            files.add(row, job.treat(row, tally), tally)
            before = after
            if slot:
                slot.end()
    return tally


def main(orders: int, results: int, slot_path: str, parent: int) -> None:
    """
    Do chunks as they are told through one pipe, tell what came of them through another, until the first is closed.

    Args:
        orders: The file descriptor to read from.

        results: The file descriptor to write to.

        slot_path: The file to note in what is being done.

        parent: The process that is served; this one never outlives it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    keep_memory()
    told, telling = Connection(orders, writable=False), Connection(results, readable=False)
    with Path(slot_path).open("r+b") as file:
        slot = Heartbeat(mmap.mmap(file.fileno(), SLOT_SIZE))
    with suppress(EOFError, BrokenPipeError):
        job = pickle.loads(told.recv_bytes())  # noqa: S301 (it comes from our own parent)
        while True:
            chunk, folder, name = told.recv()
            try:
                result: Tally | OSError = do_chunk(job, chunk, Path(folder), name, slot)
            except OSError as error:
                result = OSError(error.errno, error.strerror, error.filename)
            telling.send(result)


def _die_with(parent: int) -> None:
    with suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
