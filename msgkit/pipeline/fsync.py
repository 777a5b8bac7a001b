"""What a run has written, brought to the disk beside the run, so that a loss of power costs at most a minute."""

import os
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO

import attrs

from msgkit.pipeline.checkpoint import Checkpoint

_EVERY = 30.0  # seconds


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


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
