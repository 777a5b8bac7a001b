"""Parquet, and the Zstandard codec that comes with it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from msgkit import data_url, headers
from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows.arrow import NAMES, from_arrow_row, has_entries, pyarrow, rows_of, schema, to_arrow_row
from msgkit.rows.dictionaries import is_bounded
from msgkit.rows.jsonl import Row, read_row

_BATCH: Final = 16 << 20  # bytes of rows that are held at a time, and that a row group gets
_BATCH_ROWS: Final = 1024
_BUFFER: Final = 1 << 20  # bytes of a column that are read at a time; else Arrow reads all that a row group has of it
_LARGE: Final = 16 << 20  # bytes of a column of a row group that would be copied for each batch
_BY_REFERENCE: Final = frozenset(("RLE_DICTIONARY", "PLAIN_DICTIONARY"))


def rows(file: IO[bytes], limit: int = MAX_ROW, first: int = 0) -> Iterator[Row]:
    """Yield the rows of a Parquet file, some at a time; the *first* ones are not read."""
    arrow = pyarrow("to read .parquet")
    try:
        table = _open(file)
        own = set(table.schema_arrow.names) == set(NAMES)
        for number, row in enumerate(_values(file, table.metadata, limit, first), first + 1):
            if row is None:
                yield read_row(number, None, limit)
            else:
                yield Row(number, from_arrow_row(row) if own else _as_json(row))
    except arrow.ArrowException as error:
        raise OSError(str(error)) from None


def _values(file: IO[bytes], metadata: Any, limit: int, first: int) -> Iterator[dict[str, Any] | None]:
    """Yield each row as Python values; None for one over the limit."""
    batch_rows = _batch_rows(metadata)
    left_out = first
    opened: tuple[list[str], Any] | None = None
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if left_out >= group.num_rows:
            left_out -= group.num_rows
            continue
        if group.total_byte_size > limit * group.num_rows:
            yield from (None for _ in range(group.num_rows - left_out))
            left_out = 0
            continue
        repeating = _repeating(file, group)
        if opened is None or opened[0] != repeating:
            opened = repeating, _open(file, repeating)
        for batch in opened[1].iter_batches(batch_size=batch_rows, row_groups=[number]):
            yield from rows_of(batch.slice(left_out), limit)
            left_out = max(0, left_out - batch.num_rows)


def group_ends(path: str) -> Iterator[int]:
    """Yield how many rows there are up to the end of each row group."""
    arrow = pyarrow("to read .parquet")
    end = 0
    try:
        with Path(path).open("rb") as file:
            metadata = _open(file).metadata
            for group in range(metadata.num_row_groups):
                end += metadata.row_group(group).num_rows
                yield end
    except (arrow.ArrowException, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        yield end + 1  # broken: whoever reads it says so


class RowGroups:
    """A Parquet file in the making."""

    def __init__(self, file: IO[bytes], compression: str = "zstd") -> None:
        self._arrow = pyarrow("to write .parquet")
        self._file, self._compression = file, compression
        self._writer: Any = None
        self._media = False
        self._rows: list[Any] = []
        self._held = 0

    def write(self, line: bytes) -> None:
        """Take one row."""
        self._rows.append(loads(line))
        self._held += len(line)
        if self._held > _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is still held, and the footer."""
        if self._rows or self._writer is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._writer is None:  # the first rows tell whether media have columns of their own
            self._media = any(map(has_entries, self._rows))
            self._schema = schema(media=self._media)
            make = import_module("pyarrow.parquet").ParquetWriter
            self._writer = make(self._file, self._schema, compression=self._compression)
        rows = [to_arrow_row(row, media=self._media) for row in self._rows]
        self._writer.write_table(self._arrow.Table.from_pylist(rows, schema=self._schema))
        self._rows, self._held = [], 0


def unpack_zstd(file: IO[bytes]) -> Any:
    """Return a reader of what *file* holds compressed by Zstandard."""
    arrow = pyarrow("to read .zst")
    return arrow.CompressedInputStream(arrow.PythonFile(file, mode="r"), "zstd")


def pack_zstd(file: IO[bytes]) -> Any:
    """Return a writer that compresses into *file* by Zstandard."""
    arrow = pyarrow("to write .zst")
    return arrow.CompressedOutputStream(arrow.PythonFile(file, mode="w"), "zstd")


def _open(file: IO[bytes], repeating: list[str] | None = None) -> Any:
    return import_module("pyarrow.parquet").ParquetFile(
        file, pre_buffer=False, buffer_size=_BUFFER, read_dictionary=repeating
    )


def _repeating(file: IO[bytes], group: Any) -> list[str]:
    """Return the columns whose values are once and are referred to: read so, they stay as small as they are."""
    return [
        column.path_in_schema
        for column in map(group.column, range(group.num_columns))
        if column.physical_type == "BYTE_ARRAY"
        and not _BY_REFERENCE.isdisjoint(column.encodings)
        and not (column.total_uncompressed_size > _LARGE and is_bounded(file, column))
    ]


def _batch_rows(metadata: Any) -> int:
    """How many rows to read at a time, so that about *_BATCH* bytes are held."""
    sizes = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / max(1, group.num_rows) for group in sizes), default=1)
    return max(1, min(_BATCH_ROWS, int(_BATCH / max(1, largest))))


def _as_json(value: Any) -> Any:
    """Return a value without nulls; media in bytes, or in ``{bytes, path}`` of Hugging Face, as data URLs."""
    if isinstance(value, dict):
        held = value.get("bytes")
        if isinstance(held, bytes) and held and value.keys() <= {"bytes", "path"}:
            return _as_json(held)
        return {key: _as_json(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, bytes):
        media_type = headers.sniff(value)
        return value if media_type is None else data_url.join(media_type, value)
    return [_as_json(item) for item in value] if isinstance(value, list) else value
