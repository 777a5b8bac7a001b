"""
Rows of Arrow's batches as Python values.

In Arrow, as in Parquet, a text that is in many rows may be there once: a file of a thousand bytes may have rows of
gigabytes. As Python values each row has its own, so as many are read at a time as memory should hold.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice, repeat
from typing import Any, Final

_MOST: Final = 16 << 20  # bytes of rows that are held at a time
_SMALL: Final = 1 << 16  # bytes of values that are made once for all rows that have them


def rows_of(batch: Any, limit: int) -> Iterator[dict[str, Any] | None]:
    """Yield each row of a record batch; None for one of more than *limit* bytes."""
    if sum(map(_most, batch.columns)) <= min(_MOST, limit):
        yield from _rows(batch)
        return
    size = sum(map(_size, batch.columns))
    if batch.num_rows > 1 and size > min(_MOST, limit):
        half = batch.num_rows // 2
        yield from rows_of(batch.slice(0, half), limit)
        yield from rows_of(batch.slice(half), limit)
    elif size > limit:
        yield from [None] * batch.num_rows
    else:
        yield from _rows(batch)


def _rows(batch: Any) -> list[Any]:
    return _values(batch.to_struct_array())


def _values(array: Any) -> list[Any]:
    """Return the values of *array*, without keys whose value is null: column by column, in a third of Arrow's time."""
    types = import_module("pyarrow.types")
    if array.null_count == len(array):
        return [None] * len(array)
    if types.is_struct(array.type):
        return _objects(array)
    if is_list(array.type):
        return _lists(array)
    if not types.is_dictionary(array.type):
        return list(array.to_pylist())
    if array.dictionary.nbytes > _SMALL:
        return list(array.dictionary_decode().to_pylist())
    known = array.dictionary.to_pylist()
    return [None if index is None else known[index] for index in array.indices.to_pylist()]


def _objects(array: Any) -> list[dict[str, Any] | None]:
    columns = zip(array.type, array.flatten(), strict=True)
    full = {field.name: _values(column) for field, column in columns if column.null_count < len(column)}
    names = tuple(full)
    rows = zip(*full.values(), strict=True) if full else repeat((), len(array))
    values: list[dict[str, Any] | None] = [
        {name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows
    ]
    if not array.null_count:
        return values
    return [value if is_one else None for value, is_one in zip(values, array.is_valid().to_pylist(), strict=True)]


def _lists(array: Any) -> list[list[Any] | None]:
    items = iter(_values(array.flatten()))
    lengths = import_module("pyarrow.compute").list_value_length(array).to_pylist()
    return [None if length is None else list(islice(items, length)) for length in lengths]


def _most(array: Any) -> int:
    """Bytes that the values of *array* have at most; cheap, and too many where values are once for many."""
    return _bytes(array, lambda shared: int(shared.dictionary.nbytes) * len(shared))


def _size(array: Any) -> int:
    """Bytes that the values of *array* have."""
    return _bytes(array, _unfolded)


def _bytes(array: Any, of_shared: Callable[[Any], int]) -> int:
    """Add up the bytes of *array*; *of_shared* counts those of values that are once for many."""
    types = import_module("pyarrow.types")
    if types.is_dictionary(array.type):
        return of_shared(array)
    if is_list(array.type):
        return _bytes(array.flatten(), of_shared)
    if types.is_struct(array.type):
        return sum(_bytes(inner, of_shared) for inner in array.flatten())
    return int(array.nbytes)


def _unfolded(array: Any) -> int:
    compute = import_module("pyarrow.compute")
    lengths = compute.binary_length(array.dictionary).cast("int64")
    return compute.sum(lengths.take(array.indices)).as_py() or 0


def is_list(arrow_type: Any) -> bool:
    """Return whether a column is of lists, of whatever sort."""
    types = import_module("pyarrow.types")
    return bool(types.is_list(arrow_type) or types.is_large_list(arrow_type) or types.is_fixed_size_list(arrow_type))
