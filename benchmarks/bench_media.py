"""
Media beside the usual ways: pass-through, pictures, sound, and base64 back to files.

    python benchmarks/bench_media.py [--quick] [--markdown]

Runs alone. Every table is measured in one process, the candidates by turns, as CPU time with that of child processes
(pydub starts ffmpeg); the best round counts. Ratios say how many times faster msgkit is; above 1 is faster.
A peer that is not installed is left out and named.
"""

import argparse
import base64
import hashlib
import importlib.util
import io
import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pybase64
from PIL import Image, ImageOps
from samples import alias, coded, encoded, photograph, recording, similarity, wav
from timing import Row, Work, compare, show

from msgkit import data_url, targets
from msgkit.media import Options, audio, cache, image
from msgkit.media.sources import Root
from msgkit.media.store import Store
from msgkit.model.media import Media

OPENAI = targets.get("openai")
CONTAINERS = {
    "MP3": ("libmp3lame", "mp3"),
    "OGG": ("libvorbis", "ogg"),
    "FLAC": ("flac", "flac"),
    "M4A": ("aac", "m4a"),
}
"""Name -> ffmpeg's encoder and the suffix."""


# --- pass-through and back


def bench_pass_through(folder: Path, rounds: int) -> list[Row]:
    rows = []
    for size in (100_000, 250_000):
        name = f"{size // 1000}kB.jpg"
        path = folder / name
        small = encoded(photograph(320, 240), "JPEG")
        path.write_bytes(
            small[:-2] + np.random.default_rng(2).integers(0, 255, size - len(small), np.uint8).tobytes() + b"\xff\xd9"
        )
        root = Root(folder)

        def usual(path: Path = path) -> object:
            with path.open("rb") as file:
                data = base64.b64encode(file.read()).decode("utf-8")
            part = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
            return json.dumps(part)

        def floor(path: Path = path) -> object:
            with path.open("rb") as file:
                return pybase64.b64encode_as_string(file.read())

        def ours(name: str = name, root: Root = root) -> object:
            media = image.fit(root.read(name), OPENAI)
            return data_url.join(media.media_type, media.data)

        peers = {"stdlib script": usual, "read + pybase64": floor, **mistral_image(path), **instructor_image(path)}
        wanted = {"stdlib script": 8, "read + pybase64": -1.5}
        rows += compare(f"image of {size // 1000} kB as a part", ours, peers, wanted, rounds)
    return rows


def mistral_image(path: Path) -> dict[str, Work]:
    if importlib.util.find_spec("mistral_common") is None:
        return {}
    from mistral_common.protocol.instruct.chunk import ImageChunk

    return {"mistral-common": lambda: ImageChunk(image=path.read_bytes()).to_openai()}


def instructor_image(path: Path) -> dict[str, Work]:
    if importlib.util.find_spec("instructor") is None:
        return {}
    from instructor import Image as Part  # type: ignore[import-not-found]

    return {"instructor": lambda: Part.from_path(path).to_openai(mode=None)}


def bench_store(folder: Path, rounds: int) -> list[Row]:
    """Base64 part -> file: each call writes media that were not there."""
    body = np.random.default_rng(3).integers(0, 255, 250_000, np.uint8).tobytes()
    counter = iter(range(10_000_000))
    store, bare = Store(folder / "store"), folder / "bare"
    bare.mkdir()
    store.prepare()

    def fresh() -> str:
        return data_url.encode(b"\xff\xd8\xff" + next(counter).to_bytes(8, "big") + body)

    texts = [fresh() for _ in range(400)]

    def ours() -> object:
        shutil.rmtree(folder / "store")
        return [Store(folder / "store").put(data_url.decode(text), "image/jpeg") for text in texts]

    def floor() -> object:
        shutil.rmtree(bare)
        bare.mkdir()
        for text in texts:
            data = pybase64.b64decode(text, validate=True)
            (bare / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return None

    def usual() -> object:
        shutil.rmtree(bare)
        bare.mkdir()
        for text in texts:
            data = base64.b64decode(text)
            (bare / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return None

    peers = {"write + hash": floor, "stdlib script": usual}
    return compare("400 base64 parts of 250 kB to files", ours, peers, {"write + hash": -1.75}, rounds)


# --- pictures


def usual_pillow(data: bytes, side: int, form: str) -> tuple[bytes, Image.Image]:
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    scale = side / max(picture.size)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    return encoded(picture, form, **({} if form == "PNG" else {"quality": 90})), picture


def bench_pictures(rounds: int) -> list[Row]:
    rows = []
    large = photograph(4000, 3000)
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = encoded(large, "JPEG", quality=90, exif=exif)
    for side, least in ((1568, 2.5), (768, 3.0), (2048, 1.4)):
        rows += bench_scaling(f"12 MP JPEG to {side}", photo, side, "JPEG", least, rounds)
    middle = large.resize((2000, 1500))
    rows += bench_scaling("3 MP PNG to 1024", encoded(middle, "PNG"), 1024, "PNG", None, rounds)
    rows += bench_scaling("3 MP WebP to 1024", encoded(middle, "WEBP", quality=85), 1024, "WEBP", None, rounds)
    return rows


def bench_scaling(title: str, data: bytes, side: int, form: str, least: float | None, rounds: int) -> list[Row]:
    def ours() -> Media:
        return image.fit(data, OPENAI, Options(max_side=side, limits=LIMITS))

    rows = compare(
        title,
        ours,
        {"Pillow, usual code": lambda: usual_pillow(data, side, form)},
        {} if least is None else {"Pillow, usual code": least},
        rounds,
    )
    file, reference = usual_pillow(data, side, form)
    pixels = similarity(pixels_of(data, side), reference)
    rows.append((title, "pixel SSIM", pixels, "", f">= 0.99 {'met' if pixels >= 0.99 else 'MISSED'}"))
    made = ours()
    rows.append((title, "bytes, msgkit / usual", len(made.data) / len(file), "", ""))
    return rows


def pixels_of(data: bytes, side: int) -> Image.Image:
    """Return msgkit's pixels before they are encoded: as lossless PNG, by a target that takes nothing else."""
    import attrs

    only = targets.Fact(("image/png",), "benchmark", "2026")
    lossless = attrs.evolve(OPENAI, images=OPENAI.images._replace(media_types=only))
    return image.to_pillow(image.fit(data, lossless, Options(max_side=side, limits=LIMITS)))


# --- sound


def segment_class() -> Any:
    from msgkit.media.audio.samples import import_pydub

    return import_pydub()


def bench_decoding(rounds: int, seconds: float) -> list[Row]:
    rows = []
    segment = segment_class()
    source = wav(recording(seconds))
    for name, (codec, suffix) in CONTAINERS.items():
        data = coded(source, codec, suffix)

        def ours(data: bytes = data) -> Media:
            return audio.fit(data, OPENAI, Options(audio_format="wav"))

        def pydub(data: bytes = data, suffix: str = suffix) -> object:
            return segment.from_file(io.BytesIO(data), suffix).export(io.BytesIO(), "wav")

        peers = {"pydub.from_file": pydub, **mistral_audio(data, name)}
        least = 2.0 if seconds > 30 else 10.0
        rows += compare(f"{seconds:g} s of {name} to WAV", ours, peers, {"pydub.from_file": least}, rounds)
    return rows


def mistral_audio(data: bytes, name: str) -> dict[str, Work]:
    """mistral-common reads by soundfile, which knows no M4A."""
    if name == "M4A" or any(importlib.util.find_spec(module) is None for module in ("mistral_common", "soundfile")):
        return {}
    from mistral_common.tokens.tokenizers.audio import Audio

    return {"mistral-common": lambda: Audio.from_bytes(data, strict=False).to_base64("wav")}


def bench_rate(rounds: int) -> list[Row]:
    segment = segment_class()
    data = wav(recording(60))

    def ours() -> Media:
        return audio.fit(data, OPENAI, Options(audio_rate=16_000, audio_channels=1))

    def pydub() -> object:
        sound = segment.from_file(io.BytesIO(data), "wav")
        return sound.set_channels(1).set_frame_rate(16_000).export(io.BytesIO(), "wav")

    rows = compare("60 s to 16 kHz mono", ours, {"pydub": pydub}, {"pydub": 1.0}, rounds)
    times = np.arange(2 * 44_100) / 44_100
    tone = np.rint(np.sin(2 * np.pi * 11_000 * times) * 16_384).astype("<i2")
    high = wav(np.stack([tone, tone], 1))
    mine = audio.to_pydub(audio.fit(high, OPENAI, Options(audio_rate=16_000, audio_channels=1)))
    theirs = segment.from_file(io.BytesIO(high), "wav").set_channels(1).set_frame_rate(16_000)
    for name, sound in (("alias of 11 kHz, msgkit (dB)", mine), ("alias of 11 kHz, pydub (dB)", theirs)):
        level = alias(sound)
        verdict = f"<= -50 dB {'met' if level <= -50 else 'MISSED'}" if "msgkit" in name else ""
        rows.append(("60 s to 16 kHz mono", name, level, "", verdict))
    return rows


def bench_mp3(rounds: int) -> list[Row]:
    segment = segment_class()
    data = wav(recording(60))

    def ours() -> Media:
        return audio.fit(data, OPENAI, Options(audio_format="mp3", audio_bitrate=128))

    def pydub() -> object:
        return segment.from_file(io.BytesIO(data), "wav").export(io.BytesIO(), "mp3", bitrate="128k")

    return compare("60 s of WAV to MP3", ours, {"pydub.export": pydub}, {"pydub.export": 1.8}, rounds)


# --- the tables

LIMITS = Options().limits


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure media beside the usual ways.")
    parser.add_argument("--quick", action="store_true", help="one round, for a look")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    cache.MEMORY = cache.Memory(0)  # no conversion may be remembered
    rounds = 1 if options.quick else 5
    for module in ("mistral_common", "soundfile", "instructor"):
        if importlib.util.find_spec(module) is None:
            print(f"not installed, left out: {module}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        rows = bench_pass_through(Path(name), rounds) + bench_store(Path(name), rounds)
    rows += bench_pictures(rounds)
    if shutil.which("ffmpeg") is None:
        print("ffmpeg is not installed: pydub cannot be measured, sound is left out", file=sys.stderr)
    else:
        rows += bench_decoding(rounds, 60) + bench_decoding(rounds, 5) + bench_rate(rounds) + bench_mp3(rounds)
    show(rows, markdown=options.markdown)
    return int(any("MISSED" in row[4] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
