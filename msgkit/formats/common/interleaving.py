"""
Interleaved blocks: reasoning, content parts and tool calls of one message in any order.

A message of the values holds the three apart. The order that a message came in, when it is not the usual one, is kept
as a mark with one letter a block: ``order:prpc``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgkit.formats.common.builder import marks
from msgkit.formats.common.marks import ORDER

Letter = Literal["r", "p", "c"]


def order_mark(letters: Sequence[Letter]) -> tuple[str, ...]:
    """Return the mark for blocks in this order; none for the usual one."""
    usual = sorted(letters, key="rpc".index)
    return () if list(letters) == usual else (ORDER.of("".join(letters)),)


def in_order(
    message: Mapping[str, Any], reasoning: Iterable[Any], parts: Iterable[Any], calls: Iterable[Any]
) -> list[Any]:
    """Return the blocks of a noted message in the order that it came in; in the usual one when it changed since."""
    blocks = {"r": list(reasoning), "p": list(parts), "c": list(calls)}
    counts = {letter: len(found) for letter, found in blocks.items()}
    letters = ORDER.find(marks(message))
    if letters is not None and all(letters.count(letter) == counts[letter] for letter in "rpc"):
        taken = {letter: iter(found) for letter, found in blocks.items()}
        return [next(taken[letter]) for letter in letters]
    return [*blocks["r"], *blocks["p"], *blocks["c"]]
