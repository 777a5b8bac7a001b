"""inline and extract: nothing but media changes, nothing is lost, nothing is opened outside the root."""

import base64
import copy
import hashlib
import io
import json
import os
import random

import pytest
from PIL import Image

import msgkit
from msgkit.errors import InvalidMessageError
from tests.makers import image_bytes, wav_bytes
from tests.strategies import png


@pytest.fixture
def root(tmp_path):
    inside = tmp_path / "root"
    inside.mkdir()
    (inside / "a.png").write_bytes(image_bytes(color="red"))
    (inside / "b.jpg").write_bytes(image_bytes("JPEG", color="blue"))
    (inside / "c.wav").write_bytes(wav_bytes())
    (inside / "d.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    (inside / "e.bmp").write_bytes(image_bytes("BMP", color="green"))
    (tmp_path / "secret.png").write_bytes(image_bytes(color="black"))
    return inside


def user(*parts):
    return {
        "id": 7,
        "messages": [{"role": "system", "content": "x", "name": None}, {"role": "user", "content": list(parts)}],
        "seed": None,
    }


def url(part):
    return part["image_url"]["url"]


def data_of(text):
    return base64.b64decode(text.partition(",")[2] or text)


def test_inline_puts_the_files_own_bytes_into_the_parts(root):
    row = user(
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"detail": "low", "url": "a.png"}, "uuid": "u"},
        {"type": "image_url", "image_url": "b.jpg"},
        {"type": "input_audio", "input_audio": {"data": "c.wav", "format": "wav"}},
        {"type": "file", "file": {"file_data": "d.pdf"}},
    )
    before = copy.deepcopy(row)
    new = msgkit.inline(row, root=root)
    assert row == before
    text, first, second, audio, file = new["messages"][1]["content"]
    assert text is row["messages"][1]["content"][0]
    assert first == {"type": "image_url", "image_url": {"detail": "low", "url": first["image_url"]["url"]}, "uuid": "u"}
    assert url(first).startswith("data:image/png;base64,")
    assert data_of(url(first)) == (root / "a.png").read_bytes()
    assert data_of(second["image_url"]) == (root / "b.jpg").read_bytes()
    assert audio["input_audio"]["format"] == "wav"
    assert data_of(audio["input_audio"]["data"]) == (root / "c.wav").read_bytes()
    assert file["file"]["filename"] == "d.pdf"
    assert data_of(file["file"]["file_data"]) == (root / "d.pdf").read_bytes()
    assert {key: new[key] for key in ("id", "seed")} == {"id": 7, "seed": None}
    assert list(new) == list(row)


def test_what_no_target_takes_becomes_a_picture_that_all_take(root):
    new = msgkit.inline(user({"type": "image", "path": "e.bmp"}), root=root)
    part = msgkit.load(new).messages[1].parts[0]
    assert part.media.media_type == "image/png"
    assert msgkit.to_pillow(part).convert("RGB").getpixel((3, 3)) == (0, 128, 0)


def test_placeholders_are_filled_from_their_columns(root):
    row = {
        "messages": [{"role": "user", "content": "<audio>What, <image>where?"}],
        "images": ["b.jpg"],
        "audios": ["c.wav"],
    }
    content = msgkit.inline(row, root=root)["messages"][0]["content"]
    assert [part["type"] for part in content] == ["input_audio", "text", "image_url", "text"]
    assert [part["text"] for part in content if part["type"] == "text"] == ["What, ", "where?"]


@pytest.mark.parametrize(
    "name", ["https://example.com/a.png", "http://169.254.169.254/x", "data:image/png;base64,AAAA"]
)
def test_what_is_no_reference_stays_as_it_is(root, name):
    row = user({"type": "image_url", "image_url": {"url": name}})
    assert msgkit.inline(row, root=root) == row


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("../secret.png", "reference-outside-root"),
        pytest.param("x/../../secret.png", "reference-outside-root"),
        pytest.param("/etc/passwd", "reference-outside-root"),
        pytest.param("file:///etc/passwd", "reference-outside-root"),
        pytest.param("link.png", "reference-outside-root"),
        pytest.param("pipe.png", "reference-not-a-file"),
        pytest.param("nothing.png", "reference-not-found"),
        pytest.param("s3://bucket/a.png", "reference-scheme"),
        pytest.param("javascript:alert(1)", "reference-scheme"),
        pytest.param("a\0.png", "reference-invalid"),
    ],
)
def test_references_are_refused_at_their_place(root, name, code):
    (root / "link.png").symlink_to("../secret.png")
    os.mkfifo(root / "pipe.png")
    row = user({"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": name}})
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.inline(row, root=root)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [
        ("messages[1].content[1].image_url.url", code)
    ]


def test_without_a_root_every_reference_is_refused(root, monkeypatch):
    monkeypatch.chdir(root)
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.inline(user({"type": "image_url", "image_url": {"url": "a.png"}}))
    assert caught.value.issues[0].code == "reference-outside-root"


def test_all_faults_of_a_row_are_told_at_once(root):
    row = user(
        {"type": "image", "path": "1.png"}, {"type": "image", "path": "a.png"}, {"type": "image", "path": "../2.png"}
    )
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.inline(row, root=root)
    assert [issue.path for issue in caught.value.issues] == [
        "messages[1].content[0].path",
        "messages[1].content[2].path",
    ]


def test_images_of_a_worse_answer_go_in_and_out_of_their_column(root, tmp_path):
    row = {
        "messages": [{"role": "user", "content": "<image>What?"}, {"role": "assistant", "content": "A cat."}],
        "images": ["b.jpg"],
        "rejected_response": "A dog.",
        "rejected_images": ["b.jpg"],
    }
    new = msgkit.inline(row, root)
    assert new["rejected_images"] == [new["messages"][0]["content"][0]["image_url"]["url"]]
    out = msgkit.extract(new, tmp_path / "media")
    assert msgkit.inline(out, tmp_path) == new


def test_extract_writes_each_distinct_file_once_and_inline_takes_it_back(root, tmp_path):
    row = user(
        *[{"type": "image_url", "image_url": {"url": name}} for name in ("a.png", "b.jpg", "a.png")],
        {"type": "input_audio", "input_audio": {"data": "c.wav", "format": "wav"}},
    )
    full = msgkit.inline(row, root=root)
    bare = msgkit.extract(full, tmp_path / "out" / "media")
    files = [path for path in (tmp_path / "out" / "media").rglob("*") if path.is_file()]
    assert {path.stem: path.suffix for path in files} == {
        hashlib.sha256((root / name).read_bytes()).hexdigest(): suffix
        for name, suffix in (("a.png", ".png"), ("b.jpg", ".jpg"), ("c.wav", ".wav"))
    }
    digest = hashlib.sha256(image_bytes(color="red")).hexdigest()
    assert url(bare["messages"][1]["content"][0]) == f"media/{digest[:2]}/{digest}.png"
    assert "base64" not in json.dumps(bare)
    assert msgkit.inline(bare, root=tmp_path / "out") == full


def test_extract_names_files_relative_to_the_folder_asked_for(root, tmp_path):
    full = msgkit.inline(user({"type": "image", "path": "a.png"}), root=root)
    bare = msgkit.extract(full, tmp_path / "x" / "media", relative_to=tmp_path)
    assert url(bare["messages"][1]["content"][0]).startswith("x/media/")
    with pytest.raises(ValueError, match="subpath"):
        msgkit.extract(full, tmp_path / "x", relative_to=tmp_path / "y")


def test_extract_refuses_what_is_no_media_and_leaves_no_file_behind(tmp_path):
    row = user(
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}},
        {"type": "input_audio", "input_audio": {"data": "aGVsbG9=", "format": "wav"}},
    )
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.extract(row, tmp_path / "media")
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [
        ("messages[1].content[0].image_url.url", "media-invalid"),
        ("messages[1].content[1].input_audio.data", "base64-invalid"),
    ]
    assert not (tmp_path / "media").exists()


def test_a_refused_row_leaves_none_of_its_media_behind(root, tmp_path):
    good = url(msgkit.inline(user({"type": "image", "path": "a.png"}), root=root)["messages"][1]["content"][0])
    row = user(
        {"type": "image_url", "image_url": {"url": good}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,!!!!"}},
    )
    with pytest.raises(InvalidMessageError):
        msgkit.extract(row, tmp_path / "media")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "media" in path.parts]


def test_conversations_go_in_and_out_and_say_what_was_changed(root):
    talk = msgkit.Conversation([msgkit.user("x", msgkit.ImagePart(msgkit.model.parts.ImageUrl("e.bmp")))])
    new = msgkit.inline(talk, root=root)
    assert isinstance(new, msgkit.Conversation)
    assert new.messages[0].parts[1].media.changes
    assert talk.messages[0].parts[1].image_url.url == "e.bmp"


def test_a_row_that_does_not_load_is_refused_with_its_issues(root):
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.inline({"messages": [{"role": "usr", "content": [{"type": "image", "path": "a.png"}]}]}, root=root)
    assert caught.value.issues[0].code == "role-unknown"


def photograph(seed, side=700):
    """A picture of noise, which cannot be made small without loss."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(side * side * 3)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def narrow(tmp_path):
    """A target whose requests may have 1.5 MB, and whose pictures have no limit of their own."""
    path = tmp_path / "narrow.toml"
    path.write_text('name = "narrow"\nextends = "openai"\n[request]\nmax_bytes = 1500000\n')
    return str(path)


@pytest.mark.parametrize("again", [False, True], ids=["references", "inline-already"])
def test_a_request_over_its_limit_has_its_largest_pictures_made_smaller(root, narrow, again):
    (root / "big.png").write_bytes(photograph(1))
    row = user(
        {"type": "text", "text": "x" * 1000},
        {"type": "image_url", "image_url": {"url": "big.png"}},
        {"type": "image_url", "image_url": {"url": "a.png"}},
    )
    source = msgkit.inline(row, root=root) if again else row
    new = msgkit.inline(source, root=root, target=narrow)
    size = len(json.dumps(new))
    assert 1_000_000 < size <= 1_500_000
    assert data_of(url(new["messages"][1]["content"][2])) == (root / "a.png").read_bytes()
    assert [issue.code for issue in msgkit.check(new, target=narrow) if issue.severity == "error"] == []


def test_a_request_that_cannot_be_made_small_enough_says_by_how_much(root, narrow):
    row = user({"type": "text", "text": "x" * 1_600_000}, {"type": "image_url", "image_url": {"url": "a.png"}})
    with pytest.raises(InvalidMessageError) as caught:
        msgkit.inline(row, root=root, target=narrow)
    (issue,) = caught.value.issues
    assert (issue.path, issue.code) == ("messages", "request-too-large")
    assert "bytes too large" in issue.message


HELD = f"data:image/png;base64,{png()}"


@pytest.mark.parametrize(
    "row",
    [
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": HELD, "detail": "low"}}]}
            ]
        },
        {
            "prompt": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": HELD}}]}],
            "chosen": [{"role": "assistant", "content": "A"}],
            "rejected": [{"role": "assistant", "content": "B"}],
        },
    ],
    ids=["messages", "preference"],
)
def test_media_go_to_columns_and_back(row):
    out = msgkit.extract(row, None)
    assert base64.b64decode(out["images"][0]["bytes"]) == base64.b64decode(png())
    assert not [issue for issue in msgkit.check(out) if issue.severity == "error"]
    assert msgkit.inline(out) == row


def test_entries_of_columns_that_hold_media_become_bytes():
    row = {"conversations": [{"from": "human", "value": "<image>?"}, {"from": "gpt", "value": "A"}], "images": [HELD]}
    assert msgkit.extract(row, None)["images"][0]["bytes"] == png()


def test_a_format_without_columns_is_refused():
    row = {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": png()}}]}]}
    with pytest.raises(InvalidMessageError, match="row-shape"):
        msgkit.extract(row, None)


def test_columns_of_media_are_those_of_hugging_face_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    part = {"type": "image_url", "image_url": {"url": HELD}}
    rows = [msgkit.extract([{"role": "user", "content": [part]}], None), [{"role": "user", "content": "Hello"}]]
    msgkit.write(tmp_path / "a.parquet", rows)
    assert list(msgkit.read(tmp_path / "a.parquet")) == rows
    schema = parquet.read_schema(tmp_path / "a.parquet")
    assert str(schema.field("images").type.value_type) == "struct<bytes: binary, path: string>"
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert features["images"]["feature"] == {"_type": "Image"}
