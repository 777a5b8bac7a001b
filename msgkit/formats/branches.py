"""
Rows with several lists of messages: a prompt, and answers to it.

``prompt`` and ``completion``; ``prompt``, ``chosen`` and ``rejected``; OpenAI's ``input``, ``preferred_output`` and
``non_preferred_output``; LLaMA-Factory's ``conversations`` with ``chosen`` and ``rejected`` objects; ms-swift's
``messages`` with ``rejected_response``. A branch is a list of messages, one message, or a text.

All branches are one list of messages while a row is loaded, in the order of the row's own keys; paths are those of the
row.

Source: TRL ``docs/source/dataset_formats``; OpenAI guide, direct preference optimization; LLaMA-Factory
``data/README.md``; ms-swift ``docs/source_en/Customization/Custom-dataset.md``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from msgkit.errors import Path
from msgkit.formats import alpaca
from msgkit.formats.common import columns
from msgkit.formats.common.placeholders import fill_body
from msgkit.jsontext.values import same
from msgkit.model.messages import Branch

PROMPTS = ("prompt", "messages", "conversations")
ANSWERS = (
    "completion", "chosen", "rejected", "preferred_output", "non_preferred_output", "rejected_response",
    "rejected_messages",
)  # fmt: skip
WORSE = frozenset(("rejected", "non_preferred_output", "rejected_response", "rejected_messages"))
_TEXTS = frozenset(("completion", "rejected_response"))  # which may be a text beside a list of messages
_KEYS = frozenset(("role", "author", "content", "from", "value", "parts"))  # one of which a message has
LISTS = ("messages", "conversations", "contents", "input")  # where a body has its messages
_EXCHANGE = ("instruction", "input", "system", "history")  # of Alpaca's row, besides its answers
_WHOLE = ("rejected_messages",)  # which begin with the prompt themselves
_INSTEAD = frozenset(("rejected_response", "rejected_messages"))  # of the answer at the end of the messages


@attrs.frozen
class Branches:
    """A row with branches."""

    branches: tuple[Branch, ...]  # in order, the prompt first if there is one
    items: list[Any]  # of all branches, as one list
    key: str  # the key of that list in a body of the items' format
    rest: Mapping[str, Any]  # the other keys of the body
    within: tuple[str, ...] = ()  # where in the row that body stands

    @property
    def body(self) -> dict[str, Any]:
        """All branches as one body."""
        return {self.key: self.items, **self.rest}


def find(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of *row*; None for a row with one list of messages."""
    answers = [name for name in ANSWERS if name in row]
    if not answers:
        return None
    inner = row.get("input")
    if isinstance(inner, Mapping) and isinstance(inner.get("messages"), list | tuple):
        places: list[tuple[str, ...]] = [(name,) for name in answers]
        rest = {key: value for key, value in inner.items() if key != "messages"}
        values = [inner["messages"], *(row[name] for name in answers)]
        return _joined(zip([("input", "messages"), *places], values, strict=True), rest, ("input",))
    prompts = [
        name for name in PROMPTS if isinstance(row.get(name), list | tuple) or (name == "prompt" and name in row)
    ]
    if len(prompts) > 1 or not (prompts or {"chosen", "rejected"} <= set(answers)):
        return None
    if prompts and prompts != ["prompt"]:
        texts = _TEXTS | ({"chosen", "rejected"} if {"chosen", "rejected"} <= set(answers) else set())
        answers = [name for name in answers if not isinstance(row[name], str) or name in texts]
        if not answers:
            return None
    names = [*prompts, *answers]
    left = names if prompts or not is_exchange(row) else (*names, *_EXCHANGE)
    rest = {key: value for key, value in row.items() if key not in left}
    return _joined([((name,), row[name]) for name in names], rest, ())


def is_exchange(row: Any) -> bool:
    """Return whether *row* is Alpaca's with two answers, which are texts beside an instruction."""
    return isinstance(row, Mapping) and all(
        isinstance(row.get(key), str) for key in ("instruction", "chosen", "rejected")
    )


def with_prompt(row: Mapping[str, Any]) -> dict[str, Any]:
    r"""Return Alpaca's row with two answers as one whose prompt is a list of messages."""
    loaded = alpaca.load({key: row[key] for key in _EXCHANGE if key in row})
    prompt = [{"role": str(one.author.role), "content": one.content} for one in loaded.conversation.messages]
    answers = {key: [{"role": "assistant", "content": row[key]}] for key in ("chosen", "rejected")}
    used = {*answers, *_EXCHANGE} - loaded.conversation.extra.keys()
    rest = {key: value for key, value in row.items() if key not in used}
    return {"prompt": prompt, **answers, **rest}


def single(body: Mapping[str, Any]) -> Branches | None:
    """Return a body with one list of messages as one branch; None where it has none."""
    key = next((key for key in LISTS if isinstance(body.get(key), list | tuple)), None)
    if key is None:
        return None
    rest = {name: value for name, value in body.items() if name != key}
    return Branches((Branch((key,), len(body[key])),), list(body[key]), key, rest)


def _joined(
    pieces: Iterable[tuple[tuple[str, ...], Any]], rest: Mapping[str, Any], within: tuple[str, ...]
) -> Branches | None:
    pieces = list(pieces)
    branches: list[Branch] = []
    items: list[Any] = []
    turns = [value for _, value in pieces if not isinstance(value, str)]
    key = _list_key(turns)
    for path, value in pieces:
        messages = [value] if isinstance(value, Mapping) else list(value) if isinstance(value, list | tuple) else None
        shape = "message" if isinstance(value, Mapping) else "list"
        if messages and not any(isinstance(item, Mapping) and _KEYS & item.keys() for item in messages):
            return None
        if isinstance(value, str):
            messages, shape = [_text_item(str(path[-1]), value, key)], "text"
        if messages is None:
            return None
        branches.append(Branch(path, len(messages), shape))
        items += messages
    return Branches(tuple(branches), items, key, rest, within) if turns or len(branches) > 1 else None


def _list_key(turns: Iterable[Any]) -> str:
    """Return the key under which a body of this shape has its list."""
    lists = ([value] if isinstance(value, Mapping) else value for value in turns)
    items = [item for value in lists for item in (value if isinstance(value, list | tuple) else ())]
    first = next((item for item in items if isinstance(item, Mapping)), {})
    if "from" in first:
        return "conversations"
    return "contents" if "parts" in first and "content" not in first else "messages"


def _text_item(name: str, text: str, key: str) -> dict[str, Any]:
    role = "user" if name == "prompt" else "assistant"
    if key == "conversations":
        return {"from": {"user": "human", "assistant": "gpt"}[role], "value": text}
    if key == "contents":
        return {"role": {"user": "user", "assistant": "model"}[role], "parts": [{"text": text}]}
    return {"role": role, "content": text}


def close(body: Mapping[str, Any], row: Mapping[str, Any], branches: Sequence[Branch]) -> dict[str, Any]:
    """Return *row* with what is in *body* now: the inverse of ``find``; the order of keys stays."""
    items = next(value for key, value in body.items() if key in LISTS and isinstance(value, list | tuple))
    rest = {key: value for key, value in body.items() if value is not items}
    values = dict(zip((branch.path for branch in branches), _split(items, branches), strict=True))
    names = {branch.path[0] for branch in branches}
    out: dict[str, Any] = {}
    for key, old in row.items():
        inner = [path for path in values if path[0] == key and len(path) > 1]
        if inner:
            out[key] = _in_order(old, {inner[0][1]: values[inner[0]], **rest})
            rest = {}
        elif key in names:
            out[key] = values[key,]
        elif key in rest:
            out[key] = rest[key]
        elif any(len(path) > 1 for path in values) or (key in _EXCHANGE and is_exchange(row)):
            out[key] = old
    return out | {key: value for key, value in rest.items() if key not in out}


def _in_order(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: new[key] for key in old if key in new}, **new}


def _split(items: Sequence[Any], branches: Sequence[Branch]) -> Iterator[Any]:
    start = 0
    for i, branch in enumerate(branches):
        stop = len(items) if i == len(branches) - 1 else start + branch.count
        yield shaped(list(items[start:stop]), branch.shape)
        start = stop


def shaped(items: list[Any], shape: str) -> Any:
    """Return messages as a branch of this shape, if they can be."""
    if shape == "list" or len(items) != 1:
        return items
    if isinstance(items[0], str):
        return items[0]
    return items[0] if shape == "message" else next((text for text in _texts(items[0])), items)


def _texts(item: Any) -> Iterator[str]:
    """Yield the text of a message that is only text."""
    if isinstance(item, Mapping) and len(item) == 2:  # noqa: PLR2004 (role and content)
        text = item.get("content", item.get("value"))
        parts = item.get("parts")
        if (
            isinstance(parts, list)
            and len(parts) == 1
            and isinstance(parts[0], Mapping)
            and parts[0].keys() == {"text"}
        ):
            text = parts[0]["text"]
        if isinstance(text, str):
            yield text


def variants(branched: Branches) -> Iterator[tuple[dict[str, Any], Branches]]:
    """Yield the conversation with each answer alone, as a body, and the branches in it."""
    prompt = [piece for piece in pieces(branched) if piece[0].path[-1] not in ANSWERS]
    answers = [piece for piece in pieces(branched) if piece[0].path[-1] in ANSWERS]
    if len(prompt) == 1 and prompt[0][0].path == ("messages",):
        yield from _with_own_answer(branched, prompt[0], answers)
        return
    for answer in answers:
        yield _variant(branched, [*prompt, answer])


def filled(branched: Branches, at: Path = ()) -> dict[str, Any]:
    """Return one body with all media in the messages; answers share what the prompt leaves of a column."""
    has_answers = any(branch.path[-1] in ANSWERS for branch in branched.branches)
    if not has_answers or not any(columns.issues(branched.body, columns.find(branched.body))):
        return fill_body(branched.body, at)
    counts = {branch.path: branch.count for branch in branched.branches}
    made: dict[tuple[str, ...], list[Any]] = {}
    new: dict[str, Any] = {}
    for body, variant in variants(branched):
        new = fill_body(body, at)
        for branch, items in pieces(attrs.evolve(variant, items=new[branched.key])):
            if branch.count == counts[branch.path]:
                made.setdefault(branch.path, items)
    return {**new, branched.key: [item for path in counts for item in made[path]]}


def repeating(branched: Branches) -> list[tuple[str, ...]]:
    """Return the paths of answers that begin with the prompt, which is beside them."""
    known = list(pieces(branched))
    prompt = next((items for branch, items in known if branch.path == ("prompt",)), [])
    answers = [(branch.path, items) for branch, items in known if branch.path[-1] in ANSWERS]
    return [path for path, items in answers if prompt and len(items) > len(prompt) and all(map(same, prompt, items))]


def is_answer(item: Any) -> bool:
    """Return whether a message is the assistant's, under any format's name for it."""
    return isinstance(item, Mapping) and item.get("role", item.get("from")) in _ANSWER_ROLES


_ANSWER_ROLES = ("assistant", "gpt", "model", "function_call")

_Piece = tuple[Branch, list[Any]]


def _with_own_answer(
    branched: Branches, prompt: _Piece, answers: Sequence[_Piece]
) -> Iterator[tuple[dict[str, Any], Branches]]:
    """Yield variants of messages that end in the better answer themselves."""
    branch, items = prompt
    kept = len(items)
    while kept and is_answer(items[kept - 1]):
        kept -= 1
    if any(one.path[-1] in _INSTEAD for one, _ in answers):
        yield _variant(branched, [prompt])
    for answer in answers:
        if answer[0].path == _WHOLE:
            yield _variant(branched, [answer])
            continue
        instead = answer[0].path[-1] in _INSTEAD
        first = (attrs.evolve(branch, count=kept), items[:kept]) if instead else prompt
        yield _variant(branched, [first, answer])


def _variant(branched: Branches, chosen: Sequence[_Piece]) -> tuple[dict[str, Any], Branches]:
    new = attrs.evolve(
        branched, branches=tuple(branch for branch, _ in chosen), items=[item for _, items in chosen for item in items]
    )
    return new.body, new


def pieces(branched: Branches) -> Iterator[tuple[Branch, list[Any]]]:
    """Yield each branch and its messages."""
    start = 0
    for branch in branched.branches:
        yield branch, branched.items[start : start + branch.count]
        start += branch.count
