"""
The one file that writes extracted media: named by content, whole or absent, never over another file.

A name is made from the bytes alone (``3f/3f9a1c….jpg``: SHA-256 and the extension of the sniffed type), so that equal
media share a file, and nothing in a row has a say in where it is written.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from msgkit import headers
from msgkit.errors import MediaError
from msgkit.media.faults import SystemFaultError
from msgkit.media.sources import absolute

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_OLD = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
_NAMELESS = os.O_WRONLY | os.O_TMPFILE if hasattr(os, "O_TMPFILE") else None  # macOS has none
_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)  # what systems without them answer
_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
_MOST_KNOWN = 65_536  # names remembered as written or compared, so that equal media cost one comparison a process
_PIECE = 1 << 20


_RUN = frozenset(("text/html", "image/svg+xml"))  # what a browser would run when the file is opened


def _extension(media_type: str) -> str:
    return ".bin" if media_type in _RUN else headers.EXTENSIONS.get(media_type, ".bin")


@attrs.frozen(eq=False)  # its text identifies the step that holds it
class Store:
    """A folder of media, each distinct one once; any number of processes may write to it at the same time."""

    # made when missing. Files in it are readable by all (0644 less the umask)
    folder: str = attrs.field(converter=absolute)
    _known: set[str] = attrs.field(factory=set, init=False, eq=False, repr=False)

    def prepare(self) -> None:
        """Make the folder and try that it can be written to, so that a fault shows before any input is read."""
        with self._told(), self._open_folder() as folder:
            nameless = _open_nameless(folder)
            if nameless is not None:
                os.close(nameless)
                return
            name = _temporary_name()
            os.close(os.open(name, _NEW, 0o644, dir_fd=folder))
            os.unlink(name, dir_fd=folder)

    def put(self, data: bytes, media_type: str | None = None) -> str:
        """Write *data* unless it is there already; return its name below the folder, with ``/`` between names."""
        return self.put_new(data, media_type)[0]

    def put_new(self, data: bytes, media_type: str | None = None) -> tuple[str, bool]:
        """Do as ``put`` does, and tell whether this call has written the file."""
        import hashlib  # slow to load

        digest = hashlib.sha256(data).hexdigest()
        extension = _extension(media_type or headers.sniff(data) or "")
        shard, name = digest[:2], digest + extension
        relative = f"{shard}/{name}"
        is_new = False
        if relative not in self._known:
            with self._told(relative), self._open_folder(shard) as folder:
                is_new = not _same(folder, name, data) and self._write(folder, name, data)
            self._remember(relative)
        return relative, is_new

    def count(self, since: int) -> int:
        """Return how many of its files were written since a time in nanoseconds."""
        shards = [shard for shard in Path(self.folder).glob("[0-9a-f][0-9a-f]") if shard.is_dir()]
        return sum(file.stat().st_mtime_ns >= since for shard in shards for file in os.scandir(shard))

    def _write(self, folder: int, name: str, data: bytes) -> bool:
        """Write the file; False if another process was first."""
        is_new = self._write_nameless(folder, name, data)
        return self._write_renamed(folder, name, data) if is_new is None else is_new

    def _write_nameless(self, folder: int, name: str, data: bytes) -> bool | None:
        """Write a file without a name until it is whole, so that nothing is left behind; None if there are none."""
        descriptor = _open_nameless(folder)
        if descriptor is None:
            return None
        try:
            _write_all(descriptor, data)
            os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=folder, follow_symlinks=True)
        except FileExistsError:
            return not _same(folder, name, data)
        except OSError as error:
            if error.errno not in (*_NO_HARD_LINKS, errno.ENOENT):  # where /proc is missing
                raise
            return None
        finally:
            os.close(descriptor)
        return True

    def _write_renamed(self, folder: int, name: str, data: bytes) -> bool:
        temporary = _temporary_name()
        descriptor = os.open(temporary, _NEW, 0o644, dir_fd=folder)
        try:
            try:
                _write_all(descriptor, data)
            finally:
                os.close(descriptor)
            return _name_it(folder, temporary, name, data)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)

    def _remember(self, relative: str) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(relative)

    @contextmanager
    def _open_folder(self, shard: str | None = None) -> Iterator[int]:
        """Open the folder, or the one named *shard* in it, which may be no link to elsewhere; made when missing."""
        path, how = (f"{self.folder}/{shard}", _FOLDER | os.O_NOFOLLOW) if shard else (self.folder, _FOLDER)
        try:
            folder = os.open(path, how)
        except FileNotFoundError:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                Path(path).mkdir(0o755)
            folder = os.open(path, how)
        try:
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _told(self, relative: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            name = f"{self.folder}/{relative}".rstrip("/")
            raise SystemFaultError(error.errno or errno.EIO, os.strerror(error.errno or errno.EIO), name) from error


def _open_nameless(folder: int) -> int | None:
    """Make a file that has no name and goes when it is closed, unless it gets one; None where there are none."""
    if _NAMELESS is None:
        return None
    try:
        return os.open(".", _NAMELESS, 0o644, dir_fd=folder)
    except OSError as error:
        if error.errno not in _NO_NAMELESS:
            raise
        return None


def _temporary_name() -> str:
    return f".msgkit-{os.urandom(8).hex()}"


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _name_it(folder: int, temporary: str, name: str, data: bytes) -> bool:
    """Give the finished file its name; False if another process was first, which must have written the same."""
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return not _same(folder, name, data)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if _same(folder, name, data):
            return False
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)  # over the same bytes, if any came between
    return True


def _same(folder: int, name: str, data: bytes) -> bool:
    """Return whether the file *name* is there and holds *data*."""
    try:
        descriptor = os.open(name, _OLD, dir_fd=folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise
        raise _conflict(name) from error
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_size != len(data) or not _equal(descriptor, data):
            raise _conflict(name)
    finally:
        os.close(descriptor)
    return True


def _equal(descriptor: int, data: bytes) -> bool:
    view = memoryview(data)
    at = 0
    while piece := os.read(descriptor, _PIECE):
        if view[at : at + len(piece)] != piece:
            return False
        at += len(piece)
    return at == len(data)


def _conflict(name: str) -> MediaError:
    message = "another file already has this name: it is left as it is"
    return MediaError(message, code="media-conflict", source=name, hint="move it away, or use another folder")
