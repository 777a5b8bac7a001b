"""Small media that tests make, and looks at what they wrote."""

import io
import json
import struct
import wave
import zlib

from PIL import Image


def image_bytes(kind="PNG", size=(20, 16), mode="RGB", color=1, **options):
    """Return an image of one colour as a file; *options* are those of Pillow's save."""
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, kind, **options)
    return buffer.getvalue()


def turned():
    """Return EXIF that says: turn a quarter to the right."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def png_chunk(name, body):
    """Return a chunk of a PNG file with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def wav_bytes(seconds=0.5, rate=16_000, channels=1):
    """Return audio as a WAV file of 16 bits."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(range(256)) * int(seconds * rate * channels * 2 // 256))
    return buffer.getvalue()


def values(path):
    """Return the rows of a JSONL file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def left(folder):
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())
