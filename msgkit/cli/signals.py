"""What SIGINT and SIGTERM do: end the program at once before it has work to keep, and a run in good order."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 130
TERMINATED: Final = 143
WORDS: Final = {INTERRUPTED: "interrupted", TERMINATED: "terminated"}

_BOTH: Final = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], object]


def end_at_once(number: int, _: FrameType | None) -> NoReturn:
    """End the process: nothing has been written, and an exception might be lost in an import or a destructor."""
    os.write(2, f"msgkit: {WORDS[128 + number]}\n".encode())
    os._exit(128 + number)


def on_signals(handler: _Handler) -> None:
    """Set *handler* for both signals, unless the caller of the program had them ignored."""
    for number in _BOTH:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a signal stop the block by an exception, so that it can keep what was done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _BOTH}
    on_signals(_stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: FrameType | None) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
