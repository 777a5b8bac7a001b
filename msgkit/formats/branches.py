"""
Rows with several lists of messages: a prompt, and answers to it.

``prompt`` and ``completion``; ``prompt``, ``chosen`` and ``rejected``; OpenAI's ``input``, ``preferred_output`` and
``non_preferred_output``; LLaMA-Factory's ``conversations`` with ``chosen`` and ``rejected`` objects; ms-swift's
``messages`` with ``rejected_response``; a text as Alpaca has it with ``chosen`` and ``rejected``. A branch is a list of
messages, one message, or a text.

All branches are one list of messages while a row is loaded, in the order of the row's own keys; paths are those of the
row.

Source: TRL ``docs/source/dataset_formats``; OpenAI guide, direct preference optimization; LLaMA-Factory
``data/README.md`` and ``src/llamafactory/data/processor/pairwise.py``; ms-swift
``docs/source_en/Customization/Custom-dataset.md``; Axolotl ``docs/rlhf.qmd``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

from msgkit.errors import Path
from msgkit.formats import alpaca
from msgkit.formats.branch_parts import ANSWERS, PROMPTS, WORSE, Branches, spread
from msgkit.formats.common import columns
from msgkit.jsontext.edit import edit
from msgkit.jsontext.values import same
from msgkit.model.messages import Branch

_TEXTS = frozenset(("completion", "rejected_response"))  # which may be a text beside a list of messages
_KEYS = frozenset(("role", "author", "content", "from", "value", "parts"))  # one of which a message has
LISTS = ("messages", "conversations", "contents", "input")  # where a body has its messages
_PAIRS = (("chosen", "rejected"), ("chosen_response", "rejected_response"))  # answers to a question as Alpaca has it


def find(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of *row*; None for a row with one list of messages."""
    answers = [name for name in ANSWERS if name in row]
    if not answers and not isinstance(row.get("prompt"), list | tuple):
        return None
    if is_exchange(row):
        return _exchange(row)
    inner = row.get("input")
    if isinstance(inner, Mapping) and isinstance(inner.get("messages"), list | tuple):
        places: list[tuple[str, ...]] = [(name,) for name in answers]
        rest = {key: value for key, value in inner.items() if key != "messages"}
        values = [inner["messages"], *(row[name] for name in answers)]
        return _joined(zip([("input", "messages"), *places], values, strict=True), rest, ("input",))
    prompts = [
        name for name in PROMPTS if isinstance(row.get(name), list | tuple) or (name == "prompt" and name in row)
    ]
    is_whole = {"chosen", "rejected"} <= set(answers) or isinstance(row.get("completion"), list)
    if len(prompts) > 1 or not (prompts or is_whole):
        return None
    if prompts and prompts != ["prompt"]:
        texts = _TEXTS | ({"chosen", "rejected"} if {"chosen", "rejected"} <= set(answers) else set())
        answers = [name for name in answers if not isinstance(row[name], str) or name in texts]
        if not answers:
            return None
    elif not answers and not row.keys().isdisjoint(LISTS):
        return None
    names = [*prompts, *answers]
    rest = {key: value for key, value in row.items() if key not in names}
    if prompts == ["prompt"] and answers == ["completion"] and _is_told(row):
        return None  # a text and its answer, with a system prompt: Alpaca's by other names
    return _joined([((name,), row[name]) for name in names], rest, ())


def _is_told(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("system"), str) and isinstance(row["prompt"], str) and isinstance(row["completion"], str)


def is_exchange(row: Any) -> bool:
    """Return whether *row* is Alpaca's with two answers, or a text with a system prompt and two answers."""
    if not isinstance(row, Mapping) or not any(first in row and second in row for first, second in _PAIRS):
        return False
    names = alpaca.Names.within(row)
    is_text = names.query != "prompt" or isinstance(row.get(names.system), str)
    return is_text and isinstance(row.get(names.query), str) and row.keys().isdisjoint(("messages", "conversations"))


def _exchange(row: Mapping[str, Any]) -> Branches | None:
    names = alpaca.Names.within(row)
    answers = next(pair for pair in _PAIRS if pair[0] in row and pair[1] in row)
    turns = [turn for turn in alpaca.turns(row, names) if turn[2][0] not in (*answers, names.answer)]
    prompt = [
        ({"role": role, "content": text}, Branch(cast(tuple[str, ...], place), 1, "text"))
        for role, text, place, _ in turns
    ]
    used = {"input" if names.takes_input else "", *answers, *(str(branch.path[0]) for _, branch in prompt)}
    rest = {key: value for key, value in row.items() if key not in used}
    joined = _joined([((name,), row[name]) for name in answers], {}, ())
    if joined is None or joined.key != "messages":
        return None
    branches = (*(branch for _, branch in prompt), *joined.branches)
    return spread(Branches(branches, [*(item for item, _ in prompt), *joined.items], "messages", rest))


def with_prompt(row: Mapping[str, Any]) -> dict[str, Any]:
    r"""Return Alpaca's row with two answers as one whose prompt is a list of messages."""
    branched = find(row)
    return dict(row) if branched is None else _in_lists(branched.items, branched.rest, branched.branches)


def _in_lists(items: Sequence[Any], rest: Mapping[str, Any], branches: Sequence[Branch]) -> dict[str, Any]:
    """Return a row with a list of messages for the prompt, and one for each answer."""
    new: dict[str, Any] = {"prompt": []}
    start = 0
    for branch in branches:
        name = "prompt" if branch.path[0] not in ANSWERS else "rejected" if branch.path[0] in WORSE else "chosen"
        new[name] = [*new.get(name, ()), *items[start : start + branch.count]]
        start += branch.count
    return {**new, **rest}


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
    is_several = bool(turns) or len(branches) > 1
    return spread(Branches(tuple(branches), items, key, rest, within)) if is_several else None


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
    known = find(row) if columns.has_entries(row) else None
    for name, paths in known.origins.items() if known is not None else ():
        rest = _gathered(rest, name, paths)
    if is_exchange(row):
        return _close_exchange(items, rest, row, branches)
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
        elif any(len(path) > 1 for path in values):
            out[key] = old
    return out | {key: value for key, value in rest.items() if key not in out}


def _gathered(rest: Mapping[str, Any], name: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Return the entries of a column where they were, those that were shared once."""
    new = {key: value for key, value in rest.items() if key != name}
    for path, entry in zip(paths, rest.get(name, ()), strict=False):
        if len(path) == 1:
            new[str(path[0])] = entry
        elif path[1] == len(new.setdefault(str(path[0]), [])):
            new[str(path[0])].append(entry)
    return new


def _close_exchange(
    items: Sequence[Any], rest: Mapping[str, Any], row: Mapping[str, Any], branches: Sequence[Branch]
) -> dict[str, Any]:
    """Return Alpaca's row with two answers; one with lists of messages where a text became something else."""
    old = find(row)
    values = list(_split(items, branches))
    texts = [value for value, branch in zip(values, branches, strict=True) if branch.shape == "text"]
    if old is None or not all(isinstance(value, str) for value in texts):
        return _in_lists(items, rest, branches)
    changed = {
        branch.path: value
        for branch, value, before in zip(branches, values, _split(old.items, branches), strict=True)
        if not same(value, before)
    }
    kept = {key: value for key, value in row.items() if key in rest or key not in old.rest}
    new = {**kept, **rest}
    for path, value in changed.items():
        new[str(path[0])] = edit(new[str(path[0])], path[1:], partial(_instead, value)) if len(path) > 1 else value
        if len(path) == 1 and path[0] in alpaca.QUERIES and isinstance(new.get("input"), str) and path[0] != "input":
            new["input"] = ""
    return {key: new[key] for key in row if key in new} | new


def _instead(new: Any, _: Any) -> Any:
    return new


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
