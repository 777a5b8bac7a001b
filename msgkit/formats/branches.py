"""
Rows with several lists of messages: a prompt, and answers to it.

``prompt`` and ``completion``; ``prompt``, ``chosen`` and ``rejected``; OpenAI's ``input``, ``preferred_output`` and
``non_preferred_output``; LLaMA-Factory's ``conversations`` with ``chosen`` and ``rejected`` objects; ms-swift's
``messages`` with ``rejected_response``; a text as Alpaca has it with ``chosen`` and ``rejected``; OpenRLHF's ``input``
and ``output``; NeMo RL's ``context`` and Gemini's ``contents`` with ``completions``, each with a rank or a score. A
branch is a list of messages, one message, or a text.

All branches are one list of messages while a row is loaded, in the order of the row's own keys; paths are those of the
row.

Source: TRL ``docs/source/dataset_formats``; OpenAI guide, direct preference optimization; LLaMA-Factory
``data/README.md`` and ``src/llamafactory/data/processor/pairwise.py``; ms-swift
``docs/source_en/Customization/Custom-dataset.md``; Axolotl ``docs/rlhf.qmd``; OpenRLHF
``openrlhf/datasets/sft_dataset.py``; NeMo RL ``docs/guides/dpo.md``; Vertex AI, preference tuning of Gemini.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from msgkit.errors import refusal
from msgkit.formats import alpaca
from msgkit.formats.branch_parts import ANSWERS, LISTS, PROMPTS, RANKED, WORSE, Branches, spread
from msgkit.formats.common import columns
from msgkit.formats.common.templates import as_transcript, transcript
from msgkit.jsontext.values import LIST, OBJECT, objects, without_keys
from msgkit.model.messages import Branch

_TEXTS = frozenset(("completion", "rejected_response"))  # which may be a text beside a list of messages
_KEYS = frozenset(("role", "author", "content", "from", "value", "parts"))  # one of which a message has
_LISTED = frozenset((*LISTS, "conversation", "texts", "text"))  # keys whose rows are told by them
_PAIRS = (("chosen", "rejected"), ("chosen_response", "rejected_response"))  # answers to a question as Alpaca has it


def find(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of *row*; None for a row with one list of messages."""
    if columns.named_as(columns.MESSAGES) or not row.keys().isdisjoint(_OTHER_LISTS):
        alone = _alone(row)
        if alone is not None:
            return alone
    if not _SIGNS.isdisjoint(row):
        return _listed(row) or _by_names(row)
    return _unnamed(row) if _LISTED.isdisjoint(row) or isinstance(row.get("messages"), str) else None


_OTHER_LISTS = ("conversations", "conversation")  # which may hold an API's messages, not texts alone
_OF_API = frozenset(("tool_calls", "tool_call_id", "name"))


def _unnamed(row: Mapping[str, Any]) -> Branches | None:
    """Return a row that has messages in one column, of whatever name, or as JSON text."""
    said = {key: items for key, value in row.items() if (items := columns.messages_in(value))}
    is_body = any(isinstance(value, OBJECT) and not _LISTED.isdisjoint(value) for value in row.values())
    if len(said) != 1 or is_body or row.get("object") == "list" or alpaca.recognize(row):
        return None
    return _of_one(row, *next(iter(said.items())))


def _alone(row: Mapping[str, Any]) -> Branches | None:
    """Return a row whose one list of messages has a name that was told, or one that usually holds other messages."""
    told = columns.named_as(columns.MESSAGES)
    name = next((key for key in (*told, *_OTHER_LISTS) if isinstance(row.get(key), LIST)), None)
    items = () if name is None else row[name]
    if name not in told and not (_holds_api(items) and _ANSWERS.isdisjoint(row)):
        return None
    if name is None or any(key in row for key in LISTS if key != name):
        return None
    return _of_one(row, name, items)


def _of_one(row: Mapping[str, Any], name: str, items: Sequence[Any]) -> Branches:
    branch = Branch((name,), len(items), "json" if isinstance(row[name], str) else "list")
    return spread(Branches((branch,), list(items), _list_key([items]), without_keys(row, name)))


def _holds_api(items: Sequence[Any]) -> bool:
    """Return whether messages of an API are in a list: with parts or calls."""
    messages = [item for item in items if isinstance(item, OBJECT) and "role" in item]  # none in most lists
    return any(isinstance(item.get("content"), LIST) or not _OF_API.isdisjoint(item) for item in messages)


def is_alone(branched: Branches) -> bool:
    """Return whether a row has one list of messages, under another name than its format has, or as JSON text."""
    first, *others = branched.branches
    return not others and (first.shape == "json" or first.path[0] not in (*LISTS[:1], *LISTS[2:], *_ALONE))


def _listed(row: Mapping[str, Any]) -> Branches | None:
    if RANKED in row:
        return _ranked(row)
    return _asked(row) if "output" in row and isinstance(row.get("input"), LIST) else None


def _by_names(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of a row whose keys name them."""
    answers = [name for name in ANSWERS if name in row and name in _ANSWERS]
    if not answers and not isinstance(row.get("prompt", row.get("context_messages")), LIST):
        return None
    if is_exchange(row):
        return _exchange(row)
    inner = row.get("input")
    if isinstance(inner, OBJECT) and isinstance(inner.get("messages"), LIST):
        places: list[tuple[str, ...]] = [(name,) for name in answers]
        rest = without_keys(inner, "messages")
        values = [inner["messages"], *(row[name] for name in answers)]
        return _joined(zip([("input", "messages"), *places], values, strict=True), rest, ("input",))
    prompts = [name for name in PROMPTS if isinstance(row.get(name), LIST) or (name == "prompt" and name in row)]
    is_whole = {"chosen", "rejected"} <= set(answers) or isinstance(row.get("completion"), list)
    if len(prompts) > 1 or not (prompts or is_whole):
        return None
    if prompts and prompts[0] not in _ALONE:
        texts = _TEXTS | ({"chosen", "rejected"} if {"chosen", "rejected"} <= set(answers) else set())
        answers = [name for name in answers if not isinstance(row[name], str) or name in texts]
        if not answers:
            return None
    elif not answers and not row.keys().isdisjoint(LISTS):
        return None
    names = [*prompts, *answers]
    if prompts == ["prompt"] and answers == ["completion"] and _is_told(row):
        return None  # a text and its answer, with a system prompt: Alpaca's by other names
    return _joined([((name,), row[name]) for name in names], without_keys(row, *names), ())


_ALONE = ("prompt", "context_messages")  # lists of messages without an answer
_ANSWERS = frozenset(ANSWERS) - {"output"}  # which is one only beside an input
_SIGNS = frozenset((*ANSWERS, *_ALONE, RANKED))  # one of which each row with branches has


def _ranked(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of a row whose answers are a list of objects with a rank or a score."""
    answers, prompt = row[RANKED], next((name for name in ("context", "contents") if name in row), "")
    if not (answers and isinstance(answers, LIST) and isinstance(row.get(prompt), LIST)):
        return None
    if not all(isinstance(one, OBJECT) and "completion" in one for one in answers):
        return None
    pieces = [((RANKED, i, "completion"), one["completion"]) for i, one in enumerate(answers)]
    return _joined([((prompt,), row[prompt]), *pieces], without_keys(row, prompt, RANKED), ())


def _asked(row: Mapping[str, Any]) -> Branches | None:
    """Return the branches of a row whose prompt and answer are messages under ``input`` and ``output``."""
    items = [*objects(row["input"]), *objects(row["output"])]  # with a type they are those of Responses
    others = ("instruction", "prompt", "messages", "conversations", "contents")
    if any("type" in item for item in items) or not row.keys().isdisjoint(others):
        return None
    both = [(("input",), row["input"]), (("output",), row["output"])]
    return _joined(both, without_keys(row, "input", "output"), ())


def in_order_of_rank(row: Mapping[str, Any]) -> Any:
    """Return a row whose answers have ranks or scores as one with a better and a worse answer; others as they are."""
    branched = _ranked(row) if RANKED in row else None
    if branched is None:
        return row
    answers = row[RANKED]
    ranks = [one.get("rank", -one["score"] if isinstance(one.get("score"), int | float) else None) for one in answers]
    if len(answers) != 2 or not all(isinstance(one, int | float) for one in ranks) or ranks[0] == ranks[1]:  # noqa: PLR2004
        message = "expected two completions of different rank or score: other rows have a better and a worse one"
        raise refusal("row-shape", message, RANKED)
    better, worse = sorted(range(2), key=ranks.__getitem__)
    prompt = branched.items[: branched.branches[0].count]
    pair = {name: answers[i]["completion"] for name, i in (("chosen", better), ("rejected", worse))}
    return {"prompt": prompt, **pair, **branched.rest}


def _is_told(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("system"), str) and isinstance(row["prompt"], str) and isinstance(row["completion"], str)


def is_exchange(row: Any) -> bool:
    """Return whether *row* is Alpaca's with two answers, or a text with a system prompt and two answers."""
    if not isinstance(row, OBJECT) or not any(first in row and second in row for first, second in _PAIRS):
        return False
    query = alpaca.query_in(row)
    if query is None or not row.keys().isdisjoint(("messages", "conversations")):
        return False
    return query != "prompt" or isinstance(row.get(alpaca.Names.within(row).system), str)


def _exchange(row: Mapping[str, Any]) -> Branches | None:
    names = alpaca.Names.within(row)
    answers = next(pair for pair in _PAIRS if pair[0] in row and pair[1] in row)
    turns = [turn for turn in alpaca.turns(row, names) if turn[2][0] not in (*answers, names.answer)]
    prompt = [
        ({"role": role, "content": text}, Branch(cast(tuple[str, ...], place), 1, "text"))
        for role, text, place, _ in turns
    ]
    used = {names.after if names.takes_input else "", *answers, *(str(branch.path[0]) for _, branch in prompt)}
    rest = without_keys(row, *used)
    joined = _joined([((name,), row[name]) for name in answers], {}, ())
    if joined is None or joined.key != "messages":
        return None
    branches = (*(branch for _, branch in prompt), *joined.branches)
    return spread(Branches(branches, [*(item for item, _ in prompt), *joined.items], "messages", rest))


def with_prompt(row: Mapping[str, Any]) -> Any:
    """Return Alpaca's row with two answers, transcripts, or answers with ranks as lists; others as they are."""
    branched = find(row) if is_exchange(row) else None
    if branched is not None:
        return in_lists(branched.items, branched.rest, branched.branches)
    spoken = {key: said for key in ANSWERS if isinstance(row.get(key), str) and (said := transcript(row[key]))}
    return in_order_of_rank(row) if not spoken or find(row) is None else {**row, **spoken}


def in_lists(items: Sequence[Any], rest: Mapping[str, Any], branches: Sequence[Branch]) -> dict[str, Any]:
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
    key = next((key for key in LISTS if isinstance(body.get(key), LIST)), None)
    if key is None:
        return None
    rest = without_keys(body, key)
    return Branches((Branch((key,), len(body[key])),), list(body[key]), key, rest)


def _joined(
    pieces: Iterable[tuple[tuple[Any, ...], Any]], rest: Mapping[str, Any], within: tuple[str, ...]
) -> Branches | None:
    pieces = list(pieces)
    branches, items = list[Branch](), list[Any]()
    turns = [value for _, value in pieces if not isinstance(value, str)]
    key = _list_key(turns)
    for path, value in pieces:
        if isinstance(value, str):
            messages: list[Any] = transcript(value) if key == "messages" else []
            shape = "transcript" if messages else "text"
            messages = messages or [_text_item(str(path[-1]), value, key)]
        elif isinstance(value, (*OBJECT, *LIST)):
            messages, shape = ([value], "message") if isinstance(value, OBJECT) else (list(value), "list")
            if messages and not any(_KEYS & item.keys() for item in objects(messages)):
                return None
        else:
            return None
        branches.append(Branch(path, len(messages), shape))
        items += messages
    is_several = bool(turns) or len(branches) > 1
    return spread(Branches(tuple(branches), items, key, rest, within)) if is_several else None


def _list_key(turns: Iterable[Any]) -> str:
    """Return the key under which a body of this shape has its list."""
    lists = ([value] if isinstance(value, OBJECT) else value for value in turns)
    first = next((item for value in lists for item in objects(value)), {})
    if "from" in first:
        return "conversations"
    return "contents" if "parts" in first and "content" not in first else "messages"


def _text_item(name: str, text: str, key: str) -> dict[str, Any]:
    role = "user" if name in ("prompt", "input") else "assistant"
    if key == "conversations":
        return {"from": {"user": "human", "assistant": "gpt"}[role], "value": text}
    if key == "contents":
        return {"role": {"user": "user", "assistant": "model"}[role], "parts": [{"text": text}]}
    return {"role": role, "content": text}


def split(items: Sequence[Any], branches: Sequence[Branch]) -> Iterator[Any]:
    """Yield the messages of each branch in its shape, the last with all that are left."""
    start = 0
    for i, branch in enumerate(branches):
        stop = len(items) if i == len(branches) - 1 else start + branch.count
        yield shaped(list(items[start:stop]), branch.shape)
        start = stop


def shaped(items: list[Any], shape: str) -> Any:
    """Return messages as a branch of this shape, if they can be."""
    if shape == "json":
        return json.dumps(items, ensure_ascii=False)
    if shape == "transcript":
        return as_transcript(items)
    if shape == "list" or len(items) != 1:
        return items
    if isinstance(items[0], str):
        return items[0]
    return items[0] if shape == "message" else next((text for text in _texts(items[0])), items)


def _texts(item: Any) -> Iterator[str]:
    """Yield the text of a message that is only text."""
    if isinstance(item, OBJECT) and len(item) == 2:  # noqa: PLR2004 (role and content)
        text = item.get("content", item.get("value"))
        parts = item.get("parts")
        if isinstance(parts, list) and parts == objects(parts) and list(map(set, parts)) == [{"text"}]:
            text = parts[0]["text"]
        if isinstance(text, str):
            yield text
