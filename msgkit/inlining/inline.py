"""Local references of a body -> base64 parts that fit a target."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import attrs
import msgspec

from msgkit import formats, headers
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, MediaError, MissingExtraError, Path
from msgkit.formats.common.columns import Column, has_entries
from msgkit.formats.common.placeholders import fill_body
from msgkit.inlining import media_refs
from msgkit.inlining.extract import data_of
from msgkit.inlining.fit import fit, shrink_all
from msgkit.inlining.media_refs import HELD, MediaRef
from msgkit.inlining.moved import Moved, Taken, gather, in_columns, put, put_beside
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.jsontext.values import LIST, OBJECT
from msgkit.media.options import PLAIN, Options
from msgkit.media.sources import Root
from msgkit.model.media import Media
from msgkit.targets import Target

_INLINE = {*HELD, Kind.REFERENCE, Kind.SCHEME, Kind.EMPTY}


def inline(
    body: Mapping[str, Any],
    at: Path,
    *,
    root: Root | None,
    target: Target,
    options: Options = PLAIN,
    strict: bool = True,
    shorthands: bool = False,
    codec: Codec = BASE64,
    beside: Sequence[Column] = (),
) -> Moved:
    """Put what local references name into parts, and into columns *beside*, as base64; make all media fit *target*."""
    filled = fill_body(body, at) if has_entries(body) else body
    refs = list(media_refs.find(filled))
    options = _counted(refs, options)

    def take(ref: MediaRef) -> Taken | None:
        try:
            if ref.grammar is Kind.SCHEME and _is_remote(ref.text, target):
                return None
            if ref.kept and ref.grammar is not Kind.REFERENCE:
                return None
            data = _read(ref, root, options, codec)
            return Taken(ref, data, fit(ref, data, target, options))
        except (MediaError, MissingExtraError):
            if strict or ref.grammar not in HELD:
                raise
            return None

    part = partial(_part, target=target, shorthands=shorthands, codec=codec)
    taken = gather(refs, at, _INLINE, take)
    _check_pages(taken, at, target)
    moved = put(filled, _within_request(filled, at, taken, target, options), part)
    return put_beside(moved, beside, gather(in_columns(beside), at, _INLINE, take), codec) if beside else moved


def _check_pages(taken: Sequence[Taken], at: Path, target: Target) -> None:
    """Refuse more images than a request may have, where pages became images."""
    fact = target.images.max_count
    if fact is None or all(len(one.media) == 1 for one in taken):
        return
    count = sum(len(one.media) for one in taken if one.ref.kind == "image" or _is_drawn(one.media[0]))
    if count > fact.value:
        text = f"expected at most {fact.value:,} images in a request to {target.title}, got {count:,} with the pages"
        raise InvalidMessageError([MediaError(text, code="media-too-many").at((*at, "messages"))])


def _counted(refs: Sequence[MediaRef], options: Options) -> Options:
    images = sum([ref.kind == "image" and not ref.kept for ref in refs])
    return attrs.evolve(options, image_count=images) if images > 1 else options


def _part(ref: MediaRef, media: Media | str, *, target: Target, shorthands: bool, codec: Codec) -> Mapping[str, Any]:
    """Return the part that holds *media*: that of *ref* itself where nothing changes."""
    if isinstance(media, str):
        return {"type": "text", "text": media}
    if ref.kept or ref.is_frame:
        return media_refs.in_place(ref, media.data, media.media_type, codec)
    if not media.changes and _is_canonical(ref, media):
        return ref.data
    if ref.kind == "file" and _is_drawn(media):
        return {"type": "image_url", "image_url": {"url": f"data:{media.media_type};base64,{codec.encode(media.data)}"}}
    if shorthands and ref.data["type"] == ref.kind != "file":
        return media_refs.as_shorthand(ref, media.data, media.media_type, codec)
    name = posixpath.basename(ref.text) if ref.grammar is Kind.REFERENCE else None
    names = target.audio.formats.value if target.audio.formats else ()
    return media_refs.with_media(ref, media.data, media.media_type, name, audio_formats=names, codec=codec)


def _is_canonical(ref: MediaRef, media: Media) -> bool:
    """Return whether a part that holds its media writes them as msgkit does."""
    if ref.grammar is Kind.DATA and ref.data["type"] in (f"{ref.kind}_url", "file"):
        return ref.text.startswith(f"data:{media.media_type};base64,")
    if ref.grammar is Kind.BASE64 and ref.kind == "audio":
        return bool(ref.data["input_audio"].get("format") == headers.AUDIO_FORMATS.get(media.media_type))
    return False


def _is_remote(text: str, target: Target) -> bool:
    """Return whether *text* is a URL of a scheme that the target fetches itself."""
    scheme = text.partition(":")[0].lower()
    own = target.request.schemes.value if target.request.schemes else ()
    return scheme in own or scheme in (formats.get(target.format).capabilities.schemes or ())


def _read(ref: MediaRef, root: Root | None, options: Options, codec: Codec) -> bytes:
    if ref.grammar is Kind.EMPTY:
        raise MediaError("expected media or the name of a file, got an empty string", code="media-empty", source="")
    if ref.grammar is Kind.SCHEME:
        message = "expected a data URL, an http(s) URL, a file: URL or a path"
        raise MediaError(message, code="reference-scheme", source=ref.text)
    if ref.grammar is not Kind.REFERENCE:
        return data_of(ref, codec)
    if root is None:
        message = "a local reference needs a root: none was given, so nothing is opened"
        raise MediaError(message, code="reference-outside-root", source=ref.text, hint="give a root (--root DIR)")
    return root.read(ref.text, options.limits)


_AROUND = 72  # bytes of a part beside its base64, such as those that a page of a PDF gets
_SHRUNK = {"image": "max_image_bytes", "audio": "max_audio_bytes"}


def _within_request(
    body: Mapping[str, Any], at: Path, taken: list[Taken], target: Target, options: Options
) -> Sequence[Taken]:
    """Make the largest images and audio smaller when the request as a whole is too large for *target* or msgkit."""
    most = options.limits.row_bytes
    if target.request.max_bytes is not None:
        most = min(most, target.request.max_bytes.value)
    size = sum(_base64_size(media) for one in taken for media in one.media) + _length(body["messages"])
    if size <= most // 2:  # what else there is is not worth measuring then
        return taken
    rest = len(msgspec.json.encode(body)) + sum(_AROUND * len(one.media) - len(one.ref.text) for one in taken)
    shrunk = [_may_shrink(one) for one in taken]
    rest += sum(_base64_size(media) for one, yes in zip(taken, shrunk, strict=True) if not yes for media in one.media)
    media: list[Media] = []
    refits: list[Callable[[int], Media]] = []
    for one in [one for one, yes in zip(taken, shrunk, strict=True) if yes]:
        for n, medium in enumerate(one.media):
            media.append(cast(Media, medium))
            refits.append(partial(_refit, one, n, target, options))
    try:
        fitted = iter(shrink_all(media, refits, most - rest))
    except MediaError as error:
        raise InvalidMessageError([error.at((*at, "messages"))]) from error
    return [
        one._replace(media=tuple([next(fitted) for _ in one.media])) if yes else one
        for one, yes in zip(taken, shrunk, strict=True)
    ]


def _may_shrink(one: Taken) -> bool:
    return one.ref.kind in _SHRUNK and not one.ref.kept if one.ref.kind != "file" else _is_drawn(one.media[0])


def _is_drawn(media: Media | str) -> bool:
    """Return whether it is a page of a file: what is not drawn is not changed."""
    return isinstance(media, Media) and bool(media.changes)


def _refit(one: Taken, n: int, target: Target, options: Options, most: int) -> Media:
    if one.ref.kind == "file":
        from msgkit.media import image

        page = cast(Media, one.media[n])
        made = image.fit(page.data, target, attrs.evolve(options, max_image_bytes=most))
        return attrs.evolve(made, changes=(*page.changes, *made.changes))
    smaller: Any = {_SHRUNK[one.ref.kind]: most}
    return cast(Media, fit(one.ref, one.data, target, attrs.evolve(options, **smaller))[n])


def _base64_size(media: Media | str) -> int:
    return media.base64_size if isinstance(media, Media) else len(media)


def _length(value: Any) -> int:
    """Characters of all strings of a JSON value."""
    length, items = 0, [value]
    for item in items:  # which grow meanwhile
        if isinstance(item, str):
            length += len(item)
        elif isinstance(item, LIST):
            items += item
        elif item is not None and isinstance(item, OBJECT):
            items += item.values()
    return length
