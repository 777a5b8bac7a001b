"""One run at a time for each output: a lock file, by flock where the file system has it."""

import errno
import os
from pathlib import Path
from types import ModuleType

try:
    import fcntl as _fcntl

    _locking: ModuleType | None = _fcntl
except ImportError:  # Windows
    _locking = None

_TRIES = 5
_BUSY = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


def lock(path: Path, output: str, *, needed: bool = True) -> int:
    """Lock the file *path* until the descriptor that is returned is closed."""
    for _ in range(_TRIES):
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            handle = os.open(path, flags, 0o600)
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
    if _locking is None:
        raise OSError(errno.ENOLCK, "this system has no file locks: give --no-lock if no other run writes it", output)
    try:
        _locking.flock(handle, _locking.LOCK_EX | _locking.LOCK_NB)
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
