"""
Rows as Arrow columns: ``SCHEMA``, ``to_arrow_row``, ``from_arrow_row``.

A Parquet file of this schema reads the same in pyarrow, Daft, Polars and Hugging Face datasets, and its rows come back
equal.

>>> import msgkit.arrow
>>> msgkit.arrow.SCHEMA.field("messages").type.value_type.field("role").type
DataType(string)
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from msgkit.rows.arrow import from_arrow_row, schema, to_arrow_row

__all__ = ["SCHEMA", "OnColumns", "from_arrow_row", "to_arrow_row"]  # noqa: F822 (SCHEMA is made on first use: it needs pyarrow)


def __getattr__(name: str) -> Any:
    if name != "SCHEMA":
        raise AttributeError(f"module 'msgkit.arrow' has no attribute {name!r}")
    globals()[name] = schema()
    return globals()[name]


@attrs.frozen(eq=False)
class OnColumns:
    """
    A step on rows of :data:`SCHEMA`: what engines map that hold rows as Arrow columns.

    Args:
        step: Any callable row -> row.

    >>> from msgkit.steps import Check
    >>> columns = to_arrow_row([{"role": "user", "content": "Hello"}])
    >>> OnColumns(Check())(columns) == columns
    True
    """

    step: Callable[[Any], Any]

    def __call__(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Do the step to one row."""
        return to_arrow_row(self.step(from_arrow_row(columns)))
