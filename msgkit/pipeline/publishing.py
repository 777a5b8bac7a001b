"""The end of a run: what was written gets its names, the output last."""

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import IO

import attrs

from msgkit.errors import MsgkitError, quote
from msgkit.escaping import quote_path
from msgkit.pipeline import parts
from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.copying import copy_into
from msgkit.pipeline.options import Plan
from msgkit.pipeline.report import Report, Tally
from msgkit.pipeline.staging import Workspace
from msgkit.rows import STANDARD, check_output_kind, is_remote, kind, writing


class NotReplacedError(MsgkitError, RuntimeError):
    """Rows were refused, so the output would lose them: the input stays as it is."""

    _fields = ("name", "report")

    def __init__(self, name: str, report: Report) -> None:
        rows = "row was" if report.refused == 1 else "rows were"
        super().__init__(f"{report.refused:,} {rows} refused: {quote_path(name)} stays as it is")
        self.name, self.report = name, report


def check(plan: Plan) -> None:
    """Refuse an output that no run can write."""
    if plan.destination is None:
        return
    if plan.parts:
        parts.check(plan)
    else:
        check_output_kind(plan.destination)
    if plan.in_place and is_remote(plan.destination):
        raise UsageError("an output takes the place of an input on this machine only: give the output another name")
    if plan.backup is not None and not plan.in_place:
        raise UsageError("a backup is kept of an input that is replaced in place")
    if plan.backup is not None and ("/" in plan.backup or not plan.backup):
        raise UsageError(f"expected a suffix for the backup, such as .bak, got {quote(plan.backup)}")
    if plan.in_place and (plan.max_bytes is not None or plan.max_rows is not None or plan.shard is not None):
        raise UsageError("an output in place of the input is one file with all rows: no parts, no shard")


def publish_extras(plan: Plan, space: Workspace) -> None:
    """Give the rejects and the ledger their names."""
    for index, name in ((1, plan.rejects), (2, plan.ledger)):
        if name is not None:
            space.publish(index, name)


def publish(plan: Plan, space: Workspace, tally: Tally, *, single: bool) -> list[str]:
    """Give the output its name, or its parts theirs; return the names."""
    destination = plan.destination
    if destination is None:
        return []
    if destination == STANDARD:
        sys.stdout.buffer.flush()
        return []
    mode = _keep(plan, destination) if plan.in_place else None
    names = _publish(plan, destination, space, tally, single=single)
    if mode is not None:
        Path(destination).chmod(mode)
    return names


def _publish(plan: Plan, destination: str, space: Workspace, tally: Tally, *, single: bool) -> list[str]:
    form = kind(destination)
    if form.format == "jsonl" and form.compression is None and plan.max_bytes is None and plan.max_rows is None:
        space.publish(0, destination)
        return [destination]
    with writing(
        destination,
        folder=str(space.folder),
        max_bytes=plan.max_bytes,
        max_rows=plan.max_rows,
        single=single,
        compression=plan.compression,
    ) as out:
        written = 0
        with space.path(0).open("rb") as lines:
            for written, line in enumerate(lines, 1):  # noqa: B007
                out.write(line)
        attrs.evolve(tally, written=written).check()
    return out.names


def _keep(plan: Plan, destination: str) -> int:
    """Keep the input under another name if that is asked for; return its permissions."""
    if plan.backup is not None:
        backup = Path(destination + plan.backup)
        backup.unlink(missing_ok=True)
        try:
            backup.hardlink_to(destination)
        except OSError:  # a file system without hard links
            shutil.copy2(destination, backup)
    return stat.S_IMODE(Path(destination).stat().st_mode)


def append(piece: IO[bytes], file: IO[bytes]) -> None:
    """Add what is in the file *piece* to the end of another."""
    if file is sys.stdout.buffer:
        shutil.copyfileobj(piece, file, 1 << 20)
        return
    file.flush()
    size = os.fstat(piece.fileno()).st_size
    copy_into(piece.fileno(), file.fileno(), file.tell(), size)
    file.seek(0, os.SEEK_END)
