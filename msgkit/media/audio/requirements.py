"""What a target asks of a sound, reckoned from its limits and from what the caller chose; pure numbers, no samples."""

import attrs

from msgkit.errors import MediaError, quote
from msgkit.headers import AUDIO_TYPES, SoundHeader
from msgkit.media.options import Options
from msgkit.model.parts import Media
from msgkit.targets import Target

WRITTEN = ("audio/wav", "audio/mpeg")
"""The types that msgkit encodes."""


@attrs.frozen
class Demands:
    """
    What a sound must satisfy; None = no limit, or as the source has it.

    Args:
        media_types: The types taken, of WAV and MP3.

        codecs: The encodings taken inside WAV; None for every plain one.

        max_bytes: Most bytes as they are, not as base64.

        max_seconds: Longest sound.

        trim: Cut what is longer.

        rate: Hertz.

        channels: 1 = mono, 2 = stereo.
    """

    media_types: tuple[str, ...] = WRITTEN
    codecs: tuple[str, ...] | None = None
    max_bytes: int | None = None
    max_seconds: float | None = None
    trim: bool = False
    rate: int | None = None
    channels: int | None = None

    def satisfied(self, header: SoundHeader, *, plain: bool) -> bool:
        """Tell whether a sound may stay as it is; *plain* is True for RIFF, the common kind of WAV, and for MP3."""
        return (
            plain
            and header.media_type in self.media_types
            and self._takes(header)
            and self.rate in (None, header.sample_rate)
            and self.channels in (None, header.channels)
            and not self.too_long(header.duration)
        )

    def _takes(self, header: SoundHeader) -> bool:
        if header.media_type != "audio/wav":
            return header.codec == "mp3" and header.complete  # layers I and II have the same media type
        if self.codecs is None:
            return header.codec.startswith("pcm_") and not header.codec.endswith("be")
        return header.codec in self.codecs

    def too_long(self, duration: float) -> bool:
        """Tell whether *duration* seconds are over the limit."""
        return self.max_seconds is not None and duration > self.max_seconds

    def check_length(self, header: SoundHeader) -> None:
        """
        Refuse what is too long, unless it is to be cut.

        Raises:
            MediaError: ``audio-too-long``.
        """
        if self.too_long(header.duration) and not self.trim:
            message = f"expected at most {self.max_seconds:,.1f} seconds, got {header.duration:,.1f}"
            raise MediaError(message, code="audio-too-long", hint="cut it (--audio-trim)")

    def check_bytes(self, media: Media) -> None:
        """
        Refuse what has too many bytes.

        Raises:
            MediaError: ``media-too-large``.
        """
        if self.max_bytes is not None and len(media.data) > self.max_bytes:
            message = f"expected at most {self.max_bytes:,} bytes, got {len(media.data):,}"
            hint = "make it MP3 (--audio-format mp3)" if media.media_type == "audio/wav" else None
            raise MediaError(message, code="media-too-large", hint=hint)


def demands_of(target: Target | None, options: Options) -> Demands:
    """
    Return what *target* and *options* ask of a sound.

    Raises:
        MediaError: ``media-format-unsupported`` when the target takes neither WAV nor MP3, or not the one chosen.

    >>> from msgkit import targets
    >>> demands_of(targets.get("vllm"), Options()).max_seconds
    600.0
    """
    taken = WRITTEN if target is None else tuple(name for name in WRITTEN if name in target.audio.media_types.value)
    if target is not None and not taken:
        message = f"the target {quote(target.name)} takes no sound as WAV or MP3"
        raise MediaError(message, code="media-format-unsupported")
    if options.audio_format is not None:
        wanted = AUDIO_TYPES[options.audio_format]
        if wanted not in taken:
            message = f"expected one of {', '.join(taken)}, got {wanted}"
            raise MediaError(message, code="media-format-unsupported")
        taken = (wanted,)
    limits = None if target is None else target.audio
    seconds = limits.max_seconds.value if limits and limits.max_seconds else None
    return Demands(
        media_types=taken,
        codecs=limits.codecs.value if limits and limits.codecs else None,
        max_bytes=_raw_bytes(target),
        max_seconds=_least(seconds, options.audio_max_seconds),
        trim=options.audio_trim,
        rate=options.audio_rate,
        channels=options.audio_channels,
    )


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _raw_bytes(target: Target | None) -> int | None:
    if target is None or target.audio.max_bytes is None:
        return None
    most = target.audio.max_bytes.value
    return most // 4 * 3 if target.audio.bytes_as == "base64" else most
