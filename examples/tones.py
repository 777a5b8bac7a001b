"""
The sounds of the examples: spoken by espeak-ng, or computed. None was recorded.

Samples are numpy arrays of floats between -1 and 1, one channel.
"""

import io
import subprocess
import wave

import av
import lameenc
import numpy as np

RATE = 22_050  # hertz, as espeak-ng speaks


def speak(text: str, voice: str) -> np.ndarray:
    """Return *text* as said by a voice of espeak-ng, which must be installed."""
    command = ["espeak-ng", "-v", voice, "-s", "165", "--stdout", text]
    said = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603
    samples = np.frombuffer(said[44:], "<i2") / 32_768
    loud = np.flatnonzero(np.abs(samples) > 0.005)
    return 0.8 * samples[loud[0] : loud[-1]] / np.abs(samples).max()


def purr(seconds: float) -> np.ndarray:
    """Return the purring of a cat: noise in 25 pulses a second, that swells with its breath."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(2).normal(0, 1, time.size)
    spectrum = np.fft.rfft(noise)
    pitch = np.fft.rfftfreq(time.size, 1 / RATE)
    noise = np.fft.irfft(spectrum / (1 + (pitch / 260) ** 4), time.size)
    pulses = np.maximum(0, np.sin(2 * np.pi * 25 * time)) ** 2
    breath = 0.55 + 0.45 * np.sin(2 * np.pi * time / 1.6)
    samples = noise * (0.15 + pulses) * breath
    return 0.7 * samples / np.abs(samples).max()


def bells(seconds: float) -> np.ndarray:
    """Return a small melody on bells."""
    samples = np.zeros(int(seconds * RATE))
    for start, pitch in ((0.0, 523.25), (0.4, 659.25), (0.8, 783.99), (1.2, 1046.5), (1.8, 783.99), (2.2, 1046.5)):
        rest = samples[int(start * RATE) :]
        time = np.arange(rest.size) / RATE
        for partial, level in ((1, 1.0), (2.01, 0.5), (2.76, 0.35), (5.4, 0.15)):
            rest += level * np.exp(-time * 2.2 * partial) * np.sin(2 * np.pi * pitch * partial * time)
    return 0.8 * samples / np.abs(samples).max()


def pcm(samples: np.ndarray) -> np.ndarray:
    """Return *samples* as 16-bit integers."""
    return (samples * 32_767).round().astype("<i2")


def wav(samples: np.ndarray) -> bytes:
    """Return a WAV file of 16-bit samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm(samples).tobytes())
    return out.getvalue()


def mp3(samples: np.ndarray, bitrate: int) -> bytes:
    """Return an MP3 file; *bitrate* in kbit a second."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bitrate)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(2)
    return bytes(encoder.encode(pcm(samples).tobytes()) + encoder.flush())


def packed(samples: np.ndarray, container: str, codec: str, rate: int = RATE) -> bytes:
    """Return a file of any container and codec that PyAV writes; *rate* in hertz."""
    out = io.BytesIO()
    with av.open(out, "w", format=container, options={"fflags": "bitexact"}) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(pcm(samples).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(ready))
        file.mux(stream.encode(None))
    return out.getvalue()
