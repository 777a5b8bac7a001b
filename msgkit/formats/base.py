"""What every format module offers, and what the formats share."""

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from msgkit.errors import InvalidMessageError, Issue, Path, describe, join_path
from msgkit.escaping import row_path
from msgkit.model.messages import Author, Conversation, Message
from msgkit.model.parts import NOTHING
from msgkit.structuring import dump_value, load_value

NOBODY = Message(Author(""))  # stands for what is no message, so that indexes stay true


@attrs.frozen
class Loaded:
    """
    A body as a conversation, with what was wrong with it.

    Args:
        conversation: The best value that could be built; complete and exact when there are no issues.

        issues: Every structural issue, with row-relative paths.

        places: For formats whose shape is not the values' own: the path of a value -> the path in the row, by prefix.
    """

    conversation: Conversation
    issues: tuple[Issue, ...] = ()
    places: Mapping[Path, Path] = NOTHING  # type: ignore[assignment]

    def place(self, path: Path) -> Path:
        """Translate the path of a value into the path in the row."""
        envelope = self.conversation.envelope
        return row_path(path, self.places, envelope.path if envelope is not None else ())


class Format(Protocol):
    """
    One JSON shape of a conversation: a module with these names.

    ``dump(load(body, ()).conversation) == body`` for every body that loads without issues.
    """

    NAME: str
    """The name users give: ``openai``."""

    TITLE: str
    """One line that says what the shape is."""

    HOLDS: Any
    """What the shape has a place for: a ``Holds``."""

    def recognize(self, body: Mapping[str, Any]) -> bool:
        """Tell from the keys alone whether *body* has this shape; formats that are asked earlier are more special."""

    def load(self, body: Mapping[str, Any], at: Path) -> Loaded:
        """Load *body*, which stands at *at* in its row; never raises for bad input."""

    def dump(self, conversation: Conversation) -> dict[str, Any]:
        """Return the body; what this shape has no place for must have been cut before."""


def load_messages(body: Mapping[str, Any], at: Path) -> Loaded:
    """
    Load ``{"messages": [...], ...}`` whose messages have the values' own shape; the other keys are kept in ``extra``.

    >>> load_messages({"messages": [{"role": "user", "content": "Hello"}]}, ()).conversation
    Conversation(1 message)
    >>> load_messages({}, ()).issues[0].code
    'messages-missing'
    """
    at = (*at, "messages")
    found = body.get("messages")
    extra = {key: value for key, value in body.items() if key != "messages"} or NOTHING
    if not isinstance(found, list | tuple):
        got = describe(found) if "messages" in body else "nothing"
        issue = Issue(join_path(at), "messages-missing", "error", f"expected a list of messages, got {got}")
        return Loaded(Conversation((), extra=extra), (issue,))
    issues: tuple[Issue, ...] = ()
    try:
        messages = load_value(found, tuple[Message, ...], at)
    except InvalidMessageError as error:
        messages, issues = tuple(message or NOBODY for message in error.partial), error.issues
    if not found:
        issues = (Issue(join_path(at), "messages-empty", "error", "expected at least one message, got none"),)
    return Loaded(Conversation(messages, extra=extra), issues)


def dump_messages(conversation: Conversation) -> dict[str, Any]:
    """
    Return ``{"messages": [...]}`` and the other keys: the inverse of :func:`load_messages`.

    >>> dump_messages(load_messages({"messages": [{"role": "user", "content": "Hello"}]}, ()).conversation)
    {'messages': [{'role': 'user', 'content': 'Hello'}]}
    """
    return {"messages": dump_value(conversation.messages), **conversation.extra}
