"""
Rows as Arrow columns: ``SCHEMA``, ``to_arrow_row``, ``from_arrow_row``.

A Parquet file of this schema reads the same in pyarrow, Daft, Polars and Hugging Face datasets, and its rows come back
equal.

>>> import msgkit.arrow
>>> msgkit.arrow.SCHEMA.field("messages").type.value_type.field("role").type
DataType(string)
"""

from typing import Any

from msgkit.records.arrow import from_arrow_row, schema, to_arrow_row

__all__ = ["SCHEMA", "from_arrow_row", "to_arrow_row"]  # noqa: F822 (SCHEMA is made on first use: it needs pyarrow)


def __getattr__(name: str) -> Any:
    if name != "SCHEMA":
        raise AttributeError(f"module 'msgkit.arrow' has no attribute {name!r}")
    globals()[name] = schema()
    return globals()[name]
