"""
What is behind each media part: detected from the string and from the first bytes, without decoding.

Each part is looked at once; the rules read what was found.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, cast

import attrs

from msgkit import data_url, headers
from msgkit.data_url import Kind
from msgkit.errors import MediaError, Path
from msgkit.formats.common import columns, media
from msgkit.headers import AUDIO_FORMATS, Header, Window, text
from msgkit.jsontext.edit import Steps, edit, find
from msgkit.jsontext.values import OBJECT
from msgkit.model.base import UnknownPart
from msgkit.model.messages import Conversation, Message
from msgkit.model.parts import AudioPart, AudioUrlPart, ContentPart, FilePart, ImagePart, VideoUrlPart
from msgkit.structuring.wire import STRING
from msgkit.targets import AudioLimits, FileLimits, MediaLimits, Target

_HEAD = 4096  # bytes
_SHORTHANDS = ("image", "audio", "video")  # part types of Transformers and TRL


class Use(NamedTuple):
    """A string that names or holds media."""

    path: Path  # where it stands
    kind: str  # ``image``, ``audio``, ``video`` or ``file``
    text: str
    part: ContentPart | None  # the part around it; None for an entry of a media column
    is_bare: bool = False  # whether base64 without a data URL may be here
    kept: bool = False  # whether it is held by a part of another API, whose media are no concern of a target's limits


def _without_frames(fault: MediaError | None) -> MediaError | None:
    """Let go of the frames that an error came through: they hold the row, and what holds the error."""
    return fault if fault is None else fault.with_traceback(None)


@attrs.frozen(eq=False, repr=False)
class Inspection:
    """What was found behind a media part."""

    use: Use
    grammar: Kind  # what the string is
    # the media type that the data URL names, as written but in lower case; None without a data URL
    declared: str | None = None
    size: int | None = None  # bytes, None when they were not looked at
    base64_size: int | None = None  # characters as base64, None when not looked at
    media_type: str | None = None  # detected from the bytes; None when unknown
    header: Header | None = None  # what the header says; None when there is no reader, or it failed
    looks: str = ""  # what bytes without a signature look like: ``SVG``, ``HTML``, ``text``
    # the first thing that kept the media from being read
    fault: MediaError | None = attrs.field(default=None, converter=_without_frames)


def inspect_all(
    conversation: Conversation,
    opener: Callable[[str], AbstractContextManager[Window]] | None,
    grammar: Callable[[str], object] | None,
    *,
    ready: bool,
    pages: bool = False,
) -> Iterator[Inspection]:
    """Look at every media part of *conversation*, in order."""
    for use in uses(conversation):
        kind = data_url.classify(use.text, bare_base64=use.is_bare)
        if use.kept:
            if kind is Kind.REFERENCE:
                named = Inspection(use, kind) if ready else _reference(use, opener, grammar, pages=False)
                yield attrs.evolve(named, size=None, header=None)
            continue
        if kind is Kind.DATA or kind is Kind.BASE64:
            yield _inline(use, kind, pages=pages)
        elif kind is Kind.REFERENCE and not ready:
            yield _reference(use, opener, grammar, pages=pages)
        else:
            yield Inspection(use, kind)


def uses(conversation: Conversation) -> Iterator[Use]:
    """Yield every string of *conversation* that names or holds media."""
    for i, message in enumerate(conversation.messages):
        if isinstance(message.content, tuple):
            for j, part in enumerate(message.content):
                use = _use(("messages", i, "content", j), part)
                if use is not None and isinstance(use.text, str):
                    yield use
                elif isinstance(part, UnknownPart):
                    yield from _others(("messages", i, "content", j), message, part)
        if message.audio is not None:
            for ref in media.answer_strings(message.audio):
                answer = UnknownPart("audio", message.audio)
                yield Use(("messages", i, "audio", *ref.keys), ref.kind, ref.text, answer, is_bare=True, kept=True)
    for column in columns.find(conversation.extra).values():
        for n, entry in enumerate(column.entries):
            name = columns.entry_name(entry)
            if name is not None:
                yield Use((*column.path(n), *columns.entry_key(entry)), column.kind, name, None)


def _others(at: Path, message: Message, part: UnknownPart) -> Iterator[Use]:
    """Yield what a part of another API holds, and the frames of a video."""
    for n, frame in enumerate(media.video_frames(part.data)):
        yield Use((*at, "video", n), "image", frame, part)
    for ref in media.kept_strings(part.data):
        place = media.place_in_row(at, ref.keys, message.form, part.type)
        yield Use(place, ref.kind, ref.text, part, media.is_bare(ref.keys), kept=True)


def _use(at: Path, part: ContentPart | None) -> Use | None:
    if isinstance(part, ImagePart) and part.image_url:
        end = ("image_url",) if STRING in part.image_url.form else ("image_url", "url")
        return Use((*at, *end), "image", part.image_url.url, part)
    if isinstance(part, AudioPart) and part.input_audio:
        return Use((*at, "input_audio", "data"), "audio", part.input_audio.data, part, is_bare=True)
    if isinstance(part, AudioUrlPart) and part.audio_url:
        return Use((*at, "audio_url", "url"), "audio", part.audio_url.url, part)
    if isinstance(part, VideoUrlPart) and part.video_url:
        return Use((*at, "video_url", "url"), "video", part.video_url.url, part)
    if isinstance(part, FilePart) and part.file and part.file.file_data is not None:
        return Use((*at, "file", "file_data"), "file", part.file.file_data, part, is_bare=True)
    if isinstance(part, FilePart) and part.file:
        url = part.file.extra.get("file_url")
        is_reference = isinstance(url, str) and data_url.classify(url) is Kind.REFERENCE
        return Use((*at, "file", "file_url"), "file", str(url), part) if is_reference else None
    if isinstance(part, UnknownPart) and part.type in _SHORTHANDS:
        key = next((key for key in ("path", "url", part.type) if isinstance(part.data.get(key), str)), None)
        return None if key is None else Use((*at, key), part.type, part.data[key], part)
    return None


def _inline(use: Use, kind: Kind, *, pages: bool) -> Inspection:
    declared, payload = None, use.text
    try:
        if kind is Kind.DATA:
            url = data_url.split(use.text)
            declared, payload = url.media_type, url.payload
        check_base64(payload)
    except MediaError as error:
        return Inspection(use, kind, declared, fault=error)
    return _look(use, kind, headers.Base64Window(payload), declared, len(payload), pages=pages)


def check_base64(text: str) -> None:
    """Refuse what is not canonical base64."""
    if not data_url.decodes(text):
        data_url.decode(text)  # says where
    if not text or len(text) % 4 or "=" in text[-4:]:
        data_url.decode(text) if not text else data_url.check_end(text)


def _reference(
    use: Use,
    opener: Callable[[str], AbstractContextManager[Window]] | None,
    grammar: Callable[[str], object] | None,
    *,
    pages: bool,
) -> Inspection:
    try:
        if opener is not None:
            with opener(use.text) as window:
                return _look(use, Kind.REFERENCE, window, pages=pages)
        if grammar is not None:
            grammar(use.text)
    except MediaError as error:
        return Inspection(use, Kind.REFERENCE, fault=error)
    return Inspection(use, Kind.REFERENCE)


def _look(
    use: Use, kind: Kind, window: Window, declared: str | None = None, characters: int = 0, *, pages: bool
) -> Inspection:
    """Read the header; of a PDF, count the *pages* where it does not tell them and a target takes only so many."""
    size, media_type, header, looks, fault = window.size, None, None, "", None
    try:
        media_type = headers.sniff(window)
        if media_type is None:
            looks = text.describe(window.at(0, _HEAD))
        elif media_type == "application/pdf":
            header = _document(window, counted=pages)
        elif headers.kind(media_type) in ("image", "audio"):
            header = headers.read(window, media_type)
    except MediaError as error:
        fault = error
    except OSError as error:
        reason = str(error.strerror or "cannot be read").lower()
        fault = MediaError(reason, code="reference-unreadable", source=use.text)
    return Inspection(use, kind, declared, size, characters or (size + 2) // 3 * 4, media_type, header, looks, fault)


def _document(window: Window, *, counted: bool) -> Header | None:
    header: Any = headers.read(window, "application/pdf")
    if not counted:
        return cast(Header, header)
    from msgkit.media import pdf  # it takes Pillow with it

    return pdf.look(window, header)


def limits_of(target: Target, of: str) -> MediaLimits | AudioLimits | FileLimits:
    """Return the limits of a target for a kind of media."""
    return {"image": target.images, "audio": target.audio, "video": target.video}.get(of, target.files)  # type: ignore[return-value]


_GEMINI = ("mimeType", "mime_type")
_TYPE_KEYS = (*_GEMINI, "media_type", "mediaType")  # beside the data
_OWN_NAMES = {"audio/mpeg": "audio/mp3"}  # as Gemini's documentation has it


def read_media(body: Any, at: Steps) -> str | None:
    """Return the base64 of the media at *at*; None if there are none."""
    value = find(body, at)
    if isinstance(value, OBJECT):
        data = value.get("data")
        return data if value.get("type") == "base64" and isinstance(data, str) else None
    kind = data_url.classify(value, bare_base64=True) if isinstance(value, str) else Kind.EMPTY
    if kind is Kind.DATA:
        return data_url.split(value).payload
    return str(value) if kind is Kind.BASE64 else None


def write_media(body: Any, at: Steps, media_type: str, data: str) -> Any:
    """Return *body* with other media at *at*, and their type where the row says it."""
    old, around = find(body, at), find(body, at[:-1])
    if isinstance(old, OBJECT):
        return edit(body, at, lambda source: {**source, "media_type": media_type, "data": data})
    if _is_url(around, at):
        return edit(body, at, lambda _: data_url.of(media_type, data))
    key = next((key for key in _TYPE_KEYS if isinstance(around, OBJECT) and key in around), None)
    if key is not None:
        named = _OWN_NAMES.get(media_type, media_type) if key in _GEMINI else media_type
        return edit(body, at[:-1], lambda inner: {**inner, key: named, at[-1]: data})
    if old[:5].lower() == "data:":
        return edit(body, at, lambda _: data_url.of(media_type, data))
    return edit(body, at, lambda _: data)


def _is_url(around: Any, at: Steps) -> bool:
    """Return whether a string is one that holds media as a data URL only."""
    return at[-1] in ("url", "image_url", "audio_url", "video_url", "file_data") and isinstance(around, OBJECT)


def sniff_media(data: str) -> str | None:
    """Return the media type that base64 *data* are of; None when unknown."""
    return headers.sniff(headers.Base64Window(data))


def unwrapped(body: Any, at: Steps) -> Any:
    """Write the base64 of a data URL alone."""
    return edit(body, at, lambda old: data_url.split(old).payload if old[:5].lower() == "data:" else old)


def retyped(body: Any, at: Steps) -> Any:
    """Say of inline media what the bytes say: beside them, or in the data URL around them."""
    if at[-1] == "data" and "format" in find(body, at[:-1]):
        return reformatted(body, (*at[:-1], "format"))
    data = read_media(body, at)
    actual = sniff_media(data) if data is not None else None
    return body if data is None or actual is None else write_media(body, at, actual, data)


def reformatted(body: Any, at: Steps) -> Any:
    """Write the format that the bytes of an audio part have."""
    data, old = find(body, (*at[:-1], "data")), find(body, at)
    payload = data_url.split(data).payload if data[:5].lower() == "data:" else data
    actual = sniff_media(payload) or headers.canonical(f"audio/{old}")
    new = AUDIO_FORMATS.get(actual, old)
    return edit(body, at[:-1], lambda inner: {**inner, "format": new})


def as_data_url(body: Any, at: Steps) -> Any:
    """Write bare base64 as a data URL."""
    payload = find(body, at)
    actual = sniff_media(payload)
    return body if actual is None else edit(body, at, lambda _: f"data:{actual};base64,{payload}")


def respelled(body: Any, at: Steps) -> Any:
    """Write canonical base64 of a type that the bytes tell."""
    old = find(body, at)
    text = old.get("data") if isinstance(old, OBJECT) else old
    if not isinstance(text, str):
        return body
    data = data_url.repair(text)
    actual = sniff_media(data)
    return body if actual is None else write_media(body, at, actual, data)
