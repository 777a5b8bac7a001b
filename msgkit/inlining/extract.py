"""Base64 media of a body -> files, with references in their place."""

import posixpath
from collections.abc import Mapping
from typing import Any

import attrs

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, MediaError, Path
from msgkit.formats.common.columns import KINDS, find, has_entries
from msgkit.formats.common.placeholders import fill_body
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.inlining.moved import Moved, Taken, gather, put
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.media.store import Store
from msgkit.model.parts import Media

_HELD = {Kind.DATA, Kind.BASE64}


def extract(body: Mapping[str, Any], at: Path, *, store: Store, prefix: str, codec: Codec = BASE64) -> Moved:
    """Write the media that parts hold into *store*, each distinct one once, and put references in their place."""

    def part(ref: MediaRef, media: Media) -> dict[str, Any]:
        return media_refs.with_text(ref, posixpath.join(prefix, store.put(media.data, media.media_type)))

    def take(ref: MediaRef) -> Taken:
        media = held(ref, codec)
        return Taken(ref, media.data, (media,))

    return put(body, gather(media_refs.find(body), at, _HELD, take), part)


def to_columns(body: Mapping[str, Any], at: Path, *, codec: Codec = BASE64) -> Moved:
    """Move what parts and columns hold into columns of ``{bytes, path}``; parts without a source stand for it."""
    refs = _held_refs(body)
    if refs and has_entries(body):
        body = fill_body(body, at)
        refs = _held_refs(body)
    entries: dict[str, list[Any]] = {}

    def take(ref: MediaRef) -> Taken:
        media = held(ref, codec)
        return Taken(ref, media.data, (media,))

    def part(ref: MediaRef, media: Media) -> dict[str, Any]:
        entries.setdefault(f"{ref.kind}s", []).append(_entry(media, codec))
        return media_refs.stand_in(ref)

    if not refs:
        return _entries_moved(body, at, codec)
    moved = put(body, gather(refs, at, _HELD, take), part)
    return attrs.evolve(moved, body={**moved.body, **entries})


def _held_refs(body: Mapping[str, Any]) -> list[MediaRef]:
    messages = body.get("messages")
    found = media_refs.find(body) if isinstance(messages, list | tuple) else ()
    return [ref for ref in found if ref.kind in KINDS and ref.grammar in _HELD]


def _entry(media: Media, codec: Codec) -> dict[str, Any]:
    name = media.sha256 + headers.EXTENSIONS.get(media.media_type, "")
    return {"bytes": codec.encode(media.data), "path": name}


def _entries_moved(body: Mapping[str, Any], at: Path, codec: Codec) -> Moved:
    """Do the same to the entries of columns; those that hold nothing are named as they are."""
    new = dict(body)
    count = size = 0
    for column in find(body).values():
        texts = [entry if isinstance(entry, str) else None for entry in column.entries]
        refs = [MediaRef(column.kind, 0, n, {}, (), text) for n, text in enumerate(texts) if text is not None]
        media: dict[int, Media] = {}
        for ref in refs:
            if ref.grammar is Kind.DATA:
                try:
                    media[ref.part] = held(ref, codec)
                except MediaError as error:
                    raise InvalidMessageError([error.at((*at, *column.path(ref.part)))]) from None
        if media:
            made = [_entry(media[n], codec) if n in media else _named(entry) for n, entry in enumerate(column.entries)]
            new[column.name] = made[0] if column.single else made
            count += len(media)
            size += sum(len(one.data) for one in media.values())
    return Moved(new, count, size)


def _named(entry: Any) -> Any:
    return {"bytes": None, "path": entry} if isinstance(entry, str) else entry


def held(ref: MediaRef, codec: Codec = BASE64) -> Media:
    """Return the media that *ref* holds as base64, their type told from the bytes."""
    url = data_url.DataUrl("", "", ref.text) if ref.grammar is Kind.BASE64 else data_url.split(ref.text)
    data = codec.decode(url.payload)
    media_type = headers.sniff(data)
    if media_type is None and ref.kind == "file" and url.media_type:
        media_type = headers.canonical(url.media_type)
    if media_type is None:
        raise MediaError(f"expected {ref.kind} data, got bytes of no known type", code="media-invalid")
    return Media(data, media_type)
