"""The files that a run fills: rows, rejects, ledger."""

from typing import IO

import attrs

from msgkit.pipeline.report import Tally
from msgkit.pipeline.row_runner import RowResult, ledger_lines, reject_line
from msgkit.rows import Row


@attrs.frozen
class Files:
    """
    Where what became of rows goes.

    Args:
        rows: The output.

        rejects: The refused rows.

        ledger: The losses.
    """

    rows: IO[bytes]
    rejects: IO[bytes]
    ledger: IO[bytes]

    def add(self, row: Row, treated: RowResult, tally: Tally) -> None:
        """Write what became of a row, and count it if it was written."""
        if not treated.line:
            self.rejects.write(reject_line(row, treated.issues))
            return
        for piece in treated.line:
            self.rows.write(piece)
        tally.written += 1
        self.ledger.write(ledger_lines(tally.written, treated.losses))  # a conversion has a line even without a loss
