"""Media: the bytes behind a content part, and what the parts that hold or name them share."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

import attrs

from msgkit import data_url, headers
from msgkit.errors import MediaError, quote
from msgkit.model.base import Words


@attrs.frozen(repr=False)
class Media:
    """
    Bytes and their media type.

    Args:
        data: The encoded file: a JPEG, a WAV, a PDF.

        media_type: RFC 6838 type detected from the bytes: ``image/png``.

        changes: What was done to make the media fit, in order; empty when the bytes are the source's own.

    >>> Media(b"%PDF-1.7", "application/pdf").base64_size
    12
    """

    data: bytes
    media_type: str
    changes: tuple[str, ...] = attrs.field(default=(), eq=False)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        import hashlib  # slow to load

        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def header(self) -> headers.Header | None:
        """What the header says; None for a type without a header reader."""
        return headers.read(headers.BytesWindow(self.data))

    @property
    def base64_size(self) -> int:
        """Characters of the bytes as base64."""
        return (len(self.data) + 2) // 3 * 4

    @property
    def width(self) -> int | None:
        """Pixels from left to right as stored; None unless an image."""
        return getattr(self.header, "width", None)

    @property
    def height(self) -> int | None:
        """Pixels from top to bottom as stored; None unless an image."""
        return getattr(self.header, "height", None)

    @property
    def duration(self) -> float | None:
        """Seconds; None unless audio."""
        return getattr(self.header, "duration", None)

    @property
    def sample_rate(self) -> int | None:
        """Hertz; None unless audio."""
        return getattr(self.header, "sample_rate", None)

    @property
    def channels(self) -> int | None:
        """Audio channels; None unless audio."""
        return getattr(self.header, "channels", None)

    def __repr__(self) -> str:
        return f"Media({describe_media(self)})"


def describe_media(media: Media) -> str:
    """Say in a few words what *media* is, without its bytes."""
    size = len(media.data)
    words = [media.media_type]
    try:
        if media.width is not None:
            words.append(f"{media.width}x{media.height}")
        if media.duration is not None:
            words.append(f"{media.duration:.1f} s")
    except MediaError as error:
        words.append(error.code)
    words.append(f"{size:,} bytes" if size < 1000 else f"{size / 1e3:,.0f} kB")  # noqa: PLR2004 (a kilobyte)
    return ", ".join(words)


def media_in(text: str, changes: tuple[str, ...] = (), *, bare_base64: bool = False) -> Media:
    """Return the media in a string, their type from the bytes."""
    kind = data_url.classify(text, bare_base64=bare_base64)
    if kind is data_url.Kind.DATA:
        declared = data_url.split(text)
        data = data_url.decode(declared.payload)
        return Media(data, headers.sniff(data) or headers.canonical(declared.media_type), changes)
    if kind is data_url.Kind.BASE64:
        data = data_url.decode(text)
        return Media(data, headers.sniff(data) or "application/octet-stream", changes)
    raise MediaError(
        "the part only names its media; inline() embeds those of local files",
        code="reference-unresolved",
        source=text,
        hint="inline it first",
    )


class MediaPart:
    """What the parts with media share: their string is in an object under their type, at the key *_key*."""

    __slots__ = ()
    type: ClassVar[str]
    changes: tuple[str, ...]
    _key: ClassVar[str] = "url"
    _bare: ClassVar[bool] = False  # whether the string may be base64 without a data URL

    @property
    def media(self) -> Media:
        """The bytes in the part, decoded at each call, their type and header; see :class:`Media`."""
        inner = getattr(self, self.type)
        text = getattr(inner, self._key)
        if text is None:
            raise MediaError(f"the part has no {self._key}", code="file-source", source=inner.file_id)
        return media_in(text, self.changes, bare_base64=self._bare)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._describe()})"

    def __rich_repr__(self) -> Iterator[Any]:
        """Yield what the media are, for ``rich``."""
        yield Words(self._describe())

    def _describe(self) -> str:
        try:
            return describe_media(self.media)
        except MediaError:
            inner = getattr(self, self.type)
            text = getattr(inner, self._key) or getattr(inner, "file_id", None)
            return quote(text) if text else "no media"
