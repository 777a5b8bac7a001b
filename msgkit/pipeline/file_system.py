"""What a run asks of the file system, with a way for those that lack it: locks, copies, syncing, folders of our own."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20
_LARGE: Final = 64 << 10  # bytes of a piece that is worth a call of its own
_NOT_HERE: Final = (errno.ENOSYS, errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EBADF, errno.ETXTBSY)
_TRIES: Final = 5  # to lock a file that others remove
_BUSY: Final = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


def lock(path: Path, output: str, *, needed: bool = True) -> int:
    """Lock the file *path* until the descriptor that is returned is closed."""
    for _ in range(_TRIES):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:  # the run before has just removed the folder
            path.parent.mkdir(mode=0o700, exist_ok=True)
            continue
        if not needed:
            return handle
        try:
            _flock(handle, output)
            if _is_named(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # the run before has just removed it: this is the lock of no one
    raise OSError(errno.EBUSY, "another run is writing this file", output)


def _flock(handle: int, output: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            raise OSError(errno.EBUSY, "another run is writing this file", output) from None
        reason = f"the file system has no locks ({os.strerror(error.errno or 0)})"
        message = f"{reason}: give --no-lock if no other run writes this file"
        raise OSError(error.errno, message, output) from None


def _is_named(handle: int, path: Path) -> bool:
    """Return whether the locked file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def write_at(output: int, pieces: Sequence[bytes], offset: int) -> None:
    """Write *pieces* one after another at *offset*; small ones are joined."""
    small: list[bytes] = []
    size = 0
    for piece in pieces:
        if len(piece) < _LARGE and size < _BLOCK:
            small.append(piece)
            size += len(piece)
            continue
        offset = _put(output, b"".join(small), offset)
        offset = _put(output, piece, offset)
        small, size = [], 0
    _put(output, b"".join(small), offset)


def copy_into(source: int, output: int, offset: int, size: int) -> None:
    """Copy the first *size* bytes of the file *source* to *offset* of *output*."""
    done = _copy_by_system(source, output, offset, size)
    while done < size:
        block = os.pread(source, min(_BLOCK, size - done), done)
        if not block:
            raise OSError(errno.EIO, "a temporary file is shorter than it was written")
        _put(output, block, offset + done)
        done += len(block)


def _copy_by_system(source: int, output: int, offset: int, size: int) -> int:
    """Return how many bytes the system copied by itself."""
    copy = getattr(os, "copy_file_range", None)
    done = 0
    while copy is not None and done < size:
        try:
            copied = copy(source, output, size - done, done, offset + done)
        except OSError as error:
            if error.errno in _NOT_HERE:
                return done
            raise
        if copied == 0:  # some file systems say so without having copied anything
            return done
        done += copied
    return done


def _put(output: int, data: bytes, offset: int) -> int:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(output, rest, offset)
        rest = rest[written:]
        offset += written
    return offset


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def temporary_folder() -> tuple[Path, int]:
    """Make a temporary folder, and lock it; those of runs that were killed are removed."""
    base = own_folder(Path(tempfile.gettempdir(), f"msgkit-{os.geteuid()}"))
    for old in base.glob("tmp-*"):
        with suppress(OSError):  # it is in use, or there are no locks
            handle = lock(old / "lock", str(old))
            shutil.rmtree(old, ignore_errors=True)
            os.close(handle)
    folder = Path(tempfile.mkdtemp(prefix="tmp-", dir=base))
    try:
        return folder, lock(folder / "lock", str(folder))
    except OSError:
        return folder, lock(folder / "lock", str(folder), needed=False)


@contextmanager
def temporary() -> Iterator[Path]:
    """Yield a temporary folder, which is removed at the end."""
    folder, handle = temporary_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def own_folder(folder: Path) -> Path:
    """Make a folder that only we can read, or check that it is such a one."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
            raise FileExistsError(errno.EEXIST, "expected a folder of our own", str(folder)) from None
    return folder
