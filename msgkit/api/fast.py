"""The fast ways of load and dumps: for plain Chat Completions, which most rows are; None where they have no opinion."""

from typing import Any

import msgspec

from msgkit import formats, structuring
from msgkit.formats import envelopes
from msgkit.jsontext.fast import count_strings, holds
from msgkit.jsontext.values import MAX_DEPTH, check_value, without_keys
from msgkit.model.base import NOTHING, PLAIN
from msgkit.model.messages import Conversation, Envelope
from msgkit.structuring.wire import blank

_encode = msgspec.json.Encoder().encode
_AROUND = {bare: Envelope(formats.DEFAULT, bare=bare) for bare in (False, True)}


def load_plain(row: Any, raw: bytes | None = None, quotes: int = 0) -> Conversation | None:
    """Load plain Chat Completions, proved to be JSON, in one walk; *raw* is the text that *row* was read from."""
    bare = type(row) is list
    if not row or not (bare or type(row) is dict):
        return None
    messages = row if bare else row.get("messages")
    if not bare and len(row) > 1 and not formats.is_plain_request(row):
        return None
    extra = NOTHING if bare or len(row) == 1 else without_keys(row, "messages")
    if raw is None:
        values = structuring.load_plain_messages(messages) if extra is NOTHING or not check_value(extra) else None
    else:
        loaded = structuring.load_decoded_messages(messages)
        if loaded is None:
            return None
        values, strings = loaded
        try:
            strings += not bare if extra is NOTHING else count_strings(extra, MAX_DEPTH) + 1
        except ValueError:  # too deep
            return None
        if quotes != 2 * strings and not holds(raw, row, strings, quotes):
            return None
    if not values:
        return None
    conversation: Any = blank(Conversation)()
    conversation.messages, conversation.extra, conversation.form = values, extra, PLAIN
    conversation.envelope = _AROUND[bare]
    conversation.__class__ = Conversation
    plain: Conversation = conversation
    return plain


def dumps_plain(conversation: Conversation, format_name: str | None) -> bytes | None:
    """Return plain Chat Completions as JSON text in one walk; None if ``dump`` must decide."""
    envelope, extra = conversation.envelope, conversation.extra
    if envelope is None or envelope.format != formats.DEFAULT or format_name not in (None, formats.DEFAULT):
        return None
    messages = structuring.dump_messages(conversation.messages, known=True)
    if messages is None or conversation.form:
        return None
    body = {"messages": messages} if extra is NOTHING else {"messages": messages, **extra}
    if any(around is not NOTHING and check_value(around) for around in (extra, envelope.row)):
        return None
    try:
        return _encode(envelopes.close_row(body, envelope))
    except UnicodeEncodeError:
        return None
