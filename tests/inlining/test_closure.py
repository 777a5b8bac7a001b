"""What inline writes passes the check that it is ready for its target, for every kind of media and every target."""

import io
import shutil
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import msgkit
from msgkit import targets
from msgkit.errors import InvalidMessageError, MediaError
from tests.makers import image_bytes, turned, wav_bytes
from tests.media.conftest import CODECS, by_av

pytest.importorskip("av")
BODY = {"model": "m", "max_tokens": 9}
BESIDE = ("key-missing", "setting-not-taken")  # of keys beside the messages, which inline leaves alone
TARGETS = list(targets.NAMES)


def noise(size):
    buffer = io.BytesIO()
    Image.merge("RGB", [Image.effect_noise(size, 100)] * 3).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


MORE = {"size": (64, 48), "save_all": True, "append_images": [Image.new("RGB", (64, 48), "red")]}
IMAGES = {
    "png": image_bytes(),
    "alpha.png": image_bytes(mode="RGBA"),
    "16.png": image_bytes(mode="I;16"),
    "moving.png": image_bytes(**MORE),
    "tall.png": image_bytes(mode="L", size=(20, 9_000)),
    "noise.png": noise((1_600, 1_500)),
    "jpg": image_bytes("JPEG"),
    "turned.jpg": image_bytes("JPEG", exif=turned()),
    "cmyk.jpg": image_bytes("JPEG", mode="CMYK", color=(0, 0, 0, 0)),
    "webp": image_bytes("WEBP"),
    "moving.webp": image_bytes("WEBP", **MORE),
    "gif": image_bytes("GIF"),
    "moving.gif": image_bytes("GIF", **MORE),
    "bmp": image_bytes("BMP"),
    "tiff": image_bytes("TIFF"),
    "pages.tiff": image_bytes("TIFF", **MORE),
    "avif": image_bytes("AVIF"),
}
SOUNDS = {
    "wav": wav_bytes(),
    "short.wav": wav_bytes(0.05),
    "stereo.wav": wav_bytes(channels=2),
    **{name: by_av(wav_bytes(0.5, 48_000), name) for name in CODECS},
}
FILES = {
    "pdf": b"%PDF-1.4\n1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF\n",
    "txt": b"some words\n",
    "md": b"# Title\n",
    "json": b"{}\n",
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + bytes(40),
}
EVERY = {**IMAGES, **SOUNDS, **FILES}


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    for name, data in EVERY.items():
        (folder / f"x.{name}").write_bytes(data)
    yield folder
    shutil.rmtree(folder)


def parts_of(name):
    """The ways to name a file in a part."""
    path = f"x.{name}"
    if name in FILES:
        return [{"type": "file", "file": {"file_data": path}}, {"type": "video_url", "video_url": {"url": path}}]
    kind = "image" if name in IMAGES else "audio"
    own = [{"type": f"{kind}_url", f"{kind}_url": {"url": path}}, {"type": kind, "path": path}]
    if kind == "audio":
        own.append({"type": "input_audio", "input_audio": {"data": path, "format": "wav"}})
    return [*own, {"type": "file", "file": {"file_data": path}}]


def errors(row, target, ready):
    issues = [issue for issue in msgkit.check(row, target, ready=ready) if issue.severity == "error"]
    return {issue.code for issue in issues if issue.code not in BESIDE}


def assert_closed(row, folder, target, allowed=(), **options):
    before = {*allowed} | errors(row, target, ready=False) | errors(row, target, ready=True) - {"reference-unresolved"}
    try:
        made = msgkit.inline(row, folder, target, **options)
    except InvalidMessageError as refused:
        assert refused.issues
        return
    after = errors(made, target, ready=True)
    assert after <= before, (target, row, options)
    assert msgkit.inline(made, None, target, **options) == made


@pytest.mark.parametrize("name", EVERY)
def test_what_inline_writes_is_ready(name, folder):
    for part, target in product(parts_of(name), TARGETS):
        row = {**BODY, "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}, part]}]}
        assert_closed(row, folder, target)
        if name in (*FILES, "pages.tiff"):
            assert_closed(row, folder, target, pages="all", text_files="part")


PARTS = st.sampled_from([part for name in EVERY for part in parts_of(name)])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(PARTS, min_size=1, max_size=6),
    st.sampled_from(TARGETS),
    st.sampled_from(["user", "assistant", "tool"]),
    st.fixed_dictionaries({}, optional={"pages": st.sampled_from(["all", "first"]), "shrink": st.booleans()}),
)
def test_rows_of_many_media_are_ready_or_refused(folder, parts, target, role, options):
    row = {**BODY, "messages": [{"role": role, "content": parts, **({"tool_call_id": "a"} if role == "tool" else {})}]}
    assert_closed(row, folder, target, **options)


@pytest.mark.parametrize("target", TARGETS)
def test_placeholders_are_ready_or_refused(folder, target):
    row = {
        **BODY,
        "messages": [{"role": "user", "content": "<image>a<audio>"}],
        "images": ["x.bmp"],
        "audios": ["x.ogg"],
    }
    assert_closed(row, folder, target, ["format-mismatch"])  # what a column named becomes a part of Chat Completions


def test_every_kind_is_tried_on_bytes_that_it_has():
    assert all(msgkit.image(data, pages="first").media.data for data in IMAGES.values())
    with pytest.raises(MediaError):
        msgkit.image(SOUNDS["wav"])


@pytest.mark.parametrize("target", ["openai", "anthropic", "generic"])
def test_a_file_without_the_signature_of_its_name_is_refused(tmp_path, target):
    (tmp_path / "a.pdf").write_bytes(b"%PD.-1.4")
    part = {"type": "file", "file": {"file_data": "a.pdf", "filename": "a.pdf"}}
    with pytest.raises((InvalidMessageError, MediaError)):
        msgkit.inline({"messages": [{"role": "user", "content": [part]}]}, root=tmp_path, target=target)
