"""``python -m msgkit``, and the command ``msgkit``."""

import os
import sys
from typing import NoReturn

from msgkit.cli.signals import WORDS, end_at_once, on_signals


def run() -> NoReturn:
    """Run the program and end the process with its exit code."""
    if getattr(sys, "frozen", False):  # a worker is this program again, with the arguments of multiprocessing
        from multiprocessing.spawn import freeze_support

        freeze_support()
    on_signals(end_at_once)
    from msgkit.cli import main

    code = main()
    if code in WORDS:  # no destructor may turn this into a traceback, or into another exit code
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
