"""What a run did, in numbers that must add up."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from msgkit.errors import InvalidMessageError, Issue, MsgkitError
from msgkit.escaping import byte_size


class MiscountError(MsgkitError, RuntimeError):
    """Rows were lost or doubled: the numbers of a run do not add up. No output was written; this is a bug of msgkit."""


class WorkerError(MsgkitError, RuntimeError):
    """Workers cannot be started, or die between rows again and again."""


@attrs.frozen
class Refusal:
    """
    A refused row.

    Args:
        row: Its number.

        issues: Why.
    """

    row: int
    issues: tuple[Issue, ...]


LACKING = "without "  # before the name of a key that a receiver requires
_WORDS = {
    "converted": "converted",
    "losses": "lost",
    "settings": "settings left out",
    "warnings": "warned of",
}


@attrs.frozen
class Report:
    """
    What a run did.

    Args:
        read: Rows read, blank lines not counted.

        written: Rows written.

        refused: Rows refused.

        counts: What the steps did: ``inlined``, ``inlined_bytes``, ``converted``, ``extracted``, ``losses``, ...

        codes: How many rows were refused for each code; a row with several codes counts under each.

        outputs: The files written.

        seconds: How long it took; of the last run only when it was resumed.

        refusals: The first refused rows, at most ten.

    >>> print(Report(10_000, 9_998, 2, {"inlined": 12_114, "inlined_bytes": 4_100_000_000, "converted": 310}).summary())
    10,000 rows read: 9,998 written, 2 refused; 12,114 media inlined (4.1 GB), 310 converted
    """

    read: int = 0
    written: int = 0
    refused: int = 0
    counts: Mapping[str, int] = attrs.field(factory=dict)
    codes: Mapping[str, int] = attrs.field(factory=dict)
    outputs: tuple[str, ...] = ()
    seconds: float = attrs.field(default=0.0, eq=False)
    refusals: tuple[Refusal, ...] = attrs.field(default=(), repr=False)

    def summary(self) -> str:
        """Return the run in one line."""
        rows = f"{self.read:,} row{'s' * (self.read != 1)} read: {self.written:,} written, {self.refused:,} refused"
        counts = Counter(self.counts)
        done = [
            f"{counts[name]:,} media {name} ({byte_size(counts[f'{name}_bytes'])})"
            for name in ("inlined", "extracted")
            if counts[name]
        ]
        done += [f"{counts[name]:,} {word}" for name, word in _WORDS.items() if counts[name]]
        lacking = sorted(name for name in counts if name.startswith(LACKING))
        done += [f"{counts[name]:,} {name} (--set adds it)" for name in lacking]
        return f"{rows}; {', '.join(done)}" if done else rows


class StoppedError(InvalidMessageError):
    """
    A row was refused and the run was told to stop; there is no output.

    Args:
        issues: Those of the row.

        number: The row.

        report: The numbers up to it.
    """

    def __init__(self, issues: "tuple[Issue, ...]", number: int, report: Report) -> None:
        super().__init__(issues)
        self.number = number
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.issues, self.number, self.report)


@attrs.frozen
class Progress:
    """
    How far a run is.

    Args:
        rows: Rows read.

        done: Bytes of the input read.

        total: Bytes of the input, or None if that cannot be known.
    """

    rows: int
    done: int
    total: int | None


OnProgress = Callable[[Progress], object]


@attrs.define
class Tally:
    """
    The numbers of a run while it goes on.

    Args:
        read: Rows that the reader gave.

        written: Rows that went into the output.

        refused: Rows that were refused.

        counts: As in :class:`Report`.

        codes: As in :class:`Report`.
    """

    read: int = 0
    written: int = 0
    refused: int = 0
    counts: Counter[str] = attrs.field(factory=Counter)
    codes: Counter[str] = attrs.field(factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add the numbers of a piece of the run."""
        self.read += other.read
        self.written += other.written
        self.refused += other.refused
        self.counts.update(other.counts)
        self.codes.update(other.codes)

    def check(self) -> None:
        """
        Prove that no row was lost or doubled.

        Raises:
            MiscountError: If so.

        >>> Tally(3, 1, 1).check()
        Traceback (most recent call last):
        msgkit.pipeline.report.MiscountError: 3 rows were read, but 1 written and 1 refused make 2
        """
        if self.read != self.written + self.refused:
            both = self.written + self.refused
            message = (
                f"{self.read:,} rows were read, but {self.written:,} written and {self.refused:,} refused make {both:,}"
            )
            raise MiscountError(message)

    def dump(self) -> dict[str, Any]:
        """
        Return the numbers as JSON.

        >>> Tally.load(Tally(3, 2, 1).dump())
        Tally(read=3, written=2, refused=1, counts=Counter(), codes=Counter())
        """
        return attrs.asdict(self)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Tally":
        """Return the numbers that :meth:`dump` gave."""
        return cls(data["read"], data["written"], data["refused"], Counter(data["counts"]), Counter(data["codes"]))
