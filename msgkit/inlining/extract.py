"""Base64 media of a body -> files, with references in their place."""

import posixpath
from collections.abc import Mapping
from typing import Any

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, Path
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import MediaRef
from msgkit.inlining.moved import Moved, Taken, gather, put
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.media.store import Store
from msgkit.model.parts import Media


def extract(body: Mapping[str, Any], at: Path, *, store: Store, prefix: str, codec: Codec = BASE64) -> Moved:
    """Write the media that parts hold into *store*, each distinct one once, and put references in their place."""

    def part(ref: MediaRef, media: Media) -> dict[str, Any]:
        return media_refs.with_text(ref, posixpath.join(prefix, store.put(media.data, media.media_type)))

    def take(ref: MediaRef) -> Taken:
        media = held(ref, codec)
        return Taken(ref, media.data, (media,))

    return put(body, gather(media_refs.find(body), at, {Kind.DATA, Kind.BASE64}, take), part)


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
