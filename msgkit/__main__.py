"""``python -m msgkit``, and the command ``msgkit``."""

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from msgkit.cli.signals import end_at_once, on_signals


def run() -> NoReturn:
    """Run the program and end the process with its exit code."""
    if getattr(sys, "frozen", False):  # a worker is this program again, with the arguments of multiprocessing
        from multiprocessing.spawn import freeze_support

        freeze_support()
    on_signals(end_at_once)
    gc.disable()  # until the command runs: imports leave no garbage, and looking for it takes a tenth of their time
    from msgkit.cli import main

    code = main()
    atexit._run_exitfuncs()  # noqa: SLF001 (as multiprocessing does)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)  # no destructor may turn a signal into a traceback or another exit code, and none is waited for


if __name__ == "__main__":
    run()
