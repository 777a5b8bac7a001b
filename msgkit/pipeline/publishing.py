"""
The names of a run's files: checked before anything is read, given to what was written at the end, the output last.

An output that is a folder has a part for each input, one of the ledger for each, and a manifest of all.
"""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import attrs

from msgkit.errors import MsgkitError, quote
from msgkit.escaping import as_unicode, quote_path
from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.file_system import copy_into
from msgkit.pipeline.options import Plan
from msgkit.pipeline.report import Report, Tally
from msgkit.pipeline.row_runner import renumber
from msgkit.pipeline.staging import Workspace
from msgkit.rows import (
    STANDARD,
    SameFileError,
    check_apart,
    check_output_kind,
    check_place,
    dumps,
    is_folder,
    is_remote,
    kind,
    writing,
)

MANIFEST: Final = "_manifest.json"
_BLOCK: Final = 1 << 20


class NotReplacedError(MsgkitError, RuntimeError):
    """Rows were refused, so the output would lose them: the input stays as it is."""

    _fields = ("name", "report")

    def __init__(self, name: str, report: Report) -> None:
        rows = "row was" if report.refused == 1 else "rows were"
        super().__init__(f"{report.refused:,} {rows} refused: {quote_path(name)} stays as it is")
        self.name, self.report = name, report


def check_places(plan: Plan) -> None:
    """Refuse outputs that cannot be written, or would take the place of each other, or of the input."""
    extras = [path for path in (plan.rejects, plan.ledger) if path is not None]
    for path in extras:
        check_place(path, folder=bool(plan.parts) and path == plan.ledger)
    written = extras.copy()
    numbered = []
    if plan.destination is not None:
        _check(plan, plan.destination)
        written += [] if plan.in_place or plan.parts else [plan.destination]
        written += Workspace.names(plan.destination)
        numbered = [] if plan.max_bytes is None and plan.max_rows is None else [plan.destination]
    try:
        check_apart(plan.sources, written, numbered)
    except SameFileError as error:
        raise UsageError(str(error)) from None


def _check(plan: Plan, destination: str) -> None:
    """Refuse an output that no run can write."""
    if plan.parts:
        _check_folder(plan)
    else:
        check_output_kind(destination)
    if plan.in_place and is_remote(destination):
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


class End(NamedTuple):
    """What a run has done, and how long its files are, when an input is done."""

    read: int = 0
    written: int = 0
    refused: int = 0
    rows: int = 0  # bytes
    ledger: int = 0  # bytes
    single: int = 0  # 1 for a .json of one row


def _check_folder(plan: Plan) -> None:
    """Refuse options that do not go with an output folder, and a folder that holds an input."""
    if plan.max_bytes is not None or plan.max_rows is not None:
        raise UsageError("an output folder gets a part for each input: it goes without limits of a part")
    names = [Path(part).name for part in plan.parts]
    for name in {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ():
        raise UsageError(f"two inputs are called {quote_path(name)}: their parts would be the same file")
    if plan.ledger is not None and not is_folder(plan.ledger):
        raise UsageError(f"an output folder needs one for the ledger: name it {quote_path(plan.ledger + '/')}")
    folders = [os.path.realpath(name) for name in (plan.destination, plan.ledger) if name is not None]
    if len(set(folders)) < len(folders):
        raise UsageError("the ledger and the output need folders of their own")
    for source in plan.sources:
        if os.path.realpath(Path(source).parent) in folders:
            raise UsageError(f"the input {quote_path(source)} lies in the folder of the output: name another one")


def publish_parts(plan: Plan, space: Workspace, ends: Mapping[int, tuple[int, ...]]) -> list[str]:
    """Give each part its name, and the manifest its own at the end; return the names of the parts."""
    if plan.rejects is not None:
        space.publish(1, plan.rejects)
    before = End()
    entries = []
    with ExitStack() as stack:
        rows = stack.enter_context(space.path(0).open("rb"))
        ledger = stack.enter_context(space.path(2).open("rb")) if plan.ledger is not None else None
        for folder in (plan.destination, plan.ledger):
            if folder is not None:
                Path(folder).mkdir(exist_ok=True)
        for file, numbers in sorted(ends.items()):
            end = End(*numbers)
            _write(rows, plan.parts[file], end.rows - before.rows, plan, space, single=bool(end.single))
            if ledger is not None and plan.ledger is not None:
                _write_ledger(ledger, str(Path(plan.ledger, _ledger_name(plan.parts[file]))), before, end, space)
            entries.append(_entry(plan, file, before, end))
            before = end
    _write_manifest(plan, space, entries, before)
    return [plan.parts[file] for file in sorted(ends)]


def _ledger_name(part: str) -> str:
    return Path(part).name.removesuffix(".jsonl") + ".jsonl"


def _entry(plan: Plan, file: int, before: End, end: End) -> dict[str, Any]:
    names = {"input": plan.sources[file], "output": Path(plan.parts[file]).name}
    if plan.ledger is not None:
        names["ledger"] = _ledger_name(plan.parts[file])
    counts = ("read", "written", "refused")
    names = {name: as_unicode(file) for name, file in names.items()}
    return {**names, **{name: getattr(end, name) - getattr(before, name) for name in counts}}


def _write(rows: IO[bytes], part: str, size: int, plan: Plan, space: Workspace, *, single: bool) -> None:
    reads_lines = kind(part).format != "jsonl"
    with writing(part, folder=str(space.folder), single=single, compression=plan.compression) as out:
        while size:
            block = rows.readline() if reads_lines else rows.read(min(_BLOCK, size))
            if not block:
                raise OSError(errno.EIO, "a temporary file is shorter than it was written", str(space.path(0)))
            out.write(block)
            size -= len(block)


def _write_ledger(ledger: IO[bytes], part: str, before: End, end: End, space: Workspace) -> None:
    """Write the losses of one input, whose rows are counted from its own start."""
    with writing(part, folder=str(space.folder)) as out:
        while ledger.tell() < end.ledger:
            out.write(renumber(ledger.readline(), -before.written))


def _write_manifest(plan: Plan, space: Workspace, entries: list[dict[str, Any]], total: End) -> None:
    body = {"parts": entries, "read": total.read, "written": total.written, "refused": total.refused}
    name = str(Path(plan.destination or "", MANIFEST))
    with writing(name, folder=str(space.folder), single=True) as out:
        out.write(dumps(body) + b"\n")
