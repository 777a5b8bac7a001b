"""Steps for the tests of the pipeline: at module level, so that they can be sent to a worker."""

import os
import signal
import time

from msgkit.errors import InvalidMessageError, Issue, Loss
from msgkit.steps import Outcome, Step


def double(row):
    return {**row, "n": row["n"] * 2}


def refuse_odd(row):
    if row["n"] % 2:
        raise InvalidMessageError([Issue("n", "type-mismatch", "error", "expected an even number")])
    return row


def fail_on_three(row):
    if row["n"] == 3:
        raise ZeroDivisionError("three \x1b[31m")
    return row


def die_on_seven(row):
    if row["n"] % 300 == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return row


def hang_on_five(row):
    if row["n"] == 5:
        time.sleep(60)
    return row


def slow(row):
    time.sleep(0.001)
    return row


def very_slow(row):
    time.sleep(0.02)
    return row


def grow(row):
    return {**row, "text": "x" * row["n"]}


def nan(_):
    return {"n": float("nan")}


class Losing(Step):
    def apply(self, row):
        losses = (Loss(("n",), "odd numbers", row["n"]),) if row["n"] % 2 else ()
        return Outcome({"even": row["n"] - row["n"] % 2}, losses, {"losses": len(losses)})


SEEN = []  # rows, and None for an interruption


def interrupted_once(row):
    if row["n"] == 500 and None not in SEEN:
        SEEN.append(None)
        raise KeyboardInterrupt
    SEEN.append(row["n"])
    return row
