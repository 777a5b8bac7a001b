"""JSON values: equal or not, and what stands in them."""

from collections.abc import Iterator, Mapping
from typing import Any


def same(first: Any, second: Any) -> bool:
    """
    Tell whether two JSON values are equal, and of the same types: ``1``, ``1.0`` and ``true`` are three values.

    >>> same({"a": [1]}, {"a": [1]}), same(1, True), same(1, 1.0)
    (True, False, False)
    """
    if isinstance(first, Mapping):
        return (
            isinstance(second, Mapping)
            and len(first) == len(second)
            and all(key in second and same(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, list | tuple):
        return (
            isinstance(second, list | tuple)
            and len(first) == len(second)
            and all(same(one, two) for one, two in zip(first, second, strict=True))
        )
    if isinstance(first, str):
        return isinstance(second, str) and first == second
    return type(first) is type(second) and bool(first == second)


def kind(item: Any) -> Any:
    """
    Return what tells entries of different kinds apart: the side of a message, the type of a part.

    >>> kind({"role": "developer"}), kind({"type": "text"}), kind(5)
    ('system', 'text', <class 'int'>)
    """
    if not isinstance(item, Mapping):
        return type(item)
    found = next((item[key] for key in _KINDS if isinstance(item.get(key), str)), None)
    return "system" if found == "developer" else found


_KINDS = ("role", "from", "type")


def leaves(value: Any) -> Iterator[Any]:
    """
    Yield every key and every plain value.

    >>> list(leaves({"role": "user", "content": ["Hello"]}))
    ['role', 'user', 'content', 'Hello']
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def said(value: Any) -> Iterator[Any]:
    """
    Yield the plain values that are more than the name of a kind.

    >>> list(said({"role": "user", "content": [{"type": "text", "text": "Hello"}]}))
    ['Hello']
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _KINDS:
                yield from said(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from said(item)
    elif value is not None:
        yield value
