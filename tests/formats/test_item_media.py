"""Media in parts that Chat Completions do not define go out of a row and come back, at every such place."""

import io
import json

import pytest
from PIL import Image

import msgkit
from msgkit import data_url, formats
from msgkit.inlining import moved
from msgkit.steps import Extract


def png():
    file = io.BytesIO()
    Image.effect_noise((16, 16), 60).convert("RGB").save(file, "PNG")
    return file.getvalue()


PNG = data_url.encode(png())
WAV = data_url.encode(
    b"RIFF$\x08\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\x08\0\0" + bytes(2048)
)
SCREEN = {"type": "computer_screenshot", "image_url": f"data:image/png;base64,{PNG}"}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ROWS = {
    "input[1].result": {
        "input": [{"role": "user", "content": "q"}, {"type": "image_generation_call", "id": "ig_1", "result": PNG}]
    },
    "input[0].output.image_url": {"input": [{"type": "computer_call_output", "call_id": "c", "output": SCREEN}]},
    "messages[0].audio.data": {"messages": [{"role": "assistant", "content": None, "audio": {"id": "a", "data": WAV}}]},
    "messages[1].content[0].data": {
        "messages": [
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "image", "data": PNG, "mimeType": "image/png"}]},
        ]
    },
    "messages[0].content[0].video[1]": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "video", "video": ["https://a.b/c.png", f"data:image/png;base64,{PNG}"]}],
            }
        ]
    },
}


@pytest.mark.parametrize("path", ROWS)
def test_it_goes_out_and_comes_back(path, tmp_path):
    row = ROWS[path]
    out = Extract(str(tmp_path / "media"), report=True).apply(row)
    assert PNG not in json.dumps(out.row)
    assert WAV not in json.dumps(out.row)
    assert json.loads(out.note)["path"] == path
    assert [issue.path for issue in msgkit.check(out.row, ready=True) if issue.code == "reference-unresolved"] == [path]
    assert msgkit.inline(out.row, tmp_path) == row


@pytest.mark.parametrize("text", ["", "<omitted>", "a.txt", "a/b", "AAAA"])
def test_a_string_that_is_neither_media_nor_a_media_file_stays(text, tmp_path):
    row = {"input": [{"type": "image_generation_call", "id": "ig_1", "result": text}]}
    assert msgkit.extract(row, tmp_path / "media") == row == msgkit.inline(row, tmp_path)
    assert not [issue for issue in msgkit.check(row, ready=True) if issue.code.startswith("reference")]


PDF = data_url.encode(b"%PDF-1.7\n" + bytes(90) + b"%%EOF")
PARTS = [
    {"type": "text", "text": "q"},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    {"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}},
    {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
]
SHORTHANDS = {"transformers", "llamafactory"}  # formats whose own spellings of parts inline does not write


@pytest.mark.parametrize("name", formats.FORMATS)
def test_media_of_every_kind_go_out_of_every_format_and_come_back(name, tmp_path):
    talk = [{"role": "user", "content": PARTS}, {"role": "assistant", "content": "a"}]
    row = msgkit.convert({"messages": talk}, to=name, on_loss="drop").payload
    held = sum(json.dumps(row).count(data) for data in (PNG, WAV, PDF))
    out = Extract(str(tmp_path / "media"), format=name).apply(row)
    assert (out.counts["extracted"], out.issues) == (held, ())
    assert json.dumps(out.row).count("media/") - json.dumps(row).count("media/") == held
    back = msgkit.inline(out.row, tmp_path, format=name)
    assert sum(json.dumps(back).count(data) for data in (PNG, WAV, PDF)) == held
    assert back == row or name in SHORTHANDS


def test_media_whose_reference_a_format_would_lose_stay_and_are_told(tmp_path, monkeypatch):
    row = {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}],
            }
        ]
    }
    monkeypatch.setattr(moved, "_lost", lambda _, moved: set(moved.parts))
    out = Extract(str(tmp_path / "media")).apply(row)
    assert out.row == row
    assert [issue.path for issue in out.issues] == ["messages[0].content[0].source.data"]


@pytest.mark.parametrize("declared", [{}, {"mediaType": "image/*"}])
def test_an_image_of_any_type_gets_the_type_of_its_bytes(declared):
    row = {"messages": [{"role": "user", "content": [{"type": "image", "image": PNG, **declared}]}]}
    conversation = msgkit.load(row, format="vercel-model")
    assert conversation[0].parts[0].image_url.url == f"data:image/png;base64,{PNG}"
    assert msgkit.dump(conversation) == row
