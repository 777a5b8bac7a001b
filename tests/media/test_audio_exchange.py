"""Audio from and to pydub."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import msgkit
from msgkit.errors import MediaError
from msgkit.media import Limits, Options, audio
from msgkit.media.audio import samples
from msgkit.model.media import Media

AudioSegment = samples.import_pydub()


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_pcm_goes_to_pydub_and_back_sample_for_sample(width, channels):
    top = 1 << (8 * width - 1)
    values = np.random.default_rng(3).integers(-top, top, 2_000 * channels).astype(f"<i{width}")
    segment = AudioSegment(data=values.tobytes(), sample_width=width, frame_rate=22_050, channels=channels)
    media = audio.from_pydub(segment)
    again = audio.to_pydub(media)
    assert again.raw_data == segment.raw_data
    assert (again.sample_width, again.frame_rate, again.channels) == (width, 22_050, channels)
    assert (media.sample_rate, media.channels) == (22_050, channels)


def test_24_bits_stand_in_32_exactly(tone):
    data = tone(0.1, width=3)
    segment = audio.to_pydub(Media(data, "audio/wav"))
    assert segment.sample_width == 4
    raw = np.frombuffer(data[44:], np.uint8).reshape(-1, 3).astype(np.int64)
    values = raw[:, 0] | raw[:, 1] << 8 | raw[:, 2] << 16
    values = np.where(values >= 1 << 23, values - (1 << 24), values)
    assert np.array_equal(np.frombuffer(segment.raw_data, "<i4") >> 8, values)


def test_floating_point_becomes_32_bits(wave):
    values = np.array([0.0, 0.25, -1.0, 0.999], "<f4")
    segment = audio.to_pydub(Media(wave(values.tobytes(), bits=32, tag=3), "audio/wav"))
    assert segment.sample_width == 4
    assert np.abs(np.frombuffer(segment.raw_data, "<i4") / 2**31 - values).max() < 1e-6


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac", "m4a"])
def test_other_sound_is_decoded(tone, transcode, suffix):
    segment = audio.to_pydub(Media(transcode(tone(1.0, 44_100, 2), suffix), "audio/x"))
    assert (segment.frame_rate, segment.channels, segment.sample_width) == (44_100, 2, 2)
    assert abs(len(segment) - 1_000) < 50


def test_pydub_itself_reads_what_we_write(tone):
    import io

    for data in (tone(0.5, width=1), tone(0.5, channels=2), audio.from_pydub(AudioSegment.silent(500)).data):
        assert len(AudioSegment.from_wav(io.BytesIO(data))) == 500


def test_a_segment_can_leave_as_mp3():
    media = audio.from_pydub(AudioSegment.silent(1_000, 16_000), options=Options(audio_format="mp3"))
    assert media.media_type == "audio/mpeg"
    assert abs(media.duration - 1) < 0.05


def test_anything_else_is_our_error():
    for other, code in ((b"bytes", "type-mismatch"), (None, "type-mismatch"), (AudioSegment.empty(), "media-empty")):
        with pytest.raises(MediaError) as caught:
            audio.from_pydub(other)
        assert caught.value.code == code


def test_limits_hold_on_the_way_to_pydub(tone, transcode):
    with pytest.raises(MediaError) as caught:
        audio.to_pydub(Media(transcode(tone(2.0), "flac"), "audio/flac"), Limits(audio_seconds=1))
    assert caught.value.code == "audio-too-long"


def test_pydub_is_imported_in_silence_and_without_a_process(tone, tmp_path):
    """No ffmpeg anywhere: pydub warns of that on import, and users must not see it."""
    program = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith(('subprocess', 'os.exec', 'os.posix_spawn', 'os.fork', 'socket')): print(event)\n"
        "sys.addaudithook(hook)\n"
        "from msgkit.media import audio\n"
        "from msgkit.model.media import Media\n"
        "print(len(audio.to_pydub(Media(sys.stdin.buffer.read(), 'audio/wav'))))\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(Path(msgkit.__path__[0]).parent)}
    run = subprocess.run(command, input=tone(), capture_output=True, check=False, env=environment)
    assert (run.stdout, run.stderr) == (b"1000\n", b"")
