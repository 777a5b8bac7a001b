"""Faults of the machine, which end a run and refuse no row, and what decoders raise, which refuses the row."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgkit.errors import MediaError, MsgkitError

_ENVIRONMENT = frozenset(
    getattr(errno, name, -1)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EFBIG", "EMFILE", "ENFILE", "ENOMEM", "EIO", "ESTALE", "ENOTCONN")
)


_TABLE_FAULTS = ("disk I/O error", "database or disk is full", "unable to open database file")


def is_environment(error: BaseException) -> bool:
    """Return whether the machine failed, not the row: a full or read-only disk, too many open files, a lost device."""
    if type(error).__module__ == "sqlite3":  # a table of msgkit's own, in a temporary file
        return str(error) in _TABLE_FAULTS
    return isinstance(error, SystemFaultError) or (isinstance(error, OSError) and error.errno in _ENVIRONMENT)


class SystemFaultError(MsgkitError, OSError):
    """The machine failed, not the row: a full or read-only disk, missing permissions, too many open files."""

    def __init__(self, number: int, message: str, filename: str | None = None) -> None:
        super().__init__(number, message, filename)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errno, self.strerror, self.filename)


@contextmanager
def border(media_type: str, too_much: str = "media-too-large") -> Iterator[None]:
    """Turn whatever a decoder raises into a MediaError: they raise SyntaxError, KeyError, struct.error and more."""
    try:
        yield
    except MsgkitError:
        raise
    except MemoryError as error:
        raise MediaError(f"not enough memory to decode {media_type}", code=too_much) from error
    except Exception as error:
        raise MediaError(f"cannot be decoded as {media_type}", code="media-invalid") from error
