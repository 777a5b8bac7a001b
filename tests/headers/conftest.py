"""Pictures by Pillow and sounds by ffmpeg, as bytes."""

import io
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

MadeBy = Callable[..., bytes]
SECONDS = 1.217


@pytest.fixture(scope="session")
def picture() -> MadeBy:
    """picture("JPEG", size=(7, 5), mode="RGB", **options of save) -> bytes."""

    def make(kind: str, *, size: tuple[int, int] = (7, 5), mode: str = "RGB", **options: object) -> bytes:
        stream = io.BytesIO()
        noise = Image.frombytes("RGB", size, random.Random(0).randbytes(3 * size[0] * size[1]))
        noise.convert(mode).save(stream, kind, **options)
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> MadeBy:
    """sound("a.mp3", "-b:a", "64k", rate=16000, channels=1) -> bytes of a tone of 1.217 s; skips without ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("sounds")
    made: dict[tuple[object, ...], bytes] = {}

    def make(
        name: str, *options: str, rate: int = 16000, channels: int = 1, seconds: float = SECONDS, pictures: bool = False
    ) -> bytes:
        key = (name, options, rate, channels, seconds, pictures)
        if key not in made:
            path = Path(folder) / name
            inputs = ["-f", "lavfi", "-i", f"sine=f=440:d={seconds}"]
            if pictures:
                inputs += ["-f", "lavfi", "-i", f"color=c=red:s=16x16:d={seconds}"]
            form = ["-ar", str(rate), "-ac", str(channels), *options]
            subprocess.run([program, "-v", "error", "-y", *inputs, *form, path], check=True)
            made[key] = path.read_bytes()
        return made[key]

    return make
