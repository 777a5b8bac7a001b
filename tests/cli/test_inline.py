"""``msgkit inline`` and ``msgkit extract``: media come in, go out and come in again; refused rows leave nothing."""

import base64
import io
import json
import shutil
import sys
import wave

import jsonschema
import pydantic
import pytest
from openai.types.chat import ChatCompletionMessageParam
from PIL import Image

from msgkit.rules.examples import png
from msgkit.steps import Inline

GOOD = {"messages": [{"role": "user", "content": "Hello"}]}


def picture(url):
    return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


def sound(data, kind="wav"):
    part = {"type": "input_audio", "input_audio": {"data": data, "format": kind}}
    return {"messages": [{"role": "user", "content": [part]}]}


def held(row):
    """The bytes behind the first part."""
    part = row["messages"][0]["content"][0]
    text = part["image_url"]["url"].partition(",")[2] if "image_url" in part else part["input_audio"]["data"]
    return base64.b64decode(text, validate=True)


@pytest.fixture
def photos(tmp_path):
    """A root with a picture and one outside of it."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (8, 6), "teal").save(folder / "a.png")
    shutil.copy(folder / "a.png", tmp_path / "secret.png")
    return folder


def test_the_examples_come_in_whole_and_the_sdk_takes_every_message(cli, examples, rows):
    result = cli("inline", examples / "history.jsonl", "-o", "out.jsonl")
    assert result.code == 0
    assert result.summary.startswith("9 rows read: 9 written, 0 refused; 11 media inlined")
    validator = jsonschema.Draft202012Validator(pydantic.TypeAdapter(ChatCompletionMessageParam).json_schema())
    checked = 0
    for row in rows.read("out.jsonl"):
        messages = row if isinstance(row, list) else row.get("body", row)["messages"]
        for message in messages:
            if not {"channel", "recipient"} & message.keys() and "system_content" not in json.dumps(message):
                validator.validate(message)
                checked += 1
    assert checked > 20


def test_media_that_need_no_change_are_the_same_bytes(cli, examples, rows):
    cli("inline", rows.write("a.jsonl", picture("photos/cat.jpg")), "-o", "b.jsonl", "--root", examples)
    assert held(rows.read("b.jsonl")[0]) == (examples / "photos" / "cat.jpg").read_bytes()


def test_extract_and_inline_again_give_the_same_values_and_each_file_once(cli, examples, rows, tmp_path):
    cli("inline", examples / "history.jsonl", "-o", "out.jsonl")
    result = cli("extract", "out.jsonl", "-o", "back.jsonl", "--media", "media")
    assert result.code == 0
    assert "media extracted" in result.summary
    assert (tmp_path / "back.jsonl").stat().st_size < 8_000
    assert cli("inline", "back.jsonl", "-o", "again.jsonl").code == 0
    assert rows.read("again.jsonl") == rows.read("out.jsonl")
    contents = [path.read_bytes() for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert len(contents) == len(set(contents)) == 10  # the cat stands in two rows


def test_the_default_root_is_the_folder_of_the_input(cli, photos, rows):
    (photos / "a.jsonl").write_text(json.dumps(picture("a.png")) + "\n")
    assert cli("inline", photos / "a.jsonl", "-o", "b.jsonl").code == 0
    assert held(rows.read("b.jsonl")[0]) == (photos / "a.png").read_bytes()


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("../secret.png", "reference-outside-root"),
        ("/etc/passwd", "reference-outside-root"),
        ("file:///etc/passwd", "reference-outside-root"),
        ("link.png", "reference-outside-root"),
        ("nowhere.png", "reference-not-found"),
        ("s3://bucket/a.png", "reference-scheme"),
    ],
)
def test_a_reference_that_leaves_the_root_refuses_its_row_only(cli, photos, rows, reference, code):
    (photos / "link.png").symlink_to("../secret.png")
    rows.write("a.jsonl", picture("a.png"), picture(reference), GOOD)
    result = cli("inline", "a.jsonl", "-o", "b.jsonl", "--root", photos)
    assert result.code == 1
    assert f"a.jsonl:2: messages[0].content[0].image_url.url: {code}: " in result.err
    assert len(rows.read("b.jsonl")) == 2
    assert result.summary.startswith("3 rows read: 2 written, 1 refused")


def test_a_remote_url_stays_as_it_is(cli, rows):
    row = picture("http://127.0.0.1\\@example.com/cat.jpg")
    assert cli("inline", rows.write("a.jsonl", row), "-o", "b.jsonl").code == 0
    assert rows.read("b.jsonl") == [row]


def test_standard_input_has_no_root_so_local_references_are_refused(cli, photos, rows, monkeypatch, tmp_path):
    rows.write("a.jsonl", picture("a.png"))
    with (tmp_path / "a.jsonl").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        result = cli("inline", "-", "-o", "-")
    assert (result.code, result.out) == (1, "")
    assert "<stdin>:1: " in result.err
    with (tmp_path / "a.jsonl").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        result = cli("inline", "-", "-o", "-", "--root", photos)
    assert held(result.objects[0]) == (photos / "a.png").read_bytes()


def test_on_error_stop_writes_nothing(cli, rows, tmp_path):
    result = cli("inline", rows.write("a.jsonl", GOOD, picture("x.png"), GOOD), "-o", "b.jsonl", "--on-error", "stop")
    assert result.code == 1
    assert "a.jsonl:2: " in result.err
    assert result.summary == "stopped at row 2: no output was written"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_rejects_hold_the_row_its_issues_and_its_input(cli, rows):
    name = rows.write("a.jsonl", GOOD, "{", picture("x.png"))
    cli("inline", name, "-o", "b.jsonl", "--rejects", "r.jsonl")
    found = rows.read("r.jsonl")
    assert [(row["row"], row["input"]) for row in found] == [(2, "{"), (3, picture("x.png"))]
    assert found[1]["issues"][0]["code"] == "reference-not-found"
    assert found[1]["issues"][0]["path"] == "messages[0].content[0].image_url.url"


def test_nothing_lies_about_afterwards(cli, rows, tmp_path):
    cli("inline", rows.write("a.jsonl", GOOD, picture("x.png")), "-o", "b.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_many_refused_rows_are_not_all_shown_but_counted(cli, rows):
    result = cli("inline", rows.write("a.jsonl", *[picture("x.png")] * 30), "-o", "b.jsonl")
    assert result.err.count("reference-not-found") == 10
    assert "and 20 more refused rows: --rejects FILE keeps them all" in result.err
    assert result.summary.startswith("30 rows read: 0 written, 30 refused")


def test_many_issues_of_a_refused_row_are_not_all_shown_but_counted(cli, rows):
    row = {"messages": [{"role": "usr", "content": "x"}] * 8}
    result = cli("inline", rows.write("a.jsonl", row), "-o", "b.jsonl")
    assert result.err.count("role-unknown") == 5
    assert "a.jsonl:1: and 3 more issues\n" in result.err


def test_quiet_says_nothing_of_what_went_well(cli, rows):
    result = cli("inline", rows.write("a.jsonl", GOOD), "-o", "-", "--quiet")
    assert result.objects == [GOOD]
    assert result.err == ""


def test_shards_together_are_the_whole(cli, rows):
    values = [{"messages": [{"role": "user", "content": str(n)}]} for n in range(50)]
    name = rows.write("a.jsonl", *values)
    found = []
    for part in (1, 2, 3):
        assert cli("inline", name, "-o", f"b{part}.jsonl", "--shard", f"{part}/3").code == 0
        found += rows.read(f"b{part}.jsonl")
    assert found == values


def test_max_rows_splits_the_output_in_numbered_parts(cli, rows, tmp_path):
    assert cli("inline", rows.write("a.jsonl", *[GOOD] * 5), "-o", "b.jsonl", "--max-rows", 2).code == 0
    parts = sorted(path.name for path in tmp_path.glob("b*.jsonl"))
    assert [len(rows.read(part)) for part in parts] == [2, 2, 1]


MINE = """
name = "mine"
title = "A server of ours"
extends = "openai"
[images]
media_types = { value = ["image/jpeg"], source = "its manual", as_of = "2026-11-22" }
"""


def test_a_target_of_ones_own_holds_and_background_is_the_colour_under_transparent_pixels(cli, photos, rows, tmp_path):
    Image.new("RGBA", (16, 16), (255, 0, 0, 0)).save(photos / "clear.png")
    (tmp_path / "mine.toml").write_text(MINE)
    name = rows.write("a.jsonl", picture("clear.png"))
    for background, expected in (("#0000ff", (0, 0, 255)), ("lime", (0, 255, 0))):
        argv = ["-o", "b.jsonl", "--root", photos, "--target", "mine.toml", "--background", background]
        assert cli("inline", name, *argv).code == 0
        shown = Image.open(io.BytesIO(held(rows.read("b.jsonl")[0])))
        assert shown.format == "JPEG"
        assert max(abs(found - wanted) for found, wanted in zip(shown.getpixel((8, 8)), expected, strict=True)) < 4


def test_strip_metadata_removes_the_position_and_no_pixel(cli, rows, tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 10.0, 55.0)})
    Image.new("RGB", (16, 16), "teal").save(tmp_path / "a.jpg", exif=exif)
    name = rows.write("a.jsonl", picture("a.jpg"))
    cli("inline", name, "-o", "kept.jsonl")
    cli("inline", name, "-o", "clean.jsonl", "--strip-metadata")
    before, after = (Image.open(io.BytesIO(held(rows.read(path)[0]))) for path in ("kept.jsonl", "clean.jsonl"))
    assert before.getexif().get_ifd(0x8825)
    assert not after.getexif().get_ifd(0x8825)
    assert before.tobytes() == after.tobytes()


def tone(path, seconds=1.0, rate=22_050):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * 4))


def test_audio_rate_and_channels_are_those_of_the_result(cli, rows, tmp_path):
    tone(tmp_path / "a.wav")
    cli("inline", rows.write("a.jsonl", sound("a.wav")), "-o", "b.jsonl", "--audio-rate", 16000, "--audio-channels", 1)
    with wave.open(io.BytesIO(held(rows.read("b.jsonl")[0]))) as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 1)
        assert abs(file.getnframes() / 16_000 - 1.0) < 0.05


def test_audio_format_mp3_makes_mp3_and_says_so(cli, rows, tmp_path):
    tone(tmp_path / "a.wav")
    cli(
        "inline", rows.write("a.jsonl", sound("a.wav")), "-o", "b.jsonl", "--audio-format", "mp3", "--audio-bitrate", 64
    )
    row = rows.read("b.jsonl")[0]
    assert row["messages"][0]["content"][0]["input_audio"]["format"] == "mp3"
    assert held(row)[:3] == b"ID3" or held(row)[0] == 0xFF


def test_audio_max_seconds_refuses_and_audio_trim_cuts(cli, rows, tmp_path):
    tone(tmp_path / "a.wav", seconds=3.0)
    name = rows.write("a.jsonl", sound("a.wav"))
    refused = cli("inline", name, "-o", "b.jsonl", "--audio-max-seconds", 2)
    assert refused.code == 1
    assert "audio-too-long" in refused.err
    assert cli("inline", name, "-o", "b.jsonl", "--audio-max-seconds", 2, "--audio-trim").code == 0
    with wave.open(io.BytesIO(held(rows.read("b.jsonl")[0]))) as file:
        assert abs(file.getnframes() / file.getframerate() - 2.0) < 0.05


def test_cache_keeps_conversions_and_gives_the_same_bytes(cli, rows, tmp_path):
    Image.effect_noise((64, 64), 40).save(tmp_path / "a.tiff")
    name = rows.write("a.jsonl", picture("a.tiff"))
    assert cli("inline", name, "-o", "b.jsonl", "--cache", "kept").code == 0
    assert any(path.is_file() for path in (tmp_path / "kept").rglob("*"))
    assert cli("inline", name, "-o", "c.jsonl", "--cache", "kept").code == 0
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "c.jsonl").read_bytes()


@pytest.mark.parametrize(
    "argv",
    [
        ["a.jsonl"],
        ["a.jsonl", "-o", "nowhere/b.jsonl"],
        ["a.jsonl", "-o", "b.txt"],
        ["missing.jsonl", "-o", "b.jsonl"],
        ["a.jsonl", "-o", "b.jsonl", "--shard", "3/2"],
        ["a.jsonl", "-o", "b.jsonl", "--workers", "0"],
        ["a.jsonl", "-o", "b.jsonl", "--max-bytes", "many"],
        ["a.jsonl", "-o", "b.jsonl", "--on-error", "ignore"],
        ["a.jsonl", "-o", "b.jsonl", "--background", "\x1b[31m"],
        ["a.jsonl", "-o", "b.jsonl", "--audio-rate", "1"],
        ["a.jsonl", "-o", "b.jsonl", "--audio-bitrate", "127"],
        ["a.jsonl", "-o", "-", "--resume"],
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(cli, rows, argv, tmp_path):
    rows.write("a.jsonl", GOOD)
    result = cli("inline", *argv)
    assert (result.code, result.out) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("media", ["..", "../media", ".", "/nowhere/media", "a.jsonl"])
def test_media_must_go_into_a_folder_below_the_output(cli, rows, media, tmp_path):
    rows.write("a.jsonl", GOOD)
    result = cli("extract", "a.jsonl", "-o", "b.jsonl", "--media", media)
    assert result.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_media_and_output_may_be_named_from_another_folder(cli, rows, tmp_path, monkeypatch):
    rows.write("a.jsonl", picture(png()))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert cli("extract", "../a.jsonl", "-o", "../b.jsonl", "--media", "../media").code == 0
    (row,) = rows.read("b.jsonl")
    assert row["messages"][0]["content"][0]["image_url"]["url"].startswith("media/")


def test_extract_from_a_refused_row_leaves_no_reference_in_the_output(cli, rows):
    result = cli(
        "extract", rows.write("a.jsonl", picture("data:image/png;base64,A")), "-o", "b.jsonl", "--media", "media"
    )
    assert result.code == 1
    assert "base64-invalid" in result.err
    assert rows.read("b.jsonl") == []


def test_a_missing_extra_is_named(cli, rows, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    result = cli("inline", rows.write("a.jsonl", GOOD), "-o", "b.jsonl", "--engine", "ray")
    assert result.code == 1
    assert "pip install 'msgkit-llm[ray]'" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_resume_goes_on_after_an_interruption_to_the_same_bytes(cli, rows, monkeypatch, tmp_path):
    values = [{"messages": [{"role": "user", "content": str(n)}]} if n % 7 else "{" for n in range(300)]
    name = rows.write("a.jsonl", *values)
    argv = ["inline", name, "-o", "b.jsonl", "--workers", 1, "--rejects", "r.jsonl"]
    cli(*argv)
    whole = [(tmp_path / path).read_bytes() for path in ("b.jsonl", "r.jsonl")]
    (tmp_path / "b.jsonl").unlink()
    apply, seen = Inline.apply_beside, []

    def interrupted(step, row, codec):
        seen.append(row)
        if len(seen) == 120:
            raise KeyboardInterrupt
        return apply(step, row, codec)

    with monkeypatch.context() as patched:
        patched.setattr(Inline, "apply_beside", interrupted)
        result = cli(*argv)
    assert result.code == 130
    assert "--resume" in result.err
    assert not (tmp_path / "b.jsonl").exists()
    assert cli(*argv, "--resume").code == 1
    assert [(tmp_path / path).read_bytes() for path in ("b.jsonl", "r.jsonl")] == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl", "r.jsonl"]


def test_resume_with_another_step_is_wrong_usage(cli, rows, monkeypatch, tmp_path):
    name = rows.write("a.jsonl", *[GOOD] * 20)

    def interrupted(_step, _row, _codec):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Inline, "apply_beside", interrupted)
        cli("inline", name, "-o", "b.jsonl", "--workers", 1)
    result = cli("inline", name, "-o", "b.jsonl", "--workers", 1, "--target", "vllm", "--resume")
    assert result.code == 2
    assert "the step changed" in result.err
    assert not (tmp_path / "b.jsonl").exists()


def test_the_report_tells_each_medium_that_came_in_with_its_row_and_its_bytes(cli, rows, photos):
    Image.new("RGB", (8, 6)).save(photos / "b.bmp")
    rows.write("a.jsonl", picture("a.png"), picture("gone.png"), "", picture("b.bmp"))
    result = cli("inline", "a.jsonl", "-o", "b.jsonl", "--root", photos, "--report", "r.jsonl", "-v", "--workers", 2)
    first, second = rows.read("r.jsonl")
    size = (photos / "a.png").stat().st_size
    assert first == {
        "file": "a.jsonl",
        "row": 1,
        "path": "messages[0].content[0].image_url.url",
        "media_type": "image/png",
        "reference": "a.png",
        "changes": [],
        "bytes_before": size,
        "bytes_after": size,
    }
    assert (second["row"], second["reference"], second["changes"]) == (4, "b.bmp", ["image/bmp to image/png"])
    assert second["bytes_before"] == (photos / "b.bmp").stat().st_size
    assert second["bytes_after"] == len(held(rows.read("b.jsonl")[1]))
    assert "a.jsonl:4: messages[0].content[0].image_url.url: b.bmp image/bmp to image/png" in result.err


def test_the_report_names_no_file_for_what_was_inline_already(cli, rows):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(4000))
    data = base64.b64encode(file.getvalue()).decode()
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    rows.write("a.jsonl", {"messages": [{"role": "user", "content": [part]}]})
    cli("inline", "a.jsonl", "-o", "b.jsonl", "--audio-rate", "16000", "--report", "r.jsonl")
    (line,) = rows.read("r.jsonl")
    assert (line["media_type"], line["reference"]) == ("audio/wav", None)


def test_extract_counts_media_and_files_and_tells_base64_that_it_leaves(cli, rows, photos):
    url = f"data:image/png;base64,{base64.b64encode((photos / 'a.png').read_bytes()).decode()}"
    row = {**picture(url), "thumb": url}
    rows.write("a.jsonl", *[row] * 12)
    result = cli("extract", "a.jsonl", "-o", "b.jsonl", "--media", "media", "--report", "r.jsonl")
    assert (result.code, result.err.count("a.jsonl:")) == (0, 10)
    assert ": thumb: media-unknown-place: " in result.err
    assert "12 media extracted" in result.summary
    assert "1 new file," in result.summary
    assert result.summary.endswith("12 left as base64 at unknown places")
    lines = rows.read("r.jsonl")
    assert {line["reference"] for line in lines[::2]} == {
        rows.read("b.jsonl")[0]["messages"][0]["content"][0]["image_url"]["url"]
    }
    assert [(line["row"], line["path"]) for line in lines[1::2]] == [(n, "thumb") for n in range(1, 13)]


def test_a_report_may_not_take_the_place_of_the_output(cli, rows):
    rows.write("a.jsonl", GOOD)
    assert cli("inline", "a.jsonl", "-o", "b.jsonl", "--report", "b.jsonl").code == 2
    assert cli("inline", "a.jsonl", "-o", "b.jsonl", "--report", "a.jsonl").code == 2


def test_a_row_longer_than_usual_is_read_with_max_row(cli, rows):
    rows.write("a.jsonl", {"messages": [{"role": "user", "content": "x" * 5000}]})
    assert cli("inline", "a.jsonl", "-o", "b.jsonl", "--max-row", "4kB").code == 1
    assert cli("inline", "a.jsonl", "-o", "b.jsonl", "--max-row", "8kB").code == 0
