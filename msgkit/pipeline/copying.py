"""Bytes to a place in a file: by the system's own copying where it has that, by reading and writing where not."""

import errno
import os
from collections.abc import Sequence
from typing import Final

_BLOCK: Final = 1 << 20
_LARGE: Final = 64 << 10  # bytes of a piece that is worth a call of its own
_NOT_HERE: Final = (errno.ENOSYS, errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM, errno.EBADF, errno.ETXTBSY)


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
