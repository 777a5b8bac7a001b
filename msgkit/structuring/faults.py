"""What hooks raise: faults with their paths below the value, and the best value that could be built."""

from collections.abc import Iterable
from typing import Any

import attrs

from msgkit.errors import Path, describe, quote


@attrs.frozen
class Fault:
    """A fault at a path below the value that a hook was given."""

    path: Path
    code: str
    message: str
    hint: str | None = None

    def below(self, step: str | int) -> "Fault":
        """Return the same fault, seen from one step above."""
        return attrs.evolve(self, path=(step, *self.path))


class FaultsError(Exception):
    """Raised by hooks: every fault below, and the best value that could be built."""

    def __init__(self, faults: Iterable[Fault], value: Any = None) -> None:
        self.faults = list(faults)
        self.value = value


def mismatch(expected: str, value: object, kept: Any = None) -> FaultsError:
    """Return the fault of a value of the wrong JSON type; *kept* is the best value all the same."""
    found = describe(value) if not isinstance(value, str) else f"string {quote(value)}"
    return FaultsError([Fault((), "type-mismatch", f"expected {expected}, got {found}")], kept)
