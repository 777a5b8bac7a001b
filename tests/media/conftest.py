"""Media made for the tests: drawn and synthesised here, so that what must come out is known by construction."""

import io
import math
import shutil
import struct
import subprocess

import pytest
from PIL import Image, ImageDraw

from msgkit.media import cache

COLOURS = {(1, 1): (255, 0, 0), (3, 1): (0, 255, 0), (1, 3): (0, 0, 255), (3, 3): (255, 255, 255)}
"""Where (in quarters of width and height) which colour stands in a picture drawn by `quarters`."""


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    """Let no test find what another one converted."""
    monkeypatch.setattr(cache, "MEMORY", cache.Memory(1_000_000))


def _quarters(size=(64, 48)):
    width, height = size
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for (across, down), colour in COLOURS.items():
        left, top = (across // 2) * width // 2, (down // 2) * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=colour)
    return picture


@pytest.fixture
def quarters():
    """Return a function that draws a picture of four colours: red, green over blue, white."""
    return _quarters


@pytest.fixture
def save():
    """Return a function that encodes a Pillow image."""

    def encode(picture, form, **options):
        file = io.BytesIO()
        picture.save(file, form, **options)
        return file.getvalue()

    return encode


@pytest.fixture
def check_quarters():
    """Return a function that asserts that a file shows the picture of `quarters`, upright and in its colours."""

    def check(data, size=None, tolerance=6):
        with Image.open(io.BytesIO(data)) as picture:
            assert size is None or picture.size == size
            shown = picture.convert("RGB")
        for (across, down), colour in COLOURS.items():
            found = shown.getpixel((across * shown.width // 4, down * shown.height // 4))
            assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) <= tolerance, (across, down, found)

    return check


@pytest.fixture
def tone():
    """Return a function that makes a WAV file of a sine."""

    def make(seconds=1.0, rate=16_000, channels=1, hertz=440.0, width=2, level=0.5):
        count = int(seconds * rate)
        top = (1 << (8 * width - 1)) - 1
        values = [round(level * top * math.sin(2 * math.pi * hertz * n / rate)) for n in range(count)]
        if width == 1:
            samples = bytes(value + 128 for value in values for _ in range(channels))
        else:
            samples = b"".join(value.to_bytes(width, "little", signed=True) * channels for value in values)
        return wave_file(samples, rate, channels, width * 8)

    return make


def wave_file(samples, rate=16_000, channels=1, bits=16, *, tag=1, size=None):
    """Return a WAV file around *samples*, whose header may claim another *size*."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block & 0xFFFF, bits)
    claimed = len(samples) if size is None else size
    head = b"RIFF" + struct.pack("<I", (36 + claimed) & 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", claimed) + samples


@pytest.fixture
def wave():
    """Return the function that writes a WAV file around samples."""
    return wave_file


@pytest.fixture
def transcode(tmp_path):
    """Return a function that encodes a WAV file in another format, by ffmpeg where it is installed, else by PyAV."""

    def encode(data, suffix, *arguments):
        if shutil.which("ffmpeg") is None:
            return by_av(data, suffix)
        source, result = tmp_path / "source.wav", tmp_path / f"result.{suffix}"
        source.write_bytes(data)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, *arguments, result], check=True)
        return result.read_bytes()

    return encode


CODECS = {
    "mp3": ("mp3", "libmp3lame"),
    "ogg": ("ogg", "flac"),
    "opus": ("ogg", "libopus"),
    "flac": ("flac", "flac"),
    "m4a": ("ipod", "aac"),
    "webm": ("webm", "libopus"),
    "aiff": ("aiff", "pcm_s16be"),
    "aac": ("adts", "aac"),
}


def by_av(data, suffix):
    import av

    form, codec = CODECS[suffix]
    file = io.BytesIO()
    with av.open(io.BytesIO(data), format="wav") as source, av.open(file, "w", format=form) as result:
        sound = source.streams.audio[0]
        stream = result.add_stream(codec, rate=48_000 if codec == "libopus" else sound.rate)
        stream.layout = "mono" if sound.channels == 1 else "stereo"
        for frame in source.decode(audio=0):
            result.mux(stream.encode(frame))
        result.mux(stream.encode(None))
    return file.getvalue()
