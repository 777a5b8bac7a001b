"""How media are made to fit: what people choose, beside the target."""

from typing import Literal

import attrs

from msgkit.media.limits import DEFAULT, Limits


@attrs.frozen(kw_only=True)
class Options:
    """
    How media are made to fit.

    Args:
        limits: What is taken in at all.

        background: Colour under transparent pixels where the type has no transparency: a name, or ``#rrggbb``.

        quality: Quality of JPEG and WebP when bytes are no concern, 1 to 95.

        shrink: Scale pictures down to the side beyond which the target does so by itself, when that saves bytes. Off,
            so that what satisfies the target passes through byte for byte.

        max_side: Most pixels a side, whatever the target takes; None for the target's limit alone.

        max_image_bytes: Most bytes of a picture, whatever the target takes; None for the target's limit alone.

        max_audio_bytes: Most bytes of a sound, whatever the target takes; None for the target's limit alone.

        upright: Turn images upright also where no target asks for it.

        image_count: Pictures in the same request: a target may take less of each when there are many.

        pages: What becomes of a TIFF of several pages that must change: ``all`` makes an image of each, ``first`` takes
            the first, ``refuse`` neither.

        text_files: What becomes of a text file where the target takes none: ``part`` makes a text part of it.

        strip_metadata: Leave out EXIF, XMP and comments also of pictures that pass through; no pixel changes.

        audio_format: ``wav`` or ``mp3``; None for the source's own where the target takes it, else WAV.

        audio_rate: Samples a second, in hertz; None to keep the source's.

        audio_channels: 1 = mono, 2 = stereo; None to keep the source's.

        audio_bitrate: Of MP3, in kilobits a second; None for 128, and less where the target takes fewer bytes.

        audio_max_seconds: Longest sound; None for the target's limit alone.

        audio_trim: Cut what is too long, instead of refusing it.

        cache: Folder that keeps conversions from one run to the next; None to keep them in memory only, a bounded lot.
    """

    limits: Limits = DEFAULT
    background: str = "white"
    quality: int = attrs.field(default=90, validator=[attrs.validators.ge(1), attrs.validators.le(95)])
    shrink: bool = False
    max_side: int | None = None
    max_image_bytes: int | None = None
    max_audio_bytes: int | None = None
    upright: bool = False
    image_count: int = 1
    pages: Literal["all", "first", "refuse"] = "refuse"
    text_files: Literal["part", "refuse"] = "refuse"
    strip_metadata: bool = False
    audio_format: Literal["wav", "mp3"] | None = None
    audio_rate: int | None = None
    audio_channels: int | None = None
    audio_bitrate: int | None = None
    audio_max_seconds: float | None = None
    audio_trim: bool = False
    cache: str | None = None


PLAIN = Options()
