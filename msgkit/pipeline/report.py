"""What a run did, in numbers that must add up."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import attrs

from msgkit.errors import InvalidMessageError, Issue, MsgkitError
from msgkit.escaping import byte_size, count


class MiscountError(MsgkitError, RuntimeError):
    """Rows were lost or doubled: the numbers of a run do not add up. No output was written; this is a bug of msgkit."""


class WorkerError(MsgkitError, RuntimeError):
    """Workers cannot be started, or die again and again."""


@attrs.frozen
class Refusal:
    """A refused row."""

    row: int
    issues: tuple[Issue, ...]  # why
    file: str | None = None  # which of several inputs


LACKING = "without "  # before the name of a key that a receiver requires
_WORDS = {
    "converted": "converted",
    "losses": "lost",
    "settings": "settings left out",
    "warnings": "warned of",
    "skipped": "that the trainer skips (`msgkit check` says why)",
    "left": "left as base64 at unknown places",
}


@attrs.frozen
class Report:
    """What a run did."""

    read: int = 0  # rows read, blank lines not counted
    written: int = 0  # rows written
    refused: int = 0  # rows refused
    # what the steps did: ``inlined``, ``inlined_bytes``, ``converted``, ``extracted``, ``losses``,
    counts: Mapping[str, int] = attrs.field(factory=dict)
    # how many rows were refused for each code; a row with several codes counts under each
    codes: Mapping[str, int] = attrs.field(factory=dict)
    outputs: tuple[str, ...] = ()  # the files written
    seconds: float = attrs.field(default=0.0, eq=False)  # how long it took; of the last run only when it was resumed
    starting: float = attrs.field(default=0.0, eq=False)  # how many of them went by until the first row was begun
    refusals: tuple[Refusal, ...] = attrs.field(default=(), repr=False)  # the first refused rows, at most ten

    def summary(self) -> str:
        """Return the run in one line."""
        rows = f"{self.read:,} row{'s' * (self.read != 1)} read: {self.written:,} written, {self.refused:,} refused"
        counts = Counter(self.counts)
        done = [
            f"{counts[name]:,} media {name} ({byte_size(counts[f'{name}_bytes'])})"
            for name in ("inlined", "extracted")
            if counts[name]
        ]
        done += [count(counts["files"], "new file")] if "files" in self.counts else []
        done += [f"{counts[name]:,} {word}" for name, word in _WORDS.items() if counts[name]]
        lacking = sorted(name for name in counts if name.startswith(LACKING))
        done += [f"{counts[name]:,} {name} (--set adds it)" for name in lacking]
        return f"{rows}; {', '.join(done)}" if done else rows


class StoppedError(InvalidMessageError):
    """A row was refused and the run was told to stop; there is no output."""

    _fields: ClassVar[tuple[str, ...]] = ("issues", "number", "report")

    def __init__(self, issues: "tuple[Issue, ...]", number: int, report: Report) -> None:
        super().__init__(issues)
        self.number, self.report = number, report


class Progress(NamedTuple):
    """How far a run is."""

    rows: int  # rows read
    done: int  # bytes of the input read
    total: int | None  # bytes of the input, or None if that cannot be known


OnProgress = Callable[[Progress], object]


@attrs.define(eq=False, repr=False)
class Tally:
    """The numbers of a run while it goes on."""

    read: int = 0  # rows that the reader gave
    written: int = 0  # rows that went into the output
    refused: int = 0  # rows that were refused
    counts: Counter[str] = attrs.field(factory=Counter)  # as in :class:`Report`
    codes: Counter[str] = attrs.field(factory=Counter)  # as in :class:`Report`

    def add(self, other: "Tally") -> None:
        """Add the numbers of a piece of the run."""
        self.read += other.read
        self.written += other.written
        self.refused += other.refused
        self.counts.update(other.counts)
        self.codes.update(other.codes)

    def check(self) -> None:
        """Prove that no row was lost or doubled."""
        if self.read != self.written + self.refused:
            both = self.written + self.refused
            message = (
                f"{self.read:,} rows were read, but {self.written:,} written and {self.refused:,} refused make {both:,}"
            )
            raise MiscountError(message)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> "Tally":
        """Return the numbers that were written as JSON."""
        return cls(data["read"], data["written"], data["refused"], Counter(data["counts"]), Counter(data["codes"]))
