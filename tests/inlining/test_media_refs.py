"""Where parts name or hold media."""

import copy

import pytest

from msgkit.data_url import Kind
from msgkit.inlining import media_refs


def body(*parts):
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    ("part", "kind", "text"),
    [
        ({"type": "image_url", "image_url": {"url": "a"}}, "image", "a"),
        ({"type": "image_url", "image_url": "a"}, "image", "a"),
        ({"type": "image_url", "value": "a"}, "image", "a"),
        ({"type": "audio_url", "audio_url": {"url": "a"}}, "audio", "a"),
        ({"type": "video_url", "video_url": {"url": "a"}}, "video", "a"),
        ({"type": "input_audio", "input_audio": {"data": "a.wav"}}, "audio", "a.wav"),
        ({"type": "file", "file": {"file_data": "a.pdf"}}, "file", "a.pdf"),
        ({"type": "image", "path": "a"}, "image", "a"),
        ({"type": "image", "url": "a"}, "image", "a"),
        ({"type": "image", "image": "a"}, "image", "a"),
        ({"type": "image", "image": {"bytes": None, "path": "a"}}, "image", "a"),
        ({"type": "image", "image": {"bytes": "iVBORw0KGgo=", "path": "a"}}, "image", "iVBORw0KGgo="),
        ({"type": "audio", "path": "a"}, "audio", "a"),
        ({"type": "video", "video": "a"}, "video", "a"),
    ],
)
def test_each_spelling_has_one_ref_and_its_path_leads_to_the_string(part, kind, text):
    row = body({"type": "text", "text": "x"}, part)
    (ref,) = media_refs.find(row)
    assert (ref.kind, ref.text) == (kind, text)
    at = row
    for step in ref.path:
        at = at[step]
    assert at == text
    assert media_refs.with_text(ref, "other") != part


@pytest.mark.parametrize(
    "part",
    [
        {"type": "text", "text": "cat.jpg"},
        {"type": "file", "file": {"file_id": "x"}},
        {"type": "image"},
        {"type": "other", "path": "a"},
        {"type": ["image"], "path": "a"},
    ],
)
def test_what_names_no_media_has_no_ref(part):
    assert not list(media_refs.find(body(part)))


def test_only_the_string_changes():
    part = {"uuid": 1, "image_url": {"detail": None, "url": "a", "x": 2}, "type": "image_url"}
    (ref,) = media_refs.find(body(part))
    new = media_refs.with_text(ref, "b")
    assert new == {"uuid": 1, "image_url": {"detail": None, "url": "b", "x": 2}, "type": "image_url"}
    assert list(new) == list(part)
    assert list(new["image_url"]) == ["detail", "url", "x"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"type": "audio_url", "audio_url": {"url": "a.wav"}, "uuid": 1},
            {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}, "uuid": 1},
        ),
        ({"type": "audio", "path": "a.wav"}, {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}}),
        (
            {"type": "input_audio", "input_audio": {"format": "mp3", "data": "a.wav", "x": 1}},
            {"type": "input_audio", "input_audio": {"format": "wav", "data": "YWJj", "x": 1}},
        ),
    ],
)
def test_sound_becomes_bare_base64_with_its_format(part, expected):
    (ref,) = media_refs.find(body(part))
    assert media_refs.with_media(ref, b"abc", "audio/wav", None, audio_formats=("wav", "mp3")) == expected


def test_sound_stays_a_url_where_the_target_takes_no_input_audio():
    (ref,) = media_refs.find(body({"type": "audio_url", "audio_url": {"url": "a.ogg"}}))
    new = media_refs.with_media(ref, b"abc", "audio/ogg", None)
    assert new == {"type": "audio_url", "audio_url": {"url": "data:audio/ogg;base64,YWJj"}}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ({"file_data": "a.pdf"}, {"file_data": "data:application/pdf;base64,YWJj", "filename": "a.pdf"}),
        (
            {"file_data": "a.pdf", "filename": "b.pdf"},
            {"file_data": "data:application/pdf;base64,YWJj", "filename": "b.pdf"},
        ),
    ],
)
def test_a_file_part_gets_a_name_when_it_has_none(file, expected):
    part = {"type": "file", "file": file}
    before = copy.deepcopy(part)
    (ref,) = media_refs.find(body(part))
    assert (
        media_refs.with_media(ref, b"abc", "application/pdf", "a.pdf", audio_formats=("wav", "mp3"))["file"] == expected
    )
    assert part == before


def test_replace_copies_only_the_way_to_the_part():
    row = {"a": [1], **body({"type": "image", "path": "a"}), "z": {}}
    row["messages"].append({"role": "assistant", "content": "x"})
    before = copy.deepcopy(row)
    new = media_refs.replace(row, {(0, 0): [{"type": "text", "text": "x"}]})
    assert row == before
    assert new["messages"][0]["content"] == [{"type": "text", "text": "x"}]
    assert new["messages"][1] is row["messages"][1]
    assert list(new) == list(row)


def test_one_part_may_become_many_and_none_moves_another():
    row = body({"type": "image", "path": "a"}, {"type": "text", "text": "x"}, {"type": "image", "path": "b"})
    new = media_refs.replace(row, {(0, 0): [1, 2], (0, 2): [3, 4, 5]})
    assert new["messages"][0]["content"] == [1, 2, {"type": "text", "text": "x"}, 3, 4, 5]


def test_bare_base64_is_seen_only_where_it_may_stand():
    (audio,) = media_refs.find(body({"type": "input_audio", "input_audio": {"data": "AAAA"}}))
    (image,) = media_refs.find(body({"type": "image_url", "image_url": {"url": "AAAA"}}))
    assert audio.grammar is Kind.BASE64
    assert image.grammar is Kind.REFERENCE
