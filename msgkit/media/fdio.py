"""What is read from an open descriptor, within limits: nothing is opened here."""

import errno
import os
import stat

import attrs

from msgkit.errors import MediaError
from msgkit.media.faults import SystemFaultError, is_environment
from msgkit.media.limits import Limits
from msgkit.media.references import explain, missing

_PIECE = 1 << 16  # bytes read at a time once a file is longer than the system said
_CODES = {
    errno.ENOENT: "reference-not-found",
    errno.ENOTDIR: "reference-not-found",
    errno.EISDIR: "reference-not-a-file",
    errno.ENXIO: "reference-not-a-file",  # a socket, or a device with nothing behind it
    errno.ENODEV: "reference-not-a-file",
    errno.ENAMETOOLONG: "reference-invalid",
}
_NO_NAME = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


@attrs.frozen
class DescriptorWindow:
    """An open file as the header readers see it: its size, and slices read by offset."""

    descriptor: int  # of a regular file, open for reading
    size: int  # bytes in all, as the system says

    def at(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*; fewer at the end of the file."""
        if offset >= self.size:
            return b""
        return os.pread(self.descriptor, min(length, self.size - offset), offset)


def read_within(descriptor: int, limits: Limits) -> bytes:
    """Read a regular file that is no larger than *limits* say."""
    state = os.fstat(descriptor)
    if stat.S_ISREG(state.st_mode) and 0 < state.st_size <= limits.file_bytes:
        data = os.read(descriptor, state.st_size + 1)
        if len(data) == state.st_size:
            return data
        os.lseek(descriptor, 0, os.SEEK_SET)
    return _read_on(window_of(descriptor, limits), limits)


def _read_on(window: DescriptorWindow, limits: Limits) -> bytes:
    """Read to the end, which may have moved since the size was asked: never more than the limit and one byte."""
    limit = limits.file_bytes
    data = os.read(window.descriptor, min(window.size, limit) + 1)
    while window.size < len(data) <= limit:  # it has grown
        more = os.read(window.descriptor, min(_PIECE, limit + 1 - len(data)))
        if not more:
            break
        data += more
    limits.check_bytes(len(data))
    if not data:
        raise MediaError("the file is empty", code="media-empty")
    return data


def window_of(descriptor: int, limits: Limits | None) -> DescriptorWindow:
    """Return an open regular file that is no larger than *limits* say, to be read by offset."""
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise MediaError("expected a file, got a folder, a device or a pipe", code="reference-not-a-file")
    if not state.st_size:
        raise MediaError("the file is empty", code="media-empty")
    window = DescriptorWindow(descriptor, state.st_size)
    if limits:
        limits.check_bytes(window.size)
    return window


def told(error: MediaError | OSError, source: str) -> MediaError | SystemFaultError:
    """Return msgkit's error for the system's, naming *source*."""
    if isinstance(error, MediaError):
        return error if error.source else error.named(source)
    if is_environment(error):
        return SystemFaultError(error.errno or errno.EIO, error.strerror or "", source)
    code = _CODES.get(error.errno or 0, "reference-unreadable")
    explained = (explain(source) or missing(source)) if error.errno in _NO_NAME else None
    if explained is not None:
        return explained.named(source)
    return MediaError(os.strerror(error.errno or 0).lower(), code=code, source=source)
