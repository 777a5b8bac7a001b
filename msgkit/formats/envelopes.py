"""What surrounds the messages of a row: a request body, a bare list, a line of a Batch file, or several branches."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgkit import formats
from msgkit.errors import Path, describe, refusal
from msgkit.formats import alpaca, branches
from msgkit.formats.branch_parts import LISTS, RANKED, Branches
from msgkit.formats.common import columns, sniff
from msgkit.jsontext.edit import edit
from msgkit.jsontext.values import LIST, OBJECT, same, without_keys
from msgkit.model.messages import Branch, Envelope

BODIES = (  # of Batch lines: OpenAI and Mistral, Anthropic, Gemini, Bedrock; of rows of NeMo Gym
    "body", "params", "request", "modelInput", "responses_create_params",
)  # fmt: skip
_STATE = "values"  # where LangGraph has the messages of a thread
_COUNTED = ("input", "converse")  # where Bedrock's CountTokens has its body


def open_row(row: object) -> tuple[Mapping[str, Any], Envelope]:
    """Return the body of a row, and the envelope (its format still unnamed); a text is the body ``{"text": ...}``."""
    branched = branches.find(row) if isinstance(row, OBJECT) else None
    return open_lone(row) if branched is None else open_branches(row, branched)


def open_branches(row: Any, branched: Branches) -> tuple[Mapping[str, Any], Envelope]:
    """Return the same of a row whose branches are known."""
    return branched.body, Envelope("", row, branches=branched.branches)


def open_lone(row: object) -> tuple[Mapping[str, Any], Envelope]:
    """Return the same of a row without branches."""
    if isinstance(row, LIST):
        return {_list_key(row): row}, _BARE_ROW
    if isinstance(row, str):
        return {"text": row}, _BARE_ROW
    if not isinstance(row, OBJECT):
        message = f"expected an object with messages or a list of messages, got {describe(row)}"
        raise refusal("messages-missing", message, "messages")
    for name in BODIES if row.keys().isdisjoint(LISTS) else ():
        if isinstance(row.get(name), OBJECT) and not alpaca.recognize(row):
            return row[name], Envelope("", without_keys(row, name), (name,))
    if isinstance(row.get(_STATE), OBJECT) and "messages" in row[_STATE] and row.keys().isdisjoint(LISTS):
        return row[_STATE], Envelope("", without_keys(row, _STATE), (_STATE,))
    outer, inner = _COUNTED
    counted = row.get(outer)
    if (
        counted is not None
        and isinstance(counted, OBJECT)
        and counted.keys() == {inner}
        and isinstance(counted[inner], Mapping)
    ):
        return counted[inner], Envelope("", without_keys(row, outer), _COUNTED)
    return row, _BODY


_BODY, _BARE_ROW = Envelope(""), Envelope("", bare=True)


def columns_read(names: Sequence[str]) -> Sequence[str]:
    """Return those columns of a table that were named or say anything to a format; all where none was named."""
    told = columns.further_names()
    if told.isdisjoint(names):
        return names
    signs = (formats.get(name).signs for name in formats.FORMATS)
    known = {*told, *BODIES, *sniff.BODY, *formats.telling()}.union(*signs)
    return [name for name in names if name in known]


def body_of(row: Any, envelope: Envelope) -> Mapping[str, Any]:
    """Return the body of a row whose envelope is known."""
    is_body = not (envelope.bare or envelope.path or envelope.branches)
    body: Mapping[str, Any] = row if is_body else open_row(row)[0]
    return body


def list_body(row: Sequence[Any], list_key: str) -> dict[str, Any]:
    """Return the body of a row that is a list by itself, of a format whose bodies have their list under *list_key*."""
    return {list_key if list_key in _BARE else "messages": row}


def _list_key(row: Sequence[Any]) -> str:
    """Tell by the elements of a bare list under which key a body has it."""
    items = [item for item in row if isinstance(item, Mapping)]
    if items and all(map(_has_parts, items)):
        return _BARE[0]
    return _BARE[1] if any(map(_is_item, items)) else "messages"


_BARE = ("contents", "input")  # lists whose elements are detected from messages
_ITEMS = frozenset(("function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"))
_TEXTS = frozenset(("input_text", "output_text"))


def _has_parts(item: Mapping[str, Any]) -> bool:
    """Return whether an element has parts without a type, in place of a content."""
    parts = item.get("parts")
    if not isinstance(parts, LIST) or not {"role", "parts"} >= item.keys():
        return False
    return all(isinstance(part, Mapping) and part.keys().isdisjoint(("type", "kind", "part_kind")) for part in parts)


def _is_item(item: Mapping[str, Any]) -> bool:
    """Return whether an element is a call or a result by itself, or a message that says that it is one."""
    kind, content = item.get("type"), item.get("content")
    if kind != "message":
        return isinstance(kind, str) and kind in _ITEMS and ("call_id" in item)
    parts = content if isinstance(content, LIST) else ()
    return any(isinstance(part, Mapping) and part.get("type") in _TEXTS for part in parts)


def close_row(body: dict[str, Any], envelope: Envelope | None) -> Any:
    """Put *body* back into the row that it came from; the inverse of :func:`open_row`."""
    if envelope is None:
        return body
    if envelope.branches:
        return close_branches(body, envelope.row, envelope.branches)
    if envelope.path:
        for key in envelope.path[:0:-1]:
            body = {key: body}
        return {**envelope.row, envelope.path[0]: body}
    if envelope.bare and len(body) == 1:
        return next(iter(body.values()))
    return body


def close_branches(body: Mapping[str, Any], row: Mapping[str, Any], parts: Sequence[Branch]) -> dict[str, Any]:
    """Return *row* with what is in *body* now: the inverse of ``find``; the order of keys stays."""
    items = next(value for key, value in body.items() if key in LISTS and isinstance(value, LIST))
    rest = {key: value for key, value in body.items() if value is not items}
    known = branches.find(row) if columns.has_entries(row) else None
    for name, paths in known.origins.items() if known is not None else ():
        rest = _gathered(rest, name, paths)
    if branches.is_exchange(row):
        return _close_exchange(items, rest, row, parts)
    values = dict(zip((branch.path for branch in parts), branches.split(items, parts), strict=True))
    names = {branch.path[0] for branch in parts}
    out: dict[str, Any] = {}
    for key, old in row.items():
        inner = [path for path in values if path[0] == key and len(path) > 1]
        if key == RANKED and inner:
            out[key] = old
            for path in inner:
                out[key] = edit(out[key], path[1:], partial(_instead, values[path]))
        elif inner:
            out[key] = _in_order(old, {inner[0][1]: values[inner[0]], **rest})
            rest = {}
        elif key in names:
            said = columns.messages_in(old) if isinstance(old, str) else []
            out[key] = old if said and said == columns.messages_in(values[key,]) else values[key,]
        elif key in rest:
            out[key] = rest[key]
        elif any(path[0] == "input" and len(path) > 1 for path in values):
            out[key] = old
    return out | without_keys(rest, *out)


def _gathered(rest: Mapping[str, Any], name: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Return the entries of a column where they were, those that were shared once."""
    new = without_keys(rest, name)
    for path, entry in zip(paths, rest.get(name, ()), strict=False):
        if len(path) == 1:
            new[str(path[0])] = entry
        elif path[1] == len(new.setdefault(str(path[0]), [])):
            new[str(path[0])].append(entry)
    return new


def _close_exchange(
    items: Sequence[Any], rest: Mapping[str, Any], row: Mapping[str, Any], parts: Sequence[Branch]
) -> dict[str, Any]:
    """Return Alpaca's row with two answers; one with lists of messages where a text became something else."""
    old = branches.find(row)
    values = list(branches.split(items, parts))
    texts = [value for value, branch in zip(values, parts, strict=True) if branch.shape == "text"]
    if old is None or not all(isinstance(value, str) for value in texts):
        return branches.in_lists(items, rest, parts)
    changed = {
        branch.path: value
        for branch, value, before in zip(parts, values, branches.split(old.items, parts), strict=True)
        if not same(value, before)
    }
    kept = {key: value for key, value in row.items() if key in rest or key not in old.rest}
    new = {**kept, **rest}
    for path, value in changed.items():
        new[str(path[0])] = edit(new[str(path[0])], path[1:], partial(_instead, value)) if len(path) > 1 else value
        after = alpaca.Names.within(new).after
        if len(path) == 1 and path[0] in alpaca.QUERIES and isinstance(new.get(after), str) and path[0] != after:
            new[after] = ""
    return {key: new[key] for key in row if key in new} | new


def _instead(new: Any, _: Any) -> Any:
    return new


def _in_order(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: new[key] for key in old if key in new}, **new}
