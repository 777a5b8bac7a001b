"""How media are made to fit: what people choose beside the target, and msgkit's own limits of what it decodes."""

from typing import Literal, TypedDict, TypeVar

import attrs

from msgkit.errors import MediaError
from msgkit.jsontext.fast import MAX_ROW

_MIB = 1024 * 1024
MP3_KILOBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # a second, of MPEG-1 layer III
IN_PIECES = 4  # times the pixels of the limit: what can be decoded in pieces takes time, and no more memory


@attrs.frozen
class Limits:
    """Bounds that hold for what is decoded; they are the caller's to raise."""

    file_bytes: int = 128 * _MIB  # bytes of one file (``--max-file``)
    # width x height, summed over the frames that are decoded (``--max-pixels``). It bounds the memory that an image
    # takes to change: 64 MiB and 4 bytes for each pixel of the limit, the file included. To stay within that, JPEG and
    # WebP are decoded at a part of their size and PNG and TIFF in strips, up to four times the limit; what is decoded
    # from more than five eighths of it comes out with fewer pixels, an animation with an eighth of it at most, and
    # types whose decoders need more memory (AVIF, HEIC, a TIFF in one piece of LZW) are refused above a part of it
    image_pixels: int = 50_000_000
    image_side: int = 65_535  # pixels of the longer side (``--max-side``)
    image_frames: int = 1_000  # frames of one animation, and pages of one file
    audio_seconds: float = 1_800.0  # seconds of audio that is compressed (``--max-seconds``)
    sample_bytes: int = 256 * _MIB  # bytes of decoded samples of compressed audio: rate x channels x bytes x seconds
    row_bytes: int = MAX_ROW  # bytes of a row with its media, as much as msgkit reads again (``--max-row``)

    def check_bytes(self, size: int) -> None:
        """Refuse more bytes than one file may have."""
        if size > self.file_bytes:
            raise own_limit(f"{self.file_bytes:,} bytes", f"{size:,}", "--max-file")

    def check_frames(self, count: int, what: str = "pages") -> None:
        """Refuse more pages or frames than one file may have."""
        if count > self.image_frames:
            raise own_limit(f"{self.image_frames:,} {what}", f"{count:,}", "limits=Limits(image_frames=...)")


def own_limit(most: str, size: str, option: str, code: str = "media-too-large") -> MediaError:
    """Return the error for what is over a limit of msgkit's own, with the option that raises it."""
    return MediaError(f"expected at most {most}, got {size}", code=code, hint=f"msgkit's own limit: {option} raises it")


N = TypeVar("N", int, float)


def least(*limits: N | None) -> N | None:
    """Return the smallest of some limits; None where there is none."""
    return min((limit for limit in limits if limit is not None), default=None)


DEFAULT = Limits()


@attrs.frozen(kw_only=True)
class Options:
    """How media are made to fit."""

    limits: Limits = DEFAULT  # what is taken in at all
    # colour under transparent pixels where the type has no transparency: a name, or ``#rrggbb``
    background: str = "white"
    # quality of JPEG and WebP when bytes are no concern, 1 to 95
    quality: int = attrs.field(default=90, validator=[attrs.validators.ge(1), attrs.validators.le(95)])
    # scale images down to the side beyond which the target does so by itself, when that saves bytes. Off, so that
    # what satisfies the target passes through byte for byte
    shrink: bool = False
    max_side: int | None = None  # most pixels a side, whatever the target takes; None for the target's limit alone
    # most bytes of an image, whatever the target takes; None for the target's limit alone
    max_image_bytes: int | None = None
    # most bytes of audio, whatever the target takes; None for the target's limit alone
    max_audio_bytes: int | None = None
    upright: bool = False  # turn images upright also where no target asks for it
    image_count: int = 1  # images in the same request: a target may take less of each when there are many
    # what becomes of a TIFF of several pages that must change: ``all`` makes an image of each, ``first`` takes the
    # first, ``refuse`` neither
    pages: Literal["all", "first", "refuse"] = "refuse"
    # what becomes of a PDF where the target takes none: ``pages`` makes an image of each page
    pdf: Literal["pass", "pages"] = "pass"
    # what becomes of a text file where the target takes none: ``part`` makes a text part of it
    text_files: Literal["part", "refuse"] = "refuse"
    # leave out EXIF, XMP and comments also of images that pass through; no pixel changes
    strip_metadata: bool = False
    # ``wav`` or ``mp3``; None for the source's own where the target takes it, else WAV
    audio_format: Literal["wav", "mp3"] | None = None
    audio_rate: int | None = None  # samples a second, in hertz; None to keep the source's
    audio_channels: int | None = None  # 1 = mono, 2 = stereo; None to keep the source's
    # of MP3, in kilobits a second; None for 128, and less where the target takes fewer bytes
    audio_bitrate: int | None = None
    audio_max_seconds: float | None = None  # longest audio; None for the target's limit alone
    audio_trim: bool = False  # cut what is too long, instead of refusing it
    # folder that keeps conversions from one run to the next; None to keep them in memory only, a bounded lot
    cache: str | None = None


class FitOptions(TypedDict, total=False):
    """The same as keywords; what is left out has the default of ``Options``."""

    limits: Limits
    background: str
    quality: int
    shrink: bool
    max_side: int | None
    max_image_bytes: int | None
    max_audio_bytes: int | None
    image_count: int
    pages: Literal["all", "first", "refuse"]
    pdf: Literal["pass", "pages"]
    text_files: Literal["part", "refuse"]
    strip_metadata: bool
    audio_format: Literal["wav", "mp3"] | None
    audio_rate: int | None
    audio_channels: int | None
    audio_bitrate: int | None
    audio_max_seconds: float | None
    audio_trim: bool
    cache: str | None


class InlineOptions(FitOptions, total=False):
    """The same, with what ``image`` has a keyword of its own for."""

    upright: bool


PLAIN = Options()
