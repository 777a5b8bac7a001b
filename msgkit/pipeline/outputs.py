"""The files that a run fills: rows, rejects, ledger, notes."""

import struct
from collections.abc import Iterator
from typing import IO, Final, Protocol

import attrs

from msgkit.pipeline.report import Tally
from msgkit.pipeline.row_runner import RowResult, ledger_lines, reject_line
from msgkit.rows import Row

_HEAD: Final = struct.Struct("<IQ")  # of a note: which of the inputs, bytes


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


@attrs.frozen
class Files:
    """Where the results of rows go."""

    rows: Sink
    rejects: Sink  # the refused rows
    ledger: Sink | None  # the losses; None if they are not asked for
    notes: Sink  # what steps note of rows
    names: tuple[str, ...] = ()  # of the inputs, if there are several

    def add(self, row: Row, result: RowResult, tally: Tally, file: int) -> None:
        """Write the result of a row, and count it if it was written."""
        if result.note:
            self.note(file, result.note)
        if result.refused:
            self.rejects.write(reject_line(row, result.issues, self.names[file] if self.names else None))
            return
        for piece in result.line:
            self.rows.write(piece)
        tally.written += 1
        if self.ledger is not None:  # a conversion has a line even without a loss
            self.ledger.write(ledger_lines(tally.written, result.losses))

    def note(self, file: int, note: bytes) -> None:
        """Write a note about one of the inputs."""
        self.notes.write(_HEAD.pack(file, len(note)) + note)


def read_notes(notes: IO[bytes], stop: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield the notes of a file, each with the number of its input, up to the offset *stop*."""
    while (stop is None or notes.tell() < stop) and (head := notes.read(_HEAD.size)):
        file, size = _HEAD.unpack(head)
        yield file, notes.read(size)
