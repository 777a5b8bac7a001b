"""inline and extract, of payloads and of conversations."""

import os
import pathlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, Unpack, cast

import attrs

from msgkit import formats
from msgkit.api.loading import load, open_payload
from msgkit.api.receivers import Receiver
from msgkit.errors import InvalidMessageError, refusal
from msgkit.escaping import built
from msgkit.formats import Loaded, branch_parts, branches, envelopes
from msgkit.formats.common.columns import has_entries, named, names
from msgkit.inlining.extract import extract as extract_body
from msgkit.inlining.extract import left, to_columns
from msgkit.inlining.inline import inline as inline_body
from msgkit.inlining.moved import Move, Moved, move_media, with_changes
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.jsontext.values import in_order_of, without_keys
from msgkit.media.options import PLAIN as OPTIONS
from msgkit.media.options import InlineOptions, Options
from msgkit.media.sources import Place, Root
from msgkit.media.store import Store
from msgkit.model.messages import Conversation, Envelope

P = TypeVar("P")
_Move = Callable[[Mapping[str, Any], Envelope, Conversation], Moved]


def inline(
    payload: P,
    root: Place | None = None,
    target: str | None = None,
    *,
    model: str | None = None,
    format: str | None = None,  # noqa: A002
    columns: Iterable[str] = (),
    **options: Unpack[InlineOptions],
) -> P:
    """
    Embed the files that *payload* references as base64 parts, fitted to *target*.

    Nothing but media changes; what fits goes through byte for byte. Remote URLs stay as they are.

    Args:
        payload: A row, or a Conversation; the same comes back.

        root: The folder that references may not leave; without it every local reference is refused.

        target: Whose limits hold, also for media that are inline already; the target named like the format when None.

        model: The model that it goes to; the payload's own ``model`` when None, where the target takes its format.

        format: The format of *payload*; detected from its shape when None.

        columns: Columns of other names: ``image_path``, ``clip=video``, ``chat=messages``, ``reply=assistant``.

        options: How to fit; see ``msgkit.media.Options``.

    Raises:
        InvalidMessageError: With every issue: the payload does not load, or its references cannot be brought in.

    >>> row = {"messages": [{"role": "user", "content": [{"type": "image", "path": "cat.jpg"}]}]}
    >>> inline(row, root="examples/photos")["messages"][0]["content"][0]["image_url"]["url"][:23]
    'data:image/jpeg;base64,'
    """
    with named(columns):
        return inline_counted(
            payload, root, target, model=model, format=format, options=built(Options, "inline", options)
        )[0]


def inline_counted(
    payload: P,
    root: Place | Root | None = None,
    target: str | None = None,
    *,
    model: str | None = None,
    format: str | None = None,  # noqa: A002
    options: Options = OPTIONS,
    codec: Codec = BASE64,
) -> tuple[P, Moved]:
    """Return what :func:`inline` does, and how many media were moved and changed."""
    folder = Root(root) if isinstance(root, str | os.PathLike) else root

    receiver = Receiver(target, model)

    def move(body: Mapping[str, Any], envelope: Envelope, conversation: Conversation) -> Moved:
        receivers = receiver.of(conversation)
        return inline_body(
            body,
            envelope.path,
            root=folder,
            target=receivers,
            options=options,
            strict=target is not None or model is not None,
            shorthands=target is not None and receivers.format == envelope.format,
            codec=codec,
            beside=branch_parts.worse_columns(body) if envelope.branches else (),
        )

    return _moved(payload, format, move, is_json=codec is not BASE64, fills=True)


def extract(payload: P, folder: Place | None, *, relative_to: Place | None = None, format: str | None = None) -> P:  # noqa: A002
    """
    Write the base64 media of *payload* to files in *folder*, each distinct one once; leave references to them.

    Without a folder they go to the columns ``images``, ``audios`` and ``videos`` of the row, as ``{bytes, path}``; in
    Parquet those are Image and Audio columns of Hugging Face datasets.

    Args:
        payload: A row, or a Conversation; the same comes back.

        folder: Where the files go, named by their SHA-256; made when missing. Nothing is overwritten. None for columns
            of the row.

        relative_to: The folder that references are relative to, so the root to ``inline`` from; the one that
            *folder* is in when None.

        format: The format of *payload*; detected from its shape when None.

    Raises:
        InvalidMessageError: With every issue: the payload does not load, or its media are not valid.

        ValueError: If *folder* is not in *relative_to*.

    >>> import tempfile
    >>> from msgkit import Conversation, image, user
    >>> talk = Conversation([user(image("examples/photos/paw.png"))])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     extract(talk, f"{folder}/media")[0].parts[0].image_url.url
    'media/...png'
    """
    return extract_counted(payload, folder, relative_to=relative_to, format=format)[0]


def extract_counted(
    payload: P,
    folder: Place | Store | None,
    *,
    relative_to: Place | None = None,
    format: str | None = None,  # noqa: A002
    codec: Codec = BASE64,
) -> tuple[P, Moved]:
    """Return what :func:`extract` does, and how many media were moved."""
    if folder is None:

        def to_own(body: Mapping[str, Any], envelope: Envelope, _: Conversation) -> Moved:
            return to_columns(body, envelope.path, codec=codec)

        new, moved = _moved(payload, format, to_own, is_json=codec is not BASE64, move_media=_with_columns)
        beside = without_keys(new, *names()) if isinstance(new, dict) else ()
        return new, moved._replace(left=left(beside, codec))
    store = Store(folder) if isinstance(folder, str | os.PathLike) else folder
    prefix = _prefix(store.folder, None if relative_to is None else str(pathlib.Path(relative_to).absolute()))

    def move(body: Mapping[str, Any], envelope: Envelope, _: Conversation) -> Moved:
        return extract_body(body, envelope.path, store=store, prefix=prefix, codec=codec)

    new, moved = _moved(payload, format, move, is_json=codec is not BASE64)
    return new, moved if isinstance(new, Conversation) else moved._replace(left=left(new, codec))


@lru_cache(maxsize=16)
def _prefix(folder: str, relative_to: str | None) -> str:
    """Return the way from the folder that references are relative to."""
    place = pathlib.Path(folder)
    return place.relative_to(relative_to or place.parent).as_posix()


def _with_columns(body: Mapping[str, Any], loaded: Loaded, move: Move) -> Moved:
    """Move media of a row that may have columns for them."""
    envelope = cast(Envelope, loaded.conversation.envelope)
    own = formats.get(envelope.format)
    if own.media_in_place or own.media_in_columns:
        return move(body, envelope)
    message = f"expected a row whose media may stand in columns, got one of the format {own.name}"
    hint = f"convert it first: msgkit convert --to {formats.DEFAULT}"
    raise refusal("row-shape", message, "", hint)


def _moved(
    payload: P,
    format_name: str | None,
    move: _Move,
    *,
    is_json: bool,
    fills: bool = False,
    move_media: Callable[[Mapping[str, Any], Loaded, Move], Moved] = move_media,
) -> tuple[P, Moved]:
    row, loaded = open_payload(payload, format_name, is_json=is_json)
    if loaded.issues:
        raise InvalidMessageError(loaded.issues)
    envelope = cast(Envelope, loaded.conversation.envelope)
    body = envelopes.body_of(row, envelope)
    branched = branches.find(cast(Mapping[str, Any], row)) if envelope.branches else None
    try:
        if fills and branched is not None and branched.key == "messages" and has_entries(body):
            body = branch_parts.filled(branched)
        moved = move_media(body, loaded, lambda body, envelope: move(body, envelope, loaded.conversation))
    except InvalidMessageError as error:
        if branched is None:
            raise
        raise InvalidMessageError(branch_parts.issues_in_row(error.issues, branched)) from None
    new = envelopes.close_row(moved.body, envelope)
    if not isinstance(payload, Conversation):
        in_place = formats.get(envelope.format).media_in_place
        return cast(P, new if in_place else in_order_of(new, row)), moved
    conversation = with_changes(load(new, envelope.format), moved.changes)
    return cast(P, attrs.evolve(conversation, envelope=payload.envelope)), moved
