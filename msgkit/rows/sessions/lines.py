"""What the readers of sessions share: histories, and JSON objects, one a line."""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import attrs

from msgkit.errors import InvalidMessageError, Issue
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows import jsonl
from msgkit.rows.document import Document
from msgkit.rows.jsonl import BLOCK


@attrs.frozen
class History:
    """A history of a session: a row, and where each entry of its list came from."""

    body: dict[str, Any]
    # of each entry, ``line`` and ``id`` as far as the session has them; a list where it was made of parts
    origins: Sequence[Mapping[str, Any] | Sequence[Mapping[str, Any]]] = ()

    def provenance(self, file: str) -> dict[str, Any]:
        """Return what the row says of its messages, when it is asked to."""
        key = next((name for name in ("messages", "input", "contents") if name in self.body), "messages")
        entries: list[dict[str, Any]] = []
        for i, origin in enumerate(self.origins):
            if isinstance(origin, Mapping):
                entries.append({"path": f"{key}[{i}]", **origin})
            else:
                entries += [{"path": f"{key}[{i}].content[{j}]", **one} for j, one in enumerate(origin)]
        return {"file": file, "messages": entries}


@attrs.frozen
class Line:
    """A line of a session."""

    number: int
    value: dict[str, Any]
    start: int  # bytes before it
    size: int


def objects(stream: IO[bytes]) -> Iterator[Line]:
    """Yield the lines, each an object."""
    for number, raw, end in jsonl.lines(stream, MAX_ROW):
        try:
            value = None if raw is None else loads(raw)
        except InvalidMessageError as error:
            raise InvalidMessageError([_at(number, issue) for issue in error.issues]) from error
        if raw is None or not isinstance(value, dict):
            raise InvalidMessageError([_at(number, Issue("", "type-mismatch", "error", "expected an object"))])
        yield Line(number, value, end - len(raw), len(raw))


def records(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with their numbers: one a line, in a list, or the one that is the whole file."""
    peek = getattr(stream, "peek", None)
    if peek is not None and peek(1)[:1] == b"[":
        yield from _listed(stream)
        return
    with seekable(stream) as file:
        try:
            is_line = isinstance(loads(file.readline(MAX_ROW)), dict)
        except InvalidMessageError:
            is_line = False
        file.seek(0)
        yield from ((line.number, line.value) for line in objects(file)) if is_line else _listed(file)


def _listed(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, row in enumerate(Document(stream, MAX_ROW), 1):
        if row.issues:
            raise InvalidMessageError(row.issues)
        if isinstance(row.value, dict):
            yield number, row.value
        yield from enumerate(objects_in(row.value), 1)  # messages, which are one row


def parsed(value: Any) -> Any:
    """Return what a JSON text of an object or a list holds; anything else as it is."""
    try:
        return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else value
    except (ValueError, RecursionError):
        return value


def object_at(value: Any, *path: str) -> Mapping[str, Any]:
    """Return the object at a path; an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; none where there is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def branch_of(nodes: Any, name: Any, parent: str) -> list[dict[str, Any]]:
    """Return the nodes of a tree from its root to the one called *name*; to the last one where there is none."""
    branch: dict[str, dict[str, Any]] = {}
    if isinstance(nodes, dict) and not (isinstance(name, str) and name in nodes):
        name = next(reversed(nodes), None)
    while isinstance(nodes, dict) and isinstance(name, str) and name not in branch:
        node = nodes.get(name)
        if not isinstance(node, dict):
            break
        branch[name] = node
        name = node.get(parent)
    return list(branch.values())[::-1]


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a stream that can be read from anywhere: a copy where it is decompressed, or comes from afar."""
    is_own = isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO | io.BytesIO)
    if (is_own or isinstance(stream, io.BytesIO)) and stream.seekable():
        yield stream
    else:
        with tempfile.TemporaryFile(prefix="msgkit-") as copy:
            shutil.copyfileobj(stream, copy, BLOCK)
            copy.seek(0)
            yield copy


def _at(number: int, issue: Issue) -> Issue:
    return Issue(issue.path, issue.code, issue.severity, f"line {number:,} of the session: {issue.message}", issue.hint)
