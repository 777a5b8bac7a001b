"""What surrounds the messages of a row: a request body, a bare list, a line of a Batch file, or several branches."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgkit.errors import InvalidMessageError, Issue, describe
from msgkit.formats import branches
from msgkit.formats.branches import LISTS
from msgkit.jsontext.values import OBJECT
from msgkit.model.messages import Envelope

BODIES = ("body", "params", "request", "modelInput")  # of Batch lines: OpenAI and Mistral, Anthropic, Gemini, Bedrock
_COUNTED = ("input", "converse")  # where Bedrock's CountTokens has its body


def open_row(row: object) -> tuple[Mapping[str, Any], Envelope]:
    """Return the body of a row, and the envelope (its format still unnamed); a text is the body ``{"text": ...}``."""
    if isinstance(row, list | tuple):
        return {_list_key(row): row}, Envelope("", bare=True)
    if isinstance(row, str):
        return {"text": row}, Envelope("", bare=True)
    if not isinstance(row, OBJECT):
        message = f"expected an object with messages or a list of messages, got {describe(row)}"
        raise InvalidMessageError([Issue("messages", "messages-missing", "error", message)])
    branched = branches.find(row)
    if branched is not None:
        return branched.body, Envelope("", row, branches=branched.branches)
    for name in BODIES if row.keys().isdisjoint(LISTS) else ():
        if isinstance(row.get(name), OBJECT):
            return row[name], Envelope("", _without(row, name), (name,))
    outer, inner = _COUNTED
    counted = row.get(outer)
    if (
        counted is not None
        and isinstance(counted, OBJECT)
        and counted.keys() == {inner}
        and isinstance(counted[inner], Mapping)
    ):
        return counted[inner], Envelope("", _without(row, outer), _COUNTED)
    return row, Envelope("")


def body_of(row: Any, envelope: Envelope) -> Mapping[str, Any]:
    """Return the body of a row whose envelope is known."""
    is_body = not (envelope.bare or envelope.path or envelope.branches)
    body: Mapping[str, Any] = row if is_body else open_row(row)[0]
    return body


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


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
    if not isinstance(parts, list | tuple) or not {"role", "parts"} >= item.keys():
        return False
    return all(isinstance(part, Mapping) and part.keys().isdisjoint(("type", "kind", "part_kind")) for part in parts)


def _is_item(item: Mapping[str, Any]) -> bool:
    """Return whether an element is a call or a result by itself, or a message that says that it is one."""
    kind, content = item.get("type"), item.get("content")
    if kind != "message":
        return isinstance(kind, str) and kind in _ITEMS and ("call_id" in item)
    parts = content if isinstance(content, list | tuple) else ()
    return any(isinstance(part, Mapping) and part.get("type") in _TEXTS for part in parts)


def close_row(body: dict[str, Any], envelope: Envelope | None) -> Any:
    """Put *body* back into the row that it came from; the inverse of :func:`open_row`."""
    if envelope is None:
        return body
    if envelope.branches:
        return branches.close(body, envelope.row, envelope.branches)
    if envelope.path:
        for key in envelope.path[:0:-1]:
            body = {key: body}
        return {**envelope.row, envelope.path[0]: body}
    if envelope.bare and len(body) == 1:
        return next(iter(body.values()))
    return body
