"""What must change, is changed: decode, cut, mix, resample, encode."""

from msgkit.errors import MediaError
from msgkit.headers import SoundHeader
from msgkit.media.audio import mp3, wave
from msgkit.media.audio.decoding import decode
from msgkit.media.audio.requirements import Demands
from msgkit.media.audio.samples import Sound, from_pcm, mixed, resampled, sixteen_bits, trimmed
from msgkit.media.limits import Limits
from msgkit.media.options import Options
from msgkit.model.parts import Media


def change(data: bytes, header: SoundHeader, demands: Demands, options: Options) -> Media:
    """
    Return the sound as *demands* ask, whatever must be done for that.

    Raises:
        MediaError: It cannot be decoded, or is too long.
        MissingExtraError: The extra ``audio`` is not installed.
    """
    seconds = demands.max_seconds if demands.trim else None
    sound = load(data, header, options.limits, seconds)
    changes = []
    if seconds is not None and sound.duration > seconds:
        changes.append(f"first {seconds:g} of {header.duration:.1f} seconds")
        sound = trimmed(sound, seconds)
    if demands.channels not in (None, sound.channels):
        changes.append(f"{sound.channels} channels to {demands.channels}")
        sound = mixed(sound, demands.channels or 1)
    if demands.rate not in (None, sound.rate):
        changes.append(f"{sound.rate} to {demands.rate} hertz")
        sound = resampled(sound, demands.rate or sound.rate)
    media_type = header.media_type if header.media_type in demands.media_types else demands.media_types[0]
    if media_type == "audio/mpeg":
        encoded, what = mp3.encode(sound, options.audio_bitrate), f"MP3 of {options.audio_bitrate} kbit/s"
    else:
        encoded, what = wave.write(sixteen_bits(sound).pcm()), "16-bit WAV"
    return Media(encoded, media_type, (*changes, f"{header.media_type} ({header.codec}) to {what}"))


def load(data: bytes, header: SoundHeader, limits: Limits, seconds: float | None = None) -> Sound:
    """
    Return the samples of a sound file: of plain WAV as they lie there, else decoded.

    Raises:
        MediaError: It cannot be decoded, or is too long.
        MissingExtraError: The extra ``audio`` is not installed.
    """
    pcm = wave.read_pcm(data, header) if header.media_type == "audio/wav" else None
    size = header.duration * header.sample_rate * header.channels * 2
    if pcm is None and seconds is None and size > limits.sample_bytes:
        message = f"expected at most {limits.sample_bytes:,} bytes of samples, got {size:,.0f} at least"
        raise MediaError(message, code="audio-too-long")
    return decode(data, header.media_type, limits, seconds) if pcm is None else from_pcm(pcm)
