"""
A row with several lists of messages: which entries of its media columns belong to which, and where in the row stands
what is in the one list of all its messages.

Each branch has entries of its own, or the answers share what the prompt leaves, as trainers read it.

Source: LLaMA-Factory ``src/llamafactory/data/processor/pairwise.py``; ms-swift
``docs/source_en/Customization/Custom-dataset.md``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit.errors import Issue, Path, join_path
from msgkit.formats.base import Loaded
from msgkit.formats.common import columns
from msgkit.formats.common.columns import Column
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext.edit import find as at_path
from msgkit.jsontext.edit import steps
from msgkit.jsontext.values import OBJECT, same
from msgkit.model.base import NOTHING
from msgkit.model.messages import Branch
from msgkit.structuring.wire import changed

LISTS = ("messages", "conversations", "contents", "input")  # where a body has its messages
PROMPTS = ("prompt", "messages", "conversations", "conversation", "context_messages")
ANSWERS = (
    "completion", "chosen", "chosen_response", "rejected", "preferred_output", "non_preferred_output",
    "rejected_response", "rejected_messages", "output",
)  # fmt: skip
LISTED = ("list", "json")  # shapes of branches that have a place for each message
RANKED = "completions"  # answers with a rank or a score
WORSE = frozenset(("rejected", "non_preferred_output", "rejected_response", "rejected_messages"))
WHOLE = ("rejected_messages",)  # which begin with the prompt themselves
_INSTEAD = frozenset(("rejected_response", "rejected_messages"))  # of the answer at the end of the messages


@attrs.frozen(eq=False, repr=False)
class Branches:
    """A row with branches."""

    branches: tuple[Branch, ...]  # in order, the prompt first if there is one
    items: list[Any]  # of all branches, as one list
    key: str  # the key of that list in a body of the items' format
    rest: Mapping[str, Any]  # the other keys of the body
    within: tuple[str, ...] = ()  # where in the row that body stands
    # column -> where in the row each of its entries is, where that is not the entry of the same number
    origins: Mapping[str, tuple[Path, ...]] = NOTHING

    @property
    def body(self) -> dict[str, Any]:
        """All branches as one body."""
        return {self.key: self.items, **self.rest}


Piece = tuple[Branch, list[Any]]


def spread(branched: Branches) -> Branches:
    """Return a row with an entry of its media columns for each placeholder, where its answers share them."""
    rest, origins = dict(branched.rest), dict[str, tuple[Path, ...]]()
    for column in columns.find(rest).values() if columns.has_entries(rest) else ():
        other = f"rejected_{column.kind}s"
        worse = rest.get(other) if any(branch.path[-1] in WHOLE for branch in branched.branches) else None
        paths = _origins(branched, column, worse if isinstance(worse, list | tuple) else None)
        if paths is not None:
            origins[column.name] = paths
            rest[column.name] = [at_path(branched.rest, path) for path in paths]
            rest = {key: value for key, value in rest.items() if key != other or worse is None}
    return changed(branched, rest=rest, origins=origins) if origins else branched


def _origins(branched: Branches, column: Column, worse: Sequence[Any] | None) -> tuple[Path, ...] | None:
    """Return the entry of each placeholder; None where they are in order, or fit in no way."""
    known = [(branch, items, _count(items, column.kind)) for branch, items in pieces(branched)]
    prompts = [(items, number) for branch, items, number in known if branch.path[-1] not in ANSWERS]
    instead = [branch for branch, _, _ in known if branch.path[-1] in _INSTEAD]
    if worse is None and sum(number for _, _, number in known) == len(column.entries):
        return None
    before = sum(number for _, number in prompts)
    kept = _count(asked(prompts[0][0]), column.kind) if instead and prompts else before
    whole = (*WHOLE, *(path[-1] for path in repeating(branched)))
    out: list[Path] = []
    for branch, _, number in known:
        name = branch.path[-1]
        start = 0 if name in whole else kept if name in _INSTEAD else before
        own = worse is not None and name in WHOLE
        if branch.path[-1] not in ANSWERS:
            start = sum(1 for path in out if path)
        elif start + number != (len(worse) if own and worse is not None else len(column.entries)):
            return None
        numbers = range(start, start + number)
        out += [(f"rejected_{column.kind}s", i) if own else column.path(i) for i in numbers]
    fits = (not instead or before == len(column.entries)) and set(out) >= set(
        map(column.path, range(len(column.entries)))
    )
    return tuple(out) if fits and all(at_path(branched.rest, path) is not None for path in out) else None


def worse_columns(body: Mapping[str, Any]) -> list[Column]:
    """Return ms-swift's columns of the worse answer that no messages hold: they stand for those of the prompt."""
    known = [Column(kind, name, body[name]) for kind in columns.KINDS if (name := f"rejected_{kind}s") in body]
    return [column for column in known if isinstance(column.entries, list | tuple)]


def _count(items: Iterable[Any], kind: str) -> int:
    """Count what stands for media of one kind in messages."""
    texts = [_text_of(item) for item in items]
    parts = [part for text in texts for part in (text if isinstance(text, list | tuple) else (text,))]
    told = [part.get("text") if isinstance(part, OBJECT) else part for part in parts]
    return sum(columns.count(text, kind) for text in told) + sum(columns.stands_for(part) == kind for part in parts)


def _text_of(item: Any) -> Any:
    return item.get("content", item.get("value")) if isinstance(item, OBJECT) else None


def only_in_questions(branched: Branches) -> bool:
    """Return whether the media of the columns all belong to messages of the user."""
    others = [item for item in branched.items if not _asks(item)]
    return not any(_count(others, column.kind) for column in _filled_columns(branched))


def share(branched: Branches, path: Path, start: int, items: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the entries of the media columns that belong to *items* of one branch, by column."""
    known = [(column, _numbers(branched, column, path, start, items)) for column in _filled_columns(branched)]
    return {column.name: [column.entries[i] for i in own] for column, own in known if own is not None}


def _filled_columns(branched: Branches) -> list[Column]:
    known = columns.find(branched.rest).values() if columns.has_entries(branched.rest) else ()
    return [column for column in known if column.entries]


def _numbers(branched: Branches, column: Column, path: Path, start: int, items: Sequence[Any]) -> range | None:
    """Return the numbers of the entries that belong to *items*; None where the column does not fit the row."""
    if _count(branched.items, column.kind) != len(column.entries):
        return None
    first = _count(_before(branched, path, start), column.kind)
    return range(first, first + _count(items, column.kind))


def _before(branched: Branches, path: Path, start: int) -> Iterator[Any]:
    for branch, items in pieces(branched):
        if branch.path == path:
            yield from items[:start]
            return
        yield from items


def part(branched: Branches, chosen: Sequence[Piece]) -> Branches:
    """Return a row with some branches alone, or with the first messages of some, and with their media."""
    rest, origins = dict(branched.rest), dict(branched.origins)
    for column in _filled_columns(branched):
        numbers = [_numbers(branched, column, branch.path, 0, items) for branch, items in chosen]
        kept = [i for own in numbers if own is not None for i in own]
        if None not in numbers and len(kept) < len(column.entries):
            known = origins.get(column.name) or tuple(column.path(i) for i in range(len(column.entries)))
            origins[column.name] = tuple(known[i] for i in kept)
            rest[column.name] = [column.entries[i] for i in kept]
    items = [item for _, own in chosen for item in own]
    kept_branches = tuple(changed(branch, count=len(own)) for branch, own in chosen)
    return changed(branched, branches=kept_branches, items=items, rest=rest, origins=origins)


def variants(branched: Branches) -> Iterator[tuple[dict[str, Any], Branches]]:
    """Yield the conversation with each answer alone, or the prompt that has none, as a body, and the branches in it."""
    prompt = [piece for piece in pieces(branched) if piece[0].path[-1] not in ANSWERS]
    answers = [piece for piece in pieces(branched) if piece[0].path[-1] in ANSWERS]
    if len(prompt) == 1 and prompt[0][0].path == ("messages",):
        yield from _with_own_answer(branched, prompt[0], answers)
        return
    for pieces_of_one in [[*prompt, answer] for answer in answers] or [prompt]:
        yield _variant(branched, pieces_of_one)


def filled(branched: Branches, at: Path = ()) -> dict[str, Any]:
    """Return one body with all media in the messages."""
    return fill_body(branched.body, at)


def _with_own_answer(
    branched: Branches, prompt: Piece, answers: Sequence[Piece]
) -> Iterator[tuple[dict[str, Any], Branches]]:
    """Yield variants of messages that end in the better answer themselves."""
    branch, items = prompt
    kept = len(asked(items))
    if any(one.path[-1] in _INSTEAD for one, _ in answers):
        yield _variant(branched, [prompt])
    for answer in answers:
        if answer[0].path == WHOLE:
            yield _variant(branched, [answer])
            continue
        instead = answer[0].path[-1] in _INSTEAD
        first = (changed(branch, count=kept), items[:kept]) if instead else prompt
        yield _variant(branched, [first, answer])


def asked(items: Sequence[Any]) -> Sequence[Any]:
    """Return messages up to the last that asks, as ms-swift takes them where another answer stands for the rest."""
    last = max((i for i, item in enumerate(items) if _asks(item)), default=-1)
    return items[: last + 1]


def _asks(item: Any) -> bool:
    return isinstance(item, OBJECT) and item.get("role", item.get("from")) in ("user", "human")


def _variant(branched: Branches, chosen: Sequence[Piece]) -> tuple[dict[str, Any], Branches]:
    new = part(branched, chosen)
    return new.body, new


def repeating(branched: Branches) -> list[tuple[str, ...]]:
    """Return the paths of answers that begin with the prompt, which is beside them."""
    known = list(pieces(branched))
    prompt = next((items for branch, items in known if branch.path == ("prompt",)), [])
    answers = [(branch.path, items) for branch, items in known if branch.path[-1] in ANSWERS]
    return [path for path, items in answers if prompt and len(items) > len(prompt) and all(map(same, prompt, items))]


def is_answer(item: Any) -> bool:
    """Return whether a message is the assistant's, under any format's name for it."""
    return isinstance(item, OBJECT) and item.get("role", item.get("from")) in _ANSWER_ROLES


_ANSWER_ROLES = ("assistant", "gpt", "model", "function_call")


def pieces(branched: Branches) -> Iterator[tuple[Branch, list[Any]]]:
    """Yield each branch and its messages."""
    start = 0
    for branch in branched.branches:
        yield branch, branched.items[start : start + branch.count]
        start += branch.count


def place(path: Path, branched: Branches) -> Path:
    """Return where in the row stands what is at *path* of the joined body."""
    if path and path[0] in branched.origins:
        known = branched.origins[str(path[0])]
        number = path[1] if len(path) > 1 else None
        return (*known[number], *path[2:]) if isinstance(number, int) and number < len(known) else path[:1]
    if path[:1] != (branched.key,):
        is_placed = not path or any(path[0] == branch.path[0] for branch in branched.branches)
        return path if is_placed else (*branched.within, *path)
    if len(path) == 1 or not isinstance(path[1], int):
        return branched.branches[0].path
    number = path[1]
    for branch in branched.branches:
        if number < branch.count:
            if branch.shape in LISTED:
                return (*branch.path, number, *path[2:])
            return (*branch.path, *(path[2:] if branch.shape == "message" else ()))
        number -= branch.count
    return branched.branches[-1].path


def unplace(path: Path, branched: Branches) -> Path:
    """Return where in the joined body stands what is at *path* of the row: the inverse of ``place``."""
    start = 0
    for branch in branched.branches:
        at = len(branch.path)
        if path[:at] == branch.path:
            rest = path[at:]
            if branch.shape not in LISTED:
                return (branched.key, start, *rest)
            return (branched.key, start + int(rest[0]), *rest[1:]) if rest else (branched.key,)
        start += branch.count
    within = len(branched.within)
    return path[within:] if within and path[:within] == branched.within else path


def issues_in_row(issues: Iterable[Issue], branched: Branches) -> list[Issue]:
    """Tell issues of the joined body by their places in the row."""
    return [attrs.evolve(issue, path=_path_in_row(issue.path, branched)) for issue in issues]


def _path_in_row(path: str, branched: Branches) -> str:
    known = steps(path)
    return path if known is None else join_path(place(known, branched))


def in_row(loaded: Loaded, branched: Branches) -> Loaded:
    """Tell where in the row stands what was loaded of the joined body."""
    numbers = range(len(loaded.conversation.messages))
    places: dict[Path, Path] = {(key,): (*branched.within, key) for key in branched.rest} if branched.within else {}
    places |= dict(loaded.places) or {("messages", i): (branched.key, i) for i in numbers}
    known = {path: place(there, branched) for path, there in places.items()}
    return changed(loaded, issues=tuple(issues_in_row(loaded.issues, branched)), places=known)
