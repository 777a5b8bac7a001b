"""
The folder where a run keeps what it has done until the output gets its name: beside the output, or temporary.

It holds the rows, the rejects, the ledger and the notes so far, and a journal of checkpoints.
"""

import contextlib
import errno
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import attrs

from msgkit.escaping import quote_path
from msgkit.pipeline.checkpoint import Checkpoint, Disk, Journal, ResumeError
from msgkit.pipeline.file_system import lock, own_folder, sync_folder, temporary_folder
from msgkit.rows import STANDARD, check_place, dumps, is_folder, is_local, is_remote, new_file, put, short_name

_HIDDEN = re.compile(r"(?<![^/])\.([^/]+)\.msgkit(?:/.*)?$", re.DOTALL)
_BLOCK = 1 << 20
_BUFFER = 64 << 10  # rows with media are larger, so they go to the file without another copy


class Workspace:
    """What a run has done so far."""

    FILES = ("rows.jsonl", "rejects.jsonl", "ledger.jsonl", "notes")

    def __init__(
        self,
        destination: str | None,
        run: dict[str, Any],
        *,
        resume: bool = False,
        writes: bool = False,
        locked: bool = True,
    ) -> None:
        if destination is not None:
            check_place(destination, folder=is_folder(destination))
        self._destination = destination
        self.folder, self._lock = self._make(run, locked=locked)
        self._held: list[IO[bytes]] = []
        journal = Journal(self.folder / "journal", run)
        resumed = self._resumed(journal) if resume else None
        self.checkpoint = resumed or Checkpoint()
        self.has_progress = resumed is not None
        """Whether there is a checkpoint that is worth going on from."""
        self.is_repeated = resume or journal.is_left()
        """Whether rows were done before, and what a step left on the disk then is no longer new."""
        if resumed is None:
            self._clear()
        if not self.is_repeated:
            os.utime(self.folder / "lock")
        self.began = os.fstat(self._lock).st_mtime_ns
        """When the first of the runs that are resumed or begun again began, by the clock of the file system."""
        try:
            self._open_files()
            self._journal = journal.start(resumed)
        except OSError:
            self.remove()
            raise
        self._held.append(self._journal)
        self._disk = Disk(self.folder, [*self.files, self._journal], everything=writes)

    @classmethod
    def names(cls, destination: str) -> list[str]:
        """Return the files that a run to *destination* fills until the output gets its name."""
        return [str(_folder_for(destination) / name) for name in cls.FILES] if is_local(destination) else []

    def _resumed(self, journal: Journal) -> Checkpoint | None:
        """Return what to resume from; refuse another run's."""
        try:
            return journal.last(self._is_intact)
        except ResumeError as error:
            os.close(self._lock)
            name = quote_path(self._destination) if self._destination else "the run"
            message = f"cannot resume {name}: {error} changed; run without resume to start again"
            raise ResumeError(message) from None

    def _open_files(self) -> None:
        self._remove_scratch()
        self.scratch = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        """A folder for the temporary files of this very run."""
        for name, size in zip(self.FILES, self.checkpoint.sizes, strict=True):
            self._held.append(self._open(name, size))
        self.files = self._held.copy()

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint; the sizes are those that the files have now."""
        for file in self.files:
            file.flush()
        sizes = tuple(file.tell() for file in self.files)
        checkpoint = attrs.evolve(checkpoint, sizes=sizes)
        self._journal.write(checkpoint.line())
        self.has_progress = self.has_progress or not checkpoint.whole
        if self._destination is not None and is_local(self._destination):
            self._disk.sync(checkpoint)

    def path(self, index: int) -> Path:
        """Return the file of the rows (0), the rejects (1), the ledger (2), the notes (3)."""
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
        if is_remote(destination):
            put(source, destination)
            return
        try:
            source.replace(destination)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _move_across(source, destination)
        sync_folder(Path(destination).parent)

    def close(self) -> None:
        """Close the files; what was done stays, for another run to resume."""
        if self._destination is not None and not is_local(self._destination):
            self.remove()
            return
        self._close_files()
        self._remove_scratch()
        os.close(self._lock)

    def remove(self) -> None:
        """Remove everything, and an output folder that nothing came to."""
        self._close_files()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.name == ".msgkit":
            with contextlib.suppress(OSError):
                self.folder.parent.rmdir()
        os.close(self._lock)

    def _close_files(self) -> None:
        for file in self._held:
            with contextlib.suppress(OSError):
                file.close()

    def _make(self, run: dict[str, Any], *, locked: bool) -> tuple[Path, int]:
        """Make the folder and lock it."""
        inputs = [name for name, *_ in run["the input"]]
        if not all(map(is_local, inputs if self._destination is None else [self._destination])):
            return temporary_folder()
        if self._destination is not None:
            folder = _folder_for(self._destination)
            if is_folder(self._destination):
                folder.parent.mkdir(exist_ok=True)
            own_folder(folder)
        else:
            folder = own_folder(own_folder(Path(tempfile.gettempdir(), f"msgkit-{os.geteuid()}")) / _key(run))
            try:
                return folder, lock(folder / "lock", str(folder), needed=locked)
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
                return temporary_folder()  # the same twice at the same time, which does no harm
        return folder, lock(folder / "lock", self._destination or str(folder), needed=locked)

    def _is_intact(self, point: Checkpoint) -> bool:
        """Return whether the files are as long as a checkpoint says; a whole run may have renamed them already."""
        if point.whole:
            return True
        sizes = [self.path(i).stat().st_size if self.path(i).exists() else -1 for i in range(len(self.FILES))]
        return all(size >= least for size, least in zip(sizes, point.sizes, strict=True))

    def _clear(self) -> None:
        for name in (*self.FILES, "journal"):
            (self.folder / name).unlink(missing_ok=True)

    def _remove_scratch(self) -> None:
        for scratch in self.folder.glob("run-*"):
            shutil.rmtree(scratch, ignore_errors=True)
        for temporary in self.folder.glob(".*.tmp"):
            temporary.unlink(missing_ok=True)

    def _open(self, name: str, size: int) -> IO[bytes]:
        if self.checkpoint.whole:
            return Path(os.devnull).open("ab")
        handle = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            os.ftruncate(handle, size)
            os.lseek(handle, size, os.SEEK_SET)
        except OSError:
            os.close(handle)
            raise
        return os.fdopen(handle, "wb", buffering=_BUFFER)


class PrivateFolder:
    """The folder beside an output where its files are until they are whole; what a killed run left there is removed."""

    def __init__(self, destination: str, *, locked: bool = True) -> None:
        self.path = own_folder(_folder_for(destination))
        self._lock = lock(self.path / "lock", destination, needed=locked)
        for file in self.path.glob(".*.tmp"):
            file.unlink()

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _folder_for(destination: str) -> Path:
    path = Path(destination)
    if is_folder(destination):
        return path / ".msgkit"
    return path.with_name(f".{short_name(path.name, 240)}.msgkit")


def shown(path: str) -> str:
    """Return the output that a path in its hidden folder belongs to; any other path as it is."""
    return _HIDDEN.sub(r"\1", path).partition("/.msgkit/")[0]


def _key(run: dict[str, Any]) -> str:
    """The name of the folder of a run that writes no rows: the same inputs and step find it again."""
    names = [name for name, *_ in run["the input"]]
    told = dumps([names, run["the step"], run["the options"]])
    return f"{crc32(told):08x}-{len(told)}"  # which tells runs apart; what it was is compared before it goes on


def _move_across(source: Path, destination: str) -> None:
    temporary, file = new_file(destination)
    try:
        with file, source.open("rb") as lines:
            shutil.copyfileobj(lines, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(destination)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    source.unlink()
