"""
What msgkit does, as short functions that join the layers below.

A *payload* is what people have: a request body, a bare list of messages, a Batch line, as dicts and lists, or what
an SDK hands back (an object with ``to_dict()`` or ``model_dump()``). Functions never change what they are given.
"""

import os
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import attrs

from msgkit import conversion, converters, envelopes, formats, rules, targets, transfer
from msgkit.conversion import Conversion, OnLoss
from msgkit.errors import InvalidMessageError, Issue, Loss, Path
from msgkit.formats import Loaded
from msgkit.media.limits import DEFAULT as LIMITS
from msgkit.media.options import PLAIN as OPTIONS
from msgkit.media.options import Options
from msgkit.media.references import check_reference
from msgkit.media.sources import Root
from msgkit.media.store import Store
from msgkit.messages import Conversation, Envelope, Message
from msgkit.parts import TOOL_CALLS, AnyToolCall, ContentPart
from msgkit.records import strict
from msgkit.records.values import check_value
from msgkit.transfer import Moved

Payload = Any
Place = str | os.PathLike[str]
P = TypeVar("P")


def plain(value: Any) -> Any:
    """
    Return *value* with every SDK object in it as a dict; what is plain already is returned as it is.

    >>> plain({"messages": ({"role": "user"},)})
    {'messages': ({'role': 'user'},)}
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        changed = {key: new for key, item in value.items() if (new := plain(item)) is not item}
        return {**value, **changed} if changed else value
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if isinstance(value, Conversation):
        return dump(value)
    if attrs.has(type(value)):
        return to_dict(value)
    for name in ("to_dict", "model_dump"):
        method = getattr(value, name, None)
        if callable(method):
            return plain(method())
    return dict(value) if isinstance(value, Mapping) else value


def load(payload: Payload, format: str | None = None) -> Conversation:  # noqa: A002 (the field's word)
    """
    Return *payload* as a Conversation; ``dump`` gives the same payload back.

    Args:
        payload: A row; see the module.

        format: Its format; told from its shape when None.

    Raises:
        InvalidMessageError: With every structural issue and its path.

        UnknownNameError: If there is no such format.

    >>> load([{"role": "user", "content": "Hello"}]).messages
    (Message(user, 'Hello'),)
    """
    row, faults = _row(payload)
    loaded = _load(row, format)
    if faults or loaded.issues:
        raise InvalidMessageError([*faults, *loaded.issues])
    return loaded.conversation


def _row(payload: Payload) -> tuple[Any, list[Issue]]:
    """Return *payload* as dicts and lists, and what in it is no JSON; most are plain already, which one walk proves."""
    faults = _unfit(payload)
    if not faults:
        return payload, []
    try:
        row = plain(payload)
    except RecursionError:
        raise InvalidMessageError(faults) from None
    faults = _unfit(row)
    if any(issue.code == "json-too-deep" for issue in faults):  # nothing walks into what may be a circle
        raise InvalidMessageError(faults)
    return row, faults


def _unfit(row: Any) -> list[Issue]:
    """Return what in *row* is no JSON, with the paths of a bare list as those of its messages."""
    faults = check_value(row)
    if isinstance(row, list | tuple):
        return [attrs.evolve(issue, path=f"messages{issue.path}") for issue in faults]
    return faults


def _load(row: Any, format_name: str | None) -> Loaded:
    """Load a row of plain JSON values; only a row that is neither object nor list raises."""
    body, envelope = envelopes.open_row(row)
    found = formats.get(format_name) if format_name else formats.recognize(body) or formats.get("openai")
    loaded = found.load(body, envelope.path)
    envelope = attrs.evolve(envelope, format=found.NAME)
    return attrs.evolve(loaded, conversation=attrs.evolve(loaded.conversation, envelope=envelope))


def dump(conversation: Conversation, format: str | None = None) -> Payload:  # noqa: A002
    """
    Return *conversation* as dicts and lists, in the form that it was loaded in.

    Args:
        conversation: Loaded or new; a new one gives ``{"messages": [...]}``.

        format: The format to write; that which it was loaded from when None, else ``openai``.

    Raises:
        LossError: Everything that the format cannot hold.

    >>> dump(load([{"role": "user", "content": "Hello"}]))
    [{'role': 'user', 'content': 'Hello'}]
    """
    envelope = conversation.envelope
    own = envelope.format if envelope else "openai"
    row = envelopes.close_row(formats.get(own).dump(conversation), envelope)
    return row if format in (None, own) else conversion.convert(row, conversation, cast(str, format)).payload


def dumps(conversation: Conversation, format: str | None = None) -> bytes:  # noqa: A002
    """
    Return *conversation* as JSON, in UTF-8.

    >>> dumps(load([{"role": "user", "content": "Hello"}]))
    b'[{"role":"user","content":"Hello"}]'
    """
    return strict.dumps(dump(conversation, format))


def loads(blob: bytes | str, format: str | None = None) -> Conversation:  # noqa: A002
    """
    Return a JSON text as a Conversation: the inverse of :func:`dumps`, reading strictly.

    Raises:
        InvalidMessageError: With every issue: duplicate keys, numbers that are not finite, lone surrogates, too deep
            nesting, and whatever :func:`load` refuses.

    >>> loads(b'{"messages": [{"role": "user", "content": "Hello"}]}')
    Conversation(1 message)
    """
    return load(strict.loads(blob.encode() if isinstance(blob, str) else blob), format)


def to_dict(value: Any) -> Any:
    """
    Return a message, a content part or a tool call as a dict.

    >>> from msgkit import user
    >>> to_dict(user("Hello"))
    {'role': 'user', 'content': 'Hello'}
    """
    return converters.dump_value(value)


def from_dict(data: Any) -> Any:
    """
    Return a dict as a Message, a content part or a tool call, as its keys tell.

    Raises:
        InvalidMessageError: With every issue, its path relative to *data*.

    >>> from_dict({"type": "text", "text": "Hello"})
    TextPart('Hello')
    """
    data = plain(data)
    kind = data.get("type") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or "role" in data or "author" in data:
        return converters.load_value(data, Message)
    return converters.load_value(data, cast(Any, AnyToolCall if kind in TOOL_CALLS else ContentPart))


def check(
    payload: Payload,
    target: str | None = None,
    root: Place | None = None,
    *,
    format: str | None = None,  # noqa: A002
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    ready: bool = False,
) -> list[Issue]:
    """
    Return every issue of *payload*; bad input never raises.

    Args:
        payload: A row; see the module.

        target: Whose rules and limits hold; the target named like the format when None.

        root: The folder that references may name files in; without it they are not opened.

        format: The format of *payload*; told from its shape when None.

        select: Codes or families to report; all when None.

        ignore: Codes or families to leave out.

        ready: The payload is to be sent as it is, so local references are errors.

    Raises:
        UnknownNameError: If there is no such target, format or code.

    >>> [issue.code for issue in check({"messages": [{"role": "usr", "content": "Hello"}]})]
    ['role-unknown']
    """
    faults: list[Issue] = []
    try:
        row, faults = _row(payload)
        loaded = _load(row, format)
    except InvalidMessageError as error:
        return [*faults, *error.issues]
    if faults:
        loaded = attrs.evolve(loaded, issues=(*faults, *loaded.issues))
    found = targets.get(target or _target_like(cast(Envelope, loaded.conversation.envelope).format))
    return rules.run(
        loaded,
        found,
        opener=None if root is None else Root(root).window,
        grammar=check_reference,
        bounds=LIMITS,
        select=select,
        ignore=ignore,
        ready=ready,
    )


def validate(payload: Payload, target: str | None = None, root: Place | None = None, **options: Any) -> None:
    """
    Raise if ``check`` finds an error; warnings pass.

    Raises:
        InvalidMessageError: With all issues, warnings among them.

    >>> validate([{"role": "user", "content": "Hello"}])
    """
    issues = check(payload, target, root, **options)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidMessageError(issues)


def inline(
    payload: P,
    root: Place | None = None,
    target: str | None = None,
    *,
    format: str | None = None,  # noqa: A002
    **options: Any,
) -> P:
    """
    Put the files that *payload* names into it as base64 parts, made to fit *target*.

    Nothing but media changes; what fits goes through byte for byte. Remote URLs stay as they are.

    Args:
        payload: A row, or a Conversation; the same comes back.

        root: The folder that references may not leave; without it every local reference is refused.

        target: Whose limits hold. When given, media that are inline already are made to fit, too; when None, the
            target named like the format holds for what is brought in.

        format: The format of *payload*; told from its shape when None.

        options: How to fit; see ``msgkit.media.Options``.

    Raises:
        InvalidMessageError: With every issue: the payload does not load, or its references cannot be brought in.

    >>> row = {"messages": [{"role": "user", "content": [{"type": "image", "path": "cat.jpg"}]}]}
    >>> inline(row, root="examples/photos")["messages"][0]["content"][0]["image_url"]["url"][:23]
    'data:image/jpeg;base64,'
    """
    return inline_counted(payload, root, target, format=format, options=Options(**options))[0]


def inline_counted(
    payload: P,
    root: Place | Root | None = None,
    target: str | None = None,
    *,
    format: str | None = None,  # noqa: A002
    options: Options = OPTIONS,
) -> tuple[P, Moved]:
    """Return what :func:`inline` does, and how many media were moved and changed."""

    def move(body: Mapping[str, Any], envelope: Envelope) -> Moved:
        return transfer.inline(
            body,
            envelope.path,
            root=Root(root) if isinstance(root, str | os.PathLike) else root,
            target=targets.get(target or _target_like(envelope.format)),
            options=options,
            refit=target is not None,
        )

    return _moved(payload, format, move)


def _target_like(format_name: str) -> str:
    """The target whose rules hold when none is named."""
    return format_name if format_name in targets.NAMES else "openai"


def extract(payload: P, folder: Place, *, relative_to: Place | None = None, format: str | None = None) -> P:  # noqa: A002
    """
    Write the media that *payload* holds into *folder*, each distinct one once, and name them in their place.

    Args:
        payload: A row, or a Conversation; the same comes back.

        folder: Where the files go, named by their SHA-256; made when missing. Nothing is overwritten.

        relative_to: The folder that references are relative to, so the root to ``inline`` from; the one that
            *folder* lies in when None.

        format: The format of *payload*; told from its shape when None.

    Raises:
        InvalidMessageError: With every issue: the payload does not load, or its media are not valid.

        ValueError: If *folder* does not lie in *relative_to*.
    """
    return extract_counted(payload, folder, relative_to=relative_to, format=format)[0]


def extract_counted(
    payload: P,
    folder: Place | Store,
    *,
    relative_to: Place | None = None,
    format: str | None = None,  # noqa: A002
) -> tuple[P, Moved]:
    """Return what :func:`extract` does, and how many media were moved."""
    store = Store(folder) if isinstance(folder, str | os.PathLike) else folder
    place = pathlib.Path(store.folder)
    prefix = place.relative_to(pathlib.Path(relative_to).absolute() if relative_to else place.parent).as_posix()
    return _moved(
        payload, format, lambda body, envelope: transfer.extract(body, envelope.path, store=store, prefix=prefix)
    )


def _moved(
    payload: P, format_name: str | None, move: Callable[[Mapping[str, Any], Envelope], Moved]
) -> tuple[P, Moved]:
    row, faults = _row(payload)
    loaded = _load(row, format_name)
    if faults or loaded.issues:
        raise InvalidMessageError([*faults, *loaded.issues])
    body, _ = envelopes.open_row(row)
    envelope = cast(Envelope, loaded.conversation.envelope)
    moved = move(body, envelope)
    new = envelopes.close_row(moved.body, envelope)
    if not isinstance(payload, Conversation):
        return new, moved
    conversation = _with_changes(load(new, envelope.format), moved.changes)
    return cast(P, attrs.evolve(conversation, envelope=payload.envelope)), moved


def _with_changes(conversation: Conversation, changes: Mapping[Path, tuple[str, ...]]) -> Conversation:
    """Note on each part what was done to make its media fit."""
    messages = list(conversation.messages)
    for path, words in changes.items():
        i, j = cast(tuple[int, int], (path[1], path[3]))
        parts = list(messages[i].parts)
        parts[j] = attrs.evolve(cast(Any, parts[j]), changes=words)
        messages[i] = attrs.evolve(messages[i], content=tuple(parts))
    return attrs.evolve(conversation, messages=tuple(messages))


def convert(
    payload: Payload,
    to: str,
    *,
    format: str | None = None,  # noqa: A002
    on_loss: OnLoss = "error",
) -> Conversion:
    """
    Return *payload* in another format, and what that could not carry.

    Placeholders for media columns are filled on the way. What was lost is found by going back and comparing, so a
    conversion without losses comes back equal by itself; otherwise :func:`restore` gives the source back exactly.

    Args:
        payload: A row, or a Conversation.

        to: The name of a format.

        format: The format of *payload*; told from its shape when None.

        on_loss: ``error`` refuses to lose meaning, ``drop`` goes on. Losses of form alone (an id renamed, messages
            joined) are listed and never refused.

    Raises:
        InvalidMessageError: With every structural issue.

        LossError: With every loss of meaning.

        UnknownNameError: If there is no such format.

    >>> row = {"messages": [{"role": "user", "content": "Hello", "name": "Ann"}]}
    >>> result = convert(row, "anthropic", on_loss="drop")
    >>> result.payload, [str(loss) for loss in result.losses]
    ({'messages': [{'role': 'user', 'content': 'Hello'}]}, ["messages[0].name: anthropic has no name on a message: 'Ann'"])
    >>> restore(result.payload, result.losses, format="anthropic") == row
    True
    """
    row, faults = _row(payload)
    body, _ = envelopes.open_row(row)
    found = format or (payload.envelope.format if isinstance(payload, Conversation) and payload.envelope else None)
    if found is None and "messages" in body and envelopes.has_columns(body):
        found = "sharegpt"  # its tags take messages with columns of media
    loaded = _load(row, found)
    if faults or loaded.issues:
        raise InvalidMessageError([*faults, *loaded.issues])
    return conversion.convert(row, loaded.conversation, to, on_loss)


def restore(payload: Payload, losses: Iterable[Loss], *, format: str | None = None) -> Payload:  # noqa: A002
    """
    Return the source of a conversion, exactly: the way back, and the losses' values in their places.

    Args:
        payload: The payload of a :class:`Conversion`.

        losses: Its losses.

        format: The format of *payload*; told from the losses, or else from its shape, when None.
    """
    row, _ = _row(payload)
    found = format or (losses.shape.target if isinstance(losses, conversion.Ledger) else None)
    return conversion.restore(row, losses, _load(row, found).conversation)
