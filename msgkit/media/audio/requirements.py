"""What a target asks of audio, computed from its limits and from what the caller chose; pure numbers, no samples."""

from collections.abc import Iterator

import attrs

from msgkit.errors import MediaError, quote
from msgkit.headers import AUDIO_FORMATS, AUDIO_TYPES, AudioHeader
from msgkit.media.options import Options, least
from msgkit.model.media import Media
from msgkit.targets import AudioLimits, Target
from msgkit.targets.limits import raw_bytes, value_of

WRITTEN = ("audio/wav", "audio/mpeg")
"""The types that msgkit encodes."""

_BITRATES = (128, 96, 64, 48, 32)  # of MP3, kilobits a second: the first is used where size is no concern
_SPEECH = 16_000  # hertz: enough for speech, and what most models hear
_SPEECH_BITRATES = (32, 24, 16)
_HEAD = 44  # bytes of a WAV header


@attrs.frozen
class Plan:
    """One way to write audio; None = as the source has it."""

    media_type: str  # WAV or MP3
    rate: int | None = None  # hertz
    channels: int | None = None  # 1 = mono, 2 = stereo
    bitrate: int | None = None  # of MP3, kilobits a second; None for WAV

    def size(self, header: AudioHeader, seconds: float) -> float:
        """Return about how many bytes *seconds* of the audio take."""
        if self.bitrate is not None:
            return seconds * self.bitrate * 125
        return _HEAD + seconds * 2 * (self.rate or header.sample_rate) * (self.channels or header.channels)


@attrs.frozen
class Demands:
    """What audio must satisfy; None = no limit, or as the source has it."""

    media_types: tuple[str, ...] = WRITTEN  # the types taken
    codecs: tuple[str, ...] | None = None  # the encodings taken inside WAV; None for every plain one
    max_bytes: int | None = None  # most bytes as they are, not as base64
    max_seconds: float | None = None  # longest audio
    trim: bool = False  # cut what is longer
    rate: int | None = None  # hertz
    channels: int | None = None  # 1 = mono, 2 = stereo
    bitrate: int | None = None  # of MP3, kilobits a second; None for 128, and less where it must be smaller

    def satisfied(self, header: AudioHeader, length: int, *, plain: bool) -> bool:
        """Return whether audio may stay as it is; *plain* is False for RIFX and other rare kinds of WAV."""
        return (
            plain
            and header.media_type in self.media_types
            and (self.max_bytes is None or length <= self.max_bytes)
            and self._takes(header)
            and self.rate in (None, header.sample_rate)
            and self.channels in (None, header.channels)
            and not self.too_long(header.duration)
        )

    def _takes(self, header: AudioHeader) -> bool:
        if header.media_type == "audio/mpeg":
            return header.codec == "mp3" and header.complete  # layers I and II have the same media type
        if header.media_type != "audio/wav":
            return header.complete
        if self.codecs is None:
            return header.codec.startswith("pcm_") and not header.codec.endswith("be")
        return header.codec in self.codecs

    def plans(self, header: AudioHeader) -> Iterator[Plan]:
        """Yield the ways to write audio that should be small enough, the least harmful first."""
        seconds = min(header.duration, self.max_seconds) if self.trim and self.max_seconds else header.duration
        for plan in self._ways(header):
            if self.max_bytes is None or plan.size(header, seconds) <= self.max_bytes:
                yield plan

    def _ways(self, header: AudioHeader) -> Iterator[Plan]:
        types = [name for name in WRITTEN if name in self.media_types]
        if "audio/wav" in types and (header.media_type != "audio/mpeg" or types == ["audio/wav"]):
            yield Plan("audio/wav", self.rate, self.channels)
        if "audio/mpeg" not in types:
            return
        for bitrate in _BITRATES if self.bitrate is None else (self.bitrate,):
            yield Plan("audio/mpeg", self.rate, self.channels, bitrate)
        if (self.bitrate, self.rate, self.channels) == (None, None, None):
            for bitrate in _SPEECH_BITRATES:
                yield Plan("audio/mpeg", min(_SPEECH, header.sample_rate), 1, bitrate)

    def too_long(self, duration: float) -> bool:
        """Return whether *duration* seconds are over the limit."""
        return self.max_seconds is not None and duration > self.max_seconds

    def check_length(self, header: AudioHeader) -> None:
        """Refuse what is too long, unless it is to be cut."""
        if self.too_long(header.duration) and not self.trim:
            message = f"expected at most {self.max_seconds:,.1f} seconds, got {header.duration:,.1f}"
            raise MediaError(message, code="audio-too-long", hint="cut it (--audio-trim)")

    def check_bytes(self, media: Media) -> None:
        """Refuse what has too many bytes."""
        if self.max_bytes is not None and len(media.data) > self.max_bytes:
            raise self.too_large(len(media.data), media.media_type)

    def too_large(self, size: int, media_type: str) -> MediaError:
        """Return the error for *size* bytes that are too many, with what would make them fewer."""
        hint = None
        if "audio/mpeg" not in self.media_types and media_type == "audio/wav":
            hint = "make it MP3 (--audio-format mp3)"
        elif not self.trim:
            hint = "cut it (--audio-max-seconds S --audio-trim)"
        return MediaError(f"expected at most {self.max_bytes:,} bytes, got {size:,}", code="media-too-large", hint=hint)


def demands_of(target: Target | None, options: Options) -> Demands:
    """Return what *target* and *options* ask of audio."""
    limits = None if target is None else target.audio
    taken = WRITTEN if limits is None else _taken(limits)
    if target is not None and not taken:
        raise MediaError(f"the target {quote(target.name)} takes no audio", code="media-format-unsupported")
    if options.audio_format is not None:
        wanted = AUDIO_TYPES[options.audio_format]
        if wanted not in taken:
            message = f"expected one of {', '.join(taken)}, got {wanted}"
            raise MediaError(message, code="media-format-unsupported")
        taken = (wanted,)
    return Demands(
        media_types=taken,
        codecs=value_of(limits.codecs) if limits else None,
        max_bytes=least(raw_bytes(limits) if limits else None, options.max_audio_bytes),
        max_seconds=least(value_of(limits.max_seconds) if limits else None, options.audio_max_seconds),
        trim=options.audio_trim,
        rate=options.audio_rate,
        channels=options.audio_channels,
        bitrate=options.audio_bitrate,
    )


def _taken(limits: AudioLimits) -> tuple[str, ...]:
    """Return the types that have a place in a part: those with a format's name, where the target lists names."""
    media_types, formats = limits.media_types.value, value_of(limits.formats)
    return tuple(name for name in media_types if not formats or AUDIO_FORMATS.get(name) in formats)
