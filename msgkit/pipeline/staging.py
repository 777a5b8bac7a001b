"""
The folder beside the output where a run keeps what it has done, until the output gets its name.

It holds the rows, the rejects and the ledger so far, and a journal of places that a run can go on from.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

import attrs

from msgkit.errors import quote
from msgkit.pipeline.checkpoint import Checkpoint, Journal, ResumeError
from msgkit.pipeline.fsync import Disk, sync_folder
from msgkit.rows import STANDARD, check_place, new_file

_BLOCK = 1 << 20
_BUFFER = 64 << 10  # rows with media are larger, so they go to the file without another copy


class Workspace:
    """
    What a run has done so far.

    Args:
        destination: The output, or ``-``.

        run: What the run is: input, step, options; a run with another cannot be resumed.

        resume: Go on from what is there.

        writes: Whether the step writes files of its own, which must reach the disk as well.

    Raises:
        OSError: If the output cannot be written there, or another run is writing it.

        ResumeError: If what is there belongs to another run.
    """

    FILES = ("rows.jsonl", "rejects.jsonl", "ledger.jsonl")

    def __init__(self, destination: str, run: dict[str, Any], *, resume: bool = False, writes: bool = False) -> None:
        check_place(destination)
        self._destination = destination
        self.folder = self._make_folder()
        self._lock = self._take_lock()
        self._held: list[IO[bytes]] = []
        journal = Journal(self.folder / "journal", run)
        try:
            found = journal.last(self._holds) if resume else None
            self.checkpoint = found or Checkpoint()
            if found is None:
                self._clear()
        except ResumeError as error:
            os.close(self._lock)
            message = f"cannot go on with {quote(destination)}: {error} changed; run without resume to start again"
            raise ResumeError(message) from None
        try:
            self._open_files()
            self._journal = journal.start(found)
        except OSError:
            self.remove()
            raise
        self._held.append(self._journal)
        self._disk = Disk(self.folder, [*self.files, self._journal], everything=writes)

    @classmethod
    def names(cls, destination: str) -> list[str]:
        """Return the files that a run to *destination* fills until the output gets its name."""
        return [str(_folder_for(destination) / name) for name in cls.FILES]

    def _open_files(self) -> None:
        self._remove_scratch()
        self.scratch = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        """A folder for the pieces of this very run."""
        for name, size in zip(self.FILES, self.checkpoint.sizes, strict=True):
            self._held.append(self._open(name, size))
        self.files = self._held.copy()

    def save(self, checkpoint: Checkpoint) -> None:
        """Note a place to go on from; the sizes are those that the files have now."""
        for file in self.files:
            file.flush()
        sizes = tuple(file.tell() for file in self.files)
        checkpoint = attrs.evolve(checkpoint, sizes=sizes)
        self._journal.write(checkpoint.line())
        if self._destination != STANDARD:
            self._disk.sync(checkpoint)

    def path(self, index: int) -> Path:
        """Return where the rows (0), the rejects (1), the ledger (2) are."""
        return self.folder / self.FILES[index]

    def publish(self, index: int, destination: str) -> None:
        """Give a file of the workspace its name; a file that has it already stays."""
        source = self.path(index)
        if not source.exists():
            return
        self.files[index].close()
        if destination == STANDARD:
            with source.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, _BLOCK)
            sys.stdout.buffer.flush()
            return
        with source.open("rb") as file:
            os.fsync(file.fileno())
        try:
            source.replace(destination)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _move_across(source, destination)
        sync_folder(Path(destination).parent)

    def close(self) -> None:
        """Let go of the files; what was done stays, for another run to go on from."""
        if self._destination == STANDARD:
            self.remove()
            return
        self._close_files()
        self._remove_scratch()
        os.close(self._lock)

    def remove(self) -> None:
        """Remove everything."""
        self._close_files()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def _close_files(self) -> None:
        for file in self._held:
            with contextlib.suppress(OSError):
                file.close()

    def _make_folder(self) -> Path:
        if self._destination == STANDARD:
            return Path(tempfile.mkdtemp(prefix="msgkit-"))
        folder = _folder_for(self._destination)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
                raise FileExistsError(errno.EEXIST, "expected a folder of our own", str(folder)) from None
        return folder

    def _take_lock(self) -> int:
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise OSError(errno.EBUSY, "another run is writing this file", self._destination) from None
        return handle

    def _holds(self, found: Checkpoint) -> bool:
        """Tell whether the files are as long as a checkpoint says; of a whole run they may have their names already."""
        if found.whole:
            return True
        sizes = [self.path(i).stat().st_size if self.path(i).exists() else -1 for i in range(len(self.FILES))]
        return all(there >= size for there, size in zip(sizes, found.sizes, strict=True))

    def _clear(self) -> None:
        for name in (*self.FILES, "journal"):
            (self.folder / name).unlink(missing_ok=True)

    def _remove_scratch(self) -> None:
        for left in self.folder.glob("run-*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def _open(self, name: str, size: int) -> IO[bytes]:
        if self.checkpoint.whole:
            return Path(os.devnull).open("ab")
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(self.folder / name, flags, 0o666)
        try:
            os.ftruncate(handle, size)
            os.lseek(handle, size, os.SEEK_SET)
        except OSError:
            os.close(handle)
            raise
        return os.fdopen(handle, "wb", buffering=_BUFFER)


def _folder_for(destination: str) -> Path:
    place = Path(destination)
    return place.with_name(f".{place.name}.msgkit")


def _move_across(source: Path, destination: str) -> None:
    temporary, file = new_file(destination)
    try:
        with file, source.open("rb") as found:
            shutil.copyfileobj(found, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(destination)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    source.unlink()
