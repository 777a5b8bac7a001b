"""A lock that a forked process finds open, whatever the threads of its parent were doing."""

import os
import threading
from types import TracebackType


class ForkLock:
    """A lock to be held by ``with``; the child of a fork has a new one, for the thread that held it is not there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()
