"""Media rules read headers only; the media here are made by Pillow, ffmpeg and by hand."""

import io
import shutil
import struct
import subprocess
import wave
import zlib
from base64 import b64encode

import pytest
from PIL import Image

import msgkit
from msgkit import rules, targets
from msgkit.rules.examples import assistant, audio, file, image, result, text, user
from tests.makers import image_bytes
from tests.strategies import png

URL = "messages[0].content[0].image_url.url"
DATA = "messages[0].content[0].input_audio.data"


def encoded(data):
    return b64encode(data).decode()


def data_url(media_type, data):
    return f"data:{media_type};base64,{encoded(data)}"


def exif(**tags):
    found = Image.Exif()
    for tag, value in tags.items():
        found[{"orientation": 0x0112, "artist": 0x013B}[tag]] = value
    return found


def large_png(width, height, size=0):
    """A valid header, and as many bytes as wanted behind it; no decoder ever sees it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    head = b"\x89PNG\r\n\x1a\n" + header
    tail = chunk(b"IEND", b"")
    return head + chunk(b"IDAT", bytes(max(4, size - len(head) - len(tail) - 12))) + tail


def tone(seconds=0.1, rate=8000):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(2 * int(seconds * rate)))
    return out.getvalue()


def found(row, target="openai", root=None, **options):
    return [(issue.path, issue.code, issue.severity) for issue in msgkit.check(row, target, root, **options)]


def sent(kind, media_type, **options):
    return [user(image(data_url(media_type, image_bytes(kind, **options))))]


@pytest.fixture(scope="module")
def mp3(tmp_path_factory):
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("needs ffmpeg")
    folder = tmp_path_factory.mktemp("sounds")
    (folder / "a.wav").write_bytes(tone(0.5, 16000))
    subprocess.run([ffmpeg, "-loglevel", "error", "-i", folder / "a.wav", folder / "a.mp3"], check=True)
    return (folder / "a.mp3").read_bytes()


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
@pytest.mark.parametrize("target", ["openai", "anthropic", "gemini", "mistral", "vllm"])
def test_what_every_target_takes_is_clean(kind, media_type, target):
    assert found(sent(kind, media_type), target) == []


@pytest.mark.parametrize("orientation", range(2, 9))
def test_each_orientation_but_upright_is_reported(orientation):
    row = sent("JPEG", "image/jpeg", exif=exif(orientation=orientation))
    assert found(row) == [(URL, "image-orientation", "warning")]
    assert found(sent("JPEG", "image/jpeg", exif=exif(orientation=1))) == []


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_the_owners_name_is_reported(kind, media_type):
    assert found(sent(kind, media_type, exif=exif(artist="Ann Lee"))) == [(URL, "image-private-metadata", "warning")]


def test_animation_is_an_error_where_the_target_refuses_it():
    out = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    row = [user(image(data_url("image/gif", out.getvalue())))]
    assert found(row, "openai") == [(URL, "image-animated", "error")]
    assert found(row, "anthropic") == [(URL, "image-animated", "warning")]


def test_both_types_are_named():
    issues = msgkit.check(sent("JPEG", "image/png"))
    assert [(issue.code, issue.severity) for issue in issues] == [("media-type-mismatch", "error")]
    assert "image/png" in issues[0].message
    assert "image/jpeg" in issues[0].message


@pytest.mark.parametrize("declared", ["image/svg+xml", "text/html", "image/*", "", "audio/wav"])
def test_a_declared_type_is_never_trusted(declared):
    assert ("media-type-mismatch", "error") in [(code, severity) for _, code, severity in found(sent("PNG", declared))]


@pytest.mark.parametrize(("kind", "media_type"), [("BMP", "image/bmp"), ("TIFF", "image/tiff")])
def test_a_kind_that_the_target_does_not_take(kind, media_type):
    assert found(sent(kind, media_type)) == [(URL, "media-format-unsupported", "error")]
    assert found(sent(kind, media_type), "vllm") == []


@pytest.mark.parametrize("data", [b"<svg/>", b"<html>"])
def test_markup_is_no_image_that_the_target_takes(data):
    assert (URL, "media-format-unsupported", "error") in found([user(image(data_url("image/png", data)))])


@pytest.mark.parametrize("data", [b"%!PS-Adobe", b"#EXTM3U\nhttp://example.com", b"\0", b"MZ" + bytes(99)])
def test_what_is_not_what_it_is_said_to_be_is_invalid(data):
    assert (URL, "media-invalid", "error") in found([user(image(data_url("image/png", data)))])
    assert (DATA, "media-invalid", "error") in found([user(audio(encoded(data)))])


def test_bytes_without_a_signature_or_a_claim_are_of_an_unsupported_type():
    assert (URL, "media-format-unsupported", "error") in found([user(image(data_url("image/x-own", b"\0")))])


def test_a_cut_image_is_reported_wherever_it_is_cut():
    whole = image_bytes("PNG", size=(20, 20))
    for end in range(1, len(whole)):
        codes = [code for _, code, _ in found([user(image(data_url("image/png", whole[:end])))])]
        assert codes, end
        assert set(codes) <= {"media-truncated", "media-invalid", "media-format-unsupported", "media-type-mismatch"}, (
            end
        )


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_500, 12_500), (1, 65_535)])
def test_pixels_are_no_issue_where_the_target_has_no_limit_and_nothing_is_decoded(size):
    row = [user(image(data_url("image/png", large_png(*size))))]
    assert found(row, "vllm") == []


@pytest.mark.parametrize("size", [(1, 1), (1, 8000), (8000, 1)])
def test_cve_2026_22773_odd_shapes_pass(size):
    row = [user(image(data_url("image/png", large_png(*size))))]
    assert found(row, "openai") == []
    assert found(row, "anthropic") == [(URL, "media-too-small", "warning")]  # 1 pixel a side


def test_an_image_may_be_too_small():
    for size, issues in (((16, 14), ["media-too-small"]), ((320, 200), [])):
        row = [user(image(data_url("image/png", image_bytes(size=size))))]
        assert [code for _, code, _ in found(row, "anthropic")] == issues


def test_audio_may_be_too_short():
    for seconds, issues in ((0.002, [(DATA, "audio-too-short", "warning")]), (2.0, [])):
        assert found([user(audio(encoded(tone(seconds))))], ready=True) == issues


def test_an_image_of_more_patches_than_the_model_takes_is_refused_where_it_is_not_scaled_down():
    url = data_url("image/png", large_png(7000, 7000))  # 219 x 219 patches of 32 pixels
    for model, detail, issues in (
        ("gpt-5.6", "original", ["media-too-large"]),
        ("gpt-5.6", None, ["media-too-large"]),
        ("gpt-5.6", "high", []),
        ("gpt-5.4", "original", []),
    ):
        row = [user(image(url, **({"detail": detail} if detail else {})))]
        assert [code for _, code, _ in found(row, model=model)] == issues


# what a target counts


def test_anthropic_counts_the_base64():
    limit = 5 * 1024 * 1024
    fits, over = limit // 4 * 3, limit // 4 * 3 + 3
    assert found([user(image(data_url("image/png", large_png(16, 16, fits))))], "anthropic") == []
    row = [user(image(data_url("image/png", large_png(16, 16, over))))]
    assert found(row, "anthropic") == [(URL, "media-too-large", "error")]
    assert found(row, "openai") == []
    issue = msgkit.check(row, "anthropic")[0]
    assert "5,242,880 bytes of base64" in issue.message
    assert f"({over:,} as they are)" in issue.message
    assert "Anthropic" in issue.source


def test_the_4_2_mb_png_and_the_2400_pixels_among_21_pictures():
    small = image(data_url("image/png", image_bytes()))
    wide = image(data_url("image/png", large_png(2400, 300)))
    heavy = image(data_url("image/png", large_png(800, 600, 4_200_000)))
    row = [user(*[small] * 19, wide, heavy)]
    assert found(row, "anthropic") == [
        ("messages[0].content[19].image_url.url", "media-too-large", "error"),
        ("messages[0].content[20].image_url.url", "media-too-large", "error"),
    ]
    many, bytes_ = msgkit.check(row, "anthropic")
    assert (
        "2,000 pixels a side in a request of more than 20 images, got 2,400 x 300 pixels and 21 images" in many.message
    )
    assert "got 5,600,000 (4,200,000 as they are)" in bytes_.message
    assert found([user(*[small] * 18, wide)], "anthropic") == []


@pytest.mark.parametrize(("size", "fits"), [((8000, 8000), True), ((8001, 10), False), ((10, 8001), False)])
def test_anthropic_takes_8000_pixels_a_side(size, fits):
    row = [user(image(data_url("image/png", large_png(*size))))]
    limits = targets.get("anthropic")
    issues = rules.run(loaded(row), limits)
    assert (issues == []) is fits


def loaded(row):
    from msgkit.api import loading

    return loading.load_row(row, None)


def test_more_images_than_a_request_of_the_model_may_hold():
    small = image(data_url("image/png", image_bytes()))
    for model, most in ((None, 600), ("claude-haiku-4-5", 100)):
        for number, issues in ((most, []), (most + 1, ["media-too-many"])):
            row = [user(*[small] * number)]
            assert [issue.code for issue in msgkit.check(row, "anthropic", model=model)] == issues


def test_a_request_over_32_mb():
    part = image(data_url("image/png", large_png(16, 16, 3_900_000)))
    assert found([user(*[part] * 6)], "anthropic") == []
    row = [user(*[part] * 7)]
    assert found(row, "anthropic") == [("messages", "request-too-large", "error")]
    assert "got at least 36,4" in msgkit.check(row, "anthropic")[0].message


def test_text_counts_in_a_request_too():
    small = targets.adjust(targets.get("anthropic"), {"request.max_bytes": 1000})
    assert [issue.code for issue in rules.run(loaded([user("é" * 501)]), small)] == ["request-too-large"]
    assert rules.run(loaded([user("é" * 500)]), small) == []


# sound


def test_instructor_2415_mp3_labelled_wav(mp3):
    assert found([user(audio(encoded(mp3), "wav"))]) == [(DATA, "media-type-mismatch", "error")]
    assert found([user(audio(encoded(mp3), "mp3"))]) == []


def test_longer_than_the_target_takes():
    data = encoded(tone(601.0, 400))
    assert found([user(audio(data))], "vllm") == [(DATA, "audio-too-long", "error")]
    assert found([user(audio(data))], "openai") == []
    assert found([user(audio(encoded(tone(1801.0, 400))))], "openai") == []


def test_sound_that_breaks_off():
    codes = {code for _, code, _ in found([user(audio(encoded(tone(1.0)[:-40])))])}
    assert codes == {"media-truncated"}


@pytest.mark.parametrize("data", [b"", b"RIFF", tone(0.0)])
def test_sound_without_samples(data):
    assert [severity for *_, severity in found([user(audio(encoded(data)))])][:1] == ["error"]


def test_gemini_takes_what_openai_does_not():
    row = [user({"type": "audio_url", "audio_url": {"url": "https://example.com/a.flac"}})]
    assert [code for _, code, _ in found(row, "openai")] == ["part-not-allowed"]
    assert found(row, "gemini") == []
    assert [code for _, code, _ in found(row, "anthropic")] == ["part-not-allowed"]


# references


@pytest.fixture
def root(tmp_path):
    (tmp_path / "turned.jpg").write_bytes(image_bytes("JPEG", exif=exif(orientation=6)))
    (tmp_path / "photo.png").write_bytes(image_bytes("JPEG"))
    (tmp_path / "cat.png").write_bytes(image_bytes())
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "a.wav").write_bytes(tone())
    return str(tmp_path)


def test_without_a_root_nothing_is_opened(root, monkeypatch):
    monkeypatch.chdir(root)
    assert found([user(image("turned.jpg"), image("nowhere.png"))]) == []


def test_with_a_root_the_header_is_read(root):
    row = [user(image("turned.jpg"), image("cat.png"), audio("a.wav", None))]
    assert found(row, root=root) == [(URL, "image-orientation", "warning")]


def test_a_jpeg_named_png_is_told_with_both_types(root):
    issues = msgkit.check([user(image("photo.png"))], root=root)
    assert [(issue.code, issue.severity) for issue in issues] == [("media-type-mismatch", "warning")]
    assert "image/png" in issues[0].message
    assert "image/jpeg" in issues[0].message


def test_entries_of_media_columns_are_opened_too(root):
    row = {"messages": [user("<image><image>")], "images": ["turned.jpg", {"path": "../cat.png"}]}
    assert found(row, root=root) == [
        ("images[0]", "image-orientation", "warning"),
        ("images[1].path", "reference-outside-root", "error"),
    ]
    assert found(row) == [("images[1].path", "reference-outside-root", "error")]


def test_an_extension_that_serves_sound_and_video_is_no_mismatch(root, tmp_path):
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("needs ffmpeg")
    command = [ffmpeg, "-loglevel", "error", "-i", tmp_path / "a.wav", "-c:a", "libopus", tmp_path / "a.webm"]
    subprocess.run(command, check=True)
    row = [user({"type": "audio_url", "audio_url": {"url": "a.webm"}})]
    assert [code for _, code, _ in found(row, "gemini", root)] == ["media-format-unsupported"]


def test_references_of_transformers_and_of_files_are_opened_too(root):
    row = [user({"type": "image", "path": "nowhere.png"}, file(file_data="no.pdf", filename="no.pdf"))]
    codes = ["reference-not-found", "reference-not-found"]
    assert [code for _, code, _ in found(row, root=root, select=["references"])] == codes
    assert [code for _, code, _ in found(row, root=root, format="openai")] == ["part-unknown", *codes]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nowhere.png", "reference-not-found"),
        (".", "reference-not-a-file"),
        ("empty.png", "media-empty"),
        ("../cat.png", "reference-outside-root"),
        ("/etc/passwd", "reference-outside-root"),
        ("file:///etc/passwd", "reference-outside-root"),
        ("a\0.png", "reference-invalid"),
        ("hf://datasets/a.png", "reference-scheme"),
        ("", "media-empty"),
    ],
)
def test_a_reference_is_told_by_its_spelling(root, name, code):
    assert found([user(image(name))], root=root) == [(URL, code, "error")]


def test_a_remote_url_stays_and_is_not_fetched():
    urls = ["http://169.254.169.254/latest", "https://example.com/a.png", "http://127.0.0.1\\@example.com/"]
    assert found([user(*[image(url) for url in urls])]) == []
    row = [user(audio("https://example.com/a.wav", "wav"))]
    assert found(row) == [(DATA, "reference-scheme", "error")]


# bounded work


class Counting:
    """A window that counts what is read."""

    def __init__(self, data):
        self.data, self.size, self.read = data, len(data), 0

    def at(self, offset, length):
        self.read += length
        return self.data[offset : offset + length]


def test_of_a_large_file_only_the_header_is_read():
    from contextlib import nullcontext

    window = Counting(large_png(800, 600, 4_000_000))
    issues = rules.run(loaded([user(image("a.png"))]), targets.get("openai"), opener=lambda _: nullcontext(window))
    assert issues == []
    assert window.read < 100_000


def test_each_part_is_looked_at_once(root):
    from contextlib import contextmanager

    from msgkit.media.sources import Root

    opened = []

    @contextmanager
    def opener(name):
        opened.append(name)
        with Root(root).window(name) as window:
            yield window

    rules.run(loaded([user(image("turned.jpg")), user(image("cat.png"))]), targets.get("anthropic"), opener=opener)
    assert opened == ["turned.jpg", "cat.png"]


def test_base64_is_checked_without_a_copy_of_the_media():
    import tracemalloc

    url = data_url("image/png", large_png(800, 600, 12_000_000))
    row = [user(image(url))]
    msgkit.check(row, "vllm")
    tracemalloc.start()
    msgkit.check(row, "vllm")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(url) + 2_000_000  # the string without its head, and no bytes beside it


@pytest.mark.parametrize("at", [0, 5, 262_143, 262_144, 700_001])
def test_a_fault_anywhere_in_the_base64_is_found_with_its_offset(at):
    good = encoded(large_png(800, 600, 600_000))
    bad = good[:at] + "!" + good[at + 1 :]
    issues = msgkit.check([user(image(f"data:image/png;base64,{bad}"))])
    assert [issue.code for issue in issues] == ["base64-invalid"]
    assert f"offset {at}" in issues[0].message


def test_a_data_url_in_a_data_url():
    inner = data_url("image/png", image_bytes())
    assert found([user(image(f"data:image/png;base64,{inner}"))]) == [(URL, "base64-invalid", "error")]


def test_a_file_part_says_what_its_bytes_are():
    row = [user(file(file_data=data_url("application/pdf", image_bytes()), filename="a.pdf"))]
    codes = [code for _, code, _ in found(row)]
    assert codes == ["media-type-mismatch", "media-format-unsupported", "media-type-mismatch"]


# against a target that is not the row's own


def test_anthropic_takes_pictures_in_tool_results_and_no_sound():
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    png = image(data_url("image/png", image_bytes()))
    row = [user(text("Hi"), audio(encoded(tone()))), assistant(tool_calls=[call]), {**result("a"), "content": [png]}]
    assert found(row, "openai") == [("messages[2].content[0]", "part-not-allowed", "error")]
    assert found(row, "anthropic") == [("messages[0].content[1]", "part-not-allowed", "error")]


@pytest.mark.parametrize("content", ["", " \n", [text("")], [text("\t")]])
def test_anthropic_refuses_empty_text(content):
    assert [(code, severity) for _, code, severity in found([{"role": "user", "content": content}], "anthropic")] == [
        ("content-empty", "error")
    ]


def test_anthropic_and_gemini_merge_what_openai_takes_apart():
    row = [user("Hi"), user("There?"), assistant("Yes."), assistant("Here.")]
    assert found(row, "openai") == []
    for target in ("anthropic", "gemini"):
        assert found(row, target) == [
            ("messages[1].role", "role-order", "warning"),
            ("messages[3].role", "role-order", "warning"),
        ]


@pytest.mark.parametrize(
    ("target", "name", "fits"),
    [
        ("openai", "a" * 40, True),
        ("openai", "a" * 41, False),
        ("openai", "toolu_01.x/y", True),
        ("anthropic", "toolu_01-x", True),
        ("anthropic", "call:1", False),
        ("mistral", "call_1", True),
        ("mistral", "null", False),
        ("vllm", "chatcmpl-tool-" + "a" * 32, True),
    ],
)
def test_ids_by_target(target, name, fits):
    call = {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    row = [user("Hi"), assistant(tool_calls=[call]), result(name)]
    assert [code for _, code, _ in found(row, target)] == ([] if fits else ["tool-call-id-invalid"])


def test_chat_rows_for_harmony_get_their_channels_by_conversion():
    assert found([user("Hi"), assistant("Hello.")], "harmony") == []


def test_a_kind_that_the_target_does_not_take_is_told_once():
    svg = user(image("data:image/svg+xml;base64,PHN2Zy8+"))
    assert [code for _, code, _ in found([svg], "harmony")] == ["part-not-allowed"]
    assert [code for _, code, _ in found([svg], "openai")] == ["media-format-unsupported"]


def test_the_remedy_for_a_part_fits_its_role():
    picture = image("https://example.com/a.png")
    issues = msgkit.check([user("Hi"), {"role": "assistant", "content": [picture]}])
    assert [issue.hint for issue in issues] == ["media belong in user messages"]
    issues = msgkit.check([user({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}})])
    assert [(issue.code, issue.hint) for issue in issues] == [("part-not-allowed", None)]


@pytest.mark.parametrize("entry", [{"bytes": png(), "path": "../cat.png"}, {"path": "../cat.png"}])
def test_a_column_entry_that_holds_its_bytes_does_not_name_a_file(entry):
    row = {"messages": [user("<image>Who is this?")], "images": [entry]}
    named = [] if "bytes" in entry else ["reference-outside-root"]
    assert [issue.code for issue in msgkit.check(row)] == named


def test_svg_is_named_with_its_remedy():
    svg = data_url("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    row = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": svg}}]}]}
    (issue,) = msgkit.check(row, target="openai")
    assert (issue.code, "these bytes are SVG" in issue.message) == ("media-format-unsupported", True)
    assert "draw it as PNG" in issue.hint


def test_a_reference_to_audio_is_judged_as_the_part_that_inlining_makes():
    row = {"messages": [{"role": "user", "content": [{"type": "audio", "path": "a.wav"}]}]}
    assert "part-not-allowed" not in [issue.code for issue in msgkit.check(row, "openai")]
    assert "part-not-allowed" in [issue.code for issue in msgkit.check(row, "openai", ready=True)]
    assert "part-not-allowed" in [issue.code for issue in msgkit.check(row, "anthropic")]
