"""What every file of a media type builds on: windows over bytes, what headers say, and the entry of a type."""

import binascii
from collections.abc import Callable
from typing import NamedTuple, Protocol

import pybase64

from msgkit.errors import MediaError


class Window(Protocol):
    """Bytes that are read a slice at a time, wherever they lie."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on: fewer at the end, none behind it. Neither number is negative."""


class BytesWindow:
    """A window over bytes in memory."""

    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""
        return self._data[offset : offset + length]


class Base64Window:
    """A window over base64 text: only the slices asked for are decoded, and only those are checked."""

    __slots__ = ("_text", "size")

    def __init__(self, text: str) -> None:
        self._text = text
        padding = 2 if text.endswith("==") else int(text.endswith("="))
        self.size = max(0, len(text) * 3 // 4 - padding)

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        first = offset // 3 * 4
        text = self._text[first : (offset + length + 2) // 3 * 4]
        try:
            data = pybase64.b64decode(text, validate=True)
        except (ValueError, binascii.Error) as error:
            message = f"expected base64 between offsets {first} and {first + len(text)}"
            raise MediaError(message, code="base64-invalid") from error
        skip = offset % 3
        return data[skip : skip + length]


class ImageHeader(NamedTuple):
    """What an image file says about itself."""

    media_type: str  # from the signature: ``image/jpeg``
    width: int  # pixels in a row, as stored: before EXIF turns the image, which is what models see
    height: int  # rows of pixels, as stored
    # images that are shown one after the other. The further images of an MPO (a JPEG with a preview or a gain map
    # behind it) do not count: every reader of JPEG shows the first
    frames: int = 1
    orientation: int = 1  # the EXIF orientation, 1 to 8; 1 = upright, also when there is no EXIF or a broken one
    # the colours as Pillow names them (``L``, ``RGB``, ``RGBA``, ``P``, ``CMYK``, ...); None = not known
    mode: str | None = None
    bits: int = 8  # bits of one sample of one channel, as stored (of one index, for a palette)
    alpha: bool = False  # true when pixels may be transparent, by a channel or by a transparent colour
    icc: bool = False  # true when a colour profile is embedded
    private: tuple[str, ...] = ()  # personal data in the metadata: ``gps``, ``owner``, ``serial``, ``comment``
    complete: bool = True  # false when the file is truncated
    # false for a coding that browsers and most services do not know: JPEG that is arithmetic or lossless
    common: bool = True
    interlaced: bool = False  # true where no row is whole before the last: a PNG in seven passes, a TIFF in one piece
    # bytes for each pixel that a decoder keeps beside the image itself: the coefficients of a JPEG of several scans,
    # the planes of HEIC and AVIF, the pixels of a lossless WebP, all rows of a TIFF that are packed as one
    buffered: float = 0.0

    @property
    def pixels(self) -> int:
        """Pixels of all frames together."""
        return self.width * self.height * self.frames


class AudioHeader(NamedTuple):
    """What an audio file says about itself."""

    media_type: str  # from the signature: ``audio/wav``
    codec: str  # how the samples are stored, in ffmpeg's words: ``pcm_s16le``, ``mp3``, ``flac``, ``vorbis``, ``opus``
    sample_rate: int  # hertz
    channels: int  # 1 = mono, 2 = stereo
    duration: float  # seconds of what is there, also when the file is truncated
    bits: int | None = None  # bits of one sample, as stored; None where a codec has no such number
    estimated: bool = False  # true when the duration was computed from a claim or an average, and not counted
    complete: bool = True  # false when the file is truncated


class DocumentHeader(NamedTuple):
    """What a document says about itself."""

    media_type: str
    pages: int | None = None  # none where they are not told in clear
    encrypted: bool = False  # true when it cannot be read without a key
    complete: bool = True  # false when the file is truncated


Header = ImageHeader | AudioHeader | DocumentHeader


def invalid(message: str) -> MediaError:
    """Return the error for bytes that contradict their own format."""
    return MediaError(message, code="media-invalid")


def truncated(what: str) -> MediaError:
    """Return the error for a truncated header; *what* names the part that is missing."""
    return MediaError(f"the file is truncated in {what}", code="media-truncated")


def empty(message: str) -> MediaError:
    """Return the error for a file that holds nothing to look at or to hear."""
    return MediaError(message, code="media-empty")


def check_size(width: int, height: int) -> None:
    """Raise ``media-invalid`` for an image without pixels."""
    if width <= 0 or height <= 0:
        raise invalid(f"expected a width and a height of at least 1 pixel, got {width} x {height}")


MAX_RATE = 1 << 20  # hertz; the largest that a FLAC header can hold
MAX_CHANNELS = 255  # the largest that a Vorbis or Opus header can hold


def check_audio(sample_rate: int, channels: int) -> None:
    """Raise ``media-invalid`` for a sample rate or a number of channels that no recording has."""
    if not 0 < sample_rate < MAX_RATE:
        raise invalid(f"expected a sample rate of 1 to {MAX_RATE - 1:,} hertz, got {sample_rate:,}")
    if not 0 < channels <= MAX_CHANNELS:
        raise invalid(f"expected 1 to {MAX_CHANNELS} channels, got {channels:,}")


class MediaType(NamedTuple):
    """
    One media type.

    Args:
        name: The one name that msgkit uses: ``image/jpeg``.

        extensions: Of its files, with the dot; the first is the one that is written.

        aliases: Other names of the same type.

        audio_formats: Its short names in the field ``format`` beside audio data; the first is the one that is written.

        prefixes: What its files begin with.

        forms: Pairs of the first four bytes and the four at offset 8, of RIFF and its relatives.

        sniff: Called with the file and its first 16 bytes where neither tells; returns a media type or None.

        read: The reader of its header; None where there is none.
    """

    name: str
    extensions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audio_formats: tuple[str, ...] = ()
    prefixes: tuple[bytes, ...] = ()
    forms: tuple[tuple[bytes, bytes], ...] = ()
    sniff: Callable[[Window, bytes], str | None] | None = None
    read: Callable[[Window], Header] | None = None
