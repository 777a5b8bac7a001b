"""Audio headers say what PyAV decodes."""

import io
import struct

import av
import pytest

from msgkit import headers
from msgkit.errors import MediaError

MARGIN = 0.0015  # seconds: M4A and WebM tell their duration in milliseconds
COMPRESSED = 0.06  # seconds: AAC and Opus decode to whole frames; the header tells what is heard

PCM = ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"]
ADPCM = ["adpcm_ms", "adpcm_ima_wav"]


def decode(data: bytes) -> tuple[float, int, int, str]:
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        context = stream.codec_context
        return samples / stream.rate, stream.rate, context.channels, context.codec.canonical_name


def agree(data: bytes, media_type: str, margin: float = MARGIN) -> headers.AudioHeader:
    header = headers.read(data)
    assert isinstance(header, headers.AudioHeader)
    seconds, rate, channels, codec = decode(data)
    assert (header.media_type, header.sample_rate, header.channels) == (media_type, rate, channels)
    assert header.codec == codec
    assert header.duration == pytest.approx(seconds, abs=margin)
    assert header.complete
    return header


@pytest.mark.parametrize(("codec", "channels"), [(codec, 1 + i % 2) for i, codec in enumerate([*PCM, *ADPCM])])
def test_wav_of_every_coding(sound, codec, channels):
    header = agree(sound("a.wav", "-c:a", codec, channels=channels), "audio/wav")
    bits = {"pcm_s24le": 24, "pcm_s32le": 32, "pcm_f32le": 32, "pcm_f64le": 64, "pcm_s16le": 16}
    assert header.bits == (4 if codec in ADPCM else bits.get(codec, 8))
    assert not header.estimated


def test_rf64(sound):
    data = sound("a.wav", "-rf64", "always")
    assert data.startswith(b"RF64")
    assert not agree(data, "audio/wav").estimated


def test_many_channels(sound):
    assert agree(sound("a.wav", channels=6), "audio/wav").channels == 6


def test_a_wav_written_to_a_pipe_is_as_long_as_its_bytes(sound):
    whole = sound("a.wav", "-fflags", "+bitexact", "-flags", "+bitexact")
    at = whole.index(b"data") + 4
    for size in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0"):
        header = headers.read(whole[:4] + b"\xff\xff\xff\xff" + whole[8:at] + size + whole[at + 4 :])
        assert header.estimated
        assert header.complete
        assert header.duration == headers.read(whole).duration


def test_an_mp3_in_a_wav_is_named_so(sound):
    header = headers.read(sound("a.wav", "-c:a", "libmp3lame"))
    assert (header.media_type, header.codec) == ("audio/wav", "mp3")
    assert header.estimated


@pytest.mark.parametrize(
    ("rate", "options"),
    [
        *((rate, ("-b:a", "64k")) for rate in (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)),
        *((rate, ("-q:a", "4")) for rate in (8000, 24000, 44100)),
        *((rate, ("-q:a", "4", "-write_xing", "0")) for rate in (8000, 24000, 44100)),
    ],
)
def test_mp3_with_and_without_a_tag(sound, rate, options):
    header = agree(sound("a.mp3", *options, rate=rate, channels=1 + rate % 7 % 2), "audio/mpeg")
    assert header.estimated is (options == ("-q:a", "4"))


@pytest.mark.parametrize("name", ["a.mp2", "a.flac", "a.aiff", "a.aac"])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2)])
def test_other_files_of_one_stream(sound, name, rate, channels):
    media_type = {"mp2": "audio/mpeg", "flac": "audio/flac", "aiff": "audio/aiff", "aac": "audio/aac"}[name[2:]]
    assert not agree(sound(name, rate=rate, channels=channels), media_type).estimated


@pytest.mark.parametrize(
    ("name", "options", "bits"),
    [
        ("a.flac", ("-sample_fmt", "s32"), 24),
        ("a.aiff", ("-c:a", "pcm_s24be"), 24),
        ("a.aif", ("-c:a", "pcm_s16le", "-f", "aiff"), 16),
        ("a.aif", ("-c:a", "pcm_f32be", "-f", "aiff"), 32),
        ("a.aif", ("-c:a", "pcm_alaw", "-f", "aiff"), 8),
    ],
)
def test_bits_of_lossless_sounds(sound, name, options, bits):
    data = sound(name, *options)
    assert agree(data, "audio/flac" if name == "a.flac" else "audio/aiff").bits == bits


@pytest.mark.parametrize("codec", ["libvorbis", "libopus", "flac", "libspeex"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2)])
def test_ogg_of_every_codec(sound, codec, rate, channels):
    agree(sound("a.ogg", "-c:a", codec, rate=rate, channels=channels), "audio/ogg", 0.02)


@pytest.mark.parametrize(
    ("name", "options", "media_type"),
    [
        ("a.m4a", (), "audio/mp4"),
        ("a.m4a", ("-c:a", "alac"), "audio/mp4"),
        ("a.mp4", (), "audio/mp4"),
        ("a.m4a", ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", "100000"), "audio/mp4"),
        ("a.webm", ("-c:a", "libopus"), "audio/webm"),
        ("a.webm", ("-c:a", "libvorbis"), "audio/webm"),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_containers(sound, name, options, media_type, channels):
    header = agree(sound(name, *options, channels=channels, rate=48000), media_type, COMPRESSED)
    assert not header.estimated


def test_a_webm_without_a_duration_is_as_long_as_its_blocks(sound):
    header = agree(sound("a.webm", "-c:a", "libopus", "-live", "1"), "audio/webm", COMPRESSED)
    assert header.estimated


def test_pictures_with_sound_are_video(sound):
    assert headers.sniff(sound("v.mp4", pictures=True)) == "video/mp4"
    assert headers.sniff(sound("v.webm", "-c:v", "libvpx", "-c:a", "libopus", pictures=True)) == "video/webm"
    assert headers.sniff(sound("v.mkv", pictures=True)) == "video/x-matroska"
    assert headers.sniff(sound("v.mov", pictures=True)) == "video/quicktime"
    assert headers.sniff(sound("v.ogv", "-c:v", "libtheora", "-c:a", "libspeex", pictures=True)) == "video/ogg"
    assert headers.read(sound("v.mp4", pictures=True)) is None


def test_ogg_streams_that_follow_each_other_count_together(sound):
    one, other = sound("a.ogg", rate=16000, seconds=1.0), sound("b.ogg", rate=8000, seconds=0.5)
    assert headers.read(one + other).duration == pytest.approx(1.5, abs=MARGIN)


def test_of_ogg_streams_side_by_side_the_sound_counts(sound):
    one, other = (sound("a.ogg", "-c:a", codec) for codec in ("libspeex", "libopus"))
    first, second = (page.index(b"OggS", 4) for page in (one, other))
    header = headers.read(other[:second] + one[:first] + other[second:] + one[first:])
    assert header.codec == "opus"
    assert header.duration == pytest.approx(1.217, abs=0.02)


def test_a_flac_at_the_largest_rate_is_no_error(sound):
    header = headers.read(sound("a.flac", rate=655340, seconds=0.1))
    assert header.sample_rate == 655340


def test_a_flac_whose_header_and_frames_disagree_about_the_rate_is_refused(sound):
    data = bytearray(sound("a.flac", rate=16000))
    data[18:21] = (655350 << 4 | data[20] & 15).to_bytes(3)
    with pytest.raises(MediaError, match="655,350") as caught:
        headers.read(bytes(data))
    assert caught.value.code == "media-invalid"


def test_minutes_of_silence_are_told_from_the_header_alone(sound):
    flac = sound("a.flac", "-af", "volume=0", rate=8000, seconds=120)
    assert headers.read(flac).duration == 120
    opus = sound("a.ogg", "-af", "volume=0", "-c:a", "libopus", "-b:a", "6k", rate=8000, seconds=30)
    assert headers.read(opus).duration == pytest.approx(30, abs=0.02)


def test_a_flac_that_claims_less_than_it_holds_is_as_long_as_its_frames(sound):
    data = bytearray(sound("a.flac", seconds=3))
    data[22:26] = (1000).to_bytes(4)  # the low half of the number of samples
    assert headers.read(bytes(data)).duration == 3


def test_a_flac_whose_length_was_left_open_is_as_long_as_its_frames(sound):
    data = bytearray(sound("a.flac", seconds=3))
    data[22:26] = bytes(4)
    header = headers.read(bytes(data))
    assert header.duration == 3
    assert header.complete


def test_a_tag_that_lies_about_frames_is_not_believed(sound):
    data = bytearray(sound("a.mp3", "-b:a", "64k"))
    at = data.index(b"Info") + 8
    honest = headers.read(bytes(data))
    for lie in (1, 20, 10_000_000):
        data[at : at + 4] = lie.to_bytes(4)
        header = headers.read(bytes(data))
        assert header.duration == pytest.approx(honest.duration, abs=0.12)  # the encoder's silence counts here
        assert not header.estimated


def test_an_mp3_that_breaks_off_is_as_long_as_its_frames(sound):
    data = sound("a.mp3", "-b:a", "64k", seconds=4)
    header = headers.read(data[: len(data) // 2])
    assert not header.complete
    assert header.duration == pytest.approx(2, abs=0.2)


def test_an_id3_tag_of_any_kind_is_passed_over(sound):
    bare = sound("a.mp3", "-write_id3v2", "0", "-id3v2_version", "0")
    assert bare[:1] == b"\xff"
    cover = b"\x89PNG\r\n\x1a\n" + b"\xff\xfb\x90\x64" * 50
    tag = b"ID3\4\0\0" + bytes([0, 0, len(cover) >> 7, len(cover) & 0x7F]) + cover
    for data in (tag + bare, tag + tag + bare, bare + b"TAG".ljust(128, b"\0")):
        assert headers.sniff(data) == "audio/mpeg"
        assert headers.read(data) == headers.read(bare)


def test_free_format_frames_are_counted():
    frame = b"\xff\xfb\x00\x64" + b"\0" * 296
    header = headers.read(frame * 50)
    assert header.duration == pytest.approx(50 * 1152 / 44100)
    assert header.codec == "mp3"


def test_a_flac_behind_an_id3_tag_is_a_flac(sound):
    data = sound("a.flac")
    assert headers.read(b"ID3\4\0\0\0\0\0\5hello" + data) == headers.read(data)


def test_a_vbri_tag_is_read():
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    tag = b"VBRI" + b"\0\1\0\0\0\0" + (101 * 417).to_bytes(4) + (100).to_bytes(4)
    data = frame[:36] + tag + frame[36 + len(tag) :] + frame * 100
    assert headers.read(data).duration == pytest.approx(100 * 1152 / 44100)
    assert headers.read(data).estimated


def test_of_more_frames_than_are_counted_the_rest_is_estimated():
    small = b"\xff\xe3\x18\xc4" + bytes(68)  # 8 kbit/s at 8 kHz: 72 bytes, 576 samples
    header = headers.read(small * 150_000)
    assert header.estimated
    assert header.duration == pytest.approx(150_000 * 576 / 8000, rel=1e-3)


def test_junk_between_frames_is_passed_over():
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    header = headers.read(frame * 10 + b"junk" * 100 + frame * 10)
    assert header.duration == pytest.approx(20 * 1152 / 44100)


def test_aac_of_more_frames_than_are_counted_is_estimated():
    frame = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)
    header = headers.read(frame * 60_000)
    assert header.estimated
    assert header.duration == pytest.approx(60_000 * 1024 / 44100, rel=1e-3)


def test_a_wav_of_an_unknown_coding_goes_by_its_bytes_a_second():
    form = struct.pack("<HHIIHH", 0x31, 1, 8000, 1625, 65, 0)
    data = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", 3250) + bytes(3250)
    header = headers.read(data)
    assert (header.codec, header.duration, header.bits, header.estimated) == ("gsm_ms", 2.0, None, True)


def test_rifx_is_a_wav_the_other_way_round():
    form = struct.pack(">HHIIHH", 1, 1, 8000, 16000, 2, 16)
    data = b"RIFX\0\0\0\0WAVEfmt \0\0\0\x10" + form + b"data" + struct.pack(">I", 160) + bytes(160)
    header = headers.read(data)
    assert (header.codec, header.duration) == ("pcm_s16be", 0.01)


def test_an_aiff_without_samples_is_empty(sound):
    data = bytearray(sound("a.aiff"))
    at = data.index(b"COMM") + 10
    data[at : at + 4] = bytes(4)
    with pytest.raises(MediaError) as caught:
        headers.read(bytes(data))
    assert caught.value.code == "media-empty"


def test_an_mp4_whose_index_is_cut_off_is_truncated(sound):
    data = sound("a.m4a")
    assert data.index(b"mdat") < data.index(b"moov")
    with pytest.raises(MediaError) as caught:
        headers.read(data[: data.index(b"moov")])
    assert caught.value.code == "media-truncated"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.au", "audio/basic"), ("a.caf", "audio/x-caf"), ("a.mka", "audio/x-matroska"), ("a.mov", "audio/mp4")],
)
def test_an_audio_in_a_container_that_others_call_video_or_nothing_is_audio(sound, name, media_type):
    codec = "flac" if name == "a.mka" else "pcm_s16be" if name == "a.au" else "aac" if name == "a.mov" else "alac"
    header = headers.read(sound(name, "-c:a", codec, "-ar", "44100"))
    assert header.media_type == headers.sniff(sound(name, "-c:a", codec, "-ar", "44100")) == media_type
    assert (header.codec, header.sample_rate, header.complete) == (codec, 44100, True)


def test_an_au_of_open_size_reaches_to_its_end(sound):
    data = sound("a.au", "-c:a", "pcm_mulaw")
    whole = agree(data, "audio/basic")
    opened = headers.read(data[:8] + b"\xff\xff\xff\xff" + data[12:])
    assert (opened.duration, opened.complete) == (whole.duration, True)
    assert not headers.read(data[:-1]).complete


@pytest.mark.parametrize(("magic", "frame"), [(b"#!AMR\n", b"\x04" + bytes(12)), (b"#!AMR-WB\n", b"\x04" + bytes(17))])
def test_every_frame_of_an_amr_lasts_20_milliseconds(magic, frame):
    assert headers.read(magic + frame * 150).duration == decode(magic + frame * 150)[0] == 3
    assert not headers.read(magic + frame[:-1]).complete


def test_an_amr_of_many_frames_is_estimated_by_its_first():
    header = headers.read(b"#!AMR\n" + (b"\x04" + bytes(12)) * 30_000)
    assert (header.duration, header.estimated) == (600, True)


@pytest.mark.parametrize("data", [b"#!AMR\n", b"#!AMR\n\x4c", b".snd" + bytes(28), b"caff\0\1" + bytes(40), b".snd"])
def test_small_containers_without_audio_are_no_audio(data):
    with pytest.raises(MediaError):
        headers.read(data)
