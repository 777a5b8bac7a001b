"""Real files that others made, when they lie beside the project."""

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from msgkit import headers

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
PICTURES = sorted(SAMPLES.rglob("*.jpg"))
SOUNDS = sorted(
    path for path in SAMPLES.rglob("*") if path.suffix in (".mp3", ".wav", ".flac", ".ogg", ".m4a", ".webm")
)

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_photograph_is_as_pillow_says_and_keeps_its_pixels_when_stripped(path):
    data = path.read_bytes()
    header = headers.read(data)
    bare = headers.strip_metadata(data)
    with Image.open(io.BytesIO(data)) as judge, Image.open(io.BytesIO(bare)) as stripped:
        assert (header.width, header.height) == judge.size
        assert header.orientation == headers.read(bare).orientation == judge.getexif().get(0x112, 1)
        assert header.mode == judge.mode
        assert header.complete
        assert stripped.tobytes() == judge.tobytes()


@pytest.mark.parametrize("path", SOUNDS, ids=lambda path: path.name)
def test_a_recording_is_as_long_as_pyav_says(path):
    header = headers.read(path.read_bytes())
    assert headers.canonical(header.media_type) == headers.by_extension(path.name.replace(".webm", ".weba"))
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples for frame in container.decode(stream)) / stream.rate
        assert (header.sample_rate, header.channels) == (stream.rate, stream.codec_context.channels)
    assert header.duration == pytest.approx(seconds, abs=0.05)
    assert header.complete
