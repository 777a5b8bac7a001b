"""``msgkit make``: rows from a folder of images, audio and files, or from a table."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from msgkit import headers
from msgkit.cli import options as shared
from msgkit.cli.parser import Parser, UsageError
from msgkit.data_url import Kind, classify
from msgkit.errors import MediaError, quote
from msgkit.escaping import count, quote_path
from msgkit.media.sources import Root
from msgkit.rows import dumps
from msgkit.rows.writing import writing

DESCRIPTION = """\
Write a row for every image, audio, video and file below FOLDER, or for every line of a table (CSV, or TSV by its
suffix), with references to the files: `msgkit inline` embeds them. References are relative to the folder of OUTPUT."""
EXAMPLE = """\
msgkit make photos -o rows.jsonl --system "Answer in one sentence." --text "What is this?"
msgkit make --table questions.csv -o rows.jsonl --text question --media image"""

_MOST_FIELD = 1 << 24  # characters of one field of a table


def add_options(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="its files, and those of its folders, by name")
    parser.add_argument("-o", "--output", metavar="OUTPUT", required=True, help="the rows; - is standard output")
    parser.add_argument("--table", metavar="FILE", help="a table whose first line names its columns")
    parser.add_argument("--group", choices=("folder",), help="one row for all files of a folder (default: one a file)")
    parser.add_argument("--system", metavar="TEXT", help="the system message of every row")
    described = "what the user asks in every row; with --table, the name of the column that has it"
    parser.add_argument("--text", metavar="TEXT", help=described)
    described = "with --table: a column of paths, relative to the table, or URLs; may be given several times"
    parser.add_argument("--media", metavar="COLUMN", action="append", default=[], help=described)
    parser.add_argument("--root", type=shared.folder, metavar="DIR", help="what references are relative to")
    shared.add_quiet(parser)


def run(options: Any) -> int:
    """Make the rows."""
    if (options.folder is None) == (options.table is None):
        raise UsageError("expected FOLDER, or --table FILE")
    if options.table is None and options.media:
        raise UsageError("--media goes with --table")
    if options.table is not None and (options.group or not (options.text or options.media)):
        raise UsageError("--table goes with --text COLUMN or --media COLUMN, and without --group")
    maker = Maker(_root(options), options.system)
    rows = maker.of_folder(options) if options.table is None else maker.of_table(options)
    written = 0
    with writing(options.output) as out:
        for row in rows:
            out.write(dumps(row) + b"\n")
            written += 1
    if not options.quiet:
        left = f"; {count(maker.left, 'file')} of no known type left out" if maker.left else ""
        print(f"{count(written, 'row')} written, {maker.media:,} media{left}", file=sys.stderr)
    return 0


def _root(options: Any) -> Path:
    if options.root is not None:
        return Path(options.root).absolute()
    return Path.cwd() if options.output == "-" else Path(options.output).absolute().parent


class Maker:
    """Makes rows."""

    def __init__(self, root: Path, system: str | None) -> None:
        self.media = 0
        self.left = 0
        self._path = root.resolve()
        self._root = Root(root)
        self._system = system

    def of_folder(self, options: Any) -> Iterator[dict[str, Any]]:
        """Yield a row for each file, or for each folder."""
        folder = Path(options.folder)
        if not folder.is_dir():
            told = "expected a folder (--table reads a table), got a file" if folder.exists() else "no such folder"
            raise UsageError(f"{told}: {quote(options.folder)}")
        groups = groupby(_files(folder), lambda file: file.parent if options.group else file)
        for _, files in groups:
            parts = [part for part in map(self._file_part, files) if part is not None]
            if parts:
                yield self._row(parts, options.text)

    def of_table(self, options: Any) -> Iterator[dict[str, Any]]:
        """Yield a row for each line of a table."""
        path = Path(options.table)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                names = [*([options.text] if options.text else []), *options.media]
                for number, line in enumerate(_lines(file, path, names), 1):
                    cells = [line.get(name) for name in options.media]
                    where = f"{quote_path(path)}: row {number}"
                    parts = [self._named_part(path.parent, cell, where) for cell in cells if cell]
                    yield self._row(parts, line.get(options.text) if options.text else None)
        except (UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"{quote(options.table)}: expected a table in UTF-8: {error}") from None
        except OSError as error:
            raise UsageError(f"{quote(options.table)}: {error.strerror}") from None

    def _row(self, parts: list[dict[str, Any]], text: str | None) -> dict[str, Any]:
        content = [*parts, *([{"type": "text", "text": text}] if text else [])]
        system = [{"role": "system", "content": self._system}] if self._system else []
        self.media += len(parts)
        return {"messages": [*system, {"role": "user", "content": content if parts else text or ""}]}

    def _file_part(self, file: Path) -> dict[str, Any] | None:
        reference = self._reference(file)
        try:
            with self._root.window(reference) as window:
                media_type = headers.sniff(window)
        except MediaError:
            media_type = None
        self.left += media_type is None
        return None if media_type is None else _part(headers.kind(media_type), reference, file.name)

    def _named_part(self, folder: Path, name: str, where: str) -> dict[str, Any]:
        """Return the part for a cell of a table: a URL as it is, or a path relative to the table."""
        media_type = headers.by_extension(name.split("?", maxsplit=1)[0])
        kind = headers.kind(media_type) if media_type else "image"
        if classify(name) is Kind.REMOTE:
            return _part(kind, name, name)
        file = folder / name
        if not file.is_file():
            raise UsageError(f"{where}: no such file: {quote(name)}")
        part = self._file_part(file)
        if part is None:
            raise UsageError(f"{where}: expected an image, audio, video or file, got {quote(name)}")
        return part

    def _reference(self, file: Path) -> str:
        place = file.absolute().parent.resolve() / file.name
        if not place.is_relative_to(self._path):
            raise UsageError(f"{quote_path(file)} must lie below the folder of OUTPUT, or below --root DIR")
        reference = place.relative_to(self._path).as_posix()
        return reference if classify(reference) is Kind.REFERENCE else f"./{reference}"


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below *folder* in the order of their names; hidden ones, and folders that are links, stay out."""
    entries = sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name)
    yield from (path for path in entries if path.is_file())
    for path in entries:
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)


def _lines(file: IO[str], path: Path, columns: Iterable[str]) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(_MOST_FIELD)
    reader = csv.DictReader(file, dialect="excel-tab" if path.suffix.lower() == ".tsv" else "excel")
    names = reader.fieldnames or ()
    for name in columns:
        if name not in names:
            raise UsageError(f"{quote_path(path)}: no column {quote(name)}; there are {', '.join(map(quote, names))}")
    yield from reader


def _part(kind: str, reference: str, name: str) -> dict[str, Any]:
    if kind in ("image", "audio", "video"):
        return {"type": f"{kind}_url", f"{kind}_url": {"url": reference}}
    return {"type": "file", "file": {"file_data": reference, "filename": name}}
