"""
Conversions remembered by content: one image in a thousand rows is converted once.

In memory a bounded number of bytes is kept, the latest used; in a folder, when one is given, everything.
"""

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import attrs

from msgkit.media.options import Options
from msgkit.model.media import Media


class ForkLock:
    """A lock to be held by ``with``; the child of a fork has a new one, for the thread that held it is not there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._renew)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()


_FORM = 2  # raised when the same conversion gives other bytes than before
_HEAD = b"msgkit conversion\n"


@attrs.define
class Memory:
    """The latest conversions, up to a number of bytes; safe for threads."""

    most: int  # bytes kept at most
    size: int = attrs.field(default=0, init=False)
    _kept: OrderedDict[str, Media] = attrs.field(factory=OrderedDict, init=False, repr=False)
    _lock: ForkLock = attrs.field(factory=ForkLock, init=False, repr=False, eq=False)

    def get(self, key: str) -> Media | None:
        """Return what is kept under *key*, which counts as used, or None."""
        with self._lock:
            media = self._kept.get(key)
            if media is not None:
                self._kept.move_to_end(key)
            return media

    def put(self, key: str, media: Media) -> None:
        """Keep *media*; what was not used for longest goes."""
        if len(media.data) > self.most:
            return
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept[key] = media
            self.size += len(media.data) - (0 if old is None else len(old.data))
            while self.size > self.most:
                self.size -= len(self._kept.popitem(last=False)[1].data)


MEMORY = Memory(32 * 1024 * 1024)
"""What this process keeps."""


def remembered(data: bytes, how: object, options: Options, make: Callable[[], Media]) -> Media:
    """Return the conversion of *data*, made by *make* unless it is remembered."""
    asked = repr((_FORM, how, attrs.evolve(options, cache=None)))
    key = hashlib.sha256(hashlib.sha256(data).digest() + asked.encode()).hexdigest()
    media = MEMORY.get(key)
    if media is None and options.cache is not None:
        media = _read(Path(options.cache, key[:2], key))
    if media is None:
        media = make()
        if options.cache is not None:
            _write(Path(options.cache, key[:2], key), media)
    MEMORY.put(key, media)
    return media


def _read(path: Path) -> Media | None:
    """Return the conversion in *path*; None when there is none, or not a whole one."""
    try:
        blob = path.read_bytes()
    except OSError:
        return None
    start = blob.find(b"\n", len(_HEAD)) + 1
    if not blob.startswith(_HEAD) or not start:
        return None
    try:
        head = json.loads(blob[len(_HEAD) : start])
        media = Media(blob[start:], head["media_type"], tuple(head["changes"]))
        whole = head["sha256"] == media.sha256
    except (ValueError, KeyError, TypeError):
        return None
    return media if whole else None


def _write(path: Path, media: Media) -> None:
    """Write whole or not at all; a cache that cannot be written costs time, nothing else."""
    head = {"media_type": media.media_type, "changes": media.changes, "sha256": media.sha256}
    temporary = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.writelines((_HEAD, json.dumps(head).encode(), b"\n", media.data))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
