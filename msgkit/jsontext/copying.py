"""Copies of JSON values."""

from collections.abc import Mapping
from typing import Any


def copy_json(value: Any) -> Any:
    """
    Copy the objects and lists of a JSON value; strings are shared.

    >>> copy_json({"a": [1, "b"]})
    {'a': [1, 'b']}
    """
    if isinstance(value, Mapping):
        return {key: copy_json(item) for key, item in value.items()}
    return [copy_json(item) for item in value] if isinstance(value, list | tuple) else value
