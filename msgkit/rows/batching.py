"""
Rows of Arrow as Python values, as many at a time as memory should hold.

In Arrow, as in Parquet, a text that is in many rows may be there once: a file of a thousand bytes may have rows
of gigabytes. As Python values each row has its own.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

_MOST: Final = 16 << 20  # bytes of rows that are held at a time


def rows(batch: Any, limit: int) -> Iterator[dict[str, Any] | None]:
    """Yield each row of a record batch; None for one of more than *limit* bytes."""
    if sum(map(_most, batch.columns)) <= min(_MOST, limit):
        yield from batch.to_pylist()
        return
    size = sum(map(_size, batch.columns))
    if batch.num_rows > 1 and size > min(_MOST, limit):
        half = batch.num_rows // 2
        yield from rows(batch.slice(0, half), limit)
        yield from rows(batch.slice(half), limit)
    elif size > limit:
        yield from [None] * batch.num_rows
    else:
        yield from batch.to_pylist()


def _most(array: Any) -> int:
    """Bytes that the values of *array* have at most; cheap, and too many where values are once for many."""
    kind = import_module("pyarrow.types")
    if kind.is_dictionary(array.type):
        return int(array.dictionary.nbytes) * len(array)
    if _is_list(array.type):
        return _most(array.flatten())
    if kind.is_struct(array.type):
        return sum(map(_most, array.flatten()))
    return int(array.nbytes)


def _size(array: Any) -> int:
    """Bytes that the values of *array* have."""
    kind, compute = import_module("pyarrow.types"), import_module("pyarrow.compute")
    if kind.is_dictionary(array.type):
        lengths = compute.binary_length(array.dictionary).cast("int64")
        return compute.sum(lengths.take(array.indices)).as_py() or 0
    if _is_list(array.type):
        return _size(array.flatten())
    if kind.is_struct(array.type):
        return sum(map(_size, array.flatten()))
    return int(array.nbytes)


def _is_list(kind: Any) -> bool:
    types = import_module("pyarrow.types")
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))
