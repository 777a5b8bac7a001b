"""A page of a file of rows, written whole or not at all."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import attrs

from msgkit import formats
from msgkit.api.receivers import receivers
from msgkit.html import render
from msgkit.html.cards import RowCard
from msgkit.html.pages import Page, Tally
from msgkit.html.reading import Cards
from msgkit.html.rows import each_note, listed, name_of
from msgkit.pipeline.report import OnProgress
from msgkit.pipeline.staging import PrivateFolder
from msgkit.rows import STANDARD, check_apart, check_place, new_file
from msgkit.rows.naming import part_name

MAX_ROWS = 10_000
"""Rows that one file of a page has at most."""

MAX_BYTES = 128 << 20
"""Bytes after which a page goes on in another file; the last row may go beyond."""


@attrs.frozen
class Viewed:
    """What a page holds, and the files it is in."""

    rows: int  # how many; media count each time they are shown
    messages: int
    media: int
    errors: int
    warnings: int
    names: tuple[str, ...]  # the files; the first is the one asked for, with links to the others when there are any
    size: int  # their bytes in all
    failed: int = 0  # rows at which msgkit itself failed: ``internal-error``


def page(  # noqa: PLR0913 (each is its own question)
    source: str | os.PathLike[str] | Iterable[Any],
    destination: str | os.PathLike[str],
    *,
    rows: tuple[int, int] | None = None,
    root: str | None = None,
    target: str | Sequence[str] | None = None,
    model: str | Sequence[str] | None = None,
    payloads: Sequence[str] = (),
    format: str | None = None,  # noqa: A002 (the field's word)
    columns: Iterable[str] = (),
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    progress: OnProgress | None = None,
    **running: Any,
) -> Viewed:
    """Write a page to look at rows: messages, images, players and issues. Nothing remote is ever loaded."""
    going = receivers(listed(target), listed(model))
    for name in payloads:
        formats.get(name)
    about = ", ".join(receiver.name for receiver in going if receiver.name)
    step = Cards(
        root=root,
        receivers=going,
        format=format,
        payloads=tuple(payloads),
        rows=rows,
        columns=columns,
        refuses=running.get("rejects") is not None,
    )
    locked = running.get("lock", True)
    path = os.fspath(destination)
    if isinstance(source, str | os.PathLike):
        check_apart([os.fspath(source)], [path], [path])
    out = _Output(path, name_of(source), about, max_rows, max_bytes, locked=locked)
    with _writing(out):
        each_note(source, [step], out.add, progress=progress, **running)
    return out.viewed()


class _Output:
    """The files of a page; they get their names when all are whole."""

    def __init__(self, path: str, title: str, about: str, max_rows: int, max_bytes: int, *, locked: bool) -> None:
        check_place(path)
        self._folder = None if path == STANDARD else PrivateFolder(path, locked=locked)
        self._path, self._title, self._about = path, title, about
        self._max_rows, self._max_bytes = max_rows, max_bytes
        self._files: list[tuple[str, IO[bytes]]] = []
        self._pages: list[Page] = []
        self._names: tuple[str, ...] = ()
        self._size = 0  # of the index

    @contextmanager
    def named(self) -> Iterator[None]:
        """Name the page in errors of files that have no name yet."""
        try:
            yield
        except OSError as error:
            error.filename = error.filename or (None if self._path == STANDARD else self._path)
            raise

    def add(self, card: RowCard) -> None:
        """Write a row, in a new file when the last one is full."""
        with self.named():
            if self._path != STANDARD and self._is_full(self._pages[-1].tally):
                self._end(more=True)
                self.start()
            self._pages[-1].add(card)

    def viewed(self) -> Viewed:
        """Return what was written."""
        tallies = [page.tally for page in self._pages]
        counts = {name: sum(getattr(tally, name) for tally in tallies) for name in _COUNTS}
        return Viewed(**counts, names=self._names, size=self._size + sum(tally.size for tally in tallies))

    def commit(self) -> None:
        """Give the files their names."""
        self._end()
        if self._path == STANDARD:
            sys.stdout.buffer.flush()
            return
        names = [self._path]
        if len(self._pages) > 1:
            names = [part_name(self._path, k) for k in range(1, len(self._pages) + 1)]
            index = _index(self._title, self._about, names, [page.tally for page in self._pages])
            self._size = self._file().write(index.encode("utf-8", "backslashreplace"))
            names.append(self._path)
        self._close()
        for (temporary, _), name in zip(self._files, names, strict=True):
            Path(temporary).replace(name)
        self._names = (self._path, *names[:-1])

    def discard(self) -> None:
        """Remove what was written; nothing is left to remove after :meth:`commit`."""
        with suppress(OSError):  # the disk is full: what was the matter has been raised
            self._close()
        if self._folder is not None:
            self._folder.remove()

    def _is_full(self, tally: Tally) -> bool:
        return tally.rows > 0 and (tally.rows >= self._max_rows or tally.size >= self._max_bytes)

    def start(self) -> None:
        """Begin a page."""
        title = f"{self._title}, part {len(self._pages) + 1}" if self._pages else self._title
        self._pages.append(Page(self._file(), title, self._about))

    def _end(self, *, more: bool = False) -> None:
        self._pages[-1].finish(self._links(len(self._pages), more=more))
        if self._path != STANDARD:
            self._close()

    def _links(self, part: int, *, more: bool) -> list[tuple[str, str]]:
        """Return the links of a part to those before and after it, and to the index."""
        parts = [(f"Part {k}", part_name(self._path, k)) for k in (part - 1, part + more) if k not in (0, part)]
        parts += [("All parts", self._path)] if parts else []
        return [(label, _link(name)) for label, name in parts]

    def _file(self) -> IO[bytes]:
        if self._path == STANDARD:
            return sys.stdout.buffer
        self._files.append(new_file(self._path, str(self._folder.path) if self._folder else None))
        return self._files[-1][1]

    def _close(self) -> None:
        for _, file in self._files:
            file.close()


@contextmanager
def _writing(out: _Output) -> Iterator[_Output]:
    try:
        with out.named():
            out.start()
            yield out
            out.commit()
    finally:
        out.discard()


def _link(name: str) -> str:
    return f"./{quote(Path(name).name)}"


def _index(title: str, about: str, names: list[str], tallies: list[Tally]) -> str:
    style = render.own("palette.css", "messages.css", "page.css")
    links = [(_link(name), tally) for name, tally in zip(names, tallies, strict=True)]
    policy = render.policy([style], [])
    return render.template("index.html", title=title, about=about, links=links, style=style, policy=policy)


_COUNTS = ("rows", "messages", "media", "errors", "warnings", "failed")


def write_page(text: str, destination: str | os.PathLike[str]) -> int:
    """Write a page that is made already; return its bytes. The file is whole at the end, or not there."""
    data = text.encode("utf-8", "backslashreplace")
    path = os.fspath(destination)
    if path == STANDARD:
        return sys.stdout.buffer.write(data)
    check_place(path)
    temporary, file = new_file(path)
    try:
        with file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return len(data)
