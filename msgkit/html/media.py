"""What a page shows of one piece of media: the image or the player, its facts, or a box that says why not."""

from collections.abc import Iterator
from hashlib import sha256

import attrs

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, MissingExtraError
from msgkit.escaping import byte_size, count, duration
from msgkit.headers import AudioHeader, ImageHeader
from msgkit.inlining.media_refs import MediaRef
from msgkit.media.image.requirements import upright_size
from msgkit.media.options import DEFAULT
from msgkit.media.sources import Root

_ELEMENTS = {
    "image": ("png", "jpeg", "webp", "gif", "avif", "bmp"),
    "audio": ("wav", "mpeg", "flac", "ogg", "mp4", "webm", "aac"),
    "video": ("mp4", "webm", "ogg"),
}
SHOWN = {f"{element}/{name}": element for element, names in _ELEMENTS.items() for name in names}
"""The media types that browsers show, as detected from the bytes; nothing else is ever handed to one."""

_PDF = "application/pdf"
_WORD = {"image": "Image", "audio": "Audio", "video": "Video", "file": "File"}
_PAGE = 1_000  # pixels of the longer side of a page that is shown
_LONGEST_NAME = 2_000


@attrs.frozen(eq=False, repr=False)
class MediaCard:
    """One piece of media, as a page shows it."""

    kind: str  # the element that shows it: ``image``, ``audio``, ``video``; ``file`` for none
    label: str  # what it is in a line: kind, type, pixels or seconds
    facts: tuple[str, ...] = ()  # the same in pieces, with its size
    # the reference, URL, id or file name that is in the part; None for media that are there themselves
    source: str | None = None
    why: str | None = None  # why it is not shown; None when it is
    key: str = ""  # names the bytes, the same for the same bytes; empty when not shown
    # the data URL that shows it; its media type is detected from the bytes, never the declared one
    url: str = attrs.field(default="", repr=False)
    width: int | None = None  # pixels as shown, upright; None unless an image
    height: int | None = None  # pixels as shown, upright; None unless an image
    changes: tuple[str, ...] = ()  # what was done to make it fit


def look(ref: MediaRef, root: Root | None = None, *, changes: tuple[str, ...] = ()) -> MediaCard:
    """Look at what a reference names or holds; nothing is decoded but base64, and nothing remote is ever opened."""
    source = None if ref.grammar in (Kind.DATA, Kind.BASE64) else ref.text[:_LONGEST_NAME]
    if ref.grammar in _UNOPENED:
        return MediaCard("file", _WORD[ref.kind], (), source, _UNOPENED[ref.grammar])
    try:
        data, payload, declared = _bytes(ref, root)
        card = _card(ref.kind, data, payload, declared)
    except MediaError as error:
        return MediaCard("file", _WORD[ref.kind], (), source, f"{error.message} ({error.code})")
    name = _filename(ref) or source
    return attrs.evolve(card, source=name, changes=changes)


def _filename(ref: MediaRef) -> str | None:
    inner = ref.data.get("file")
    name = inner.get("filename") if isinstance(inner, dict) else None
    return name[:_LONGEST_NAME] if isinstance(name, str) else None


def _bytes(ref: MediaRef, root: Root | None) -> tuple[bytes, str | None, str]:
    """Return the bytes, their base64 when it is there already, and the declared media type."""
    if ref.grammar is Kind.REFERENCE:
        if root is None:
            raise MediaError("a local file: there is no root to open it in", code="reference-unresolved")
        return root.read(ref.text), None, ""
    url = data_url.split(ref.text) if ref.grammar is Kind.DATA else data_url.DataUrl("", "", ref.text)
    DEFAULT.check_bytes(len(url.payload) // 4 * 3 - 2)
    return data_url.decode(url.payload), url.payload, url.media_type


_UNOPENED = {
    Kind.REMOTE: "a remote URL: it is named here and never loaded",
    Kind.SCHEME: "a URL of a scheme that is never opened",
    Kind.EMPTY: "no data",
}


def _card(kind: str, data: bytes, payload: str | None, declared: str) -> MediaCard:
    media_type = headers.sniff(data)
    size = byte_size(len(data))
    if media_type is None:
        unknown = "bytes of no known type are never shown" + (", whatever is declared" if declared else "")
        named = declared or "unknown type"
        return MediaCard("file", f"{_WORD[kind]}, {named}", (named, size), why=unknown)
    if media_type == _PDF:
        return _document(data, declared)
    header, fault = _header(data)
    facts = (media_type, *_facts(header), *_disagreement(declared, media_type), size)
    label = ", ".join([_WORD[headers.kind(media_type)], *facts[:2]])
    shown = _element(kind, media_type)
    why = fault or _too_many(header) or (None if shown else f"browsers do not show {media_type}")
    if why is not None:
        return MediaCard("file", label, facts, why=why)
    url = f"data:{media_type};base64,{payload or data_url.encode(data)}"
    key = sha256(data).hexdigest()[:20]
    sides = upright_size(header) if isinstance(header, ImageHeader) else (None, None)
    return MediaCard(shown, label, facts, None, None, key, url, *sides)


def _document(data: bytes, declared: str) -> MediaCard:
    """Show the first page of a PDF, which the extra ``pdf`` draws."""
    from msgkit.media import pdf  # few pages show one

    facts = (_PDF, *_disagreement(declared, _PDF), byte_size(len(data)))
    try:
        page, width, height, pages = pdf.first_page(data, _PAGE)
    except MissingExtraError:
        return MediaCard("file", f"File, {_PDF}", facts, why="the extra pdf draws its first page")
    except MediaError as error:
        return MediaCard("file", f"File, {_PDF}", facts, why=f"{error.message} ({error.code})")
    told = (_PDF, count(pages, "page"), *facts[1:], "its first page" if pages > 1 else "its page")
    url = f"data:image/jpeg;base64,{data_url.encode(page)}"
    label = f"File, {_PDF}, {count(pages, 'page')}"
    return MediaCard("image", label, told, key=sha256(page).hexdigest()[:20], url=url, width=width, height=height)


def _header(data: bytes) -> tuple[headers.Header | None, str | None]:
    """Return what the header says, and why it cannot be read."""
    try:
        return headers.read(data), None
    except MediaError as error:
        return None, f"{error.message} ({error.code})"


def _disagreement(declared: str, media_type: str) -> Iterator[str]:
    if declared and headers.canonical(declared) != media_type:
        yield f"declared {declared}"


def _element(kind: str, media_type: str) -> str:
    """Audio in a video container gets a player without an image."""
    shown = SHOWN.get(media_type, "")
    return "audio" if shown == "video" and kind == "audio" else shown


def _facts(header: headers.Header | None) -> Iterator[str]:
    if isinstance(header, ImageHeader):
        yield f"{header.width:,} \N{MULTIPLICATION SIGN} {header.height:,}"
        if header.frames > 1:
            yield count(header.frames, "frame")
        if header.orientation > 1:
            yield f"EXIF orientation {header.orientation}"
    elif isinstance(header, AudioHeader):
        yield ("about " if header.estimated else "") + duration(header.duration)
        yield f"{header.sample_rate:,} Hz"
        yield _CHANNELS.get(header.channels) or count(header.channels, "channel")
    if header is not None and not header.complete:
        yield "is truncated"


_CHANNELS = {1: "mono", 2: "stereo"}


def _too_many(header: headers.Header | None) -> str | None:
    """A browser decodes what it shows: the bounds that hold for msgkit hold for it."""
    if not isinstance(header, ImageHeader):
        return None
    if header.pixels > DEFAULT.image_pixels:
        return f"{header.pixels:,} pixels: more than {DEFAULT.image_pixels:,} are not shown"
    if max(header.width, header.height) > DEFAULT.image_side:
        return f"more than {DEFAULT.image_side:,} pixels a side are not shown"
    return None
