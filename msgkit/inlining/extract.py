"""Base64 media of a body -> files, with references in their place."""

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Issue, MediaError, Path, join_path
from msgkit.formats.branch_parts import worse_columns
from msgkit.formats.common.columns import KINDS, find, has_entries
from msgkit.formats.common.placeholders import fill_body
from msgkit.headers import text
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import HELD, MediaRef
from msgkit.inlining.moved import Done, Moved, Taken, gather, put
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.jsontext.values import LIST
from msgkit.media.store import Store
from msgkit.model.media import Media


def extract(body: Mapping[str, Any], at: Path, *, store: Store, prefix: str, codec: Codec = BASE64) -> Moved:
    """Write the media that parts hold into *store*, each distinct one once, and put references in their place."""
    files = 0

    def stored(media: Media) -> str:
        nonlocal files
        name, is_new = store.put_new(media.data, media.media_type)
        files += is_new
        return posixpath.join(prefix, name)

    def part(ref: MediaRef, media: Media) -> dict[str, Any]:
        return media_refs.with_text(ref, stored(media))

    def take(ref: MediaRef) -> Taken | None:
        try:
            media = inline_media(ref, codec)
        except MediaError:
            if ref.kept:  # no one promised that it is media
                return None
            raise
        return Taken(ref, media.data, (media,))

    taken = gather(media_refs.find(body), at, HELD, take)
    beside = _entries_moved(body, at, codec, stored)
    moved = put(beside.body, taken, part, out=True)
    count, size, done = moved.media + beside.media, moved.size + beside.size, (*moved.done, *beside.done)
    return moved._replace(media=count, size=size, done=done, files=files, out=True)


def left(row: Any, codec: Codec = BASE64) -> tuple[Issue, ...]:
    """Return an issue for all base64 media that are left in *row*."""
    from msgkit.rules import media_unknown  # many modules, which inlining need not wait for

    unknown = media_unknown.find(row, frozenset, codec.decode)
    return tuple(
        Issue(join_path(path), media_unknown.CODE, "warning", media_unknown.words(media_type, size))
        for path, media_type, size in unknown
    )


def to_columns(body: Mapping[str, Any], at: Path, *, codec: Codec = BASE64) -> Moved:
    """Move what parts and columns hold into columns of ``{bytes, path}``; parts without a source stand for it."""
    refs = _held_refs(body)
    if refs and has_entries(body):
        body = fill_body(body, at)
        refs = _held_refs(body)
    entries: dict[str, list[Any]] = {}

    def take(ref: MediaRef) -> Taken:
        media = inline_media(ref, codec)
        return Taken(ref, media.data, (media,))

    def part(ref: MediaRef, media: Media) -> dict[str, Any]:
        entries.setdefault(f"{ref.kind}s", []).append(_entry(media, codec))
        return media_refs.stand_in(ref)

    if not refs:
        return _entries_moved(body, at, codec, lambda media: _entry(media, codec), _named)
    moved = put(body, gather(refs, at, HELD, take), part)
    return moved._replace(body={**moved.body, **entries})


def _held_refs(body: Mapping[str, Any]) -> list[MediaRef]:
    messages = body.get("messages")
    are_messages = isinstance(messages, LIST) and all(isinstance(one, Mapping) for one in messages)
    refs = media_refs.find(body) if are_messages else ()
    return [ref for ref in refs if ref.kind in KINDS and ref.grammar in HELD and not (ref.kept or ref.is_frame)]


def _entry(media: Media, codec: Codec) -> dict[str, Any]:
    name = media.sha256 + headers.EXTENSIONS.get(media.media_type, "")
    return {"bytes": codec.encode(media.data), "path": name}


def _entries_moved(
    body: Mapping[str, Any],
    at: Path,
    codec: Codec,
    make: Callable[[Media], Any],
    named: Callable[[Any], Any] = lambda entry: entry,
) -> Moved:
    """Put what *make* makes of them in the place of entries of columns that hold media, and *named* of the others."""
    new = dict(body)
    size = 0
    done: list[Done] = []
    for column in (*find(body).values(), *worse_columns(body)):
        texts = [entry if isinstance(entry, str) else None for entry in column.entries]
        refs = {n: MediaRef(column.kind, 0, n, {}, (), text) for n, text in enumerate(texts) if text is not None}
        media: dict[int, Media] = {}
        for n, ref in refs.items():
            if ref.grammar is Kind.DATA:
                try:
                    media[n] = inline_media(ref, codec)
                except MediaError as error:
                    raise InvalidMessageError([error.at((*at, *column.path(n)))]) from None
        if media:
            made = [make(media[n]) if n in media else named(entry) for n, entry in enumerate(column.entries)]
            new[column.name] = made[0] if column.single else made
            size += sum(len(one.data) for one in media.values())
            for n, one in media.items():
                reference = made[n] if isinstance(made[n], str) else None
                done.append(Done(column.path(n), one.media_type, reference, (), len(one.data), len(one.data)))
    return Moved(new, len(done), size, done=tuple(done))


def _named(entry: Any) -> Any:
    return {"bytes": None, "path": entry} if isinstance(entry, str) else entry


def data_of(ref: MediaRef, codec: Codec = BASE64) -> bytes:
    """Return the bytes that *ref* holds as base64, of whatever type."""
    return codec.decode(_url_of(ref).payload)


def _url_of(ref: MediaRef) -> data_url.DataUrl:
    return data_url.DataUrl("", "", ref.text) if ref.grammar is Kind.BASE64 else data_url.split(ref.text)


def inline_media(ref: MediaRef, codec: Codec = BASE64) -> Media:
    """Return the media that *ref* holds as base64, their type detected from the bytes."""
    url = _url_of(ref)
    data = codec.decode(url.payload)
    media_type = headers.sniff(data)
    if media_type is None and ref.kind == "file" and url.media_type:
        media_type = headers.canonical(url.media_type)
    if media_type is None:
        raise MediaError(f"expected {ref.kind} data, got {text.describe(data)}", code="media-invalid")
    return Media(data, media_type)
