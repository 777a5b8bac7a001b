"""What surrounds the messages of a row: a request body, a bare list, a line of a Batch file, or several branches."""

from collections.abc import Mapping
from typing import Any

from msgkit.errors import InvalidMessageError, Issue, describe
from msgkit.formats import branches
from msgkit.formats.branches import LISTS
from msgkit.model.messages import Envelope

BODIES = ("body", "params", "request", "modelInput")  # of Batch lines: OpenAI and Mistral, Anthropic, Gemini, Bedrock


def open_row(row: object) -> tuple[Mapping[str, Any], Envelope]:
    """Return the body of a row, and the envelope (its format still unnamed); a text is the body ``{"text": ...}``."""
    if isinstance(row, list | tuple):
        return {"messages": row}, Envelope("", bare=True)
    if isinstance(row, str):
        return {"text": row}, Envelope("", bare=True)
    if not isinstance(row, Mapping):
        message = f"expected an object with messages or a list of messages, got {describe(row)}"
        raise InvalidMessageError([Issue("messages", "messages-missing", "error", message)])
    found = branches.find(row)
    if found is not None:
        return found.body, Envelope("", row, branches=found.branches)
    for name in BODIES if row.keys().isdisjoint(LISTS) else ():
        if isinstance(row.get(name), Mapping):
            rest = {key: value for key, value in row.items() if key != name}
            return row[name], Envelope("", rest, (name,))
    return row, Envelope("")


def close_row(body: dict[str, Any], envelope: Envelope | None) -> Any:
    """Put *body* back into the row that it came from; the inverse of :func:`open_row`."""
    if envelope is None:
        return body
    if envelope.branches:
        return branches.close(body, envelope.row, envelope.branches)
    if envelope.path:
        return {**envelope.row, envelope.path[0]: body}
    if envelope.bare and len(body) == 1:
        return next(iter(body.values()))
    return body
