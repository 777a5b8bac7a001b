"""Payloads to conversations and back: load, dump, loads, dumps, to_dict, from_dict."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, cast

import attrs

from msgkit import data_url, formats, structuring
from msgkit.api.fast import dumps_plain, load_plain
from msgkit.errors import EXPECTED, InvalidMessageError, Issue, LossError, internal_error, quote, refusal
from msgkit.formats import Format, Loaded, batch, branch_parts, branches, envelopes
from msgkit.jsontext import fast
from msgkit.jsontext.values import OBJECT, check_value, type_of
from msgkit.model.base import PLAIN
from msgkit.model.calls import TOOL_CALLS, AnyToolCall
from msgkit.model.messages import Conversation, Envelope, Message
from msgkit.model.parts import ContentPart
from msgkit.structuring.wire import changed

Payload = Any
_Row = dict[str, Any] | list[Any]


def plain(value: Any) -> Any:
    """Return *value* with every SDK object in it as a dict; what is plain already is returned as it is."""
    if value is None or isinstance(value, str | int | float | bytes | type):
        return value
    if isinstance(value, dict):
        changes = {key: new for key, item in value.items() if (new := plain(item)) is not item}
        return {**value, **changes} if changes else value
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if isinstance(value, Conversation):
        return written(value)[0]
    if attrs.has(type(value)):
        return to_dict(value)
    if hasattr(value, "to_json_dict"):  # google-genai: its media are bytes
        return plain(_with_base64(value.model_dump(exclude_none=True)))
    for name in ("to_dict", "model_dump"):
        method = getattr(value, name, None)
        if callable(method):
            return plain(method())
    return dict(value) if isinstance(value, Mapping) else value


def _with_base64(value: Any) -> Any:
    """Return what an SDK's object holds with its bytes as JSON has them."""
    if isinstance(value, bytes):
        return data_url.encode(value)
    if isinstance(value, dict):
        return {key: _with_base64(item) for key, item in value.items()}
    return [_with_base64(item) for item in value] if isinstance(value, list) else value


def load(payload: Payload, format: str | None = None) -> Conversation:  # noqa: A002 (the field's word)
    """
    Return *payload* as a Conversation; ``dump`` gives the same payload back.

    Args:
        payload: A request body, a list of messages, a line of a Batch file or another row, as dicts and lists; or what
            an SDK hands back, an object with ``to_dict()`` or ``model_dump()``. It is not changed.

        format: Its format; detected from its shape when None.

    Raises:
        InvalidMessageError: With every structural issue and its path.

        UnknownNameError: If there is no such format.

    >>> load([{"role": "user", "content": "Hello"}]).messages
    (Message(user, 'Hello'),)
    """
    _, loaded = open_payload(payload, format)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    return loaded.conversation


def open_payload(payload: Payload, format_name: str | None, *, is_json: bool = False) -> tuple[Any, Loaded]:
    """Return *payload* as dicts and lists, and loaded; raise only where nothing can be loaded."""
    if format_name in (None, formats.DEFAULT) and (conversation := load_plain(payload)) is not None:
        return payload, Loaded(conversation)
    if is_json:
        return payload, load_row(payload, format_name)
    row, faults = plain_row(payload)
    try:
        loaded = load_row(row, format_name)
    except InvalidMessageError as error:
        raise InvalidMessageError([*faults, *error.issues]) from None
    return row, attrs.evolve(loaded, issues=(*faults, *loaded.issues)) if faults else loaded


_NO_JSON = frozenset(("json-too-deep", "type-mismatch"))


def plain_row(payload: Payload) -> tuple[Any, list[Issue]]:
    """Return *payload* as dicts and lists, and what in it is no JSON; most are plain already, which one walk proves."""
    if isinstance(payload, bytes | bytearray | PurePath):
        remedy = "read() reads files" if isinstance(payload, PurePath) else "loads() reads JSON text"
        message = f"expected dicts and lists, got {type(payload).__name__}; {remedy}"
        raise refusal("type-mismatch", message)
    faults = _unfit(payload)
    if not faults:
        return payload, []
    from msgkit.media.values import as_json  # Pillow, arrays and bytes: most rows have none

    try:
        row = plain(as_json(payload))
    except EXPECTED:
        raise
    except Exception:  # noqa: BLE001 (objects of others may raise anything; what they are in JSON is unknown)
        raise InvalidMessageError(faults) from None
    faults = _unfit(row)
    if any(issue.code in _NO_JSON for issue in faults):  # a circle, or what no rule is made for
        raise InvalidMessageError(faults)
    return row, faults


def _unfit(row: Any) -> list[Issue]:
    """Return what in *row* is no JSON, with the paths of a bare list as those of its messages."""
    faults = check_value(row)
    if isinstance(row, list | tuple):
        return [attrs.evolve(issue, path=f"messages{issue.path}") for issue in faults]
    return faults


def load_row(row: Any, format_name: str | None) -> Loaded:
    """Load a row of plain JSON values; only a row that is neither object nor list raises."""
    branched = branches.find(row) if isinstance(row, OBJECT) else None
    body, envelope = envelopes.open_lone(row) if branched is None else envelopes.open_branches(row, branched)
    asked = format_name or "of the row"
    try:
        recognized = formats.get(format_name) if format_name else _recognize(body, envelope)
        own = recognized or formats.get(formats.DEFAULT)
        asked = own.name
        if format_name and isinstance(row, list | tuple):
            body = envelopes.list_body(row, own.list_key)
        loaded = own.load(body, envelope.path)
    except EXPECTED:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a format raises costs its row alone)
        raise InvalidMessageError([internal_error(f"the format {asked}", error)]) from None
    if recognized is None:
        issue = _unknown_text(row) if isinstance(row, str) else formats.unknown(body, envelope.path)
        loaded = attrs.evolve(loaded, issues=(issue,))
    if branched is not None:
        loaded = branch_parts.in_row(loaded, branched)
    conversation = loaded.conversation
    around = changed(envelope, format=own.name, loaded=conversation)
    return Loaded(changed(conversation, envelope=around), loaded.issues, loaded.places, branched)


def _recognize(body: Mapping[str, Any], envelope: Envelope) -> Format | None:
    """Return the format of a body by its keys, or by the Batch line that it is in."""
    recognized = formats.recognize(body)
    if envelope.path and recognized is formats.get(formats.DEFAULT):
        name = batch.format_in(envelope.path[0], envelope.row)
        if name is not None and formats.get(name).list_key == recognized.list_key:
            return formats.get(name)
    return recognized


def _unknown_text(text: str) -> Issue:
    remedy = "; loads() reads JSON text" if text.lstrip().startswith(("{", "[")) else ""
    message = f"expected an object with messages or a list of messages, got a string{remedy}"
    return Issue("messages", "messages-missing", "error", message)


def dump(conversation: Conversation, format: str | None = None) -> dict[str, Any] | list[Any]:  # noqa: A002
    """
    Return *conversation* as dicts and lists, in the form that it was loaded in.

    Args:
        conversation: Loaded or new; a new one gives ``{"messages": [...]}``.

        format: The format to write; that which it was loaded from when None, else ``openai``.

    Raises:
        LossError: Everything that the format cannot hold; what was put into the conversation since it was loaded, too.

    >>> dump(load([{"role": "user", "content": "Hello"}]))
    [{'role': 'user', 'content': 'Hello'}]
    """
    envelope = _known(conversation).envelope
    if format in (None, envelope.format if envelope else formats.DEFAULT):
        from msgkit.conversion import write_back  # here and below: who only reads rows need not wait for it

        body, losses = write_back.write(conversation)
        if losses:
            raise LossError(losses)
        return cast(_Row, envelopes.close_row(body, envelope))
    row, conversation = written(conversation)
    if envelope is None:
        conversation = attrs.evolve(conversation, envelope=Envelope(formats.of_new(row)))
    from msgkit.conversion import proof

    return cast(_Row, proof.convert(row, conversation, format).payload)


def _known(value: object) -> Conversation:
    if not isinstance(value, Conversation):
        raise TypeError(f"expected a Conversation, got {quote(value)}; Conversation([...]) makes one of messages")
    return value


def written(conversation: Conversation) -> tuple[Payload, Conversation]:
    """Return a conversation's row, and the conversation: as Chat Completions where its own format is too narrow."""
    from msgkit.conversion import write_back

    body, losses = write_back.write(conversation)
    if losses:
        around = attrs.evolve(cast(Envelope, conversation.envelope), format=formats.DEFAULT, loaded=None)
        conversation = attrs.evolve(conversation, envelope=around, form=PLAIN)
        body = formats.get(formats.DEFAULT).dump(conversation)
    return envelopes.close_row(body, conversation.envelope), conversation


def dumps(conversation: Conversation, format: str | None = None) -> bytes:  # noqa: A002
    """
    Return *conversation* as JSON, in UTF-8: the inverse of :func:`loads`; *format* as for :func:`dump`.

    >>> dumps(load([{"role": "user", "content": "Hello"}]))
    b'[{"role":"user","content":"Hello"}]'
    """
    return dumps_plain(_known(conversation), format) or fast.dumps(dump(conversation, format))


def loads(blob: bytes | str, format: str | None = None) -> Conversation:  # noqa: A002
    """
    Return the JSON text of a row as a Conversation, reading strictly; *format* as for :func:`load`.

    Raises:
        InvalidMessageError: With every issue: duplicate keys, numbers that are not finite, lone surrogates, too deep
            nesting, and whatever :func:`load` refuses.

    >>> loads(b'{"messages": [{"role": "user", "content": "Hello"}]}')
    Conversation(1 message)
    """
    raw = blob.encode("utf-8", "surrogatepass") if isinstance(blob, str) else blob
    if not isinstance(raw, bytes | bytearray | memoryview):
        raise TypeError(f"expected JSON text, got {quote(raw)}; load() takes dicts and lists")
    row, conversation = read_json(raw, format)
    if conversation is not None:
        return conversation
    loaded = load_row(row, format)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    return loaded.conversation


def read_json(raw: bytes, format_name: str | None = None) -> tuple[Any, Conversation | None]:
    """Read a JSON text once; return the row, and its conversation where the fast way has an opinion."""
    row, quotes = fast.read(raw)
    conversation = load_plain(row, raw, quotes) if format_name in (None, formats.DEFAULT) else None
    return row if conversation is not None else fast.proved(raw, row, quotes), conversation


def to_dict(value: Any) -> Any:
    """
    Return a message, a content part or a tool call as a dict.

    >>> from msgkit import user
    >>> to_dict(user("Hello"))
    {'role': 'user', 'content': 'Hello'}
    """
    return structuring.dump_value(value)


def from_dict(data: Any) -> Any:
    """
    Return a dict as a Message, a content part or a tool call, as its keys tell.

    Raises:
        InvalidMessageError: With every issue, its path relative to *data*.

    >>> from_dict({"type": "text", "text": "Hello"})
    TextPart('Hello')
    """
    data = plain(data)
    if not isinstance(data, Mapping) or "role" in data or "author" in data:
        return structuring.load_value(data, Message)
    return structuring.load_value(data, cast(Any, AnyToolCall if type_of(data) in TOOL_CALLS else ContentPart))
