"""An output that is a folder: a part for each input, a part of the ledger beside it, and a manifest of all."""

import errno
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from msgkit.escaping import quote_path
from msgkit.pipeline.chunks import UsageError
from msgkit.pipeline.options import Plan
from msgkit.pipeline.row_runner import renumber
from msgkit.pipeline.staging import Workspace
from msgkit.rows import dumps, is_folder, kind, writing

MANIFEST: Final = "_manifest.json"
_BLOCK: Final = 1 << 20


class End(NamedTuple):
    """What a run has done, and how long its files are, when an input is done."""

    read: int = 0
    written: int = 0
    refused: int = 0
    rows: int = 0  # bytes
    ledger: int = 0  # bytes
    single: int = 0  # 1 for a .json of one row


def check(plan: Plan) -> None:
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


def publish(plan: Plan, space: Workspace, ends: Mapping[int, tuple[int, ...]]) -> list[str]:
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
