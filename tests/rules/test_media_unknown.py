"""Base64 media at places that no format knows are told, and nothing else is."""

import base64
import os

import pytest

import msgkit
from msgkit import data_url
from msgkit.rules import media_probe
from msgkit.steps import Extract
from tests.formats.test_item_media import PNG, ROWS

USER = {"role": "user", "content": "What is this?"}
URL = f"data:image/png;base64,{PNG}"


def places(row):
    return [issue.path for issue in msgkit.check(row) if issue.code == "media-unknown-place"]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"messages": [USER], "thumb": PNG}, "thumb"),
        ({"messages": [USER], "thumb": URL}, "thumb"),
        ({"messages": [{**USER, "attachment": {"blob": [PNG]}}]}, "messages[0].attachment.blob[0]"),
        ({"contents": [{"role": "user", "parts": [{"text": "q"}], "odd": {"blob": PNG}}]}, "contents[0].odd.blob"),
        ({"input": [{"type": "web_search_call", "id": "ws_1", "x": [URL]}]}, "input[0].x[0]"),
    ],
)
def test_media_at_another_place_are_told_by_check_and_by_extract(row, path, tmp_path):
    assert places(row) == [path]
    assert [issue.path for issue in Extract(str(tmp_path / "media")).apply(row).issues] == [path]


def test_in_a_part_that_is_reported_as_unknown_extract_alone_tells_them(tmp_path):
    row = {"messages": [{**USER, "content": [{"type": "odd", "x": URL}]}]}
    assert places(row) == []
    (issue,) = Extract(str(tmp_path / "media")).apply(row).issues
    assert issue.path == "messages[0].content[0].x"


NOISE = base64.b64encode(os.urandom(600)).decode()


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": PNG}]},
        {"messages": [{**USER, "signature": NOISE}], "id": "a" * 64, "hash": "0" * 128},
        {"messages": [{**USER, "x": data_url.encode(b"RIFF" + bytes(300))}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": URL}}]}], "x": "y" * 99},
        {"messages": [{"role": "user", "content": "<image>?"}], "images": [URL]},
        *ROWS.values(),
    ],
)
def test_words_and_bytes_without_a_signature_and_known_places_are_not(row):
    assert places(row) == []


def test_the_error_of_a_broken_image_keeps_no_frames_and_so_no_row():
    url = f"data:image/jpeg;base64,{base64.b64encode(bytes.fromhex('ffd8ff') + bytes(99)).decode()}"
    conversation = msgkit.load(
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    )
    faults = [inspection.fault for inspection in media_probe.inspect_all(conversation, None, None, ready=False)]
    assert [fault.__traceback__ for fault in faults] == [None]
