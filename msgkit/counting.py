"""
How many strings a JSON value holds: what proves that a reader dropped none.

Fast readers take the last of two equal keys without a word; then there are fewer strings than the text has quotes for.
"""

from typing import Any


def count_strings(value: Any, depth: int = 64) -> int:
    """
    Count the strings and keys in a JSON value; objects and lists may stand *depth* deep.

    Raises:
        ValueError: If they stand deeper.

    >>> count_strings({"a": ["b", 1]})
    2
    """
    kind = type(value)
    if kind is str:
        return 1
    if kind is dict:
        count, inner = len(value), value.values()
    elif kind is list:
        count, inner = 0, value
    else:
        return 0
    if not depth:
        raise ValueError("too deep")
    for item in inner:
        kind = type(item)
        if kind is str:
            count += 1
        elif kind is dict or kind is list:
            count += count_strings(item, depth - 1)
    return count
