"""The pieces of a row: its prompt, the better and the worse answer; and where each goes in another shape of rows."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgkit import formats
from msgkit.errors import refusal
from msgkit.formats import branch_parts
from msgkit.formats.branch_parts import WORSE, Branches
from msgkit.jsontext.values import same

_SORTS = ("prompt", "better", "worse")


class Piece(NamedTuple):
    """Messages that are converted together."""

    sort: str  # ``prompt``, ``better`` or ``worse``
    path: tuple[str, ...]  # where in the source they stand
    start: int  # the number of the first in the list there
    items: list[Any]
    shape: str = "list"  # that of the branch


class Sources(NamedTuple):
    """The pieces of a row, and which of them each of its lists is made of."""

    pieces: list[Piece]
    lists: list[tuple[tuple[str, ...], str, list[int]]]


def split(branched: Branches, rows: str | None) -> Sources:
    """Return the pieces of a row; where another shape is asked for, prompts and answers apart."""
    known = [(branch, items) for branch, items in branch_parts.pieces(branched)]
    sorts = [_sort(branch.path) for branch, _ in known]
    if rows is None:
        pieces = [Piece(sort, *_first(one), one[1], one[0].shape) for sort, one in zip(sorts, known, strict=True)]
        return Sources(pieces, [(piece.path, piece.shape, [i]) for i, piece in enumerate(pieces)])
    pieces = []
    lists: list[tuple[tuple[str, ...], str, list[int]]] = []
    is_implicit = "prompt" not in sorts
    for sort, (branch, items) in zip(sorts, known, strict=True):
        made = [(sort, 0, items)]
        if sort == "prompt" and "better" not in sorts:
            made = [(name, start, part) for name, start, part in _answer_apart(items)]
        elif is_implicit and sort == "better":
            shared = _shared([one for _, one in known])
            made = [("prompt", 0, items[:shared]), ("better", shared, items[shared:])]
        elif is_implicit:
            lists.append((branch.path, branch.shape, [0, len(pieces)]))
            shared = pieces[1].start
            pieces.append(Piece(sort, branch.path, shared, items[shared:], branch.shape))
            continue
        elif branch.path[-1] in branch_parts.WHOLE and sort == "worse":
            shared = _with_prompt(branched, pieces[0], branch.path, items)
            lists.append((branch.path, branch.shape, [0, len(pieces)]))
            pieces.append(Piece(sort, branch.path, shared, items[shared:], branch.shape))
            continue
        lists.append((branch.path, branch.shape, list(range(len(pieces), len(pieces) + len(made)))))
        pieces += [Piece(name, branch.path, start, part, branch.shape) for name, start, part in made]
    return Sources(pieces, lists)


def _first(one: tuple[Any, list[Any]]) -> tuple[tuple[str, ...], int]:
    return one[0].path, 0


def _sort(path: tuple[str, ...]) -> str:
    if path[-1] in (*branch_parts.PROMPTS, "contents", "input"):
        return "prompt"
    return "worse" if path[-1] in WORSE else "better"


def _answer_apart(items: list[Any]) -> Iterator[tuple[str, int, list[Any]]]:
    kept = len(items)
    while kept and branch_parts.is_answer(items[kept - 1]):
        kept -= 1
    if kept in (0, len(items)):
        message = "expected messages that end in the assistant's answer to a prompt"
        raise refusal("row-shape", message, "messages")
    yield "prompt", 0, items[:kept]
    yield "better", kept, items[kept:]


def _with_prompt(branched: Branches, prompt: Piece, path: tuple[str, ...], items: list[Any]) -> int:
    """Return how many messages the prompt has, with which a whole conversation begins."""
    shared = len(prompt.items)
    media = [
        branch_parts.share(branched, at, 0, own) for at, own in ((prompt.path, prompt.items), (path, items[:shared]))
    ]
    if not all(map(same, prompt.items, items)) or len(items) <= shared or not same(*media):
        message = "expected the same prompt before both answers: rows of this shape have one"
        raise refusal("row-shape", message, path[-1])
    return shared


def _shared(lists: Sequence[list[Any]]) -> int:
    """Return how many items all lists begin with alike, an answer left to each."""
    most = min(len(items) for items in lists) - 1
    return next(
        (i for i in range(max(0, most)) if not all(same(items[i], lists[0][i]) for items in lists)), max(0, most)
    )


def layout(rows: str | None, to: str, pieces: Sequence[Piece]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return where each sort of pieces goes, and in which shape; its own place where no shape is asked for."""
    key = formats.get(to).list_key
    if rows == "prompt-completion":
        return {"prompt": (("prompt",), "list"), "better": (("completion",), "list")}
    if not any(piece.sort == "worse" for piece in pieces):
        message = "expected a worse answer beside the better one: a preference row needs both"
        raise refusal("row-shape", message)
    if formats.get(to).preference == "openai":
        names = (("input", "messages"), ("preferred_output",), ("non_preferred_output",))
        return {sort: (name, "list") for sort, name in zip(_SORTS, names, strict=True)}
    if formats.get(to).preference == "llamafactory":
        return {"prompt": ((key,), "list"), "better": (("chosen",), "message"), "worse": (("rejected",), "message")}
    return {"prompt": (("prompt",), "list"), "better": (("chosen",), "list"), "worse": (("rejected",), "list")}
