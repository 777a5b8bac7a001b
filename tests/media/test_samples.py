"""Pictures and sound made by others, where they lie beside the project."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from msgkit import headers, targets
from msgkit.media import Options, audio, image

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
OPENAI = targets.get("openai")
SOUNDS = [
    path for path in sorted(SAMPLES.rglob("*")) if path.suffix in {".wav", ".mp3", ".ogg", ".flac", ".m4a", ".webm"}
]

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")


def test_one_photograph_in_four_orientations_is_the_same_picture_four_times():
    shown = []
    for path in sorted((SAMPLES / "photos").glob("*.jpg")):
        data = path.read_bytes()
        media = image.fit(data, OPENAI)
        header = headers.read(media.data)
        assert (header.width, header.height, header.orientation) == (1800, 1200, 1)
        assert media.data == data or header.private == ()
        small = Image.open(io.BytesIO(media.data)).convert("L").resize((90, 60), Image.Resampling.BOX)
        shown.append(np.asarray(small).astype(int))
    assert len(shown) == 4
    for other in shown[1:]:
        assert np.abs(other - shown[0]).mean() < 3  # the number written in the middle of each differs


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="judged by ffmpeg")
@pytest.mark.parametrize("form", ["wav", "mp3"])
@pytest.mark.parametrize("path", SOUNDS, ids=lambda path: path.name)
def test_every_sound_lasts_as_long_and_sounds_the_same_as_ffmpeg_says(path, form, tmp_path):
    made = tmp_path / f"made.{form}"
    media = audio.fit(path.read_bytes(), OPENAI, Options(audio_format=form))
    made.write_bytes(media.data)
    source, result = _by_ffmpeg(path), _by_ffmpeg(made)
    assert abs(len(source) - len(result)) <= 0.05 * 16_000
    assert abs(media.duration - len(source) / 16_000) <= 0.05
    length = min(len(source), len(result))
    loud = np.sqrt((source[:length] ** 2).mean())
    assert np.sqrt(((source[:length] - result[:length]) ** 2).mean()) < (0.01 if form == "wav" else 0.35) * loud


def _by_ffmpeg(path):
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", "0:a:0", "-f", "s16le", "-ac", "1", "-ar", "16000", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<i2").astype(float)
