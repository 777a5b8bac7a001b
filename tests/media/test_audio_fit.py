"""Audio that fits: what passes through, what changes, and that the result sounds as it must."""

import shutil
import struct
import subprocess
import sys

import attrs
import numpy as np
import pytest

from msgkit import headers, targets
from msgkit.errors import MediaError, MissingExtraError
from msgkit.media import Options, audio
from msgkit.model.media import Media

OPENAI, VLLM, ANTHROPIC = (targets.get(name) for name in ("openai", "vllm", "anthropic"))


def samples(data):
    """Return the samples of a 16-bit WAV file as frames x channels, read without msgkit."""
    import io
    import wave

    with wave.open(io.BytesIO(data)) as file:
        assert file.getsampwidth() == 2
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return values.reshape(-1, file.getnchannels()), file.getframerate()


def loudness(values, hertz, rate):
    """Return how strong the tone of *hertz* is, in decibels under full scale."""
    middle = values[len(values) // 4 : len(values) // 4 * 3].astype(np.float64)
    window = np.hanning(len(middle))
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(middle)) / rate)
    return 20 * np.log10(max(abs((middle * window * turns).sum()) * 2 / window.sum(), 1e-9) / 32768)


def test_wav_and_mp3_keep_their_bytes(tone, transcode):
    wav = tone()
    mp3 = transcode(wav, "mp3")
    for target in (None, OPENAI, VLLM):
        assert audio.fit(wav, target) == Media(wav, "audio/wav")
        assert audio.fit(wav, target).data is wav
        assert audio.fit(mp3, target) == Media(mp3, "audio/mpeg")


def test_pass_through_needs_no_package(tone):
    program = (
        "import sys; from msgkit.media import audio; data = sys.stdin.buffer.read(); audio.fit(data)\n"
        "print([name for name in ('av', 'pydub', 'numpy', 'lameenc', 'soxr') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], input=tone(), capture_output=True, check=True)
    assert run.stdout == b"[]\n"


@pytest.mark.parametrize("suffix", ["ogg", "opus", "flac", "m4a", "webm", "aiff", "aac", "mp3"])
def test_other_sound_becomes_wav_of_the_same_length_and_tone(tone, transcode, suffix):
    data = transcode(tone(2.0, rate=48_000, hertz=440), suffix)
    media = audio.fit(data, OPENAI, Options(audio_format="wav"))
    values, rate = samples(media.data)
    assert (media.media_type, rate, values.shape[1]) == ("audio/wav", 48_000, 1)
    assert abs(len(values) / rate - 2.0) < 0.05
    assert abs(loudness(values[:, 0], 440, rate) - -6.0) < 1
    assert loudness(values[:, 0], 3_000, rate) < -50
    assert len(media.changes) == 1


def test_flac_keeps_every_sample(tone, transcode):
    data = tone(0.5, channels=2)
    made = audio.fit(transcode(data, "flac"), OPENAI)
    assert np.array_equal(samples(made.data)[0], samples(data)[0])


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_mp3_out_lasts_as_long_as_the_source(tone, rate, channels):
    import io

    import av

    media = audio.fit(tone(1.0, rate, channels), OPENAI, Options(audio_format="mp3"))
    assert (media.media_type, media.channels, media.sample_rate) == ("audio/mpeg", channels, rate)
    assert abs(media.duration - 1.0) < 0.05
    with av.open(io.BytesIO(media.data)) as file:
        count = sum(frame.samples for frame in file.decode(audio=0))
    assert abs(count / rate - 1.0) < 0.002


def test_mp3_out_is_in_time_to_the_sample(tone):
    """A player that heeds the Info frame hears the sine where it was: cross-correlation finds no delay."""
    source = tone(1.0, 16_000, hertz=300)
    mp3 = audio.fit(source, OPENAI, Options(audio_format="mp3"))
    back = samples(audio.fit(mp3.data, OPENAI, Options(audio_format="wav")).data)[0][:, 0].astype(float)
    first = samples(source)[0][:, 0].astype(float)
    products = [float(first[100:10_000] @ back[100 + shift : 10_000 + shift]) for shift in range(-20, 21)]
    assert int(np.argmax(products)) - 20 == 0


def test_mp3_of_an_odd_rate_or_many_channels_is_what_mp3_can_hold(tone):
    media = audio.fit(tone(0.5, rate=30_000, channels=6), OPENAI, Options(audio_format="mp3", audio_bitrate=1000))
    assert (media.sample_rate, media.channels) == (32_000, 2)
    assert abs(media.duration - 0.5) < 0.05


def test_the_bit_rate_sets_the_size(tone):
    low, high = (
        audio.fit(tone(2.0), OPENAI, Options(audio_format="mp3", audio_bitrate=rate)).data for rate in (32, 128)
    )
    assert 2.5 < len(high) / len(low) < 4.5


@pytest.mark.parametrize("hertz", [9_000, 11_000, 15_000])
def test_resampling_does_not_alias(tone, hertz):
    """A tone above the new rate's half is gone: it would be heard at 16,000 - hertz."""
    media = audio.fit(tone(1.0, 44_100, 2, hertz), OPENAI, Options(audio_rate=16_000, audio_channels=1))
    values, rate = samples(media.data)
    assert (rate, values.shape) == (16_000, (16_000, 1))
    assert loudness(values[:, 0], 16_000 - hertz, rate) < -56  # 50 dB under the tone's -6


def test_resampling_keeps_what_the_new_rate_can_hold(tone):
    values, rate = samples(audio.fit(tone(1.0, 44_100, hertz=1_000), OPENAI, Options(audio_rate=16_000)).data)
    assert abs(loudness(values[:, 0], 1_000, rate) - -6.02) < 0.1


def test_mixing_down_is_the_mean(wave):
    stereo = np.stack([np.full(1000, 3001), np.full(1000, -1000)], 1).astype("<i2")
    media = audio.fit(wave(stereo.tobytes(), 16_000, 2), OPENAI, Options(audio_channels=1))
    assert set(samples(media.data)[0].ravel()) == {1000}
    assert media.changes[0] == "2 channels to 1"
    both = audio.fit(media.data, OPENAI, Options(audio_channels=2))
    assert samples(both.data)[0].shape == (1000, 2)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_pcm_of_every_width_comes_out_as_16_bits(tone, width):
    target = _taking(codecs=("pcm_s16le",))
    data = tone(0.2, width=width, level=0.9)
    media = audio.fit(data, target)
    expected = samples(tone(0.2, width=2, level=0.9))[0].astype(int)
    tolerance = {1: 400, 2: 0, 3: 1, 4: 1}[width]
    assert np.abs(samples(media.data)[0].astype(int) - expected).max() <= tolerance
    assert (media.data == data) == (width == 2)


@pytest.mark.parametrize("bits", [32, 64])
def test_floating_point_is_rounded_and_clipped(wave, bits):
    values = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 1 / 65_536], f"<f{bits // 8}")
    media = audio.fit(wave(np.tile(values, 100).tobytes(), bits=bits, tag=3), _taking(codecs=("pcm_s16le",)))
    found = samples(media.data)[0][:8, 0].tolist()
    assert found == [0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, found[7]]
    assert found[7] in {0, 1}


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="made by ffmpeg")
def test_g711_adpcm_and_rf64_become_plain(transcode, tone):
    for options in (("-c:a", "pcm_alaw"), ("-c:a", "adpcm_ms"), ("-rf64", "always")):
        media = audio.fit(transcode(tone(1.0, 8_000), "wav", *options), OPENAI)
        values, rate = samples(audio.fit(media.data, _taking(codecs=("pcm_s16le",))).data)
        assert abs(len(values) / rate - 1.0) < 0.1
        assert abs(loudness(values[:, 0], 440, rate) - -6.0) < 1


@pytest.mark.parametrize("width", [2, 3, 4])
def test_rifx_has_its_bytes_the_other_way_round(tone, width):
    little = tone(0.1, width=width)
    raw = np.frombuffer(little[44:], np.uint8).reshape(-1, width)[:, ::-1].tobytes()
    form = struct.pack(">IHHIIHH", 16, 1, 1, 16_000, 16_000 * width, width, 8 * width)
    big = b"RIFX" + struct.pack(">I", 36 + len(raw)) + b"WAVEfmt " + form + b"data" + struct.pack(">I", len(raw)) + raw
    assert audio.to_pydub(Media(big, "audio/wav")) == audio.to_pydub(Media(little, "audio/wav"))
    assert audio.fit(big, OPENAI).data[:4] == b"RIFF"


def test_floating_point_in_rifx_is_refused_not_misread():
    form = struct.pack(">IHHIIHH", 16, 3, 1, 16_000, 64_000, 4, 32)
    data = b"RIFX" + struct.pack(">I", 76) + b"WAVEfmt " + form + b"data" + struct.pack(">I", 40) + bytes(40)
    with pytest.raises(MediaError) as caught:
        audio.fit(data, OPENAI)
    assert caught.value.code == "media-format-unsupported"


def _taking(**facts):
    values = {name: targets.Fact(value, "test", "2026") for name, value in facts.items()}
    return attrs.evolve(OPENAI, audio=OPENAI.audio._replace(**values))


def test_sizes_that_a_stream_left_open_are_filled_in_and_said(wave):
    values = np.arange(1000, dtype="<i2")
    for size in (0xFFFFFFFF, 0):
        media = audio.fit(wave(values.tobytes(), size=size), OPENAI)
        assert np.array_equal(samples(media.data)[0][:, 0], values)
        assert media.changes == ("sizes filled in that the WAV header left open",)


def test_too_long_is_refused_and_cut_only_when_told(tone, transcode):
    for data in (tone(3.0), transcode(tone(3.0), "mp3"), transcode(tone(3.0), "flac")):
        with pytest.raises(MediaError, match=r"at most 1\.0 seconds, got 3\.0") as caught:
            audio.fit(data, OPENAI, Options(audio_max_seconds=1))
        assert caught.value.code == "audio-too-long"
        media = audio.fit(data, OPENAI, Options(audio_max_seconds=1, audio_trim=True))
        assert abs(media.duration - 1.0) < 0.03
        assert media.changes[0] == "first 1 of 3.0 seconds"


def test_a_targets_own_seconds_hold(tone):
    with pytest.raises(MediaError) as caught:
        audio.fit(tone(3.0), _taking(max_seconds=2.0))
    assert caught.value.code == "audio-too-long"


def test_a_targets_bytes_hold_as_it_counts_them(tone):
    data = tone(1.0)  # 32,044 bytes, 42,728 as base64
    target = attrs.evolve(_taking(max_bytes=40_000), audio=_taking(max_bytes=40_000).audio._replace(bytes_as="base64"))
    assert audio.fit(data, _taking(max_bytes=40_000)).data == data
    with pytest.raises(MediaError) as caught:
        audio.fit(data, target, Options(audio_format="wav"))
    assert (caught.value.code, caught.value.hint) == ("media-too-large", "make it MP3 (--audio-format mp3)")
    assert audio.fit(data, target).media_type == "audio/mpeg"


def test_a_target_without_sound_and_a_format_not_taken_are_refused(tone):
    for target, options in ((ANTHROPIC, None), (_taking(media_types=("audio/wav",)), Options(audio_format="mp3"))):
        with pytest.raises(MediaError) as caught:
            audio.fit(tone(), target, options)
        assert caught.value.code == "media-format-unsupported"


def test_a_target_that_takes_only_mp3_gets_mp3(tone):
    assert audio.fit(tone(), _taking(media_types=("audio/mpeg",))).media_type == "audio/mpeg"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="made by ffmpeg")
def test_layer_two_is_no_mp3(tone, transcode):
    data = transcode(tone(1.0, 48_000), "mp2")
    assert headers.sniff(data) == "audio/mpeg"
    media = audio.fit(data, OPENAI)
    assert headers.read(media.data).codec == "mp3"


def test_equal_input_gives_equal_output(tone, transcode):
    data = transcode(tone(1.0, 44_100), "ogg")
    for options in (Options(audio_format="wav"), Options(audio_format="mp3", audio_rate=16_000)):
        assert audio.fit(data, OPENAI, options).data == audio.fit(data, OPENAI, options).data


@pytest.mark.parametrize(
    ("module", "source", "options"),
    [
        ("av", "ogg", Options()),
        ("numpy", "ogg", Options()),
        ("lameenc", "wav", Options(audio_format="mp3")),
        ("soxr", "wav", Options(audio_rate=8_000)),
    ],
)
def test_a_missing_package_names_its_extra(tone, transcode, monkeypatch, module, source, options):
    data = tone() if source == "wav" else transcode(tone(), source)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"msgkit-llm\[audio\]"):
        audio.fit(data, OPENAI, options)
    assert audio.fit(tone(), OPENAI).data == tone()


@pytest.mark.parametrize("suffix", ["ogg", "flac", "aiff", "aac"])
def test_what_a_target_takes_keeps_its_bytes(tone, transcode, suffix):
    data = transcode(tone(0.5), suffix)
    assert audio.fit(data, targets.get("gemini")) == Media(data, headers.sniff(data))


def test_sound_with_too_many_bytes_becomes_mp3_of_a_falling_bit_rate(tone):
    data = tone(4.0)
    sizes = [audio.fit(data, OPENAI, Options(max_audio_bytes=most)) for most in (100_000, 50_000, 20_000, 9_000)]
    assert all(len(media.data) <= most for media, most in zip(sizes, (100_000, 50_000, 20_000, 9_000), strict=True))
    assert [media.media_type for media in sizes] == ["audio/mpeg"] * 4
    assert all(abs(media.duration - 4.0) < 0.05 for media in sizes)


def test_a_chosen_bit_rate_is_not_gone_below(tone):
    with pytest.raises(MediaError, match="at most 20,000 bytes"):
        audio.fit(tone(4.0), OPENAI, Options(max_audio_bytes=20_000, audio_bitrate=96))


@pytest.mark.parametrize("claimed", [2_000_000_000, 0x7FFFFFFE, 0x7FFF0000, 0x40000000, 0xFFFFFFDB])
def test_a_placeholder_for_the_size_is_filled_in_whatever_number_it_is(tone, claimed):
    data = tone(0.5)
    at = data.index(b"data") + 4
    changed = (
        data[:4] + min(claimed + 36, 0xFFFFFFFF).to_bytes(4, "little") + data[8:at] + claimed.to_bytes(4, "little")
    )
    media = audio.fit(changed + data[at + 4 :], OPENAI)
    assert media.data == data
    assert media.changes == ("sizes filled in that the WAV header left open",)
