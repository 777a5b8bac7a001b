"""Pictures and sound to measure with, made alike on every machine, and judges of what comes out."""

import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from msgkit.media.audio.wave import Pcm, write


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """Return a Pillow image as a file."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def photograph(width: int, height: int) -> Image.Image:
    """Return a picture with detail at every scale, as photographs have it."""
    random = np.random.default_rng(1)
    total = np.zeros((height, width), np.float32)
    for step in (1, 2, 4, 8, 16, 32, 64, 128):
        layer = random.normal(0, 1, (height // step + 1, width // step + 1)).astype(np.float32)
        total += np.asarray(Image.fromarray(layer).resize((width, height), Image.Resampling.BICUBIC)) * step**0.8
    shades = np.clip(128 + total * 1.5, 0, 255)
    return Image.fromarray(np.stack([shades, np.roll(shades, 40, 0), np.roll(shades, 40, 1)], -1).astype(np.uint8))


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Return the mean structural similarity of two pictures in grey (Wang et al. 2004, windows of 8 x 8)."""
    first, second = (np.asarray(picture.convert("L")).astype(np.float64) for picture in (one, other))

    def mean(values: Any) -> Any:
        sums = np.cumsum(np.cumsum(np.pad(values, ((1, 0), (1, 0))), 0), 1)
        return (sums[8:, 8:] - sums[:-8, 8:] - sums[8:, :-8] + sums[:-8, :-8]) / 64

    a, b = mean(first), mean(second)
    spread = mean(first * first) - a**2 + mean(second * second) - b**2
    joint = mean(first * second) - a * b
    top = (2 * a * b + 6.5025) * (2 * joint + 58.5225)
    return float((top / ((a**2 + b**2 + 6.5025) * (spread + 58.5225))).mean())


def recording(seconds: float, rate: int = 44_100) -> Any:
    """Return stereo samples: a chord that swells, over a little noise."""
    times = np.arange(int(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hertz * times) for hertz in (220, 277.18, 329.63, 1_760))
    chord *= 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * times)
    noise = np.cumsum(np.random.default_rng(4).normal(0, 0.02, len(times) + 64))
    noise = noise[64:] - noise[:-64]
    return np.rint(np.stack([chord + noise, 0.8 * chord - noise], 1) * 5_000).clip(-32_768, 32_767).astype("<i2")


def wav(samples: Any, rate: int = 44_100) -> bytes:
    """Return samples as a WAV file."""
    return write(Pcm(samples.tobytes(), 2, rate, samples.shape[1]))


def coded(data: bytes, codec: str, suffix: str) -> bytes:
    """Return a WAV file in another format, by ffmpeg."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, f"coded.{suffix}")
        command = ["ffmpeg", "-v", "error", "-f", "wav", "-i", "-", "-c:a", codec, str(result)]
        subprocess.run(command, input=data, check=True)
        return result.read_bytes()


def alias(sound: Any) -> float:
    """Return the level of the tone at 5 kHz, where 11 kHz would be heard, in decibels under that tone."""
    values = np.array(sound.get_array_of_samples(), np.float64)[4_000:-4_000]
    window = np.hanning(len(values))
    turns = np.exp(-2j * np.pi * 5_000 * np.arange(len(values)) / 16_000)
    return float(20 * np.log10(max(abs((values * window * turns).sum()) * 2 / window.sum() / 16_384, 1e-9)))
