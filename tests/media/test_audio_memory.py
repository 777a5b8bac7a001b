"""What stands in the memory of the process never gets into a sound, whatever the frames of its source are."""

import base64
import json

import numpy as np
import pytest

import msgkit
from msgkit.cli import main
from msgkit.errors import MediaError, MsgkitError
from msgkit.media import Options, audio, cache
from msgkit.model.media import Media
from msgkit.steps import Inline
from tests.media.hostile_sounds import patched_wave, sounds

SOUNDS = sounds()
WAYS = {
    "wav": lambda data: audio.fit(data, None, Options(audio_format="wav")).data[44:],
    "resampled": lambda data: audio.fit(data, None, Options(audio_format="wav", audio_rate=22_050)).data[44:],
    "pydub": lambda data: audio.to_pydub(Media(data, "audio/wav")).raw_data,
}


def filled(mark):
    """Leave memory behind in which *mark* stands: what is allocated next and not written shows it."""
    blocks = [bytes([mark]) * size for size in (100, 1_000, 9_000, 40_000, 150_000, 600_000) for _ in range(8)]
    assert blocks.pop()[0] == mark


def made(way, data, mark):
    """Return what comes of the sound, or the error's code."""
    cache.MEMORY = cache.Memory(1_000_000)
    filled(mark)
    try:
        return way(data)
    except MediaError as error:
        return error.code


def marked(samples, mark):
    """Count the 16-bit samples that are the mark: as it stands, or taken for floating point."""
    pair = np.frombuffer(bytes([mark]) * 4, "<i2")[0]
    floating = round(float(np.frombuffer(bytes([mark]) * 4, "<f4")[0]) * 32_768)
    return int(np.isin(np.frombuffer(samples[: len(samples) // 2 * 2], "<i2"), (pair, floating)).sum())


@pytest.mark.parametrize("way", WAYS)
def test_equal_sounds_give_equal_samples_and_none_of_the_memory(way):
    assert len(SOUNDS) >= 200
    for _, data in SOUNDS:
        first, second = made(WAYS[way], data, 0x3E), made(WAYS[way], data, 0xBD)  # 0.19 and -0.09 as floating point
        assert first == second
        assert isinstance(first, str) or marked(first, 0x3E) < 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    lines = []
    for number, (suffix, data) in enumerate(SOUNDS):
        (folder / f"{number}.{suffix}").write_bytes(data)
        lines.append(json.dumps(_row(number, suffix)))
    (folder / "in.jsonl").write_text("\n".join(lines))
    return folder


def _row(number, suffix):
    part = {"type": "input_audio", "input_audio": {"data": f"{number}.{suffix}", "format": "wav"}}
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": ">" * 20_000}, part]}]}  # > is 0x3E


def held(row):
    return base64.b64decode(row["messages"][0]["content"][1]["input_audio"]["data"])


def test_the_function_and_the_step_give_what_fitting_gives(folder):
    step = Inline(root=str(folder), options={"audio_format": "wav"})
    for number, (suffix, data) in enumerate(SOUNDS):
        wanted = made(WAYS["wav"], data, 0xBD)
        for way in (step, lambda row: msgkit.inline(row, folder, audio_format="wav")):
            try:
                found = held(way(_row(number, suffix)))[44:]
            except MsgkitError as error:
                assert wanted in str(error) or wanted == error.code
            else:
                assert found == wanted


def test_the_command_line_gives_the_same_with_one_and_two_workers(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    results = []
    for workers in ("1", "2"):
        name = f"out{workers}.jsonl"
        code = main(["inline", "in.jsonl", "-o", name, "--audio-format", "wav", "--workers", workers])
        assert code == 1, capsys.readouterr().err
        results.append((folder / name).read_bytes())
    assert results[0] == results[1]
    assert not any(marked(held(json.loads(line))[44:], 0x3E) >= 8 for line in results[0].splitlines())


@pytest.mark.parametrize("bits", [33, 40, 45, 48, 53, 56])
def test_wav_of_samples_that_no_decoder_reads_is_refused(bits):
    with pytest.raises(MediaError) as caught:
        audio.fit(patched_wave(bits))
    assert caught.value.code == "media-invalid"


@pytest.mark.parametrize("bits", [8, 12, 20, 24, 32, 60, 64])
def test_wav_that_stays_as_it_is_can_be_decoded(bits):
    data = patched_wave(bits)
    assert audio.fit(data).data == data
    assert len(audio.to_pydub(Media(data, "audio/wav"))) == 125


def test_mp3_that_passes_has_no_fault_when_it_is_checked(folder):
    passed = 0
    for number, (suffix, _) in enumerate(SOUNDS):
        try:
            row = msgkit.inline(_row(number, suffix), folder) if suffix == "mp3" else None
        except MsgkitError:
            continue
        if row is not None:
            passed += 1
            assert not [issue for issue in msgkit.check(row, ready=True) if issue.severity == "error"]
    assert passed
