"""
Interleaved blocks: reasoning, content parts and tool calls of one message in any order.

A message of the values holds the three apart. The order that a message came in, when it is not the usual one, is kept
as a mark with one letter a block: ``ORDER.of("prpc")``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from msgkit.errors import Path
from msgkit.formats.common.builder import marks
from msgkit.formats.common.capabilities import THINKING_BLOCKS
from msgkit.formats.common.marks import ORDER
from msgkit.model.base import Mark

Letter = Literal["r", "p", "c"]
_FIELDS: Mapping[Letter, str] = {"r": THINKING_BLOCKS, "p": "content", "c": "tool_calls"}


def apart(
    blocks: Sequence[Any],
    place: Path,
    load: Callable[[Any], tuple[Letter, Any]],
    places: Callable[[Any], Mapping[Path, Path]],
) -> tuple[dict[Letter, list[Any]], dict[Path, Path], tuple[Mark, ...]]:
    """Hold the blocks of a message apart."""
    letters: list[Letter] = []
    values: dict[Letter, list[Any]] = {"r": [], "p": [], "c": []}
    found: dict[Path, Path] = {}
    for j, block in enumerate(blocks):
        letter, value = load(block)
        at, own = (_FIELDS[letter], len(values[letter])), (*place, j)
        if letter == "p":
            found |= {(*at, *path): (*own, *inner) for path, inner in places(value).items()}
        else:
            found[at] = own
        letters.append(letter)
        values[letter].append(value)
    return values, found, order_mark(letters)


def order_mark(letters: Sequence[Letter]) -> tuple[Mark, ...]:
    """Return the mark for blocks in this order; none for the usual one."""
    if len(letters) < len(("r", "p")):
        return ()
    usual = sorted(letters, key="rpc".index)
    return () if list(letters) == usual else (ORDER.of("".join(letters)),)


def in_order(
    message: Mapping[str, Any], reasoning: Iterable[Any], parts: Iterable[Any], calls: Iterable[Any]
) -> list[Any]:
    """Return the blocks of a noted message in the order that it came in; in the usual one when it changed since."""
    if not marks(message):
        return [*reasoning, *parts, *calls]
    blocks = {"r": list(reasoning), "p": list(parts), "c": list(calls)}
    counts = {letter: len(found) for letter, found in blocks.items()}
    letters = ORDER.find(marks(message))
    if letters is not None and all(letters.count(letter) == counts[letter] for letter in "rpc"):
        taken = {letter: iter(found) for letter, found in blocks.items()}
        return [next(taken[letter]) for letter in letters]
    return [*blocks["r"], *blocks["p"], *blocks["c"]]
