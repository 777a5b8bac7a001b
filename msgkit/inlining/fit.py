"""Media of any kind made to fit a target: each by itself, and those of one request together."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, cast

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, quote
from msgkit.headers import DocumentHeader, text
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.options import Options
from msgkit.model.media import Media
from msgkit.model.messages import Role
from msgkit.targets import FileLimits, Target

_CODE = "media-format-unsupported"
_PDF = "application/pdf"
_module = cache(import_module)


def fit(ref: MediaRef, data: bytes, target: Target, options: Options) -> tuple[Media | str, ...]:
    """Return what takes the place of *ref* in a row for *target*."""
    try:
        return _fit(ref, data, target, options)
    except MediaError as error:
        if error.code == _CODE and _is_broken(ref, data):
            message = f"named as {_claimed(ref)}, but the bytes have no signature of it"
            raise MediaError(message, code="media-invalid") from error
        raise


def _fit(ref: MediaRef, data: bytes, target: Target, options: Options) -> tuple[Media | str, ...]:
    if ref.kept:
        media_type = headers.sniff(data)
        if media_type is None:
            raise MediaError(f"expected {ref.kind} data, got {text.describe(data)}", code=_CODE)
        return (Media(data, media_type),)
    if ref.is_frame:
        return (_module("msgkit.media.image").fit(data, target, options),)
    if ref.kind == "image":
        images: Any = _module("msgkit.media.image")
        return tuple(images.fit_pages(data, target, options))
    if ref.kind == "audio":
        return (_module("msgkit.media.audio").fit(data, target, options),)
    if headers.sniff(data) == _PDF:
        if options.pdf == "pages" and not (_has_place(ref, target) and _PDF in _types(target.files)):
            return tuple(_module("msgkit.media.pdf").draw(data, target, options))
        _check_pdf(data, target)
    return (_as_it_is(ref, data, target.video if ref.kind == "video" else target.files, target, options),)


def _has_place(ref: MediaRef, target: Target) -> bool:
    """Return whether the target knows parts of this kind, in any message."""
    name = "video_url" if ref.kind == "video" else ref.kind
    facts = [fact for role in Role if (fact := target.parts.of(role.value)) is not None]
    return not facts or any(name in fact.value for fact in facts)


def _types(limits: FileLimits) -> Sequence[str]:
    """Return the media types that the target takes in a part for files of Chat Completions."""
    return () if limits.part is not None else limits.media_types.value


def _check_pdf(data: bytes, target: Target) -> None:
    """Refuse a PDF that is encrypted, or has more pages than the target takes, where it says so."""
    most = target.files.max_pages
    header = cast(DocumentHeader, headers.read(data))
    if most is not None:
        header = _module("msgkit.media.pdf").look(headers.BytesWindow(data), header)
    if header.encrypted and _severity(target, "pdf-encrypted") == "error":
        raise MediaError(f"{target.title} takes no encrypted PDF", code="pdf-encrypted")
    if most is not None and header.pages is not None and header.pages > most.value:
        message = f"{target.title} takes a PDF of at most {most.value:,} pages, got {header.pages:,}"
        raise MediaError(message, code="media-too-large")


def _as_it_is(ref: MediaRef, data: bytes, limits: FileLimits, target: Target, options: Options) -> Media | str:
    taken, is_broken = _types(limits), _is_broken(ref, data)
    media_type = None if is_broken else _type_of(ref, data)
    is_text = not is_broken and headers.sniff(data) is None and ref.kind == "file" and text.is_text(data)
    if is_text and media_type not in taken and "text/plain" in taken:
        media_type = "text/plain"
    has_place = _has_place(ref, target)
    refused = not has_place or media_type not in taken
    if media_type is None or (refused and _severity(target, _CODE) != "off"):
        if is_text and options.text_files == "part":
            return data.decode("utf-8")
        hint = "make a text part of it (--text-files part)" if is_text else None
        if media_type == _PDF:
            hint = "make an image of each page (--pdf pages)"
        wanted = ", ".join(taken) or f"{ref.kind} data"
        message = f"expected {wanted}, got {media_type or text.describe(data)}"
        if not has_place:
            message = f"the target {quote(target.name)} takes no {ref.kind}"
        elif limits.part is not None:
            message = f"{target.title} takes files in {limits.part.value} parts only"
        elif not taken:
            message = f"the target {quote(target.name)} takes a {ref.kind} by its URL alone"
        raise MediaError(message, code=_CODE, hint=hint)
    media = Media(data, media_type)
    if limits.max_bytes is not None:
        size = media.base64_size if limits.bytes_as == "base64" else len(data)
        if size > limits.max_bytes.value:
            message = f"{target.title} takes at most {limits.max_bytes.value:,} bytes, got {size:,}"
            raise MediaError(message, code="media-too-large")
    return media


def _severity(target: Target, code: str) -> str | None:
    own = target.severity.get(code)
    return None if own is None else own.value


def _type_of(ref: MediaRef, data: bytes) -> str | None:
    """Return the media type by the signature; of a text file, by its name or as it is declared."""
    media_type = headers.sniff(data)
    if media_type is not None or ref.kind != "file":
        return media_type
    claimed = _claimed(ref)
    return claimed if claimed is None or not _is_claim_of_text(claimed) or text.is_text(data) else None


def _claimed(ref: MediaRef) -> str | None:
    """Return the media type that is said of the bytes: by a file's name, or by the data URL."""
    inner = ref.data.get("file")
    names = (ref.text if ref.grammar is Kind.REFERENCE else None, inner.get("filename") if inner else None)
    claimed = next(
        (by_name for name in names if isinstance(name, str) and (by_name := headers.by_extension(name))), None
    )
    if claimed is None and ref.grammar is Kind.DATA:
        claimed = headers.canonical(data_url.split(ref.text).media_type) or None
    return claimed


def _is_broken(ref: MediaRef, data: bytes) -> bool:
    """Return whether bytes without a signature are said to be of a type that has one."""
    claimed = _claimed(ref) if headers.sniff(data) is None and text.describe(data) not in ("SVG", "HTML") else None
    return claimed is not None and headers.has_signature(claimed)


def _is_claim_of_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in [entry.name for entry in text.TYPES]


def shrink_all(fitted: Sequence[Media], refits: Sequence[Callable[[int], Media]], most: int) -> list[Media]:
    """Return *fitted* with the largest made smaller until all of them are small enough together."""
    made = list(fitted)
    share = largest_share([media.base64_size for media in made], most)
    if share is None:
        return made
    for number, media in enumerate(made):
        if media.base64_size > share:
            try:
                made[number] = refits[number](share // 4 * 3)
            except MediaError as error:
                if error.code != "media-too-large":
                    raise
                excess = sum(media.base64_size for media in made) - most
                message = f"the request is {excess:,} bytes too large, and its media cannot be made that small"
                raise MediaError(message, code="request-too-large") from error
    return made


def largest_share(sizes: Sequence[int], most: int) -> int | None:
    """Return the size to which all larger ones must come down for the sum to be at most *most*; None when it is."""
    if sum(sizes) <= most:
        return None
    left, count = most, len(sizes)
    for size in sorted(sizes):
        share = left // count
        if size > share:
            return max(share, 0)
        left -= size
        count -= 1
    return 0
