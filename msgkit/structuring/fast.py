"""
The fast ways between JSON and messages: each gives what the hooks that explain would give, or has no opinion (None).

JSON text is read to dicts first; then one walk makes the values, and counts the strings of the text.
"""

from typing import Any, cast

from msgkit.model.messages import Message
from msgkit.structuring.generator import UNSURE, dump_function, load_function


def load_messages(data: Any) -> tuple[Message, ...] | None:
    """
    Return a list of messages as values; None if the hooks must decide.

    >>> load_messages([{"role": "user", "content": "Hello"}])
    (Message(user, 'Hello'),)
    >>> load_messages([{"role": "usr", "content": "Hello"}]) is None
    True
    """
    try:
        return cast(tuple[Message, ...], load_function()(data))
    except UNSURE:
        return None


def load_plain_messages(data: Any) -> tuple[Message, ...] | None:
    """
    Return messages that have only what Chat Completions have, and that are JSON; None if that is not proved.

    >>> load_plain_messages([{"role": "user", "content": "Hello", "channel": "final"}]) is None
    True
    """
    try:
        return cast(tuple[Message, ...], load_function(plain=True)(data))
    except UNSURE:
        return None


def load_decoded_messages(data: Any) -> tuple[tuple[Message, ...], int] | None:
    """
    Return the same of messages that a JSON reader made, and how many strings and keys they have.

    >>> load_decoded_messages([{"role": "user", "content": "Hello"}])
    ((Message(user, 'Hello'),), 4)
    """
    try:
        return cast(tuple[tuple[Message, ...], int], load_function(plain=True, decoded=True)(data))
    except UNSURE:
        return None


def dump_messages(messages: object, *, known: bool = False, noted: bool = False) -> list[dict[str, Any]] | None:
    """
    Return a tuple of messages as JSON objects; None if the hooks must decide.

    Args:
        messages: The messages.

        known: Refuse keys that no class knows: then what comes out is JSON for certain, except for lone surrogates.

        noted: Write each object's ``form`` under FORM and no spelling.

    >>> from msgkit.model.messages import user
    >>> dump_messages((user("Hello"),))
    [{'role': 'user', 'content': 'Hello'}]
    """
    try:
        return cast(list[dict[str, Any]], dump_function(known=known, noted=noted)(messages))
    except UNSURE:
        return None
