"""
Media between the parts of a body and files: inline brings them in, extract takes them out.

Both change nothing but the parts that hold or name media, and report every fault of the body at once.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import attrs
import msgspec

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import InvalidMessageError, Issue, MediaError, MissingExtraError, Path, join_path
from msgkit.formats.envelopes import fill_placeholders, has_columns
from msgkit.inlining import media_refs
from msgkit.inlining.media_refs import Slot
from msgkit.jsontext.blob_table import PLAIN as BASE64
from msgkit.jsontext.blob_table import Codec
from msgkit.media.options import PLAIN, Options
from msgkit.media.sources import Root
from msgkit.media.store import Store
from msgkit.model.parts import Media
from msgkit.targets import Target

FITS: Mapping[str, str] = {"image": "msgkit.media.image", "audio": "msgkit.media.audio"}
"""Kind of media -> the module whose ``fit`` makes it fit a target; other kinds go through as they are."""

_LISTS = (list, tuple)
_module = cache(import_module)


@attrs.frozen
class Moved:
    """
    A body whose media were moved.

    Args:
        body: The new body; the old one is not changed.

        media: How many were moved.

        size: Their bytes in all, not as base64.

        changes: What was done to make media fit: the path of the part in the body -> the words.
    """

    body: dict[str, Any]
    media: int = 0
    size: int = 0
    changes: Mapping[Path, tuple[str, ...]] = attrs.field(factory=dict)


@attrs.frozen
class _Found:
    """A slot, the file that belongs there, and what was made of it."""

    slot: Slot
    data: bytes
    media: Media


def inline(
    body: Mapping[str, Any],
    at: Path,
    *,
    root: Root | None,
    target: Target,
    options: Options = PLAIN,
    refit: bool = False,
    codec: Codec = BASE64,
) -> Moved:
    """
    Put what local references name into the parts as base64, made to fit *target*, each and all together.

    Args:
        body: With ``messages`` that load.

        at: Where the body stands in its row; the issues' paths begin with it.

        root: The folder that references may not leave; None refuses every reference.

        target: Whose limits the media must fit.

        options: How to fit.

        refit: Make media that are inline already fit, too.

        codec: How bytes stand in the body.

    Raises:
        InvalidMessageError: With every reference that cannot be brought in.
    """
    filled = fill_placeholders(body, at) if has_columns(body) else body
    takes = {Kind.REFERENCE, Kind.DATA, Kind.BASE64} if refit else {Kind.REFERENCE}
    as_input_audio = bool(target.audio.formats and target.audio.formats.value)
    places = list(media_refs.find(filled))
    images = sum([slot.kind == "image" for slot in places])
    if images > 1:
        options = attrs.evolve(options, image_count=images)

    def bring(slot: Slot) -> _Found:
        data = _read(slot, root, options)
        return _Found(slot, data, _fit(slot, data, target, options))

    def put(slot: Slot, media: Media) -> dict[str, Any]:
        name = posixpath.basename(slot.text) if slot.is_ is Kind.REFERENCE else None
        return media_refs.with_media(
            slot, media.data, media.media_type, name, as_input_audio=as_input_audio, codec=codec
        )

    found = _gather(places, at, takes, bring)
    return _placed(filled, _within_request(filled, at, found, target, options), put)


def _within_request(
    body: Mapping[str, Any], at: Path, found: list[_Found], target: Target, options: Options
) -> list[_Found]:
    """Make the largest pictures smaller when the request as a whole is too large for *target*."""
    most = target.request.max_bytes.value if target.request.max_bytes else None
    size = sum(one.media.base64_size for one in found) + _length(body["messages"])
    if most is None or size <= most // 2:  # what else there is is not worth measuring then
        return found
    from msgkit.media.image.budget import shrink_all

    rest = len(msgspec.json.encode(body)) - sum(len(one.slot.text) for one in found)
    rest += sum(one.media.base64_size for one in found if one.slot.kind != "image")
    images = [one for one in found if one.slot.kind == "image"]
    try:
        fitted = shrink_all([one.data for one in images], [one.media for one in images], target, options, rest=rest)
    except MediaError as error:
        raise InvalidMessageError([error.at((*at, "messages"))]) from error
    smaller = {one.slot.path: media for one, media in zip(images, fitted, strict=True)}
    return [attrs.evolve(one, media=smaller.get(one.slot.path, one.media)) for one in found]


def _length(value: Any) -> int:
    """Characters of all strings of a JSON value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, _LISTS):
        value = value.values() if isinstance(value, Mapping) else ()
    return sum([len(item) if type(item) is str else _length(item) for item in value])


def extract(body: Mapping[str, Any], at: Path, *, store: Store, prefix: str, codec: Codec = BASE64) -> Moved:
    """
    Write the media that parts hold into *store*, each distinct one once, and put references in their place.

    Args:
        body: With ``messages`` that load.

        at: Where the body stands in its row.

        store: Where the files go.

        prefix: What stands before a file's name in its reference: the way from the root to the store.

        codec: How bytes stand in the body.

    Raises:
        InvalidMessageError: With every part whose media are not valid.
    """

    def put(slot: Slot, media: Media) -> dict[str, Any]:
        return media_refs.with_text(slot, posixpath.join(prefix, store.put(media.data, media.media_type)))

    def take(slot: Slot) -> _Found:
        media = held(slot, codec)
        return _Found(slot, media.data, media)

    return _placed(body, _gather(media_refs.find(body), at, {Kind.DATA, Kind.BASE64}, take), put)


def held(slot: Slot, codec: Codec = BASE64) -> Media:
    """
    Return the media that *slot* holds as base64, its type told from the bytes.

    Raises:
        MediaError: It is no valid base64, or of no type that is known.
    """
    declared = "" if slot.is_ is Kind.BASE64 else data_url.split(slot.text).media_type
    data = codec.decode(slot.text if slot.is_ is Kind.BASE64 else data_url.split(slot.text).payload)
    found = headers.sniff(data)
    if found is None and slot.kind == "file" and declared:
        return Media(data, headers.canonical(declared))
    if found is None:
        raise MediaError(f"expected {slot.kind} data, got bytes of no known type", code="media-invalid")
    return Media(data, found)


def _read(slot: Slot, root: Root | None, options: Options) -> bytes:
    if slot.is_ is not Kind.REFERENCE:
        return held(slot).data
    if root is None:
        message = "a local reference needs a root: none was given, so nothing is opened"
        raise MediaError(message, code="reference-outside-root", source=slot.text, hint="give a root (--root DIR)")
    return root.read(slot.text, options.limits)


def _fit(slot: Slot, data: bytes, target: Target, options: Options) -> Media:
    if slot.kind in FITS:
        media: Media = _module(FITS[slot.kind]).fit(data, target, options)
        return media
    found = headers.sniff(data) or headers.by_extension(slot.text)
    if found is None:
        message = f"expected {slot.kind} data, got bytes of no known type"
        raise MediaError(message, code="media-format-unsupported", source=slot.text)
    return Media(data, found)


def _gather(places: Iterable[Slot], at: Path, takes: set[Kind], get: Callable[[Slot], _Found]) -> list[_Found]:
    """Get what belongs in every slot that is one of *takes*, or refuse the row with every fault."""
    found: list[_Found] = []
    issues: list[Issue] = []
    for slot in places:
        kind = slot.is_
        try:
            if kind in takes:
                found.append(get(slot))
            elif kind is Kind.SCHEME:
                issues.append(_foreign(slot).at((*at, *slot.path)))
        except MediaError as error:
            issues.append((error if error.source else error.named(slot.text)).at((*at, *slot.path)))
        except MissingExtraError as error:
            issues.append(Issue(join_path((*at, *slot.path)), "extra-missing", "error", str(error)))
    if issues:
        raise InvalidMessageError(issues)
    return found


def _foreign(slot: Slot) -> MediaError:
    message = "expected a data URL, an http(s) URL, a file: URL or a path"
    return MediaError(message, code="reference-scheme", source=slot.text)


def _placed(body: Mapping[str, Any], found: list[_Found], put: Callable[[Slot, Media], dict[str, Any]]) -> Moved:
    parts = {(one.slot.message, one.slot.part): put(one.slot, one.media) for one in found}
    changes = {one.slot.path[:4]: one.media.changes for one in found if one.media.changes}
    return Moved(media_refs.replace(body, parts), len(parts), sum(len(one.media.data) for one in found), changes)
