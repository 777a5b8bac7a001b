"""
Parquet, and the Zstandard codec that comes with it.

A value of a column may be in the file once and in many rows. Arrow can leave such values where they are, but then it
copies all of them for each batch of rows. Where they are about as large as what is stored, it need not: the page that
holds them is looked at to tell.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from msgkit.jsontext.fast import MAX_ROW, loads
from msgkit.rows.arrow import NAMES, from_arrow_row, has_entries, pyarrow, schema, to_arrow_row
from msgkit.rows.batches import rows_of
from msgkit.rows.foreign import in_json_types, maker
from msgkit.rows.jsonl import Columns, Row, read_row

_BATCH: Final = 16 << 20  # bytes of rows that are held at a time, and that a row group gets
_BATCH_ROWS: Final = 1024
_BUFFER: Final = 1 << 20  # bytes of a column that are read at a time; else Arrow reads all that a row group has of it
_LARGE: Final = 16 << 20  # bytes of a column of a row group that would be copied for each batch
_BY_REFERENCE: Final = frozenset(("RLE_DICTIONARY", "PLAIN_DICTIONARY"))


def rows(
    file: IO[bytes],
    limit: int = MAX_ROW,
    first: int = 0,
    wanted: Columns | None = None,
) -> Iterator[Row]:
    """Yield the rows of a Parquet file, some at a time: the *wanted* columns, and not the *first* rows."""
    arrow = pyarrow("to read .parquet")
    try:
        table = _open(file)
        names = table.schema_arrow.names
        own = set(names) == set(NAMES)
        read = names if own or wanted is None else wanted(names)
        make = from_arrow_row if own else maker(table.schema_arrow, read)
        for number, row in enumerate(_values(file, table.metadata, limit, first, read), first + 1):
            if row is None:
                yield read_row(number, None, limit)
            else:
                yield Row(number, make(row))
    except arrow.ArrowException as error:
        raise OSError(str(error)) from None


def _values(
    file: IO[bytes], metadata: Any, limit: int, first: int, names: Sequence[str]
) -> Iterator[dict[str, Any] | None]:
    """Yield each row as Python values; None for one over the limit."""
    sizes = [_size(metadata.row_group(number), names) for number in range(metadata.num_row_groups)]
    batch_rows = _batch_rows(metadata, sizes)
    left_out = first
    opened: tuple[list[str], Any] | None = None
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if left_out >= group.num_rows:
            left_out -= group.num_rows
            continue
        if sizes[number] > limit * group.num_rows:
            yield from (None for _ in range(group.num_rows - left_out))
            left_out = 0
            continue
        repeating = _repeating(file, group)
        if opened is None or opened[0] != repeating:
            opened = repeating, _open(file, repeating)
        for batch in opened[1].iter_batches(batch_rows, [number], names):
            yield from rows_of(in_json_types(batch.slice(left_out)), limit)
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
        self._lines: list[bytes] = []
        self._held = 0

    def write(self, line: bytes) -> None:
        """Take one row."""
        self._lines.append(line)
        self._held += len(line)
        if self._held > _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is still held, and the footer."""
        if self._lines or self._writer is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._writer is None:  # the first rows tell whether media have columns of their own
            self._media = any(has_entries(loads(line)) for line in self._lines)
            self._schema = schema(media=self._media)
            make = import_module("pyarrow.parquet").ParquetWriter
            self._writer = make(self._file, self._schema, compression=self._compression)
        starts = range(0, len(self._lines), _BATCH_ROWS)
        batches = [self._batch(self._lines[start : start + _BATCH_ROWS]) for start in starts]
        self._writer.write_table(self._arrow.Table.from_batches(batches, self._schema))
        self._lines, self._held = [], 0

    def _batch(self, lines: Sequence[bytes]) -> Any:
        rows = [to_arrow_row(loads(line), media=self._media) for line in lines]
        return self._arrow.RecordBatch.from_pylist(rows, self._schema)


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


def _size(group: Any, names: Sequence[str]) -> int:
    """Return how many bytes the columns of these names have in a row group."""
    begun = tuple(f"{name}." for name in names)
    columns = map(group.column, range(group.num_columns))
    return sum(column.total_uncompressed_size for column in columns if f"{column.path_in_schema}.".startswith(begun))


def _batch_rows(metadata: Any, sizes: Sequence[int]) -> int:
    """How many rows to read at a time, so that about *_BATCH* bytes are held."""
    counts = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    largest = max((size / max(1, count) for size, count in zip(sizes, counts, strict=True)), default=1)
    return max(1, min(_BATCH_ROWS, int(_BATCH / max(1, largest))))


_HEAD: Final = 4096  # bytes of a page's header
_FEW: Final = 4  # how often the stored bytes may be there at most
_CODECS: Final = {"SNAPPY": "snappy", "ZSTD": "zstd", "GZIP": "gzip", "BROTLI": "brotli", "LZ4": "lz4_raw"}
_TYPE, _SIZE, _STORED, _DICTIONARY = 1, 2, 3, 2  # fields of the header, and the type of the page
_TRUTHS, _INTEGERS, _BYTES, _STRUCT = (1, 2), (4, 5, 6), 8, 12  # types of Thrift's fields
_MORE = 128  # the bit of a byte that says that more follow


def is_bounded(file: IO[bytes], column: Any) -> bool:
    """Return whether the values of a column chunk are surely not much larger than what is stored of them."""
    try:
        page = _dictionary(file, column)
        longest, at = 0, 0
        while at < len(page):
            size = int.from_bytes(page[at : at + 4], "little")
            longest, at = max(longest, size), at + 4 + size
    except (KeyError, IndexError, TypeError, ValueError, OSError, NotImplementedError, RecursionError):
        return False
    return bool(longest * column.num_values <= _FEW * column.total_uncompressed_size)


def _dictionary(file: IO[bytes], column: Any) -> memoryview:
    """Return the page of a column chunk's dictionary: each value after its length."""
    file.seek(column.dictionary_page_offset)
    header, start = _fields(file.read(_HEAD), 0)
    size, stored = header[_SIZE], header[_STORED]
    if header[_TYPE] != _DICTIONARY:
        raise ValueError("not the page of a dictionary")
    if not 0 <= size <= column.total_uncompressed_size or not 0 <= stored <= column.total_compressed_size:
        raise ValueError("the page is larger than its column")
    file.seek(column.dictionary_page_offset + start)
    page = file.read(stored)
    if column.compression != "UNCOMPRESSED":
        page = import_module("pyarrow").Codec(_CODECS[column.compression]).decompress(page, size)
    return memoryview(page)


def _fields(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """Return the integers and structs of a struct in Thrift's compact protocol, by their numbers, and where it ends."""
    fields: dict[int, Any] = {}
    number = 0
    while head := data[at]:
        step, field_type = head >> 4, head & 15
        at += 1
        if step:
            number += step
        else:
            number, at = _integer(data, at)
        if field_type in _TRUTHS:
            continue
        if field_type in _INTEGERS:
            fields[number], at = _integer(data, at)
        elif field_type == _BYTES:
            size, at = _varint(data, at)
            at += size
        elif field_type == _STRUCT:
            fields[number], at = _fields(data, at)
        else:
            raise ValueError("the header of a page has no such field")
    return fields, at + 1


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """Return a signed integer, and where it ends."""
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & ~_MORE) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < _MORE:
            return value, at
