"""Hostile audio: families A of bad input, by function."""

import re
import resource
import struct
import subprocess

import numpy as np
import pytest

from msgkit import targets
from msgkit.errors import MediaError
from msgkit.media import Limits, Options, audio
from msgkit.model.media import Media
from tests.media.hostile_sounds import flac

OPENAI = targets.get("openai")
WAYS = [
    audio.fit,
    lambda data: audio.fit(data, OPENAI, Options(audio_format="wav", audio_rate=8_000)),
    lambda data: audio.fit(data, OPENAI, Options(audio_format="mp3")),
    lambda data: audio.to_pydub(Media(data, "audio/wav")),
]
"""Every way by which bytes reach a decoder."""
OURS = {
    "media-truncated",
    "media-invalid",
    "media-empty",
    "media-format-unsupported",
    "audio-too-long",
    "media-too-large",
}


def codes(data, ways=WAYS):
    found = set()
    for way in ways:
        with pytest.raises(MediaError) as caught:
            way(data)
        assert not re.search(r"0x[0-9a-f]{6,}", str(caught.value))
        found.add(caught.value.code)
    return found


def test_a_wav_shorter_than_it_claims_is_truncated(wave):
    assert codes(wave(bytes(1000), size=100_000)) == {"media-truncated"}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"rate": 100_000_000}, id="rate"),
        pytest.param({"channels": 65_535}, id="channels"),
        pytest.param({"rate": 0}, id="rate"),
        pytest.param({"bits": 0}, id="bits"),
        pytest.param({"bits": 5}, id="5-bits"),
        pytest.param({"channels": 0}, id="channels"),
    ],
)
def test_headers_that_no_recording_has(wave, options):
    assert codes(wave(bytes(1000), **options)) == {"media-invalid"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "media-empty", id="nothing"),
        pytest.param(b"R", "media-format-unsupported", id="one-byte"),
        pytest.param(b"RIFF\x24\0\0\0WAVE", "media-truncated", id="no-chunk"),
        pytest.param(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), "media-empty", id="only-ID3"),
        pytest.param(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100), "media-truncated", id="ID3-of-256MB"),
        pytest.param(b"\xff\xfb\x90\x00" + bytes(50), "media-format-unsupported", id="one-frame-header"),
    ],
)
def test_no_sound_in_it(data, code):
    assert codes(data) == {code}


def test_a_header_without_samples_is_empty(wave):
    assert codes(wave(b"")) == {"media-empty"}


def test_tags_with_a_picture_before_the_sound_are_passed_over(tone, transcode, quarters, save):
    picture = save(quarters(), "PNG")
    body = b"\0image/png\0\x03\0" + picture
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = len(frame)
    tag = b"ID3\x03\0\0" + bytes((size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)) + frame
    mp3 = transcode(tone(1.0), "mp3")
    data = tag + mp3
    assert audio.fit(data, OPENAI).data == data
    assert abs(len(audio.to_pydub(Media(data, "audio/mpeg"))) - 1000) < 50


def test_mp3_that_breaks_off_is_made_anew_of_its_whole_frames(tone, transcode):
    data = transcode(tone(2.0), "mp3")
    for end in range(len(data) // 2, len(data) // 2 + 20):
        made = audio.fit(data[:end], OPENAI)
        assert 800 < len(audio.to_pydub(made)) < 1200
        assert audio.look(made.data).complete


PLAYLISTS = [
    pytest.param(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", id="hls-file"),
    pytest.param(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", id="hls-http"),
    pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="ffconcat"),
    pytest.param(b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", id="sdp"),
    pytest.param(b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', id="dash"),
    pytest.param(b"<smil><body/></smil>", id="smil"),
    pytest.param(b"[Script Info]\nScriptType: v4.00+\n", id="ass"),
    pytest.param(b"%d.png", id="image2"),
    pytest.param(b"sine=frequency=440", id="lavfi"),
]


@pytest.mark.parametrize("data", PLAYLISTS)
def test_what_names_other_files_is_no_sound(data):
    assert codes(data) == {"media-format-unsupported"}
    assert codes(b"ID3\x04\0\0\0\0\0\0" + data) <= OURS


def test_a_playlist_behind_a_sound_signature_reads_nothing():
    """ffmpeg is told which reader to use: it does not look for a better one."""
    for head in (b"OggS\0", b"fLaC", b"RIFF\x40\0\0\0WAVE", b"FORM\0\0\0\x40AIFF", b"\0\0\0\x18ftypM4A "):
        assert codes(head + b"\n#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n") <= OURS


def test_an_mp4_with_data_elsewhere_opens_no_second_file(tone, transcode):
    data = bytearray(transcode(tone(0.5), "m4a"))
    at = data.index(b"url ")
    data[at + 4 : at + 8] = bytes(4)  # not self-contained: the data are said to be in another file
    for way in WAYS:
        try:
            media = way(bytes(data))
        except MediaError as error:
            assert error.code in OURS
        else:
            assert media is not None


def test_the_flac_that_we_make_is_one():
    segment = audio.to_pydub(Media(flac(44_100, 2, 65_535 * 3, 3), "audio/flac"))
    assert segment.frame_count() == 65_535 * 3


def test_too_many_seconds_are_refused_by_the_header(monkeypatch):
    data = flac(44_100, 2, 65_535 * 1_300, 1_300)  # 32 minutes in 23 KB
    monkeypatch.setattr(subprocess, "Popen", None)  # nothing is started to decode it
    assert codes(data) == {"audio-too-long"}


@pytest.mark.parametrize("rate", [44_100, 655_350])
def test_samples_are_counted_by_bytes_whatever_the_header_says(rate):
    """2,000 frames of 8 channels are 2.1 GB of samples in 66 KB; the header claims a second, or a rate no one has."""
    data = flac(rate, 8, rate, 2_000)
    assert len(data) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = codes(data, [WAYS[3]])
    assert found <= {"audio-too-long", "media-truncated"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


def test_the_byte_cap_can_be_set():
    data = flac(44_100, 1, 0, 10)
    assert len(audio.to_pydub(Media(data, "audio/flac")).raw_data) == 2 * 655_350
    with pytest.raises(MediaError) as caught:
        audio.to_pydub(Media(data, "audio/flac"), Limits(sample_bytes=1_000_000))
    assert caught.value.code == "audio-too-long"


def test_an_hour_of_opus_is_refused(tone, transcode):
    data = bytearray(transcode(tone(0.5, 48_000), "opus"))
    at = data.rindex(b"OggS")
    data[at + 6 : at + 14] = (3600 * 48_000).to_bytes(8, "little")  # the last page's position
    assert codes(bytes(data)) <= {"audio-too-long", "media-invalid", "media-truncated"}


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac", "m4a", "webm", "aiff", "aac"])
def test_sound_cut_or_changed_at_any_byte_is_fit_or_refused(tone, transcode, suffix):
    data = transcode(tone(0.3), suffix)
    step = max(1, len(data) // 40)
    for at in range(0, len(data), step):
        for broken in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            try:
                audio.fit(broken, OPENAI, Options(audio_format="wav"))
            except MediaError as error:
                assert error.code in OURS


def test_noise_in_every_container_is_refused():
    noise = np.random.default_rng(5).integers(0, 256, 20_000, np.uint8).tobytes()
    heads = [b"OggS\0\x02" + bytes(20), b"fLaC\0\0\0\x22", b"RIFF\x40\0\0\0WAVEfmt ", b"\0\0\0\x18ftypM4A \0\0\0\0"]
    for head in [*heads, b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", b"FORM\0\0\0\x40AIFFCOMM"]:
        assert codes(head + noise) <= OURS


def test_a_picture_is_no_sound(quarters, save):
    assert codes(save(quarters(), "PNG")) == {"media-format-unsupported"}
