"""Signals while a run goes on: SIGTERM ends it as SIGINT does, and neither where it would leave something behind."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_BOTH: Final = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], object]


@contextmanager
def terminable() -> Iterator[Callable[[], None]]:
    """Let SIGTERM end a run as SIGINT does (exit code 143); yield what raises again what a handler raised."""
    # a destructor, or a callback of an import, loses what is raised in it: the run asks between rows
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    raised: list[BaseException] = []

    def again() -> None:
        if raised:
            raise raised.pop()

    handlers = {number: signal.getsignal(number) for number in _BOTH}
    for number, handler in handlers.items():
        if callable(handler) or (number == signal.SIGTERM and handler == signal.SIG_DFL):
            signal.signal(number, _noting(handler if callable(handler) else _end, raised))
    try:
        yield again
    finally:
        for number, handler in handlers.items():
            if handler is not None:
                signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _noting(handler: _Handler, raised: list[BaseException]) -> _Handler:
    """Return *handler*, with what it raises put into *raised*."""

    def handle(number: int, frame: FrameType | None) -> None:
        try:
            handler(number, frame)
        except BaseException as error:
            raised.append(error)
            raise

    return handle


@contextmanager
def uninterrupted() -> Iterator[Callable[[], None]]:
    """Hold the handlers of signals back, until the function is called that this yields."""
    # blocking the signals would not do: Python runs its handlers here, whichever thread got the signal
    handlers = {number: signal.getsignal(number) for number in _BOTH}
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
