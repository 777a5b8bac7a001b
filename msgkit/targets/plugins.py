"""Entry points: formats and targets that other packages bring."""

from collections.abc import Iterable
from typing import Any, TypeVar

from msgkit.errors import MsgkitError, UnknownNameError, quote

T = TypeVar("T")


def find(group: str, name: str, wanted: type[T], known: Iterable[str]) -> T:
    """Return the object that another package registered as *name*."""
    from importlib.metadata import entry_points  # takes as long as a tenth of a check of one row

    entries = entry_points(group=group)
    point = next((point for point in entries if point.name == name), None)
    if point is None:
        raise UnknownNameError(group.partition(".")[2].removesuffix("s"), name, (*known, *entries.names))
    return _loaded(point, wanted)


def _loaded(point: Any, wanted: type[T]) -> T:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist is not None else ""
    where = f"entry point {quote(point.name)} in {point.group}{package} ({point.value})"
    try:
        value = point.load()
    except Exception as error:
        raise MsgkitError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(value, wanted):
        raise MsgkitError(f"{where} is not a {wanted.__name__}: got {type(value).__name__}")
    return value
