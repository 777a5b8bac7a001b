"""Signals while a run goes on: SIGTERM ends it as SIGINT does, and neither where it would leave something behind."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end a run as SIGINT does: workers stopped, what was done kept; exit code 143."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def uninterrupted() -> Iterator[Callable[[], None]]:
    """Hold the handlers of signals back, until the function is called that this yields."""
    # blocking the signals would not do: Python runs its handlers here, whichever thread got the signal
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    came: list[signal.Signals] = []
    is_released = False

    def hold(number: int, frame: FrameType | None) -> None:
        name = signal.Signals(number)
        handler = handlers[name]
        if is_released and callable(handler):
            handler(number, frame)
        else:
            came.append(name)

    def release() -> None:
        nonlocal is_released
        if is_released:
            return
        is_released = True
        for number in replaced:
            signal.signal(number, handlers[number])
        for number in came:
            signal.raise_signal(number)

    is_main = threading.current_thread() is threading.main_thread()  # no other may set handlers, and none run there
    replaced = [number for number, handler in handlers.items() if is_main and callable(handler)]
    for number in replaced:
        signal.signal(number, hold)
    try:
        yield release
    finally:
        release()
