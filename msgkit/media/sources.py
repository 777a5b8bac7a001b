"""
The one file that opens what a message refers to: below a root, by descriptor, bounded.

Every name on the way is opened relative to the descriptor of the folder before it and never follows a symbolic link by
itself, so that nothing which changes meanwhile can lead outside. A symbolic link is read and walked in the same way: it
may lead to another place below the root, never out of it. A hard link cannot be detected from the file itself.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any
from unicodedata import normalize

import attrs

from msgkit import data_url
from msgkit.errors import MediaError, describe
from msgkit.media.faults import SystemFaultError, is_environment
from msgkit.media.options import DEFAULT, Limits
from msgkit.media.references import below, check_reference, explain, file_path, missing

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


@attrs.frozen(eq=False, repr=False)
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


__all__ = ["Root", "Source", "check_reference", "name_of", "read_source"]

Place = str | os.PathLike[str]
"""A folder or file that the caller names."""

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Mapping[str, Any]
"""What a Python caller may give for media: a path, bytes, an open binary file, a data URL, ``{"bytes", "path"}``."""

_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
_FILE = _OPEN | os.O_NOFOLLOW
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY  # macOS has no O_PATH
_LINK = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)  # what systems answer to O_NOFOLLOW on a symbolic link
_MOST_LINKS = 40


def absolute(path: str | os.PathLike[str]) -> str:
    """Return an absolute path; links stay as they are named."""
    return str(Path(path).absolute())


@contextmanager
def _opened(open_file: Callable[[], int], name: str) -> Iterator[int]:
    """Open a file, and close it; faults are msgkit's own, and name it."""
    try:
        descriptor = open_file()
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except (MediaError, OSError) as error:
        raise told(error, name) from None


@attrs.frozen(eq=False, repr=False)
class Root:
    """A folder that references may not leave."""

    # the folder; it may itself be reached by symbolic links, for the caller names it
    path: str = attrs.field(converter=absolute)
    _real: str = attrs.field(init=False, eq=False, repr=False)

    @_real.default
    def _resolve(self) -> str:
        return os.path.realpath(self.path)

    def read(self, reference: str, limits: Limits = DEFAULT) -> bytes:
        """Return the bytes of the file that *reference* names."""
        with _opened(partial(self._find, self._names(reference)), reference) as descriptor:
            return read_within(descriptor, limits)

    @contextmanager
    def window(self, reference: str, limits: Limits | None = None) -> Iterator[DescriptorWindow]:
        """Open the file that *reference* names and let its header be read; nothing is read before that."""
        with _opened(partial(self._find, self._names(reference)), reference) as descriptor:
            yield window_of(descriptor, limits)

    def _names(self, reference: str) -> list[str]:
        return check_reference(reference, (self.path, self._real)).split("/")

    def _find(self, names: list[str]) -> int:
        """Open a file by its name, or by the same characters in another normal form of Unicode."""
        try:
            return self._open(names)
        except FileNotFoundError:
            for form in ("NFC", "NFD"):
                others = [normalize(form, name) for name in names]
                if others != names:
                    with suppress(FileNotFoundError):
                        return self._open(others)
            raise

    def _open(self, names: list[str]) -> int:
        if os.open not in os.supports_dir_fd:
            raise MediaError("this system cannot open files below a folder safely", code="reference-unreadable")
        if len(names) == 1:  # there is no folder on the way that could be exchanged
            try:
                return os.open(f"{self.path}/{names[0]}", _FILE)
            except OSError:  # a link, or a fault: the walk tells
                pass
        walk = [os.open(self.path, _FOLDER)]
        todo, links = names[::-1], 0
        try:
            while todo:
                name = todo.pop()
                if name == "..":  # of a link's target; a reference has none
                    _go_up(walk)
                    continue
                opened = self._step(walk[-1], name, last=not todo)
                if isinstance(opened, int):
                    walk.append(opened)
                    continue
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                todo.extend(self._follow(walk, opened))
            return walk.pop()
        finally:
            for descriptor in walk:
                os.close(descriptor)

    def _step(self, folder: int, name: str, *, last: bool) -> int | str:
        """Open *name* in *folder*; return its descriptor, or the target when it is a symbolic link."""
        flags = _FILE if last else _FOLDER | os.O_NOFOLLOW
        try:
            return os.open(name, flags, dir_fd=folder)
        except OSError as error:
            if error.errno not in _LINK:
                raise
            with suppress(OSError):  # not a link, then: the first error stands
                return os.readlink(name, dir_fd=folder)
            raise

    def _follow(self, walk: list[int], target: str) -> list[str]:
        """Return the names to go for a link's *target*, last one first; an absolute one starts again at the root."""
        if not target.startswith("/"):
            return [name for name in reversed(target.split("/")) if name not in ("", ".")]
        names = below(target, (self.path, self._real))
        while len(walk) > 1:
            _go_up(walk)
        return names[::-1]


def _go_up(walk: list[int]) -> None:
    if len(walk) == 1:
        raise MediaError("a symbolic link leaves the root", code="reference-outside-root")
    os.close(walk.pop())


def read_source(source: Source, limits: Limits = DEFAULT) -> bytes:
    """Return the bytes behind what a Python caller gave; unlike a reference in a row, its path may lie anywhere."""
    if type(source) is str:
        return _read_named(source, limits)
    if isinstance(source, Mapping):
        inner = source.get("bytes")
        return read_source(source.get("path") if inner is None else inner, limits)  # type: ignore[arg-type]
    if isinstance(source, str | os.PathLike):
        return _read_named(os.fspath(source), limits)
    data = _read_file(source, limits) if hasattr(source, "read") else source
    if not isinstance(data, bytes | bytearray | memoryview):
        expected = "expected a path, bytes, an open binary file or a data URL"
        raise MediaError(f"{expected}, got {describe(data)}", code="type-mismatch")
    limits.check_bytes(len(data))
    if not data:
        raise MediaError("no data", code="media-empty")
    return bytes(data)


def _read_named(name: str, limits: Limits) -> bytes:
    kind = data_url.classify(name) if ":" in name else data_url.Kind.REFERENCE
    if kind is data_url.Kind.DATA:
        url = data_url.split(name)
        limits.check_bytes(len(url.payload) // 4 * 3 - 2)
        return data_url.decode(url.payload)
    if kind is data_url.Kind.REMOTE:
        raise MediaError("remote URLs are never fetched", code="reference-scheme", source=name)
    if kind is data_url.Kind.REFERENCE and name[:5].lower() == "file:":
        name = file_path(name)
    if "\0" in name:
        raise MediaError("a NUL is not allowed in a file name", code="reference-invalid", source=name)
    with _opened(partial(os.open, name, _OPEN), name) as descriptor:
        return read_within(descriptor, limits)


def _read_file(file: Any, limits: Limits) -> Any:
    try:
        return file.read(limits.file_bytes + 1)
    except (OSError, ValueError) as error:
        raise MediaError("the open file cannot be read", code="reference-unreadable") from error


def name_of(source: Source) -> str | None:
    """Return the last name of the path behind *source*, or None when it has none."""
    path = source.get("path") if isinstance(source, Mapping) else getattr(source, "name", source)
    if not isinstance(path, str | os.PathLike):
        return None
    text = os.fspath(path)
    if not isinstance(text, str) or data_url.classify(text) is not data_url.Kind.REFERENCE:
        return None
    return Path(text).name or None
